"""
What JSON and texts say, as attrs classes and typed dicts: strictly, and with every error at once.

msgspec decides about the leaves (it never turns ``"5"`` into 5), cattrs walks the tree and gathers the errors,
each with its JSON Pointer (RFC 6901).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args, get_origin, is_typeddict
from uuid import UUID

import attrs
import msgspec
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from todo_core.errors import InvalidInput
from todo_web.errors import FieldError, InvalidFields

T = TypeVar("T")

NO_NUL = r"^[^\x00]*$"
"""The pattern of every text: PostgreSQL's text cannot hold a NUL."""

_MATCHING = re.compile("matching regex (.*)", re.DOTALL)

_MOST_ERRORS = 100
"""That are told of at once."""

_Hook = Callable[[Any, Any], Any]


class OneOf:
    """
    Stands in bodies for one of several classes, told apart by their member ``tag``.

    ``kinds`` has the class for each of its values.
    """

    tag: ClassVar[str]
    kinds: ClassVar[Mapping[str, type[Any]]]


def structured(document: object, kind: type[T]) -> T:
    """
    Return a JSON *document* as a *kind*.

    Raises:
        InvalidFields: it is none.
    """
    return _structured(_json_converter, document, kind)


def structured_texts(texts: Mapping[str, Any], kind: type[T]) -> T:
    """
    Return *texts*, numbers and switches written as texts among them, as a *kind*.

    Raises:
        InvalidFields: they are none.
    """
    return _structured(_text_converter, texts, kind)


def _structured(converter: Converter, document: object, kind: type[T]) -> T:
    try:
        return converter.structure(document, kind)
    except Exception as error:  # noqa: BLE001 - cattrs hands on whatever a validator raises
        raise InvalidFields(list(islice(_field_errors(error), _MOST_ERRORS))) from None


def _converter(*, strict: bool) -> Converter:
    def leaf(value: Any, kind: Any) -> Any:
        found = msgspec.convert(value, kind, strict=strict or _bare(kind) not in {int, bool})
        for check in getattr(kind, "__metadata__", ()):
            if callable(check):
                check(found)
        return found

    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind in (str, int, bool, UUID):
        converter.register_structure_hook(kind, leaf)
    converter.register_structure_hook_func(_is_leaf, leaf)
    converter.register_structure_hook_factory(_is_list, _list_hook)
    converter.register_structure_hook_factory(_is_one_of, _one_of_hook)
    converter.register_structure_hook_factory(attrs.has, _attrs_hook)
    converter.register_structure_hook_factory(is_typeddict, _typeddict_hook)
    return converter


def _is_leaf(kind: Any) -> bool:
    return get_origin(kind) in {Annotated, Literal}


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is Annotated and get_origin(_bare(kind)) is list


def _list_hook(kind: Any, converter: Converter) -> _Hook:
    """
    Let msgspec look at the list's length, and cattrs at what is in it, so that errors say where they are.

    With a hundred errors it is enough: to gather ten thousand takes half a second.
    """
    bare, *bounds = get_args(kind)
    any_list: Any = Annotated[(list[Any], *bounds)]
    (item_kind,) = get_args(bare)

    def hook(value: Any, _: Any) -> Any:
        found: list[Any] = []
        wrong: list[Exception] = []
        errors = 0
        for index, item in enumerate(msgspec.convert(value, any_list)):
            try:
                found.append(converter.structure(item, item_kind))
            except Exception as error:  # noqa: BLE001 - cattrs hands on whatever a validator raises
                errors += sum(1 for _ in _field_errors(error))
                error.add_note(IterableValidationNote("an item", index, item_kind))
                wrong.append(error)
            if errors >= _MOST_ERRORS:
                break
        if wrong:
            # cattrs takes a class beside what any exception group takes, but says so at run time only
            raise IterableValidationError("wrong items", wrong, bare)  # pyright: ignore[reportCallIssue]
        return found

    return hook


def _is_one_of(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, OneOf)


def _one_of_hook(kind: type[OneOf], converter: Converter) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        said = value.get(kind.tag)
        if not isinstance(said, str) or said not in kind.kinds:
            wrong = InvalidInput(f"One of: {', '.join(kind.kinds)}")
            wrong.add_note(AttributeValidationNote("the tag", kind.tag, str))
            # cattrs takes a class beside what any exception group takes, but says so at run time only
            raise ClassValidationError("no kind", [wrong], kind)  # pyright: ignore[reportCallIssue]
        return converter.structure(value, kind.kinds[said])

    return _only_objects(hook)


def _attrs_hook(kind: Any, converter: Converter) -> _Hook:
    def checked(attribute: attrs.Attribute[Any]) -> _Hook:
        def hook(value: Any, field_kind: Any) -> Any:
            structured = converter.structure(value, field_kind)
            if attribute.validator is not None:
                attribute.validator(None, attribute, structured)
            return structured

        return hook

    attrs.resolve_types(kind, include_extras=True)
    fields: dict[str, Any] = {a.name: override(struct_hook=checked(a)) for a in attrs.fields(kind)}
    return _only_objects(make_dict_structure_fn(kind, converter, **fields))


def _typeddict_hook(kind: Any, converter: Converter) -> _Hook:
    # what cattrs makes takes and returns bare dicts, whose contents no type checker knows
    return _only_objects(cast("_Hook", converter.gen_structure_typeddict(kind)))  # pyright: ignore[reportUnknownMemberType]


def _only_objects(inner: _Hook) -> _Hook:
    def hook(value: Any, kind: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError("Expected an object")
        return inner(value, kind)

    return hook


def _field_errors(error: BaseException, pointer: str = "") -> Iterator[FieldError]:
    match error:
        case ForbiddenExtraKeysError():
            for name in sorted(error.extra_fields):
                yield FieldError(f"{pointer}/{escaped(name)}", "Unknown field")
        case BaseValidationError():
            for inner in error.exceptions:
                yield from _field_errors(inner, pointer + _step(inner))
        case KeyError():
            yield FieldError(pointer, "Required")
        case InvalidInput():
            yield FieldError(pointer, error.detail)
        case _:
            yield FieldError(pointer, _MATCHING.sub(_in_words, str(error)))


def _in_words(matching: re.Match[str]) -> str:
    return "without NUL characters" if matching[1] == repr(NO_NUL) else "of the documented form"


def _step(error: BaseException) -> str:
    for note in getattr(error, "__notes__", ()):
        if (name := getattr(note, "name", getattr(note, "index", None))) is not None:
            return f"/{escaped(str(name))}"
    return ""


def escaped(step: str) -> str:
    """
    Return the *step* as it stands in a JSON Pointer (RFC 6901 §4).
    """
    return step.replace("~", "~0").replace("/", "~1")


_json_converter = _converter(strict=True)
_text_converter = _converter(strict=False)
