"""
Several mail providers, one behind the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from todo_core.errors import EmailError, EmailMisconfigured, EmailUnavailable
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService


class ChainEmailService(EmailService):
    """
    Sends through the first of its *links* that takes the message.

    It goes on to the next when one is misconfigured, or unavailable and certain not to have the message.
    Never after an unknown outcome, which could send it twice, and never after a rejection.

    Args:
        links: the services by the names of their providers, first choice first.
    """

    def __init__(self, links: Mapping[str, EmailService]) -> None:
        self._links = dict(links)

    async def send(self, message: EmailMessage) -> None:
        failures = list[EmailError]()
        for name, link in self._links.items():
            failure = await _outcome(name, link, message)
            if failure is None:
                return
            failures.append(failure)
            if not _may_another_try_after(failure):
                raise failure
        raise _most_hopeful(failures)

    async def check(self) -> None:
        """
        Check each link, and fail if one does: nobody would notice the loss of a first choice otherwise.
        """
        outcomes = [await _check(name, link) for name, link in self._links.items()]
        failures = [failure for failure in outcomes if failure is not None]
        if failures:
            raise next((one for one in failures if isinstance(one, EmailMisconfigured)), failures[0])

    async def close(self) -> None:
        """
        Close every link, even if one cannot be.
        """
        async with AsyncExitStack() as stack:
            for link in self._links.values():
                stack.push_async_callback(link.close)


async def _outcome(name: str, link: EmailService, message: EmailMessage) -> EmailError | None:
    try:
        await link.send(message)
    except EmailError as failure:
        return _named(name, failure)
    return None


async def _check(name: str, link: EmailService) -> EmailError | None:
    try:
        await link.check()
    except EmailError as failure:
        return _named(name, failure)
    return None


def _may_another_try_after(failure: EmailError) -> bool:
    certain = isinstance(failure, EmailUnavailable) and not failure.unknown
    return certain or isinstance(failure, EmailMisconfigured)


def _named(name: str, failure: EmailError) -> EmailError:
    """
    Return *failure* with the name of the link it comes from.
    """
    code = f"{name} {failure.code}"
    if isinstance(failure, EmailUnavailable):
        return EmailUnavailable(code, retry_after=failure.retry_after, unknown=failure.unknown, away=failure.away)
    return type(failure)(code)


def _most_hopeful(failures: Sequence[EmailError]) -> EmailError:
    """
    Return what may pass by itself, the soonest first, rather than what waits for an operator.

    A link that is away counts last: as long as another was there to be asked, the chain is not away.
    """
    passing = [failure for failure in failures if isinstance(failure, EmailUnavailable)]
    return min(passing, key=lambda one: (one.away, one.retry_after or timedelta(0))) if passing else failures[0]
