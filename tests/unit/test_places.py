from __future__ import annotations

import pytest

from todo_core.errors import Unavailable
from todo_web.places import Places
from todo_web.routes import OPERATIONS


def test_there_are_only_so_many():
    """
    Who finds none free is sent away, and a place that was left is free again, however it was left.
    """
    places = Places(2)
    with places.taken():
        with places.taken(), pytest.raises(Unavailable), places.taken():
            pytest.fail("there were only two")
        with pytest.raises(ZeroDivisionError), places.taken():
            raise ZeroDivisionError
        with places.taken():
            assert places.free == 0
    assert places.free == 2


def test_who_needs_one():
    """
    Every operation that is told a password, and no other.
    """
    assert {operation.name for operation in OPERATIONS if operation.hashes_password} == {
        "change_password",
        "confirm_reset",
        "log_in",
        "register",
        "request_deletion",
        "request_email_change",
        "submit_log_in",
        "submit_reset_password",
        "submit_sign_up",
    }
