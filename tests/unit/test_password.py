import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress
from todo_core.model.password import LONGEST_PASSWORD, Password, PasswordRules

ANN = EmailAddress("ann.van.der.berg@example.org")
RULES = PasswordRules()


def test_an_empty_password_is_none():
    """
    A password has at least one character, whatever the rules.
    """
    with pytest.raises(InvalidInput, match="empty"):
        Password("")


def test_the_longest_password_has_1024_bytes():
    """
    Bytes count, not characters: one more is refused before anybody hashes it.
    """
    assert Password("é" * (LONGEST_PASSWORD // 2)).text == "é" * 512
    with pytest.raises(InvalidInput, match="1024 bytes"):
        Password("é" * (LONGEST_PASSWORD // 2) + "e")


def test_a_password_is_composed():
    """
    The same letters typed on another keyboard are the same password.
    """
    assert Password("cafe\u0301") == Password("caf\u00e9")


@settings(derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100))
def test_a_password_is_neither_trimmed_nor_folded(text):
    """
    But for its composition it stays as it was typed.
    """
    assert Password(text).text == unicodedata.normalize("NFC", text)


def test_a_password_stays_out_of_its_repr():
    """
    Nobody reads it in a log.
    """
    assert "correct horse" not in repr(Password("correct horse"))


@pytest.mark.parametrize(
    "text", ["fifteenletters", "            ", "twelve chars", "🐎🔋🖇🐎🔋🖇🐎🔋🖇🐎🔋🖇", "p" * LONGEST_PASSWORD]
)
def test_there_are_no_rules_about_kinds_of_characters(text):
    """
    Long enough is good enough.
    """
    RULES.check(Password(text), email=ANN, named="password")


def test_a_password_needs_as_many_characters_as_the_operator_says():
    """
    One less is refused, and the refusal names the argument.
    """
    rules = PasswordRules(shortest=15)
    rules.check(Password("x" * 15), email=ANN, named="password")
    with pytest.raises(InvalidInput, match="at least 15 characters") as refusal:
        rules.check(Password("x" * 14), email=ANN, named="password")
    assert refusal.value.field == "password"


@pytest.mark.parametrize("text", [ANN.text, ANN.text.upper(), f" {ANN.text} ", "ann.van.der.berg", "Ann.Van.Der.Berg"])
def test_the_address_is_no_password(text):
    """
    Neither whole nor without its domain, in whatever case.
    """
    with pytest.raises(InvalidInput, match="must not be the e-mail address") as refusal:
        RULES.check(Password(text), email=ANN, named="new_password")
    assert refusal.value.field == "new_password"


@pytest.mark.parametrize(
    "text",
    ["ann.van.der.berg2026!", "12345 Ann van der Berg", "annvanderbergannvanderberg", "ann.van.der.berg@todo.app"],
)
def test_the_address_with_something_around_it_is_no_password_either(text):
    """
    Digits, signs, a second time: whoever knows the address tries these next.
    """
    with pytest.raises(InvalidInput, match="must not be the e-mail address"):
        RULES.check(Password(text), email=ANN, named="password")


def test_a_name_of_three_letters_is_long_enough_to_go_by():
    """
    Two are part of too many words.
    """
    with pytest.raises(InvalidInput, match="must not be the e-mail address"):
        RULES.check(Password("Ann 123456789"), email=EmailAddress("ann@example.org"), named="password")


def test_an_address_of_digits_is_no_password():
    """
    A telephone number in front of the @ has no letters to go by.
    """
    with pytest.raises(InvalidInput, match="must not be the e-mail address"):
        RULES.check(Password("491711234567"), email=EmailAddress("491711234567@sms.example"), named="password")


@pytest.mark.parametrize("text", ["ann.van.der.bergs", "my todo app password", "0123456789!%", "jojo9876543210"])
def test_a_name_may_be_a_part_of_a_password(text):
    """
    One letter more that is no name's makes a password, and so do digits without a name, or with a very short one.
    """
    RULES.check(Password(text), email=ANN, named="password")
    RULES.check(Password(text), email=EmailAddress("jo@example.org"), named="password")


@pytest.mark.parametrize("text", ["lists.acme.org", "Lists.Acme.Org 1", "todo@lists.acme.org"])
def test_the_operators_name_for_the_service_is_no_password(text):
    """
    Nor is the host name that people see every day.
    """
    with pytest.raises(InvalidInput, match="name of this service"):
        PasswordRules(names=("lists.acme.org",)).check(Password(text), email=ANN, named="password")


def test_a_host_name_with_the_services_name_in_it_is_no_password():
    """
    The longest name is looked for first: without "todo" nobody would know "my.todo.example" again.
    """
    with pytest.raises(InvalidInput, match="name of this service"):
        PasswordRules(names=("my.todo.example",)).check(Password("My.Todo.Example1"), email=ANN, named="password")


@pytest.mark.parametrize("text", ["Todo App", "  todoapp  ", "todo app", "todo2026", "TodoTodo!"])
def test_the_name_of_the_service_is_no_password(text):
    """
    It is the first thing anybody would try.
    """
    with pytest.raises(InvalidInput, match="name of this service"):
        PasswordRules(shortest=8).check(Password(text.ljust(8)), email=ANN, named="password")
