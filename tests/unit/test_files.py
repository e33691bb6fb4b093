import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream
from ical.exceptions import CalendarParseError

from todo_core.contracts.samples import a_todo, a_user
from todo_core.errors import InvalidFile
from todo_core.model import todo_file
from todo_core.model.ids import TodoId
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority
from todo_core.model.todo_file import MOST_FAULTS
from todo_web.errors import InvalidFields, MalformedJson
from todo_web.files import csv_file, icalendar_file, time_zones
from todo_web.files.csv_file import read_csv
from todo_web.files.json_file import read_json

ANN = a_user()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def csv_faults(text):
    """
    Return what is wrong with a file of CSV.
    """
    with pytest.raises(InvalidFile) as refusal:
        read_csv(text if isinstance(text, bytes) else text.encode())
    return {fault.pointer: fault.detail for fault in refusal.value.faults}


def json_faults(**members: Any):
    """
    Return what is wrong with the form of a file of JSON.
    """
    with pytest.raises(InvalidFields) as refusal:
        read_json(json.dumps({"version": 1, **members}).encode())
    return {fault.pointer: fault.detail for fault in refusal.value.errors}


def test_a_file_by_hand_needs_titles_only():
    """
    In JSON as in CSV, whose columns may stand in any order, behind a byte order mark, with ends of lines as they come.
    """
    assert [todo.title for todo in read_json(b'{"version":1,"todos":[{"title":"one"}]}').todos] == ["one"]
    file = read_csv("\ufeffpriority,title\nhigh,one\n\n,two\r\n".encode())
    assert [(todo.title, todo.priority) for todo in file.todos] == [("one", Priority.HIGH), ("two", Priority.NONE)]


def test_every_fault_of_a_row_is_told():
    """
    By its row, counted from 0, and by its line, of which a row can have several.
    """
    text = 'title,notes,priority,due_at,ref\n"one","a\nb",,,\n,x,urgent,2026-01-01T12:00:00,zero\n'
    faults = csv_faults(text)
    assert list(faults) == ["/rows/1/title", "/rows/1/ref", "/rows/1/priority", "/rows/1/due_at"]
    assert all(detail.startswith("Line 4: ") for detail in faults.values())


def test_what_rows_refer_to_must_be_there():
    """
    That is seen when all rows are read.
    """
    assert csv_faults("title,parent_ref\none,7\n") == {
        "/rows/0/parent_ref": "Line 2: No todo in the file has this number."
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "/columns"),
        ("notes\nx\n", "/columns"),
        ("title,titel\nx,y\n", "/columns"),
        ("title,title\nx,y\n", "/columns"),
        ("title\nx,y\n", "/rows/0"),
        ("title,list_ref\nx,1\n", "/rows/0/list"),
        ("title,list\nx,a\0b\n", "/rows/0/list"),
        (f"title,list\nx,{'a' * 101}\n", "/rows/0/list"),
        ("title,recurrence\nx,FREQ=HOURLY\n", "/rows/0/recurrence"),
        ("title,due_date\nx,1969-12-31\n", "/rows/0/due_date"),
        ("title,position\nx,0\n", "/rows/0/position"),
        ('title\n"x" y\n', ""),
        ('title\n"x\n', ""),
        ('title,tags\nx,"""a"" b"\n', ""),
        (b"title\n\xff\n", ""),
    ],
)
def test_what_is_no_csv_of_ours_is_refused(text, where):
    """
    And it is said where.
    """
    assert list(csv_faults(text)) == [where]


def test_a_hundred_faults_are_told_of_a_file():
    """
    Those that stand first.
    """
    assert list(csv_faults("title,ref\n" + "x,0\n" * 150)) == [f"/rows/{row}/ref" for row in range(MOST_FAULTS)]
    assert list(json_faults(todos=[{}] * 150)) == [f"/todos/{index}/title" for index in range(MOST_FAULTS)]


