"""
Ports with somebody beside them who counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from attrs import frozen

from todo_core.errors import (
    EmailError,
    EmailInterrupted,
    EmailMisconfigured,
    EmailRejected,
    EmailUnavailable,
)
from todo_core.model.email import EmailMessage
from todo_core.model.limit import Allowance, Limit
from todo_core.ports import EmailService, RateLimiter

Refused = Callable[[str], None]
"""Is told a limit by its name."""

Sent = Callable[[str, str, float], None]
"""Is told a provider's name, what it answered, and after how many seconds."""

_ANSWERS: Final[dict[type[EmailError], str]] = {
    EmailRejected: "rejected",
    EmailUnavailable: "unavailable",
    EmailInterrupted: "interrupted",
    EmailMisconfigured: "misconfigured",
}


@frozen
class MeteredRateLimiter(RateLimiter):
    """
    The *limiter*, and whoever is told when one of its limits is used up.
    """

    limiter: RateLimiter
    refused: Refused

    async def hit(self, limit: Limit, key: str) -> Allowance:
        allowance = await self.limiter.hit(limit, key)
        if not allowance.allowed:
            self.refused(limit.name)
        return allowance

    async def forget(self, limit: Limit, key: str) -> None:
        await self.limiter.forget(limit, key)

    async def prune(self, *, limit: int) -> int:
        return await self.limiter.prune(limit=limit)


@frozen
class MeteredEmailService(EmailService):
    """
    The *service* of the provider called *name*, and whoever is told what it answers.
    """

    name: str
    service: EmailService
    sent: Sent

    async def send(self, message: EmailMessage) -> None:
        started = time.perf_counter()
        answer = "failed"
        try:
            await self.service.send(message)
            answer = "accepted"
        except EmailError as error:
            answer = _ANSWERS.get(type(error), answer)
            raise
        finally:
            self.sent(self.name, answer, time.perf_counter() - started)

    async def check(self) -> None:
        await self.service.check()

    async def close(self) -> None:
        await self.service.close()
