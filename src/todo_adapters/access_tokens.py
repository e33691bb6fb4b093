"""
Access tokens as JWTs (RFC 7519), with the care that RFC 8725 asks for.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import jwt
import msgspec
from attrs import frozen

from todo_core.errors import Unauthenticated
from todo_core.ports import AccessTokens

_TYPE = "at+jwt"  # RFC 9068
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class Algorithm(StrEnum):
    """
    How tokens are signed; the operator chooses, never the token.
    """

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"

    @property
    def shortest_key(self) -> int:
        """
        Return how many bytes a key needs (RFC 7518 §3.2).
        """
        return int(self.removeprefix("HS")) // 8


@frozen
class _Claims:
    sid: str
    iss: str
    aud: str
    exp: float

    @property
    def secret(self) -> bytes:
        return urlsafe_b64decode(self.sid)


class JwtAccessTokens(AccessTokens):
    """
    Puts the session's secret into the claim ``sid`` of a signed token.

    The signature of a token is verified once and remembered for the *remembered* tokens used last;
    its expiry is looked at each time.

    Raises:
        ValueError: the key is too short for the algorithm.
    """

    def __init__(
        self,
        key: str | bytes,
        *,
        algorithm: Algorithm = Algorithm.HS256,
        issuer: str = "todo",
        audience: str = "todo",
        remembered: int = 4096,
    ) -> None:
        self._key = key.encode() if isinstance(key, str) else key
        if len(self._key) < algorithm.shortest_key:
            raise ValueError(f"{algorithm} needs a key of at least {algorithm.shortest_key} bytes")
        self._algorithm = algorithm
        self._issuer = issuer
        self._audience = audience
        self._jws = jwt.PyJWS([algorithm])
        self._decoder = msgspec.json.Decoder(_Claims)
        self._verified = lru_cache(maxsize=remembered)(self._verify)

    def issue(self, secret: bytes, *, expires_at: datetime) -> str:
        sid = urlsafe_b64encode(secret).decode("ascii")
        claims = _Claims(sid=sid, iss=self._issuer, aud=self._audience, exp=expires_at.timestamp())
        return self._jws.encode(msgspec.json.encode(claims), self._key, self._algorithm, headers={"typ": _TYPE})

    def read(self, token: str, *, now: datetime) -> bytes:
        claims = self._verified(token)
        if claims.exp <= now.timestamp():
            raise Unauthenticated
        return claims.secret

    def _verify(self, token: str) -> _Claims:
        if not _COMPACT.fullmatch(token):  # PyJWT would take padded ones, too
            raise Unauthenticated
        try:
            jws = self._jws.decode_complete(token, self._key, [self._algorithm])
            claims = self._decoder.decode(jws["payload"])
        except (jwt.InvalidTokenError, msgspec.DecodeError):
            raise Unauthenticated from None
        if (jws["header"].get("typ"), claims.iss, claims.aud) != (_TYPE, self._issuer, self._audience):
            raise Unauthenticated
        return claims
