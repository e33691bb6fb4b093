from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.driving import run
from todo_adapters.memory import MemoryUnitOfWork
from todo_core.contracts.samples import a_list, a_todo, a_user
from todo_core.errors import InvalidInput, RetryKeyReused
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.email import EmailAddress
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, TodoFilter
from todo_core.model.todo_file import FiledList, FiledTodo, TodoFile
from todo_core.use_cases import exchange, reading_todos
from todo_core.use_cases.exchange import Imported
from todo_web.files.csv_file import read_csv, write_csv
from todo_web.files.json_file import read_json, write_json

ANN = evolve(a_user(), id=UserId(UUID(int=1)))
BOB = evolve(a_user(), id=UserId(UUID(int=2)))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WRITE = {"json": write_json, "csv": write_csv}
READ = {"json": read_json, "csv": read_csv}


@pytest.fixture
def keep(in_work):
    """
    Return what puts lists and todos of Ann's into the stores.
    """

    def put(lists=(), todos=()):
        async def add(work):
            for todo_list in lists:
                await work.lists.add(todo_list)
            await work.todos.add(*todos)

        in_work(add)

    return put


@pytest.fixture
def bring_in(core):
    """
    Return what imports todos, and lists, into Ann's account.
    """

    def do(*todos: FiledTodo, lists=(), owner_id=ANN.id, **options: Any):
        return run(core.import_todos(TodoFile(lists, todos), owner_id=owner_id, **options))

    return do


@pytest.fixture
def held(core):
    """
    Return what reads all todos of somebody, the oldest first.
    """
    return lambda owner_id=ANN.id: all_of(core, owner_id)


def all_of(core, owner_id=ANN.id):
    """
    Return all todos of somebody, the oldest first.
    """

    async def read():
        return [todo async for page in core.read_todos(TodoFilter(), owner_id=owner_id) for todo in page]

    return run(read())


def written(core, file_format, owner_id=ANN.id):
    """
    Return the file that somebody's todos are exported as.
    """

    async def write():
        exported = await core.export_todos(owner_id=owner_id)
        return b"".join([piece async for piece in WRITE[file_format](exported)])

    return run(write())


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SOMETHING = st.tuples(st.sampled_from(["", "=", "'=", "''", "-1", "@", "\t", "\r\n", '"', ","]), TEXT).map("".join)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
FEW_MOMENTS = st.sampled_from([NOON, NOON - HOUR, NOON - 2 * HOUR])
POSITIONS = st.from_regex(r"[0-9A-Za-z]{0,3}[1-9A-Za-z]", fullmatch=True)
RULES = st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20301231", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"])
NAMES = st.tuples(SOMETHING, st.sampled_from("AB")).map("".join)


@st.composite
def anybodys_todos(draw):
    """
    Draw lists, some with one name, and todos, some equally old, some steps of younger ones.
    """
    ids = iter(draw(st.lists(st.integers(2**64, 2**65).map(lambda number: UUID(int=number)), min_size=12, unique=True)))
    lists = [draw(one_list(ListId(next(ids)))) for _ in range(draw(st.integers(0, 3)))]
    todos = []
    for _ in range(draw(st.integers(0, 6))):
        parent = draw(st.sampled_from([None, *(todo for todo in todos if todo.parent_id is None)]))
        above = draw(st.sampled_from([None, *lists]))
        todos.append(draw(one_todo(TodoId(next(ids)), parent, above)))
    return lists, todos


@st.composite
def one_list(draw, list_id):
    """
    Draw a list.
    """
    made = a_list(ANN, draw(NAMES), position=draw(POSITIONS), created_at=draw(MOMENTS), updated_at=draw(MOMENTS))
    return evolve(made, id=list_id, colour=draw(st.sampled_from([None, "#1e90ff"])))


@st.composite
def one_todo(draw, todo_id, parent, above):
    """
    Draw a todo, a step of *parent* if there is one, else in the list *above*.
    """
    due: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"due_at": draw(MOMENTS)}, {"due_date": draw(st.dates(date(1970, 1, 2), date(9998, 1, 1)))}]
        )
    )
    rule = draw(st.none() | RULES) if due and parent is None else None
    made = a_todo(
        ANN,
        draw(NAMES),
        parent_id=None if parent is None else parent.id,
        list_id=parent.list_id if parent is not None else None if above is None else above.id,
        notes=draw(st.none() | SOMETHING),
        completed_at=draw(st.none() | MOMENTS),
        priority=draw(st.sampled_from(Priority)),
        tags=draw(st.lists(NAMES, max_size=3)),
        recurrence=None if rule is None else Recurrence.parse(rule),
        remind_at=draw(st.none() | MOMENTS),
        position=draw(POSITIONS),
        created_at=draw(FEW_MOMENTS),
        updated_at=draw(MOMENTS),
        **due,
    )
    return evolve(made, id=todo_id)


