"""
What must not be guessed is drawn, all of it, and nothing is left to the clock or to a count.
"""

from __future__ import annotations

import pytest
from attrs import define, evolve, field

from tests.unit.driving import run
from todo_adapters.fakes import FakeRandomness
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_core.model.token import Purpose
from todo_core.ports import Randomness

ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a quiet old password")


@define
class NotedRandomness(Randomness):
    """
    Notes whatever it drew.
    """

    drawn: list[bytes] = field(factory=list)
    _source: FakeRandomness = field(factory=FakeRandomness)

    def draw(self, size: int) -> bytes:
        """
        Draw, and note it.
        """
        self.drawn.append(self._source.draw(size))
        return self.drawn[-1]


@pytest.fixture
def randomness():
    """
    Return coins that remember how they fell.
    """
    return NotedRandomness()


@pytest.fixture
def core(build_core, ports, randomness, enrol):
    """
    Return a core that tosses those coins; Ann has an account.
    """
    enrol(ANN, PASSWORD)
    return build_core(others=evolve(ports, randomness=randomness))


def test_every_bit_of_a_token_is_drawn(core, courier, inbox, ports, randomness):
    """
    The id behind a link is 128 bits as they were drawn (ASVS 11.5.1).
    """
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    token_id = ports.link_signer.read(inbox()[-1].token, purpose=Purpose.PASSWORD_RESET)
    assert len(token_id.bytes) == 16
    assert token_id.bytes in randomness.drawn


def test_every_bit_of_a_link_handed_over_is_drawn(core, ports, randomness):
    """
    An operator's link is as good as a mailed one.
    """
    link = run(core.make_reset_link(email=ANN))
    token_id = ports.link_signer.read(str(link).rpartition("token=")[2], purpose=Purpose.PASSWORD_RESET)
    assert token_id.bytes in randomness.drawn


def test_every_bit_of_a_sessions_secret_is_drawn(core, clock, ports, randomness):
    """
    The secret in an access token is 256 bits as they were drawn.
    """
    logged_in = run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1"))
    secret = ports.access_tokens.read(logged_in.access_token, now=clock.now())
    assert len(secret) == 32
    assert secret in randomness.drawn
