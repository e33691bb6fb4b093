"""
Settings read from environment variables into attrs classes.

A field called ``smtp_port`` is filled from ``SMTP_PORT``, or from the file that ``SMTP_PORT_FILE`` names,
as secrets are mounted into containers. An empty variable counts as unset. What is wrong is told all at
once, by the names of the variables and never by their values, which may be secrets.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec
from attrs import NOTHING, Attribute, AttrsInstance, fields
from msgspec.inspect import BoolType, EnumType, ListType, LiteralType, Type, UnionType, VarTupleType, type_info

from todo_core.errors import InvalidInput

T = TypeVar("T", bound=AttrsInstance)

_SWITCHES = {"yes": True, "on": True, "no": False, "off": False}
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "array": "a list"}


class InvalidEnvironment(Exception):
    """
    Some variables cannot be used.

    Args:
        problems: one for each fault, as ``NAME: what is wrong``; none quotes a value.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read(cls: type[T], environment: Mapping[str, str], *, prefix: str = "") -> T:
    """
    Return an instance of *cls* whose fields come from the variables called *prefix* and the field's name.

    A field whose metadata have a ``variable`` comes from the one of that name instead, whatever the prefix.
    Text, numbers, switches (true/false, 1/0, yes/no, on/off), choices and lists of these, separated by
    commas, are understood, with the bounds that ``Annotated[..., msgspec.Meta(...)]`` sets. A field with a
    converter hands it the text. What a converter or validator says in a ``ValueError`` or ``InvalidInput``
    is reported as it stands, so it must not quote the value.

    Raises:
        InvalidEnvironment: variables are missing or cannot be used.
    """
    hints = get_type_hints(cls, include_extras=True)
    problems: list[str] = []
    given: dict[str, Any] = {}
    settings = cls.__new__(cls)
    for field in fields(cls):
        name = variable_of(field, prefix)
        with _noted(problems, name):
            text = _text_of(name, environment)
            if text is not None:
                given[field.alias or field.name] = _convert(text, str if field.converter else hints[field.name])
            object.__setattr__(settings, field.name, _value_of(field, given))
    for field in fields(cls):
        with _noted(problems, variable_of(field, prefix)):
            _validate(field, settings)
    if problems:
        raise InvalidEnvironment(problems)
    return cls(**given)


def variable_of(field: Attribute[Any], prefix: str) -> str:
    """
    Return the name of the variable that fills *field*.
    """
    return str(field.metadata.get("variable", f"{prefix}{field.name.upper()}"))


@contextmanager
def _noted(problems: list[str], name: str) -> Generator[None]:
    try:
        yield
    except (ValueError, InvalidInput) as refusal:
        problems.append(f"{name}: {refusal}")


def _text_of(name: str, environment: Mapping[str, str]) -> str | None:
    text, file = environment.get(name), environment.get(f"{name}_FILE")
    if not file:
        return text or None
    if text:
        raise ValueError(f"is set, and so is {name}_FILE; keep one of them")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n") or None
    except OSError as error:
        raise ValueError(f"the file that {name}_FILE names cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"the file that {name}_FILE names is not UTF-8 text") from None


def _value_of(field: Any, given: Mapping[str, Any]) -> Any:
    value = given.get(field.alias or field.name, field.default)
    if value is NOTHING:
        raise ValueError("is required")
    if value is field.default:
        value = getattr(value, "factory", lambda: field.default)()
    return value if field.converter is None else field.converter(value)


def _validate(field: Attribute[Any], settings: AttrsInstance) -> None:
    if field.validator is not None:
        with suppress(AttributeError):  # it looks at a field whose own problem is noted already
            field.validator(settings, field, getattr(settings, field.name))


def _convert(text: str, hint: Any) -> Any:
    kind = _kind(type_info(hint))
    raw: Any = text
    if isinstance(kind, BoolType):
        raw = _SWITCHES.get(text.lower(), text)
    elif isinstance(kind, ListType | VarTupleType):
        raw = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return msgspec.convert(raw, hint, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_sentence(str(error), kind)) from None  # msgspec quotes an unknown choice


def _kind(info: Type) -> Type:
    if isinstance(info, UnionType):
        return next(kind for kind in info.types if not isinstance(kind, msgspec.inspect.NoneType))
    return info


def _sentence(error: str, kind: Type) -> str:
    if isinstance(kind, ListType | VarTupleType):
        kind = _kind(kind.item_type) if "$[" in error else kind
    if isinstance(kind, EnumType):
        return f"must be one of {', '.join(choice.value for choice in kind.cls)}"
    if isinstance(kind, LiteralType):
        return f"must be one of {', '.join(map(str, kind.values))}"
    if not error.startswith("Expected"):
        return f"cannot be used: {error.lower()}"
    expected = re.sub(r", got .*| - at .*| \| null", "", error).removeprefix("Expected ")
    return "must be " + re.sub(r"`(\w+)`", lambda word: _WORDS.get(word[1], word[1]), expected)
