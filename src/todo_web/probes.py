"""
Probes: whether all that the service depends on is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from todo_core.errors import EmailError, Unavailable
from todo_core.model.mail import MISCONFIGURED
from todo_core.ports import EmailService, Ports
from todo_web.state import Probe

SOUND = "ok"

LONGEST_WAIT = timedelta(minutes=10)
"""How long a mail may be due before the outbox counts as stuck; twice the longest wait between two tries."""


async def check_outbox(ports: Ports) -> None:
    """
    Return if mail is being delivered.

    Raises:
        Unavailable: the provider wants nothing from us until an operator acts, or some mail has been due for more
            than ten minutes, or the outbox cannot be asked.
    """
    now = ports.clock.now()
    async with ports.unit_of_work.begin() as work:
        backlog = await work.outbox.backlog(now=now)
    if backlog.misconfigured is not None:
        raise Unavailable(f"mail is misconfigured:{backlog.misconfigured.removeprefix(MISCONFIGURED)}")
    oldest = backlog.oldest_due
    if oldest is not None and now - oldest > LONGEST_WAIT:
        raise Unavailable(f"mail has been due for {(now - oldest).total_seconds():.0f} s; does a courier run?")


async def check_mail(email: EmailService) -> None:
    """
    Return if the mail provider would take a message from us.

    Raises:
        Unavailable: it would not.
    """
    try:
        await email.check()
    except EmailError as error:
        raise Unavailable(f"{type(error).__name__}: {error.code}") from None


async def ask(probes: Mapping[str, Probe]) -> dict[str, str]:
    """
    Return what each probe says: ``ok``, or in short what is wrong.
    """
    return {name: await _answer(probe) for name, probe in probes.items()}


async def _answer(probe: Probe) -> str:
    try:
        await probe()
    except Unavailable as unavailable:
        return str(unavailable) or "unavailable"
    except Exception as error:  # noqa: BLE001 - whatever a probe trips over, it was not passed
        return f"failed: {type(error).__name__}"
    return SOUND
