"""
What every adapter keeps: each port's promises as plain test classes.

Subclass one, give it the fixtures its docstring names, and run it with pytest and anyio's plugin. Nothing
here imports pytest. ``todo_core.contracts`` is public: whoever writes an adapter elsewhere can use it.
"""