@pytest.mark.parametrize("file_format", ["json", "csv"])
@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(todos=anybodys_todos())
def test_what_was_exported_imports_again_unchanged(file_format, build_core, ports, todos):
    """
    Exported from one account, imported into an empty one and exported from there, a file is the same, byte for byte.
    """
    unit_of_work = MemoryUnitOfWork()
    core = build_core(others=evolve(ports, unit_of_work=unit_of_work))

    async def put():
        async with unit_of_work.begin() as work:
            for todo_list in todos[0]:
                await work.lists.add(todo_list)
            await work.todos.add(*todos[1])

    run(put())
    first = written(core, file_format)
    run(core.import_todos(READ[file_format](first), owner_id=BOB.id))
    assert written(core, file_format, BOB.id) == first


def test_nothing_is_a_file_too(core, bring_in):
    """
    Whoever has no todos exports a file without any, which imports as nothing.
    """
    assert written(core, "json") == b'{"version":1,"lists":[\n],"todos":[\n]}\n'
    assert bring_in() == Imported(todos=0, lists=0)
    assert read_json(written(core, "json")) == TodoFile([], [])
    assert read_csv(written(core, "csv")) == TodoFile([], [])


def test_a_file_says_all_there_is_to_say(core, keep):
    """
    But for ids and versions: others are referred to by numbers, which lists have, and todos that are referred to.
    """
    home = a_list(ANN, colour="#1e90ff", created_at=NOON - HOUR, updated_at=NOON - HOUR)
    away = a_list(ANN, "Away", created_at=NOON, updated_at=NOON)
    top = a_todo(
        ANN,
        list_id=home.id,
        created_at=NOON,
        notes="Two",
        completed_at=NOON,
        priority=Priority.HIGH,
        due_date=date(2026, 2, 3),
        tags=["a"],
        recurrence=Recurrence.parse("FREQ=DAILY"),
        remind_at=NOON + HOUR,
    )
    step = a_todo(ANN, "Pay", list_id=home.id, parent_id=top.id, created_at=NOON - HOUR, updated_at=NOON - HOUR)
    keep([home, away], [evolve(top, updated_at=NOON, position="k"), step])
    assert written(core, "json").decode() == (
        '{"version":1,"lists":[\n'
        '{"name":"Home","ref":1,"colour":"#1e90ff","position":"V",'
        '"created_at":"2026-01-01T11:00:00Z","updated_at":"2026-01-01T11:00:00Z"},\n'
        '{"name":"Away","ref":2,"position":"V",'
        '"created_at":"2026-01-01T12:00:00Z","updated_at":"2026-01-01T12:00:00Z"}\n'
        '],"todos":[\n'
        '{"title":"Pay","parent_ref":1,"list_ref":1,"position":"V",'
        '"created_at":"2026-01-01T11:00:00Z","updated_at":"2026-01-01T11:00:00Z"},\n'
        '{"title":"Buy milk","ref":1,"list_ref":1,"notes":"Two","completed_at":"2026-01-01T12:00:00Z",'
        '"priority":"high","due_date":"2026-02-03","tags":["a"],"recurrence":"FREQ=DAILY",'
        '"remind_at":"2026-01-01T13:00:00Z","position":"k",'
        '"created_at":"2026-01-01T12:00:00Z","updated_at":"2026-01-01T12:00:00Z"}\n'
        "]}\n"
    )


def test_what_is_in_the_bin_is_not_exported(core, keep):
    """
    Nor is what belongs to somebody else.
    """
    keep(todos=[a_todo(ANN, "kept"), a_todo(ANN, "deleted", deleted_at=NOON)])
    keep(todos=[a_todo(BOB, "Bob's")])
    exported = written(core, "json")
    assert b"kept" in exported
    assert b"deleted" not in exported
    assert b"Bob" not in exported


def test_todos_are_read_page_by_page(trace, keep, monkeypatch):
    """
    Twice, for their numbers and then to be written, each page in a unit of work of its own.
    """
    monkeypatch.setattr(reading_todos, "PAGE", 2)
    keep(todos=[a_todo(ANN, f"todo {number}") for number in range(5)])

    async def export(core):
        exported = await core.export_todos(owner_id=ANN.id)
        return [len(page) async for page in exported.todos]

    calls = trace(export)
    assert calls == ["begin", "lists.of_owner", "end", *6 * ["begin", "todos.page", "end"]]


