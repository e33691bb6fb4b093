from datetime import timedelta

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_core.errors import CountersUnavailable, InvalidToken, TooManyRequests, Unavailable
from todo_core.model.email import EmailAddress
from todo_core.model.limit import Limit
from todo_core.model.password import Password
from todo_core.model.policy import Limits
from todo_core.ports import RateLimiter

TWO_A_MINUTE = Limit("requests", 2, timedelta(minutes=1))
ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a quiet old password")
NEW = Password("an entirely new password")
CLIENT = "192.0.2.1"


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, whose address is verified.
    """
    return enrol(ANN, PASSWORD)


def test_requests_are_admitted_until_the_limit_is_used_up(build_core, clock):
    """
    The refusal says which limit it was and how long to wait; then counting starts anew.
    """
    core = build_core(limits=Limits(requests=TWO_A_MINUTE))
    run(core.admit_request(key="session:1"))
    clock.pass_time(timedelta(seconds=20))
    run(core.admit_request(key="session:1"))
    with pytest.raises(TooManyRequests) as refusal:
        run(core.admit_request(key="session:1"))

    assert (refusal.value.name, refusal.value.amount, refusal.value.window) == ("requests", 2, timedelta(minutes=1))
    assert refusal.value.retry_after == timedelta(seconds=40)
    clock.pass_time(refusal.value.retry_after)
    run(core.admit_request(key="session:1"))


def test_each_key_is_counted_apart(build_core):
    """
    One who has used up a limit takes nothing from another.
    """
    core = build_core(limits=Limits(requests=TWO_A_MINUTE))
    for key in ("client:1", "client:1", "client:2", "client:2"):
        run(core.admit_request(key=key))
    with pytest.raises(TooManyRequests):
        run(core.admit_request(key="client:1"))


def test_an_operator_may_have_no_general_limit(build_core):
    """
    Then every request is admitted.
    """
    core = build_core(limits=Limits(requests=None))
    for _ in range(100):
        run(core.admit_request(key="client:1"))


class AwayRateLimiter(RateLimiter):
    """
    A limiter whose counters cannot be reached: alone, or with everything else.
    """

    def __init__(self, error: Unavailable) -> None:
        self.error = error

    async def hit(self, limit, key):  # noqa: ARG002 - the arguments are the port's
        """
        Fail.
        """
        raise self.error

    async def forget(self, limit, key):  # noqa: ARG002 - as above
        """
        Fail.
        """
        raise self.error

    async def prune(self, *, limit):  # noqa: ARG002 - as above
        """
        Fail.
        """
        raise self.error


@pytest.fixture
def uncounted(build_core, ports):
    """
    Return a core whose counters cannot be reached.
    """
    return build_core(others=evolve(ports, rate_limiter=AwayRateLimiter(CountersUnavailable())))


@pytest.mark.usefixtures("ann")
def test_who_forgot_is_served_without_counters(uncounted, courier, inbox):
    """
    A reset is asked for and carried out as ever, and so is every request that only the general limit counts.
    """
    run(uncounted.admit_request(key="client:1"))
    run(uncounted.request_password_reset(email=ANN, client=CLIENT))
    courier()
    token = inbox()[-1].token
    run(uncounted.check_password_reset(token=token, client=CLIENT))
    run(uncounted.confirm_password_reset(token=token, new_password=NEW, client=CLIENT))


def test_addresses_are_verified_without_counters(uncounted, enrol, courier, inbox):
    """
    A verification mail may be asked for again, and its link works.
    """
    enrol(ANN, PASSWORD, verified=False)
    run(uncounted.resend_verification(email=ANN, client=CLIENT))
    courier()
    run(uncounted.verify_email(token=inbox()[-1].token, client=CLIENT))


@pytest.mark.parametrize(
    "ask",
    [
        lambda core: core.log_in(email=ANN, password=PASSWORD, client=CLIENT),
        lambda core: core.register(email=ANN, password=NEW, display_name=None, client=CLIENT),
        lambda core: core.verify_email(token="bad", client=CLIENT),
        lambda core: core.check_password_reset(token="bad", client=CLIENT),
        lambda core: core.confirm_password_reset(token="bad", new_password=NEW, client=CLIENT),
    ],
)
@pytest.mark.usefixtures("ann")
def test_nobody_guesses_without_counters(uncounted, hasher, ask):
    """
    Log-ins, registrations and tokens that do not work are put off, the log-in before its password is looked at.
    """
    hashed = hasher._salt
    with pytest.raises(Unavailable):
        run(ask(uncounted))
    assert (hasher.verifications, hasher._salt) == ([], hashed)


def test_without_what_keeps_everything_nothing_is_served(build_core, ports):
    """
    Where the database counts and is away, asking it for more is a waste of the caller's time.
    """
    core = build_core(others=evolve(ports, rate_limiter=AwayRateLimiter(Unavailable())))
    for question in (
        core.admit_request(key="client:1"),
        core.request_password_reset(email=ANN, client=CLIENT),
        core.resend_verification(email=ANN, client=CLIENT),
    ):
        with pytest.raises(Unavailable):
            run(question)


def test_a_client_tries_ten_bad_tokens_a_minute(core, clock):
    """
    Whatever they are for; the next is refused and tells how long to wait, another client's is not.
    """
    for _ in range(4):
        _assert_bad(core.verify_email(token="bad", client=CLIENT))
        clock.pass_time(timedelta(seconds=1))
    for _ in range(3):
        _assert_bad(core.check_password_reset(token="bad", client=CLIENT))
        _assert_bad(core.confirm_password_reset(token="bad", new_password=NEW, client=CLIENT))
    for question in (
        core.verify_email(token="bad", client=CLIENT),
        core.check_password_reset(token="bad", client=CLIENT),
        core.confirm_password_reset(token="bad", new_password=NEW, client=CLIENT),
    ):
        with pytest.raises(TooManyRequests) as refusal:
            run(question)
        assert (refusal.value.name, refusal.value.retry_after) == ("bad-tokens", timedelta(seconds=56))

    _assert_bad(core.verify_email(token="bad", client="192.0.2.2"))
    clock.pass_time(timedelta(seconds=56))
    _assert_bad(core.verify_email(token="bad", client=CLIENT))


@pytest.mark.usefixtures("ann")
def test_good_tokens_are_not_counted(core, courier, inbox):
    """
    However often a link is looked at, and even if bad ones were tried from there before.
    """
    run(core.request_password_reset(email=ANN, client=CLIENT))
    courier()
    token = inbox()[-1].token
    for _ in range(20):
        run(core.check_password_reset(token=token, client=CLIENT))
    for _ in range(10):
        _assert_bad(core.check_password_reset(token="bad", client=CLIENT))
    with pytest.raises(TooManyRequests):
        run(core.check_password_reset(token="bad", client=CLIENT))
    run(core.confirm_password_reset(token=token, new_password=NEW, client=CLIENT))


def _assert_bad(question):
    with pytest.raises(InvalidToken):
        run(question)
