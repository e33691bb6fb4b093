from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from attrs import Attribute, Factory, field, frozen
from msgspec import Meta

from todo_adapters.environment import InvalidEnvironment, read
from todo_core.model.email import EmailAddress


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def _at_least_eight(_: Settings, __: Attribute[str], secret: str) -> None:
    if len(secret) < 8:
        raise ValueError("needs 8 characters")


def _not_red_and_loud(settings: Settings, _: Attribute[bool], loud: bool) -> None:  # noqa: FBT001 - attrs calls it
    if loud and settings.colour is Colour.RED:
        raise ValueError("must be off when COLOUR is red")


@frozen
class Settings:
    name: str
    secret: str = field(validator=_at_least_eight)
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    ratio: Annotated[float, Meta(gt=0)] | None = None
    colour: Colour = Colour.BLUE
    loud: bool = field(default=False, validator=_not_red_and_loud)
    mode: Literal["fast", "safe"] = "safe"
    keys: Annotated[tuple[Annotated[str, Meta(min_length=3)], ...], Meta(max_length=3)] = ()
    colours: tuple[Colour, ...] = ()
    numbers: list[int] = Factory(list[int])
    address: EmailAddress | None = field(default=None, converter=lambda text: text and EmailAddress(text))


_LEAST = {"NAME": "todo", "SECRET": "12345678"}


def _problems(**environment: str) -> tuple[str, ...]:
    with pytest.raises(InvalidEnvironment) as raised:
        read(Settings, environment)
    return raised.value.problems


def test_what_is_unset_has_its_default():
    """
    Variables that are not there, or empty, leave their fields at the default.
    """
    assert read(Settings, {**_LEAST, "PORT": "", "COLOUR": ""}) == Settings(name="todo", secret="12345678")


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("PORT", "25", 25),
        ("RATIO", "0.5", 0.5),
        ("RATIO", "2", 2.0),
        ("COLOUR", "red", Colour.RED),
        ("MODE", "fast", "fast"),
        ("KEYS", "abc, def,,ghi ", ("abc", "def", "ghi")),
        ("COLOURS", "blue,red", (Colour.BLUE, Colour.RED)),
        ("NUMBERS", "3,1", [3, 1]),
        ("ADDRESS", "Ann@Example.org", EmailAddress("ann@example.org")),
        *(("LOUD", text, True) for text in ("true", "True", "1", "yes", "ON")),
        *(("LOUD", text, False) for text in ("false", "FALSE", "0", "no", "off")),
    ],
)
def test_text_becomes_what_the_field_wants(variable, text, value):
    """
    Text, numbers, switches, choices, lists and whatever a converter makes are read.
    """
    assert getattr(read(Settings, {**_LEAST, variable: text}), variable.lower()) == value


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("PORT", "x-ray", "must be a whole number"),
        ("PORT", "0", "must be a whole number >= 1"),
        ("PORT", "1.5", "must be a whole number"),
        ("RATIO", "much", "must be a number"),
        ("RATIO", "1e999", "cannot be used: number out of range"),
        ("COLOUR", "green", "must be one of red, blue"),
        ("MODE", "slow", "must be one of fast, safe"),
        ("LOUD", "loud", "must be true or false"),
        ("KEYS", "ab", "must be text of length >= 3"),
        ("KEYS", "abc,abc,abc,abc", "must be a list of length <= 3"),
        ("COLOURS", "red,green", "must be one of red, blue"),
        ("NUMBERS", "1,two", "must be a whole number"),
        ("ADDRESS", "ann", "This is not an e-mail address."),
        ("SECRET", "1234567", "needs 8 characters"),
    ],
)
def test_what_cannot_be_used_is_told_without_its_value(variable, text, problem):
    """
    A problem names the variable and what it must be, and never shows the value.
    """
    assert _problems(**{**_LEAST, variable: text}) == (f"{variable}: {problem}",)


def test_all_problems_are_told_at_once():
    """
    Missing variables, unusable ones and broken rules come together, rules between fields among them.
    """
    assert _problems(SECRET="short", PORT="0", COLOUR="red", LOUD="on") == (
        "NAME: is required",
        "PORT: must be a whole number >= 1",
        "SECRET: needs 8 characters",
        "LOUD: must be off when COLOUR is red",
    )


def test_a_rule_waits_for_the_fields_it_looks_at():
    """
    A rule between fields says nothing while one of them cannot be read.
    """
    assert _problems(**_LEAST, COLOUR="green", LOUD="on") == ("COLOUR: must be one of red, blue",)


def test_names_may_have_a_prefix():
    """
    With a prefix the same class is read from other variables.
    """
    assert read(Settings, {"MY_NAME": "todo", "MY_SECRET": "12345678"}, prefix="MY_").name == "todo"
    with pytest.raises(InvalidEnvironment, match="MY_NAME: is required"):
        read(Settings, _LEAST, prefix="MY_")


def test_a_value_may_lie_in_a_file(tmp_path):
    """
    NAME_FILE names a file that holds the value; the line break at its end does not count.
    """
    (tmp_path / "secret").write_text(" of a file \r\n", encoding="utf-8")
    settings = read(Settings, {"NAME": "todo", "SECRET_FILE": str(tmp_path / "secret"), "PORT_FILE": ""})
    assert settings.secret == " of a file "


def test_an_empty_file_counts_as_unset(tmp_path):
    """
    An empty file leaves its field at the default.
    """
    (tmp_path / "port").write_text("\n", encoding="utf-8")
    assert read(Settings, {**_LEAST, "PORT_FILE": str(tmp_path / "port")}).port == 587


def test_a_file_that_cannot_be_read(tmp_path):
    """
    What is wrong with a file is told without its path.
    """
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    files = {"SECRET_FILE": str(tmp_path / "absent"), "PORT_FILE": str(tmp_path / "binary")}
    assert _problems(NAME="todo", **files) == (
        "SECRET: the file that SECRET_FILE names cannot be read: No such file or directory",
        "PORT: the file that PORT_FILE names is not UTF-8 text",
    )


def test_a_value_and_a_file_contradict_each_other(tmp_path):
    """
    Nobody has to guess which of the two counts.
    """
    assert _problems(**_LEAST, SECRET_FILE=str(tmp_path)) == (
        "SECRET: is set, and so is SECRET_FILE; keep one of them",
    )
