"""
Secrets on the look-out: found wherever they leaked to, in whichever disguise.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from attrs import define, field


def canary() -> str:
    """
    Return a new secret with letters that URLs, JSON and shells would write differently.
    """
    return f'{secrets.token_urlsafe(18)} "ä/\\&{secrets.token_urlsafe(6)}'


def disguises(secret: str) -> set[str]:
    """
    Return the ways *secret* may be written: as it is, for URLs, in JSON, in Python, in base64 and in hexadecimal.
    """
    raw = secret.encode()
    ways = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], repr(raw)[2:-1]}
    ways |= {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    ways |= {raw.hex(), raw.hex().upper()}
    return ways | set(_in_base64(raw))


def _in_base64(raw: bytes) -> Iterator[str]:
    """
    Yield what base64 makes of *raw* wherever it begins in a longer text, without the letters that its neighbours share.
    """
    for offset in range(3):
        padded = bytes(offset) + raw
        whole = padded[: len(padded) // 3 * 3]
        first = 4 if offset else 0
        yield base64.b64encode(whole).decode()[first:]
        yield base64.urlsafe_b64encode(whole).decode()[first:]


@define
class Aviary:
    """
    The secrets that occurred, by what they are.
    """

    secrets: dict[str, str] = field(factory=dict[str, str], repr=False)

    def add(self, name: str, secret: str) -> str:
        """
        Look out for *secret* from now on, and return it.
        """
        self.secrets[f"{name} ({len(self.secrets) + 1})"] = secret
        return secret

    def seen_in(self, places: Mapping[str, str], *, but: str = "") -> list[str]:
        """
        Return which secrets are shown in which of the *places*, but for those whose name begins with *but*.
        """
        return [
            f"{name} in {place}, as {way!r}"
            for name, secret in self.secrets.items()
            if not (but and name.startswith(but))
            for way in sorted(disguises(secret))
            for place, text in places.items()
            if way in text
        ]
