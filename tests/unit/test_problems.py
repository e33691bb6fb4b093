"""
Every error has its problem.
"""

from __future__ import annotations

from collections.abc import Iterator

from todo_core import errors
from todo_web.errors import HttpError
from todo_web.problems import ALL, PROBLEMS


def leaves(kind: type[Exception]) -> Iterator[type[Exception]]:
    """
    Return the classes below *kind* that have none below them.
    """
    children = kind.__subclasses__()
    if not children:
        yield kind
    for child in children:
        yield from leaves(child)


def test_each_error_that_can_reach_a_client_has_a_problem() -> None:
    """
    All of the domain's errors but those of mail, which the courier keeps to itself, and all of HTTP's.
    """
    reaching = set(leaves(errors.DomainError)) - set(leaves(errors.EmailError)) | set(leaves(HttpError))
    assert {next((kind for kind in error.__mro__ if kind in PROBLEMS), error) for error in reaching} == set(PROBLEMS)


def test_no_two_problems_are_called_the_same() -> None:
    """
    A slug names one problem.
    """
    slugs = [problem.slug for problem in ALL]
    assert len(slugs) == len(set(slugs))


def test_each_problem_tells_what_to_do() -> None:
    """
    Titles are short and without a full stop, help is sentences.
    """
    for problem in ALL:
        assert not problem.title.endswith(".")
        assert problem.help.endswith(".")
        assert 400 <= problem.status < 600
