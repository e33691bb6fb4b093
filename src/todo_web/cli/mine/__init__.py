"""
The second front door: one's own todos, over the HTTP interface and nothing else.

Nothing of the server is imported here, so that ``todo list`` starts at once.
"""
