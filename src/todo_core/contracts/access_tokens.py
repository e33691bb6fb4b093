"""
What access tokens promise.
"""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

from todo_core.contracts.expectations import raises
from todo_core.errors import Unauthenticated
from todo_core.ports import AccessTokens

_SECRET = bytes(range(224, 256))
_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_END = datetime(2026, 1, 8, 12, 0, 0, 250_000, tzinfo=UTC)
_IN_HEADERS = string.ascii_letters + string.digits + "-._~=+/ "


class AccessTokensContract:
    """
    The promises of ``AccessTokens``.

    Fixtures:
        access_tokens: an ``AccessTokens``.
    """

    def test_the_secret_is_read_again(self, access_tokens: AccessTokens) -> None:
        """
        A token carries the secret it was issued for.
        """
        for secret in (_SECRET, bytes(32), b"\xff" * 32):
            token = access_tokens.issue(secret, expires_at=_END)
            assert access_tokens.read(token, now=_NOW) == secret, "issue() and read() must agree"

    def test_a_token_is_visible_ascii(self, access_tokens: AccessTokens) -> None:
        """
        A token is made of visible ASCII, fit for a header and a cookie.
        """
        token = access_tokens.issue(_SECRET, expires_at=_END)
        assert set(token) <= set(string.printable[:94]) - set(' ",;\\'), f"{token!r} must fit into a header"

    def test_it_lasts_until_it_expires(self, access_tokens: AccessTokens) -> None:
        """
        Up to its expiry a token is read, from then on refused; the *now* that is given decides, not the machine's.
        """
        token = access_tokens.issue(_SECRET, expires_at=_END)
        assert access_tokens.read(token, now=_END - timedelta(milliseconds=1)) == _SECRET, "it must not end early"
        for late in (timedelta(0), timedelta(milliseconds=1), timedelta(days=3650)):
            with raises(Unauthenticated):
                access_tokens.read(token, now=_END + late)

    def test_no_character_can_be_changed(self, access_tokens: AccessTokens) -> None:
        """
        With any one character changed, dropped or added a token is refused.
        """
        token = access_tokens.issue(_SECRET, expires_at=_END)
        for place in range(len(token) + 1):
            for character in ["", *_IN_HEADERS]:
                for end in (place, place + 1):
                    altered = token[:place] + character + token[end:]
                    if altered != token:
                        with raises(Unauthenticated):
                            access_tokens.read(altered, now=_NOW)

    def test_what_we_did_not_issue_is_refused(self, access_tokens: AccessTokens) -> None:
        """
        Whatever else somebody sends is refused, and nothing but Unauthenticated is raised.
        """
        token = access_tokens.issue(_SECRET, expires_at=_END)
        unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzaWQiOiJBQSJ9."
        for forged in ("", ".", "..", "...", "ü", "\ud800", "\0", _SECRET.hex(), unsigned, token + "\n", token * 1000):
            with raises(Unauthenticated):
                access_tokens.read(forged, now=_NOW)
