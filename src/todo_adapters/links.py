"""
Mailed links, signed by itsdangerous.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from todo_core.errors import InvalidToken
from todo_core.model.ids import TokenId
from todo_core.model.token import Purpose
from todo_core.ports import LinkSigner

# 16 bytes, a dot and 32 bytes in base64 without padding. The last letter carries only four bits, and
# decoders ignore the other two: with those zero, each signature has exactly one spelling.
_SIGNED = re.compile(r"[\w-]{22}\.[\w-]{42}[AEIMQUYcgkosw048]", re.ASCII)


class ItsdangerousLinkSigner(LinkSigner):
    """
    Signs with HMAC-SHA-256, under a key derived for each purpose.

    Args:
        keys: secrets of at least 32 bytes, newest first; the newest signs, all of them are accepted.
    """

    def __init__(self, keys: Sequence[bytes | str]) -> None:
        if not keys:
            raise ValueError("a link signer needs a key")
        oldest_first = [key.encode() if isinstance(key, str) else key for key in reversed(keys)]
        self._signers = {purpose: _signer(oldest_first, purpose) for purpose in Purpose}

    def sign(self, token_id: TokenId, *, purpose: Purpose) -> str:
        return self._signers[purpose].sign(base64_encode(token_id.bytes)).decode("ascii")

    def read(self, signed: str, *, purpose: Purpose) -> TokenId:
        if not _SIGNED.fullmatch(signed):
            raise InvalidToken
        try:
            encoded = self._signers[purpose].unsign(signed)
        except BadSignature:
            raise InvalidToken from None
        return TokenId(UUID(bytes=base64_decode(encoded)))


def _signer(keys: list[bytes], purpose: Purpose) -> Signer:
    return Signer(keys, salt=f"todo link {purpose}", key_derivation="hmac", digest_method=hashlib.sha256)