def test_a_change_between_the_two_readings_does_no_harm(core, keep):
    """
    What was moved to a list or under a todo that the first reading did not know stands by itself in the file.
    """
    late, other = a_list(ANN, "late"), a_todo(ANN, "other")
    todo, step = a_todo(ANN, "todo"), a_todo(ANN, "step")
    keep(todos=[other, todo, step])

    async def export():
        exported = await core.export_todos(owner_id=ANN.id)
        async with core.read_todos.unit_of_work.begin() as work:
            await work.lists.add(late)
            await work.todos.replace(evolve(todo, list_id=late.id), evolve(step, parent_id=other.id))
        return [filed async for page in exported.todos for filed in page]

    assert [(filed.title, filed.list_ref, filed.parent_ref) for filed in run(export())] == [
        ("other", None, None),
        ("todo", None, None),
        ("step", None, None),
    ]


def test_a_list_that_is_made_meanwhile_is_not_in_the_file(core, keep, monkeypatch):
    """
    Its todos stand by themselves, for no number can lead to it.
    """
    home = a_list(ANN)
    keep([home], [a_todo(ANN, list_id=home.id, created_at=NOON, updated_at=NOON)])

    async def none_yet(*_: object):
        return []

    monkeypatch.setattr("todo_adapters.memory.lists.MemoryListStore.of_owner", none_yet)
    assert b"list_ref" not in written(core, "json")


def test_a_row_of_csv(core, keep):
    """
    Every cell is in quotes, tags share one, and what a spreadsheet might run begins with an apostrophe.
    """
    home = a_list(ANN, "=Home")
    fields = {"tags": ["a,b", "c"], "due_at": NOON, "created_at": NOON, "updated_at": NOON, "notes": 'one\n"two"'}
    keep([home], [a_todo(ANN, "-1", list_id=home.id, position="k", **fields)])
    header, _, row = written(core, "csv").decode().partition("\r\n")
    assert header.startswith('"ref","parent_ref","list_ref","list","title","notes"')
    assert row == (
        '"","","1","\'=Home","\'-1","one\n""two""","","none","2026-01-01T12:00:00Z","","""a,b"",c","","","k",'
        '"2026-01-01T12:00:00Z","2026-01-01T12:00:00Z"\r\n'
    )


def test_what_is_not_said_is_chosen(bring_in, held, clock):
    """
    A title is enough: the todo is as old as the import, and stands behind those before it.
    """
    titles = [f"todo {number}" for number in range(100)]
    assert bring_in(*map(FiledTodo, titles)) == Imported(todos=100, lists=0)
    todos = held()
    assert [todo.title for todo in todos] == titles
    assert {todo.created_at for todo in todos} == {todo.updated_at for todo in todos} == {clock.now()}
    assert [todo.title for todo in sorted(todos, key=lambda todo: todo.position)] == titles
    assert {todo.version for todo in todos} == {1}


def test_what_has_not_happened_yet_happens_now(bring_in, held, clock):
    """
    A todo was made, changed and done by now, whatever the clock of another machine said.
    """
    later = clock.now() + HOUR
    bring_in(FiledTodo("early", created_at=later, updated_at=later, completed_at=later))
    [todo] = held()
    assert todo.created_at == todo.updated_at == todo.completed_at == clock.now()


def test_a_step_may_stand_before_its_todo(bring_in, held):
    """
    It comes into the list of that todo, whatever its own.
    """
    lists = [FiledList("Home", ref=1), FiledList("Work", ref=2)]
    bring_in(FiledTodo("step", parent_ref=7, list_ref=2), FiledTodo("todo", ref=7, list_ref=1), lists=lists)
    step, todo = held()
    assert (step.parent_id, step.list_id) == (todo.id, todo.list_id)
    assert todo.list_id is not None


def test_a_list_of_the_same_name_is_taken(core, bring_in, held):
    """
    Others are made, behind those that are there; of namesakes each stands for one.
    """
    home = run(core.add_list(owner_id=ANN.id, fields={"name": "Home"}))
    lists = [FiledList("Home", ref=4), FiledList("Work", ref=5), FiledList("Home", ref=6)]
    todos = [FiledTodo(name, list_ref=ref) for name, ref in (("first", 4), ("second", 5), ("third", 6))]
    assert bring_in(*todos, lists=lists) == Imported(todos=3, lists=2)
    names = {todo_list.id: todo_list.name for todo_list in run(core.list_lists(owner_id=ANN.id))}
    assert list(names.values()) == ["Home", "Work", "Home"]
    first, second, third = held()
    assert first.list_id == home.id != third.list_id
    assert [names[todo.list_id] for todo in (first, second, third)] == ["Home", "Work", "Home"]