def test_a_file_of_csv_has_an_end(monkeypatch):
    """
    It is seen before all rows are read.
    """
    monkeypatch.setattr(csv_file, "MOST_FILED", 2)
    assert len(read_csv(b"title\nx\ny\n").todos) == 2
    assert list(csv_faults("title\nx\ny\nz\n")) == ["/rows"]
    assert todo_file.MOST_FILED == 50_000


def test_lists_are_told_apart_by_name_and_number():
    """
    Rows without a number mean the list of the name; blanks are no name.
    """
    file = read_csv(b"title,list,list_ref\na,Home,1\nb,Home,2\nc,Home,\nd,Home,1\ne,Home,\nf, ,\n")
    assert [todo.list_ref for todo in file.todos] == [1, 2, 3, 1, 3, None]
    assert [filed.name for filed in file.lists] == ["Home", "Home", "Home"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_a_spreadsheet_runs_nothing(cell):
    """
    What it might take for a formula has an apostrophe in front (OWASP, CSV Injection), which is taken off again.
    """
    assert csv_file._guarded(cell) == f"'{cell}"
    assert csv_file._unguarded(f"'{cell}") == cell
    assert csv_file._unguarded(csv_file._guarded(f"'{cell}")) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "milk", "'tis", "'", "''", "1-1"])
def test_what_is_harmless_stays_as_it_is(cell):
    """
    Apostrophes of people's own too.
    """
    assert csv_file._guarded(cell) == csv_file._unguarded(cell) == cell


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"version": 2}, "/version"),
        ({"more": 1}, "/more"),
        ({"todos": [{"title": "x"}, {"title": "x", "id": 1}]}, "/todos/1/id"),
        ({"todos": [{"title": "x", "created_at": "2026-01-01T12:00:00"}]}, "/todos/0/created_at"),
        ({"todos": [{"title": "x", "tags": ["a", ""]}]}, "/todos/0/tags/1"),
        ({"lists": [{"name": "x", "ref": 0}]}, "/lists/0/ref"),
        ({"lists": [{"name": "x"}] * 501}, "/lists"),
    ],
)
def test_what_is_no_json_of_ours_is_refused(members, where):
    """
    With a pointer to it.
    """
    assert list(json_faults(**members)) == [where]


def test_what_is_no_json_at_all_is_refused():
    """
    Nor may anything be said twice.
    """
    for body in (b"title\nx\n", b"", b'{"version":1,"version":1}'):
        with pytest.raises(MalformedJson):
            read_json(body)


def test_faults_of_what_json_says_are_told_where_they_stand():
    """
    As those of its form are.
    """
    with pytest.raises(InvalidFile) as refusal:
        read_json(b'{"version":1,"lists":[{"name":" "}],"todos":[{"title":" "},{"title":"x","parent_ref":1}]}')
    assert [fault.pointer for fault in refusal.value.faults] == [
        "/lists/0/name",
        "/todos/0/title",
        "/todos/1/parent_ref",
    ]


TITLES = [
    "Buy milk, eggs; and \\ more",
    "x" * 200,
    "ü" * 200,
    "🥛" * 100,
    "a\r\nb\nc\rd\x0be\x85f\u2028g",
    "a\x00b\x07c\x1bd\x7f",
]
RULES = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20301231", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"]
RULES += ["FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=2;UNTIL=20301231T120000Z", "FREQ=YEARLY;UNTIL=20301231T120000"]


def todos_of_all_kinds():
    """
    Return todos that differ in all that a calendar tells.
    """
    parent = a_todo(ANN, due_at=NOON)
    return [
        parent,
        a_todo(ANN, "step", parent_id=TodoId(parent.id), completed_at=NOON, notes="\x01\n" + "Ä" * 9_000),
        *(a_todo(ANN, title, notes=title, tags=[title[:50]], due_date=date(2026, 2, 28)) for title in TITLES),
        *(a_todo(ANN, rule, due_at=NOON, recurrence=Recurrence.parse(rule)) for rule in RULES),
        *(a_todo(ANN, rule, due_date=date(2026, 1, 31), recurrence=Recurrence.parse(rule)) for rule in RULES),
        *(a_todo(ANN, str(priority), priority=priority, due_at=NOON) for priority in Priority),
    ]


