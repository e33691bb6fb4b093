"""
What is counted of mail: in the courier's round, and at each provider.
"""

from __future__ import annotations

import time
from datetime import timedelta

from attrs import frozen

from todo_core.model.mail import MailKind
from todo_core.ports import Clock
from todo_core.use_cases.courier import Delivery, Outcome
from todo_web.courier import CourierWatch
from todo_web.metrics import catalog
from todo_web.metrics.meter import Meter


@frozen
class MailMeter(CourierWatch):
    """
    Counts what couriers do, and what providers answer.
    """

    meter: Meter
    clock: Clock

    def looked(self) -> None:
        """
        Note that a courier is at work.
        """
        self.meter.set(catalog.COURIER_LOOKED, time.time())

    def delivered(self, delivery: Delivery) -> None:
        """
        Count what became of a mail.
        """
        kind = delivery.mail.kind.value
        self.meter.add(catalog.DELIVERIES, kind, delivery.outcome.value)
        if delivery.outcome is Outcome.SENT:
            self.meter.observe(catalog.WISH_TO_ACCEPTANCE, self._age(delivery).total_seconds(), kind)

    def sent(self, provider: str, outcome: str, seconds: float) -> None:
        """
        Count what a provider answered.
        """
        self.meter.add(catalog.SENDS, provider, outcome)
        self.meter.observe(catalog.SEND_SECONDS, seconds, provider)

    def _age(self, delivery: Delivery) -> timedelta:
        mail = delivery.mail
        wished_at = mail.due_at if mail.kind is MailKind.REMINDER else mail.created_at
        return max(timedelta(0), self.clock.now() - wished_at)