def test_a_list_that_is_removed_meanwhile_is_made(core, bring_in, monkeypatch):
    """
    It was there when the lists were read, and is not when it is held.
    """
    run(core.add_list(owner_id=ANN.id, fields={"name": "Home"}))

    async def gone(*_: object, **__: object):
        return None

    monkeypatch.setattr("todo_adapters.memory.lists.MemoryListStore.hold", gone)
    assert bring_in(lists=[FiledList("Home")]) == Imported(todos=0, lists=1)


def test_an_import_makes_no_more_lists_than_one_can_have(core, bring_in, monkeypatch, held):
    """
    With those that are there; else nothing is kept at all.
    """
    monkeypatch.setattr(exchange, "MOST_LISTS", 3)
    home = run(core.add_list(owner_id=ANN.id, fields={"name": "Home"}))
    lists = [FiledList(name, ref=number) for number, name in enumerate("ABC", 1)]
    with pytest.raises(InvalidInput) as refusal:
        bring_in(FiledTodo("todo", list_ref=1), lists=lists)
    assert (refusal.value.field, refusal.value.detail) == ("lists", "One can have at most 3 lists.")
    assert run(core.list_lists(owner_id=ANN.id)) == [home]
    assert held() == []
    assert bring_in(lists=lists[:2]) == Imported(todos=0, lists=2)


def test_a_dry_run_changes_nothing(core, bring_in, held, in_work):
    """
    It tells what would be done.
    """
    assert bring_in(FiledTodo("todo", list_ref=1), lists=[FiledList("Home", ref=1)], dry_run=True) == Imported(1, 1)
    assert held() == []
    assert run(core.list_lists(owner_id=ANN.id)) == []
    assert in_work(lambda work: work.changes.latest(ANN.id)) == 0


def test_a_dry_run_knows_the_lists_that_are_there(core, bring_in):
    """
    It would make none of the same name.
    """
    run(core.add_list(owner_id=ANN.id, fields={"name": "Home"}))
    assert bring_in(lists=[FiledList("Home"), FiledList("Work")], dry_run=True) == Imported(todos=0, lists=1)


def test_an_import_that_is_sent_again_is_done_once(bring_in, held):
    """
    It is answered as it was; another file under the same key is refused, but for somebody else.
    """
    retry = Retry("key", b"this file", lambda imported: str(imported.todos).encode())
    assert bring_in(FiledTodo("todo"), retry=retry) == Imported(todos=1, lists=0)
    again = bring_in(FiledTodo("todo"), retry=retry)
    assert isinstance(again, KeptAnswer)
    assert again.body == b"1"
    with pytest.raises(RetryKeyReused):
        bring_in(FiledTodo("other"), retry=evolve(retry, digest=b"another file"))
    assert len(held()) == 1
    assert bring_in(FiledTodo("Bob's"), owner_id=BOB.id, retry=retry) == Imported(todos=1, lists=0)


def test_many_todos_are_added_some_at_a_time(held, trace, monkeypatch):
    """
    Those that are steps of nothing come first.
    """
    monkeypatch.setattr(exchange, "PAGE", 2)
    todos = [FiledTodo("step", parent_ref=1), *(FiledTodo("todo") for _ in range(4)), FiledTodo("last", ref=1)]
    calls = trace(lambda core: core.import_todos(TodoFile([], todos), owner_id=ANN.id))
    assert calls.count("todos.add") == 4
    assert [todo.title for todo in held()] == ["step", *4 * ["todo"], "last"]


def test_only_what_is_still_to_come_is_reminded_of(enrol, bring_in, in_work, clock, held):
    """
    Reminders that are over, and those of todos that are done, are kept as data, and mail nobody.
    """
    ann = enrol(EmailAddress("ann@example.org"), Password("a quiet old password"))
    before, now, later = clock.now() - HOUR, clock.now(), clock.now() + HOUR
    bring_in(
        FiledTodo("over", remind_at=before),
        FiledTodo("now", remind_at=now),
        FiledTodo("done", remind_at=later, completed_at=before),
        FiledTodo("to come", remind_at=later),
        owner_id=ann.id,
    )
    todos = held(ann.id)
    assert [todo.remind_at for todo in todos] == [before, now, later, later]
    mails = in_work(lambda work: work.outbox.to_address(ann.email))
    assert [(mail.kind, mail.about, mail.due_at) for mail in mails] == [(MailKind.REMINDER, todos[3].id, later)]