def calendar_of(todos, kind="todo", zone=BERLIN):
    """
    Return a calendar of *todos*, as it is streamed.
    """
    head = icalendar_file._head(zone, named=True)
    return head + icalendar_file._components(todos, zone, kind) + icalendar_file._END


KINDS = [
    ("todo", BERLIN),
    ("event", BERLIN),
    ("todo", UTC),
    ("event", ZoneInfo("UTC")),
    ("event", ZoneInfo("Asia/Kolkata")),
]


@pytest.mark.parametrize(("kind", "zone"), KINDS)
def test_a_calendar_is_read_by_strict_parsers(kind, zone):
    """
    ``ical`` (pydantic, strict) and ``vobject`` read every todo, with its words as they were, but for what has no room.
    """
    todos = todos_of_all_kinds()
    text = calendar_of(todos, kind, zone).decode()
    read = IcsCalendarStream.calendar_from_ics(text)
    found = {each.uid: each for each in (read.todos if kind == "todo" else read.events)}
    assert found.keys() == {str(todo.id) for todo in todos}
    for todo in todos:
        assert found[str(todo.id)].summary == icalendar_file._plain(todo.title)
        assert (found[str(todo.id)].description or "") == icalendar_file._plain(todo.notes or "")
    component = vobject.readOne(text)
    assert len(component.contents[f"v{kind}"]) == len(todos)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("DUE:20260101T120000Z", "DUE:tomorrow"),
        ("DUE:20260101T120000Z", "DUE:20260101T120000Z\r\nDURATION:PT1H"),
        ("STATUS:NEEDS-ACTION", "STATUS:LATER"),
        ("SUMMARY:Buy milk\r\n", "SUMMARY Buy milk\r\n"),
    ],
)
def test_the_strict_parser_is_strict(right, wrong):
    """
    It refuses what breaks a rule, so what it reads is worth something.
    """
    text = calendar_of([a_todo(ANN, due_at=NOON)]).decode()
    IcsCalendarStream.calendar_from_ics(text)
    assert right in text
    with pytest.raises(CalendarParseError):
        IcsCalendarStream.calendar_from_ics(text.replace(right, wrong))


@pytest.mark.parametrize(("kind", "zone"), KINDS)
def test_every_line_keeps_the_rules_of_rfc_5545(kind, zone):
    """
    Lines end with CR LF, have 75 octets at most (§3.1) and no control characters; what is required is there, once.
    """
    whole = calendar_of(todos_of_all_kinds(), kind, zone)
    assert whole.endswith(b"\r\n")
    lines = whole[:-2].split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines)
    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(lines))
    unfolded = re.sub(rb"\r\n ", b"", whole).decode().split("\r\n")
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert [line for line in unfolded if line.startswith(("VERSION", "PRODID", "CALSCALE"))] == [
        "VERSION:2.0",
        "PRODID:-//todo-app//todos//EN",
        "CALSCALE:GREGORIAN",
    ]
    for component in "\n".join(unfolded).split(f"BEGIN:V{kind.upper()}\n")[1:]:
        names = [re.split("[:;]", line)[0] for line in component.split("\n")]
        required = ["UID", "DTSTAMP", *(["DTSTART"] if kind == "event" and "DTSTART" in names else [])]
        assert all(names.count(name) == 1 for name in required)
        assert "RRULE" not in names or names.count("DTSTART") == 1
        assert not {"DUE", "DURATION"} <= set(names)


