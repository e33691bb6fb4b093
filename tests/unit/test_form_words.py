"""
What pages say without script.
"""

from __future__ import annotations

import pytest

from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password, PasswordRules
from todo_web.form_words import WORDS

ENGLISH = WORDS["en"]


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_the_same(language: str) -> None:
    """
    What one has words for, all have words for.
    """
    words = WORDS[language]
    assert words.problems.keys() == ENGLISH.problems.keys()
    assert words.done.keys() == ENGLISH.done.keys()
    assert words.fields.keys() == ENGLISH.fields.keys()


@pytest.mark.parametrize("language", WORDS.keys() - {"en"})
@pytest.mark.parametrize("text", ["short", "ann@example.org"])
def test_what_the_core_says_of_a_password_is_said_in_every_language(language: str, text: str) -> None:
    """
    English is the core's own; a number in it is said, too.
    """
    with pytest.raises(InvalidInput) as refused:
        PasswordRules(shortest=15 if text == "short" else 8).check(
            Password(text), email=EmailAddress("ann@example.org"), named="password"
        )
    detail = refused.value.detail
    said = WORDS[language].of_fault("new_password", detail)
    assert said != detail
    assert ("15" in said) is (text == "short")
    assert ENGLISH.of_fault("new_password", detail) == detail


@pytest.mark.parametrize("language", WORDS)
def test_how_long_to_wait(language: str) -> None:
    """
    Seconds are said up to a minute and a half, then minutes; what is not known is not said.
    """
    words = WORDS[language]
    assert "89 " in words.of_problem("too-many-requests", retry_after=89)
    assert "2 " in words.of_problem("too-many-requests", retry_after=91)
    assert words.of_problem("too-many-requests") == words.of_problem("of-tomorrow") == words.failed


def test_what_nobody_thought_of_is_said_as_it_is() -> None:
    """
    A field that no form has is named; one that is needed is said to be, whichever it is.
    """
    assert ENGLISH.of_fault("colour", "Unknown field") == "colour: Unknown field"
    assert ENGLISH.of_fault("email", "Required") == ENGLISH.of_fault("password", "Required") == ENGLISH.required
