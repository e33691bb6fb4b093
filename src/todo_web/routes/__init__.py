"""
The endpoints: each reads, asks the core, answers.
"""

from todo_web.operations import Operation
from todo_web.routes import (
    accounts,
    batch,
    calendars,
    changes,
    courier_hook,
    credentials,
    deletion,
    documents,
    exchange,
    export,
    forms,
    health,
    lists,
    mail_hooks,
    pages,
    password_reset,
    profile,
    security_events,
    sessions,
    todos,
)

OPERATIONS = (
    *accounts.OPERATIONS,
    *sessions.OPERATIONS,
    *profile.OPERATIONS,
    *credentials.OPERATIONS,
    *security_events.OPERATIONS,
    *export.OPERATIONS,
    *deletion.OPERATIONS,
    *password_reset.OPERATIONS,
    *forms.OPERATIONS,
    *todos.OPERATIONS,
    *batch.OPERATIONS,
    *lists.OPERATIONS,
    *exchange.OPERATIONS,
    *calendars.OPERATIONS,
    *changes.OPERATIONS,
    *mail_hooks.OPERATIONS,
    *courier_hook.OPERATIONS,
    *health.OPERATIONS,
    *documents.OPERATIONS,
    *pages.OPERATIONS,
)
"""All that can be asked over HTTP."""


def offered(*, docs: bool) -> tuple[Operation, ...]:
    """
    Return what is asked here: all, or all but the page that shows the API.
    """
    return tuple(operation for operation in OPERATIONS if docs or operation.endpoint is not documents.get_docs)
