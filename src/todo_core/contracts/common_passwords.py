"""
What a list of common passwords promises.
"""

from __future__ import annotations

from todo_core.model.password import Password
from todo_core.ports import CommonPasswords

_COMMON = ("password1234",)
_OWN = ("correct horse battery staple", "\N{HORSE}" * 12, "p" * 1000)


class CommonPasswordsContract:
    """
    The promises of ``CommonPasswords``.

    Fixtures:
        common_passwords: a ``CommonPasswords`` that knows ``password1234``.
    """

    def test_what_most_people_choose_is_included(self, common_passwords: CommonPasswords) -> None:
        """
        A common password is included.
        """
        for text in _COMMON:
            assert common_passwords.includes(Password(text)), f"{text!r} is common"

    def test_capitals_make_it_no_other(self, common_passwords: CommonPasswords) -> None:
        """
        A common password in capitals, all or some, is included.
        """
        for text in _COMMON:
            for written in (text.upper(), text.capitalize(), text.swapcase()):
                assert common_passwords.includes(Password(written)), f"{written!r} is common but for its capitals"

    def test_others_are_not_included(self, common_passwords: CommonPasswords) -> None:
        """
        What hardly anybody would choose is not included, whatever it is made of.
        """
        for text in _OWN:
            assert not common_passwords.includes(Password(text)), f"{text!r} is not common"
