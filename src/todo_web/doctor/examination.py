"""
The examination: one step after the other, and what fails stops what needs it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, runtime_checkable
from uuid import UUID

from attrs import frozen

from todo_core.errors import EmailError, Unavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.ports import Ports
from todo_web.doctor.advice import advice_on_mail, advice_on_place
from todo_web.doctor.findings import Finding, State
from todo_web.doctor.letter import test_message
from todo_web.probes import SOUND, ask
from todo_web.state import Probe

MOST_SKEW = timedelta(seconds=10)
"""How far the clocks may be apart: what is measured in seconds (leases, backoff) still works, links barely notice."""

_DATABASE, _CLOCK, _SCHEMA = "database", "clock", "schema"
_NEEDS: Mapping[str, str | None] = {_CLOCK: _DATABASE, _SCHEMA: _DATABASE, "redis": None}
_ANYBODYS_STEPS = (("check",), ("send",))


@runtime_checkable
class TellsSteps(Protocol):
    """
    An ``EmailService`` that can name its steps, with which the codes of its failures begin.
    """

    @property
    def steps(self) -> tuple[Sequence[str], Sequence[str]]:
        """
        Name the steps of ``check``, and those of a message after that, in the order they are taken.
        """
        ...


@frozen
class Doctor:
    """
    Looks at everything that mail needs on its way.

    Args:
        ports: what the program itself works with; mail is checked and sent by the same service.
        probes: those of readiness, and of what it can do without, by name.
        database_time: asks the database for the time.
        provider: what ``EMAIL_PROVIDER`` says.
        host: the right side of Message-IDs.
    """

    ports: Ports
    probes: Mapping[str, Probe]
    database_time: Callable[[], Awaitable[datetime]]
    provider: str
    host: str

    async def examine(self, *, recipient: EmailAddress | None = None) -> AsyncGenerator[Finding]:
        """
        Yield a finding for each step as it is made; to a *recipient* one real message is sent.
        """
        async for finding in self._examine_database():
            yield finding
        async for finding in self._examine_mail(recipient):
            yield finding

    async def _examine_database(self) -> AsyncGenerator[Finding]:
        states: dict[str | None, State] = {}
        for step, probe in self._probes().items():
            needed = states.get(_NEEDS.get(step, _SCHEMA), State.PASSED)
            finding = await _place(step, probe) if needed is State.PASSED else Finding(step, State.SKIPPED)
            states[step] = finding.state
            yield finding

    def _probes(self) -> Mapping[str, Probe]:
        database = {_DATABASE: self.probes[_DATABASE], _CLOCK: self._check_clock}
        return database | {name: probe for name, probe in self.probes.items() if name != _DATABASE}

    async def _check_clock(self) -> None:
        before = self.ports.clock.now()
        theirs = await self.database_time()
        skew = theirs - (before + (self.ports.clock.now() - before) / 2)
        if abs(skew) > MOST_SKEW:
            raise Unavailable(f"{skew.total_seconds():+.0f} s at the database")

    async def _examine_mail(self, recipient: EmailAddress | None) -> AsyncGenerator[Finding]:
        email = self.ports.email
        of_check, of_message = email.steps if isinstance(email, TellsSteps) else _ANYBODYS_STEPS
        walks = [(of_check, email.check)]
        if recipient is not None:
            walks.append((of_message, partial(email.send, self._message(recipient))))
        sound = True
        for steps, walk in walks:
            error = await _failure_of(walk) if sound else None
            for finding in self._walked(steps, error) if sound else _skipped(steps):
                yield finding
            sound = sound and error is None

    def _walked(self, steps: Sequence[str], error: Exception | None) -> list[Finding]:
        """
        Return how *steps* went: those before the one that ended with *error* passed, those behind were not tried.
        """
        if error is None:
            return [Finding(step, State.PASSED) for step in steps]
        found = error.code if isinstance(error, EmailError) else f"failed: {type(error).__name__}"
        step = found.partition(" ")[0]
        place = steps.index(step) if step in steps else 0
        failed = Finding(steps[place], State.FAILED, found, advice_on_mail(error, provider=self.provider))
        return [*self._walked(steps[:place], None), failed, *_skipped(steps[place + 1 :])]

    def _message(self, recipient: EmailAddress) -> EmailMessage:
        message_id = UUID(bytes=self.ports.randomness.draw(16))
        return test_message(recipient, message_id=f"{message_id}@{self.host}")


async def _place(step: str, probe: Probe) -> Finding:
    answer = (await ask({step: probe}))[step]
    if answer == SOUND:
        return Finding(step, State.PASSED)
    return Finding(step, State.FAILED, answer, advice_on_place(step))


async def _failure_of(walk: Callable[[], Awaitable[None]]) -> Exception | None:
    try:
        await walk()
    except Exception as error:  # noqa: BLE001 - whatever it trips over, mail would too
        return error
    return None


def _skipped(steps: Sequence[str]) -> list[Finding]:
    return [Finding(step, State.SKIPPED) for step in steps]
