"""
What every adapter keeps: each port's promises as plain test classes.

Subclass one, give it the fixtures its docstring names, and run it with pytest and anyio's plugin. Nothing
here imports pytest.

``todo_core.contracts`` is public, for adapters in other distributions too. Its version is the distribution's:
a patch release adds no promise and takes none away; a minor release may, and says so in the changelog, so
whoever keeps a contract depends on ``todo-app>=X.Y,<X.(Y+1)``. Public is what docs/reference/contracts.md
lists, what the fixtures are made of, and ``expectations.raises``; a name with an underscore is not.
"""
