"""
Settings: everything from environment variables, checked before anything starts.
"""

from todo_web.settings.load import InvalidSettings, load_settings, surroundings, with_development_key
from todo_web.settings.model import CourierPlace, Environment, Settings

__all__ = [
    "CourierPlace",
    "Environment",
    "InvalidSettings",
    "Settings",
    "load_settings",
    "surroundings",
    "with_development_key",
]
