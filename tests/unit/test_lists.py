from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired, RetryKeyReused
from todo_core.model.answer import Retry
from todo_core.model.ids import ListId, UserId
from todo_core.model.todo import TodoFilter, TodoSort
from todo_core.model.todo_list import LONGEST_LIST_NAME
from todo_core.use_cases import lists

ANN = UserId(UUID(int=1))
BOB = UserId(UUID(int=2))
NOBODYS = ListId(UUID(int=9))


@pytest.fixture
def add(core, clock):
    """
    Return what makes a list; a second goes by each time.
    """

    def make(name="Home", *, owner_id=ANN, **fields: Any):
        clock.pass_time(timedelta(seconds=1))
        return run(core.add_list(owner_id=owner_id, fields={"name": name, **fields}))

    return make


@pytest.fixture
def edit(core):
    """
    Return what edits a list.
    """

    def change(todo_list, changes, *, owner_id=ANN, seen_version=None):
        return run(core.edit_list(todo_list.id, owner_id=owner_id, changes=changes, seen_version=seen_version))

    return change


@pytest.fixture
def drop(core):
    """
    Return what drops a list.
    """

    def delete(todo_list, *, owner_id=ANN, todos="move", to=None, seen_version=None):
        run(core.delete_list(todo_list.id, owner_id=owner_id, todos=todos, to=to, seen_version=seen_version))

    return delete


@pytest.fixture
def fill(core):
    """
    Return what adds a todo to a list.
    """
    return lambda todo_list, title: run(core.add_todo(owner_id=ANN, fields={"title": title, "list_id": todo_list.id}))


@pytest.fixture
def all_lists(core):
    """
    Return what lists all of Ann's lists.
    """
    return lambda: run(core.list_lists(owner_id=ANN))


@pytest.fixture
def titles(core):
    """
    Return what lists the titles of Ann's todos that fit, oldest first.
    """

    def listed(**wanted: Any):
        page = run(core.list_todos(TodoFilter(**wanted), TodoSort(), owner_id=ANN, after=None, limit=100))
        return [todo.title for todo in page.items]

    return listed


def test_a_list_is_made_and_found(add, core, clock):
    """
    What was said is kept, at version 1; without a position it stands behind all others.
    """
    first, second = add("Home", colour="#1e90ff"), add("Work")
    assert run(core.get_list(first.id, owner_id=ANN)) == first
    assert (first.name, first.colour, first.version) == ("Home", "#1e90ff", 1)
    assert second.created_at == second.updated_at == clock.now()
    assert first.position < second.position


def test_lists_are_listed_by_their_positions(add, edit, all_lists):
    """
    One's own only; a list can be moved.
    """
    home, work = add("Home"), add("Work")
    first = add("First", position="1")
    add("Bob's", owner_id=BOB)
    assert all_lists() == [first, home, work]
    moved = edit(work, {"position": "0V"})
    assert all_lists() == [moved, first, home]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t"}, "name"),
        ({"name": "x" * (LONGEST_LIST_NAME + 1)}, "name"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#1E90FF"}, "colour"),
        ({"colour": "#1e90ff\n"}, "colour"),
        ({"position": "0"}, "position"),
    ],
)
def test_a_list_keeps_its_rules(add, edit, all_lists, fields, field):
    """
    When it is made and when it is edited.
    """
    with pytest.raises(InvalidInput) as refusal:
        add(**fields)
    assert refusal.value.field == field
    assert all_lists() == []
    kept = add("x" * LONGEST_LIST_NAME)
    with pytest.raises(InvalidInput):
        edit(kept, fields)
    assert all_lists() == [kept]


def test_one_can_have_so_many_lists(add, monkeypatch):
    """
    Others have theirs.
    """
    monkeypatch.setattr(lists, "MOST_LISTS", 2)
    for _ in range(2):
        add()
        add(owner_id=BOB)
    with pytest.raises(InvalidInput, match="at most 2 lists"):
        add()


def test_an_edit_changes_what_it_names(add, edit, clock):
    """
    One version on; null clears the colour; an edit that changes nothing gives the list as it was.
    """
    made = add("Home", colour="#1e90ff")
    clock.pass_time(timedelta(hours=1))
    renamed = edit(made, {"name": "House"})
    assert renamed == evolve(made, name="House", version=2, updated_at=clock.now())
    assert edit(made, {"colour": None}).colour is None
    clock.pass_time(timedelta(hours=1))
    assert edit(made, {"name": "House"}).version == 3


