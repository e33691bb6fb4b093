"""
Whether a password may be chosen: the one place that all who set one go through.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password, PasswordRules
from todo_core.ports import BreachedPasswords, CommonPasswords


@frozen
class CheckPassword:
    """
    Refuse what is too short, what says who or where one is, what is common, and what has leaked.

    That is all that is asked (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 V6.2). The world is asked last, and only
    about what nothing here speaks against.
    """

    rules: PasswordRules
    common_passwords: CommonPasswords
    breached_passwords: BreachedPasswords

    async def __call__(self, password: Password, *, email: EmailAddress, named: str) -> None:
        """
        Return if *password*, which the caller named so, may guard the account of *email*.

        Raises:
            InvalidInput: it may not; the detail says which rule it breaks.
        """
        self.here(password, email=email, named=named)
        if await self.breached_passwords.includes(password):
            raise InvalidInput("This password is known from a data leak, and such are tried first.", field=named)

    def here(self, password: Password, *, email: EmailAddress | None, named: str) -> None:
        """
        Return if nothing that is known here speaks against *password*; nobody else is asked.

        Raises:
            InvalidInput: something does; the detail says which rule it breaks.
        """
        self.rules.check(password, email=email, named=named)
        if self.common_passwords.includes(password):
            raise InvalidInput("This password is among the most common ones, which are tried first.", field=named)