def line_of(todo, name, kind="todo", zone=BERLIN):
    """
    Return the line of *todo* that begins with *name*, without it.
    """
    unfolded = calendar_of([todo], kind, zone).decode().replace("\r\n ", "").split(f"BEGIN:V{kind.upper()}")[1]
    return next((line.removeprefix(name) for line in unfolded.split("\r\n") if line.startswith(name)), None)


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"due_at": NOON}, "DUE", ":20260101T120000Z"),
        ({"due_date": date(2026, 1, 31)}, "DUE", ";VALUE=DATE:20260131"),
        ({}, "DUE", None),
        ({"priority": Priority.HIGH}, "PRIORITY", ":1"),
        ({"priority": Priority.LOW}, "PRIORITY", ":9"),
        ({}, "PRIORITY", None),
        ({}, "STATUS", ":NEEDS-ACTION"),
        ({"completed_at": NOON}, "STATUS", ":COMPLETED"),
        ({"completed_at": NOON}, "COMPLETED", ":20260101T120000Z"),
        ({"tags": ["a,b", "c"]}, "CATEGORIES", ":a\\,b,c"),
        ({"notes": "a\nb"}, "DESCRIPTION", ":a\\nb"),
        ({"notes": ""}, "DESCRIPTION", None),
    ],
)
def test_a_todo_in_a_calendar(fields, name, expected):
    """
    Each field stands where calendar programs look for it.
    """
    assert line_of(a_todo(ANN, **fields), name) == expected


@pytest.mark.parametrize(
    ("due", "until", "written"),
    [
        ({"due_date": date(2026, 1, 31)}, "20260701", ":20260701"),
        ({"due_date": date(2026, 1, 31)}, "20260701T230000Z", ":20260702"),
        ({"due_date": date(2026, 1, 31)}, "20260701T230000", ":20260701"),
        ({"due_at": NOON}, "20260701", ":20260701T215959Z"),
        ({"due_at": NOON}, "20260701T230000Z", ":20260701T230000Z"),
        ({"due_at": NOON}, "20260701T230000", ":20260701T210000Z"),
    ],
)
def test_a_rule_ends_as_what_is_due_begins(due, until, written):
    """
    With a day for days, with a moment in UTC for moments (RFC 5545 §3.3.10), the owner's day to its end.
    """
    todo = a_todo(ANN, recurrence=Recurrence.parse(f"FREQ=DAILY;UNTIL={until}"), **due)
    assert line_of(todo, "RRULE") == f":FREQ=DAILY;UNTIL={written[1:]}"


def test_what_recurs_does_so_on_the_owners_clock():
    """
    So it stays at one o'clock in Berlin when the clocks change; what does not recur is told in UTC.
    """
    todo = a_todo(ANN, due_at=NOON, recurrence=Recurrence.parse("FREQ=WEEKLY"))
    assert line_of(todo, "DTSTART") == ";TZID=Europe/Berlin:20260101T130000"
    assert line_of(todo, "DTSTART", "event") == ";TZID=Europe/Berlin:20260101T130000"
    assert line_of(todo, "DTSTART", "event", UTC) == ":20260101T120000Z"
    assert line_of(a_todo(ANN, due_at=NOON), "DTSTART", "event") == ":20260101T120000Z"


@pytest.mark.parametrize(
    "key",
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kolkata",
        "Africa/Monrovia",
    ],
)
def test_a_time_zone_is_that_of_the_iana(key):
    """
    Each onset is told by the clock as it was before (RFC 5545 §3.6.5): the clocks change at that very second.
    """
    text = time_zones.vtimezone(key).decode().replace("\r\n ", "")
    for observance in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT)(.*?)END:", text, re.DOTALL):
        told = dict(line.split(":", 1) for line in observance.strip().split("\r\n"))
        for onset in [told["DTSTART"], *filter(None, told.get("RDATE", "").split(","))]:
            moment = datetime.fromisoformat(f"{onset}{told['TZOFFSETFROM']}").astimezone(ZoneInfo(key))
            assert (moment.utcoffset(), moment.tzname()) == (offset_of(told["TZOFFSETTO"]), told["TZNAME"])
            just_before = (moment.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(key))
            assert just_before.utcoffset() == offset_of(told["TZOFFSETFROM"])


def offset_of(text):
    """
    Return the offset from UTC that *text* writes.
    """
    return datetime.fromisoformat(f"20260101T000000{text}").utcoffset()