def test_two_writers_notice_each_other(add, edit, drop, all_lists):
    """
    The second must look again, whether it edits or drops.
    """
    made = add()
    edited = edit(made, {"name": "House"}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        edit(made, {"name": "Hut"}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        drop(made, seen_version=1)
    assert all_lists() == [edited]
    drop(made, seen_version=2)
    assert all_lists() == []


def test_an_operator_may_ask_for_a_version(add, build_core, all_lists):
    """
    Then none is no edit and no drop.
    """
    careful = build_core(version_required=True)
    made = add()
    with pytest.raises(PreconditionRequired):
        run(careful.edit_list(made.id, owner_id=ANN, changes={}, seen_version=None))
    with pytest.raises(PreconditionRequired):
        run(careful.delete_list(made.id, owner_id=ANN, todos="move", to=None, seen_version=None))
    run(careful.edit_list(made.id, owner_id=ANN, changes={}, seen_version=1))
    assert all_lists() == [made]


def test_a_list_of_somebody_else_is_as_good_as_none(add, edit, drop, core, all_lists):
    """
    It cannot be seen, edited, dropped, nor take todos.
    """
    made = add()
    for missing in (made, evolve(made, id=NOBODYS)):
        with pytest.raises(NotFound):
            run(core.get_list(missing.id, owner_id=BOB))
        with pytest.raises(NotFound):
            edit(missing, {"name": "Mine now"}, owner_id=BOB)
        with pytest.raises(NotFound):
            drop(missing, owner_id=BOB)
    with pytest.raises(InvalidInput) as refusal:
        run(core.add_todo(owner_id=BOB, fields={"title": "x", "list_id": made.id}))
    assert refusal.value.field == "list_id"
    assert all_lists() == [made]


def test_the_todos_of_a_dropped_list_are_in_none(add, drop, fill, titles):
    """
    Where nothing else is said.
    """
    home, work = add("Home"), add("Work")
    fill(home, "sweep")
    fill(work, "file")
    drop(home)
    assert titles() == ["sweep", "file"]
    assert titles(list_id=home.id) == []
    assert titles(list_id=work.id) == ["file"]


def test_the_todos_of_a_dropped_list_can_move(add, drop, fill, core, titles):
    """
    To another, and one version on.
    """
    home, work = add("Home"), add("Work")
    todo = fill(home, "sweep")
    drop(home, to=work.id)
    assert titles(list_id=work.id) == ["sweep"]
    moved = run(core.get_todo(todo.id, owner_id=ANN))
    assert (moved.list_id, moved.version) == (work.id, 2)


def test_the_todos_of_a_dropped_list_can_go_into_the_bin(add, drop, fill, core, titles):
    """
    From where they come back, to no list.
    """
    home = add("Home")
    todo = fill(home, "sweep")
    drop(home, todos="delete")
    assert titles() == []
    assert titles(deleted=True) == ["sweep"]
    assert run(core.restore_todo(todo.id, owner_id=ANN)).list_id is None


def test_todos_cannot_move_to_where_nothing_is(add, drop, all_lists):
    """
    Not to the dropped list itself, nor to one of somebody else.
    """
    home, bobs = add("Home"), add("Bob's", owner_id=BOB)
    itself, missing = "Todos cannot move to the list that is dropped.", "There is no such list."
    for to, rule in ((home.id, itself), (bobs.id, missing), (NOBODYS, missing)):
        with pytest.raises(InvalidInput) as refusal:
            drop(home, to=to)
        assert (refusal.value.field, refusal.value.detail) == ("to", rule)
    assert all_lists() == [home]


def test_a_list_that_is_asked_for_twice_is_made_once(core, all_lists):
    """
    The second time is answered as the first; another list under the same key is refused, but for somebody else.
    """

    def make(name, digest, owner_id=ANN):
        retry = Retry("key", digest, lambda made: made.name.encode())
        return run(core.add_list(owner_id=owner_id, fields={"name": name}, retry=retry))

    assert make("Home", b"1").name == "Home"
    assert make("Home", b"1").body == b"Home"
    with pytest.raises(RetryKeyReused):
        make("Work", b"2")
    assert make("Work", b"2", BOB).name == "Work"
    assert [made.name for made in all_lists()] == ["Home"]
