import pytest

from todo_core.model.link import Frontend, TokenPlace
from todo_core.model.token import Purpose


@pytest.mark.parametrize(
    ("purpose", "address"),
    [
        (Purpose.PASSWORD_RESET, "https://todo.example/reset-password?token=abc.def"),
        (Purpose.VERIFY_EMAIL, "https://todo.example/verify-email?token=abc.def"),
        (Purpose.CHANGE_EMAIL, "https://todo.example/confirm-email?token=abc.def"),
        (Purpose.UNDO_EMAIL_CHANGE, "https://todo.example/undo-email-change?token=abc.def"),
        (Purpose.UNDO_DELETION, "https://todo.example/undo-deletion?token=abc.def"),
    ],
)
def test_each_purpose_has_its_page(purpose, address):
    """
    The token stands in the query unless the operator chose otherwise.
    """
    assert Frontend("https://todo.example").link(purpose, "abc.def") == address


def test_a_token_can_stand_where_no_server_sees_it():
    """
    Behind the #, for whoever fears access logs.
    """
    frontend = Frontend("https://todo.example/app", TokenPlace.FRAGMENT)
    assert frontend.link(Purpose.PASSWORD_RESET, "abc") == "https://todo.example/app/reset-password#token=abc"


def test_a_token_cannot_break_out_of_its_place():
    """
    Whatever a signer makes is quoted.
    """
    link = Frontend("https://todo.example").link(Purpose.PASSWORD_RESET, "a&b=c#d e")
    assert link == "https://todo.example/reset-password?token=a%26b%3Dc%23d+e"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://todo.example:8443/app", "todo.example"), ("http://[::1]:5173", "::1"), ("about:blank", "localhost")],
)
def test_the_host_of_the_page(url, host):
    """
    Message-IDs end with it; a page without one counts as this machine's.
    """
    assert Frontend(url).host == host
