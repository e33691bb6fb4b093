from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import jwt
import pytest

from todo_adapters.access_tokens import Algorithm, JwtAccessTokens
from todo_adapters.fakes import PlainAccessTokens
from todo_core.contracts.access_tokens import AccessTokensContract
from todo_core.contracts.expectations import raises
from todo_core.errors import Unauthenticated

_KEY = "a key of sixty-four bytes, as the longest of the algorithms wants it"
_NOW, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
_CLAIMS = {"sid": "c2VjcmV0", "iss": "todo", "aud": "todo", "exp": _END.timestamp()}
_TYPE = {"typ": "at+jwt"}


class TestJwt(AccessTokensContract):
    @pytest.fixture(params=Algorithm)
    def access_tokens(self, request):
        return JwtAccessTokens(_KEY, algorithm=request.param)


class TestWhatAJwtMustBe:
    @pytest.fixture
    def access_tokens(self):
        return JwtAccessTokens(_KEY)

    def test_ours_is_read(self, access_tokens):
        """
        The token that the tests below spoil is good by itself.
        """
        assert access_tokens.read(jwt.encode(_CLAIMS, _KEY, headers=_TYPE), now=_NOW) == b"secret"

    @pytest.mark.parametrize("claim", _CLAIMS)
    def test_every_claim_is_needed(self, access_tokens, claim):
        """
        A token that lacks one of the claims is refused.
        """
        token = jwt.encode({name: _CLAIMS[name] for name in _CLAIMS if name != claim}, _KEY, headers=_TYPE)
        with raises(Unauthenticated):
            access_tokens.read(token, now=_NOW)

    @pytest.mark.parametrize("claim", ["iss", "aud"])
    def test_another_services_token_is_refused(self, access_tokens, claim):
        """
        A token from or for somebody else is refused, even if the key is shared.
        """
        token = jwt.encode({**_CLAIMS, claim: "another"}, _KEY, headers=_TYPE)
        with raises(Unauthenticated):
            access_tokens.read(token, now=_NOW)

    @pytest.mark.parametrize("kind", ["JWT", "at", "reset+jwt", "at+jwt ", None])
    def test_another_type_is_refused(self, access_tokens, kind):
        """
        A token made for another use, or for none, is refused (RFC 8725 §3.11).
        """
        with raises(Unauthenticated):
            access_tokens.read(jwt.encode(_CLAIMS, _KEY, headers={"typ": kind}), now=_NOW)

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
    def test_the_token_does_not_choose_the_algorithm(self, access_tokens, algorithm):
        """
        Whatever algorithm a token names, only ours is accepted.
        """
        key = _KEY if algorithm != "none" else None
        with raises(Unauthenticated):
            access_tokens.read(jwt.encode(_CLAIMS, key, algorithm=algorithm, headers=_TYPE), now=_NOW)

    def test_another_key_is_refused(self, access_tokens):
        """
        A token signed with another key is refused.
        """
        with raises(Unauthenticated):
            access_tokens.read(jwt.encode(_CLAIMS, _KEY[::-1], headers=_TYPE), now=_NOW)

    @pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c", "kid"])
    def test_a_token_brings_no_key_of_its_own(self, access_tokens, header):
        """
        Whatever key a token names or carries, it is ours that counts (RFC 8725 §3.10, ASVS 9.1.3).
        """
        another = _KEY[::-1]
        key = {"kty": "oct", "k": urlsafe_b64encode(another.encode()).decode(), "alg": "HS256"}
        headers = _TYPE | {header: key if header == "jwk" else "https://evil.example/keys"}
        with raises(Unauthenticated):
            access_tokens.read(jwt.encode(_CLAIMS, another, headers=headers), now=_NOW)

    @pytest.mark.parametrize("algorithm", Algorithm)
    def test_a_key_is_as_long_as_its_hash(self, algorithm):
        """
        A key shorter than the hash is refused at start (RFC 7518 §3.2).
        """
        size = int(algorithm[2:]) // 8
        JwtAccessTokens(_KEY[:size], algorithm=algorithm)
        with pytest.raises(ValueError, match=f"at least {size} bytes"):
            JwtAccessTokens(_KEY[: size - 1], algorithm=algorithm)

    def test_expiry_is_asked_again_of_a_remembered_token(self, access_tokens):
        """
        A token that was read once still expires.
        """
        token = access_tokens.issue(b"secret", expires_at=_END)
        assert access_tokens.read(token, now=_NOW) == b"secret"
        with raises(Unauthenticated):
            access_tokens.read(token, now=_END)

    def test_repr_tells_nothing(self, access_tokens):
        """
        Its ``repr`` shows no key.
        """
        assert _KEY not in repr(access_tokens)


class TestPlain(AccessTokensContract):
    @pytest.fixture
    def access_tokens(self):
        return PlainAccessTokens()
