from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.model.mail import MailKind, RenderedMessage, retry_delay
from todo_core.use_cases.mailing import MailLife

JITTERS = st.floats(0, 1)


@settings(derandomize=True, deadline=None)
@given(JITTERS)
def test_the_first_five_waits_double_whatever_the_jitter(jitter):
    """
    1, 2, 4, 8 and 16 seconds bridge a hiccup.
    """
    waits = [retry_delay(attempt, jitter=jitter) / timedelta(seconds=1) for attempt in range(1, 6)]
    assert waits == [1, 2, 4, 8, 16]


@settings(derandomize=True, deadline=None)
@given(st.integers(min_value=6, max_value=10_000), JITTERS)
def test_later_waits_stay_between_16_seconds_and_5_minutes(attempt, jitter):
    """
    However often it failed.
    """
    assert timedelta(seconds=16) <= retry_delay(attempt, jitter=jitter) <= timedelta(minutes=5)


@settings(derandomize=True, deadline=None)
@given(st.integers(min_value=1, max_value=100), JITTERS)
def test_no_wait_is_shorter_than_the_one_before(attempt, jitter):
    """
    With the same jitter, patience only grows.
    """
    assert retry_delay(attempt, jitter=jitter) <= retry_delay(attempt + 1, jitter=jitter)


@pytest.mark.parametrize(("attempt", "longest"), [(6, 32), (7, 64), (8, 128), (9, 256), (10, 300), (50, 300)])
def test_later_waits_are_spread_evenly_up_to_a_ceiling_that_doubles(attempt, longest):
    """
    Many mails that failed together do not return together.
    """
    waits = [retry_delay(attempt, jitter=jitter) / timedelta(seconds=1) for jitter in (0, 0.5, 1)]
    assert waits == [16, (16 + longest) / 2, longest]


def test_each_kind_of_mail_has_its_life():
    """
    Links live as long as the operator says, those that take something back a week or a day, notices two days.

    Reminders have a day.
    """
    life = MailLife(password_reset=timedelta(hours=1), verify_email=timedelta(days=1))
    assert {kind: life.of(kind) for kind in MailKind} == {
        MailKind.PASSWORD_RESET: timedelta(hours=1),
        MailKind.VERIFY_EMAIL: timedelta(days=1),
        MailKind.PASSWORD_CHANGED: timedelta(days=2),
        MailKind.EMAIL_IN_USE: timedelta(days=2),
        MailKind.CHANGE_EMAIL: timedelta(days=1),
        MailKind.REMINDER: timedelta(days=1),
        MailKind.EMAIL_CHANGE_REQUESTED: timedelta(days=2),
        MailKind.EMAIL_CHANGED: timedelta(days=7),
        MailKind.ACCOUNT_DELETION: timedelta(days=1),
    }


def test_the_words_of_a_message_stay_out_of_its_repr():
    """
    They may hold a live link.
    """
    assert "secret" not in repr(RenderedMessage(subject="Hello", text="secret", html="secret"))
