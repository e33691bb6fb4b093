from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve

from todo_core.model.ids import MailId, TokenId, UserId
from todo_core.model.token import Purpose, Token

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def token():
    """
    Return a token that lives from noon to one.
    """
    return Token(
        id=TokenId(UUID(int=0xC0FFEE)),
        purpose=Purpose.PASSWORD_RESET,
        user_id=UserId(UUID(int=1)),
        mail_id=MailId(UUID(int=2)),
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )


def test_a_token_lives_until_it_expires(token):
    """
    The moment it expires is the first at which it is dead.
    """
    assert token.is_live(token.expires_at - timedelta(microseconds=1))
    assert not token.is_live(token.expires_at)


def test_a_used_token_is_dead(token):
    """
    Once redeemed, it says when, and nothing else of it has changed.
    """
    used = token.used(NOON)
    assert not used.is_live(NOON)
    assert evolve(used, used_at=None) == token
    assert used.used_at == NOON


def test_a_retired_token_is_dead(token):
    """
    It need not have been used.
    """
    assert not evolve(token, retired_at=NOON).is_live(NOON)


def test_the_id_of_a_token_stays_out_of_its_repr(token):
    """
    It is the secret half of a link.
    """
    assert "c0ffee" not in repr(token).lower()
