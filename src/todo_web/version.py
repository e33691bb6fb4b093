"""
The version of the program, as its distribution says.
"""

from importlib.metadata import version

VERSION = version("todo-app")
