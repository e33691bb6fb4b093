from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.core import Limits
from todo_core.errors import TooManyRequests
from todo_core.model.limit import Limit

TWO_A_MINUTE = Limit("requests", 2, timedelta(minutes=1))


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
