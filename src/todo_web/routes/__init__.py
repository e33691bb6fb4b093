"""
The endpoints: each reads, asks the core, answers.
"""

from todo_web.routes import accounts, documents, health, mail_hooks, pages, password_reset, todos

OPERATIONS = (
    *accounts.OPERATIONS,
    *password_reset.OPERATIONS,
    *todos.OPERATIONS,
    *mail_hooks.OPERATIONS,
    *health.OPERATIONS,
    *documents.OPERATIONS,
    *pages.OPERATIONS,
)
"""All that can be asked over HTTP."""
