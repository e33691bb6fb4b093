"""
What an operator may choose.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.password import PasswordRules


@frozen
class Limits:
    """
    How often things may be asked; ``requests`` is None where the operator wants no general limit.

    While the counters cannot be reached, whoever forgot the password is served, and nobody may guess one.
    """

    log_in: Limit = Limit("log-in", 5, timedelta(minutes=1))
    log_in_day: Limit = Limit("log-in-day", 100, timedelta(days=1))
    register: Limit = Limit("register", 3, timedelta(hours=1))
    verify: Limit = Limit("verify", 3, timedelta(hours=1), fails_open=True)
    reset: Limit = Limit("reset", 3, timedelta(hours=1), fails_open=True)
    reset_client: Limit = Limit("reset-client", 20, timedelta(hours=1), fails_open=True)
    bad_tokens: Limit = Limit("bad-tokens", 10, timedelta(minutes=1))
    requests: Limit | None = Limit("requests", 60, timedelta(minutes=1), fails_open=True)


@frozen
class Policy:
    """
    What an operator may choose.
    """

    frontend: Frontend
    reset_life: timedelta = timedelta(hours=1)
    verification_life: timedelta = timedelta(days=1)
    session_life: timedelta = timedelta(days=7)
    session_idle: timedelta = timedelta(days=3)
    password_rules: PasswordRules = PasswordRules()
    verification_required: bool = True
    version_required: bool = False
    limits: Limits = Limits()
    lease: timedelta = timedelta(seconds=90)
    max_attempts: int = 50
    pause: timedelta = timedelta(seconds=15)
