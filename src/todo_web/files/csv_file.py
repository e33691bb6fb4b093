"""
Todos as CSV (RFC 4180), for spreadsheets: a header, then one todo a row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field
from msgspec import to_builtins

from todo_core.errors import Fault, InvalidFile
from todo_core.model.todo_file import MOST_FAULTS, MOST_FILED, FiledList, FiledTodo, Place, TodoFile
from todo_core.use_cases.exchange import ExportedTodos
from todo_web.decoding import read_texts
from todo_web.errors import FieldError, InvalidFields
from todo_web.files.records import ListRecord, TodoRecord

COLUMNS = (
    "ref",
    "parent_ref",
    "list_ref",
    "list",
    "title",
    "notes",
    "completed_at",
    "priority",
    "due_at",
    "due_date",
    "tags",
    "recurrence",
    "remind_at",
    "position",
    "created_at",
    "updated_at",
)

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - spreadsheets take the full-width ones too
"""What a spreadsheet may run (OWASP, CSV Injection), and what stands for such a text when it is guarded."""


async def write_csv(exported: ExportedTodos) -> AsyncIterator[bytes]:
    """
    Yield the rows page by page, each cell in quotes.
    """
    names = {filed.ref: filed.name for filed in exported.lists}
    yield _lines([COLUMNS])
    async for page in exported.todos:
        yield _lines(_cells(filed, names) for filed in page)


def read_csv(body: bytes) -> TodoFile:
    """
    Return the file that *body* is: any of the columns in any order, but ``title`` must be there.

    Raises:
        InvalidFile: it is not CSV in UTF-8, or rows break rules; the first hundred faults are told.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidFile([Fault("", "A file is in UTF-8.")]) from None
    reading = _Reading()
    try:
        for row, place in _rows(text):
            reading.take(row, place)
    except csv.Error as error:
        raise InvalidFile([Fault("", f"This is not CSV (RFC 4180): {error}.")]) from None
    if reading.faults:
        raise InvalidFile(reading.faults[:MOST_FAULTS])
    return TodoFile(list(reading.lists.values()), reading.todos)


@define
class _Reading:
    """
    What was read so far: lists by what the file calls them, todos, and what is wrong.
    """

    lists: dict[tuple[str, str], FiledList] = field(factory=dict[tuple[str, str], FiledList])
    todos: list[FiledTodo] = field(factory=list[FiledTodo])
    faults: list[Fault] = field(factory=list[Fault])

    def take(self, row: dict[str, Any], place: Place) -> None:
        """
        Read one *row*.
        """
        try:
            list_ref = self._list(row.pop("list_ref", ""), row.pop("list", ""), place)
            record = read_texts(row, TodoRecord)
        except InvalidFields as error:
            self.faults += [place.fault(each.detail, field=each.pointer[1:]) for each in error.errors]
        else:
            self.todos.append(record.filed(place, list_ref=list_ref))

    def _list(self, ref: str, name: str, place: Place) -> int | None:
        """
        Return the number of the list that a row names: by its name, and by its own number where names are shared.
        """
        if not name.strip():
            if ref:
                raise InvalidFields([FieldError("/list", "A list's number needs its name beside it")])
            return None
        if (ref, name) not in self.lists:
            _check_name(name)
            self.lists[ref, name] = FiledList(name, ref=len(self.lists) + 1, place=place)
        return self.lists[ref, name].ref


def _check_name(name: str) -> None:
    try:
        read_texts({"name": name}, ListRecord)
    except InvalidFields as error:
        raise InvalidFields([FieldError("/list", each.detail) for each in error.errors]) from None


def _rows(text: str) -> Iterator[tuple[dict[str, Any], Place]]:
    """
    Yield each row of *text* by its columns, cells with nothing in them left out, and where it stands.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = [_unguarded(cell).strip() for cell in next(reader, list[str]())]
    _check_columns(columns)
    number, line = 0, reader.line_num + 1
    for cells in reader:
        place = Place(f"/rows/{number}", line)
        line = reader.line_num + 1
        if not cells:
            continue
        if number == MOST_FILED:
            raise InvalidFile([Fault("/rows", f"A file can have at most {MOST_FILED} todos.")])
        if len(cells) > len(columns):
            raise InvalidFile([place.fault("This row has more cells than there are columns.")])
        row = {column: _unguarded(cell) for column, cell in zip(columns, cells, strict=False) if cell}
        yield (row | {"tags": _tags(row["tags"])} if "tags" in row else row), place
        number += 1


def _check_columns(columns: Sequence[str]) -> None:
    faults = [Fault("/columns", f"There is no column {name!r}.") for name in columns if name not in COLUMNS]
    faults += [Fault("/columns", f"{name} is there twice.") for name in COLUMNS if columns.count(name) > 1]
    if "title" not in columns:
        faults.append(Fault("/columns", "The first row names the columns, and one of them is title."))
    if faults:
        raise InvalidFile(faults[:MOST_FAULTS])


def _cells(filed: FiledTodo, names: Mapping[int | None, str]) -> list[str]:
    record = vars(TodoRecord.of(filed))
    values = {**record, "list": names.get(filed.list_ref), "tags": _line(filed.tags) if filed.tags else None}
    texts = {name: "" if value is None else str(to_builtins(value)) for name, value in values.items()}
    return [_guarded(texts[name]) for name in COLUMNS]


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    return written.getvalue().encode()


def _line(cells: Sequence[str]) -> str:
    """
    Return *cells* as one line of CSV: so several tags share a cell, whatever is in them.
    """
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue().removesuffix("\r\n")


def _tags(cell: str) -> list[str]:
    return next(csv.reader(io.StringIO(cell, newline=""), strict=True), list[str]())


def _guarded(cell: str) -> str:
    """
    Return *cell* with an apostrophe in front if a spreadsheet might run it.

    Apostrophes that stand there already do not count, so that what was guarded can be told from what was not.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
