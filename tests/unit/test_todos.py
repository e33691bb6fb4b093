from datetime import timedelta
from uuid import UUID

import pytest

from tests.unit.driving import run
from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import TodoFilter

ANN = UserId(UUID(int=1))
BOB = UserId(UUID(int=2))


@pytest.fixture
def add(core, clock):
    """
    Return what notes a todo; a second goes by each time.
    """

    def note(title="Buy milk", notes=None, *, owner_id=ANN, completed=False):
        clock.pass_time(timedelta(seconds=1))
        return run(core.add_todo(owner_id=owner_id, title=title, notes=notes, completed=completed))

    return note


@pytest.fixture
def titles(core):
    """
    Return what lists the titles of all of Ann's todos that fit.
    """

    def listed(*, completed=None, text=None):
        page = run(core.list_todos(TodoFilter(completed, text), owner_id=ANN, after=None, limit=100))
        return [todo.title for todo in page.items]

    return listed


@pytest.fixture
def edit(core):
    """
    Return what edits a todo of Ann's.
    """

    def change(todo, changes, *, owner_id=ANN, seen_version=None):
        return run(core.edit_todo(todo.id, owner_id=owner_id, changes=changes, seen_version=seen_version))

    return change


@pytest.fixture
def kept(core):
    """
    Return what looks a todo of Ann's up.
    """
    return lambda todo: run(core.get_todo(todo.id, owner_id=ANN))


def test_a_todo_is_noted_and_found(add, kept, clock):
    """
    What was said is kept, at version 1.
    """
    todo = add("Buy milk", "The blue one.")
    assert kept(todo) == todo
    assert (todo.title, todo.notes, todo.completed, todo.version) == ("Buy milk", "The blue one.", False, 1)
    assert todo.created_at == todo.updated_at == clock.now()


def test_a_todo_can_be_noted_when_it_is_done(add, clock):
    """
    It was completed when it was noted.
    """
    assert add(completed=True).completed_at == clock.now()


def test_a_todo_that_breaks_a_rule_is_not_kept(add, titles):
    """
    The refusal names what is wrong with it.
    """
    with pytest.raises(InvalidInput) as refusal:
        add("   ")
    assert refusal.value.field == "title"
    assert titles() == []


def test_todos_are_listed_oldest_first(add, titles):
    """
    One's own only.
    """
    for title in ("one", "two", "three"):
        add(title)
    add("four", owner_id=BOB)
    assert titles() == ["one", "two", "three"]


def test_todos_are_listed_page_by_page(add, core):
    """
    Following the pages shows each once, and the last says that it is.
    """
    added = [add(f"todo {number}") for number in range(5)]
    pages, after = [], None
    while not pages or after:
        page = run(core.list_todos(TodoFilter(), owner_id=ANN, after=after, limit=2))
        pages.append(page.items)
        after = page.next_after
    assert pages == [added[:2], added[2:4], added[4:]]


def test_todos_are_found_by_their_words(add, titles):
    """
    In title or notes, without regard to case.
    """
    add("Buy milk")
    add("Call Ann", "about the MILK")
    add("Sleep")
    assert titles(text="Milk") == ["Buy milk", "Call Ann"]


def test_todos_are_found_by_being_done_or_not(add, titles):
    """
    Unasked, both are shown.
    """
    add("done", completed=True)
    add("open")
    assert (titles(completed=True), titles(completed=False), titles()) == (["done"], ["open"], ["done", "open"])


def test_an_edit_is_kept(add, edit, kept, clock):
    """
    One version on, and noted when.
    """
    todo = add()
    clock.pass_time(timedelta(hours=1))
    edited = edit(todo, {"title": "Buy oat milk", "completed": True})
    assert kept(todo) == edited
    assert (edited.title, edited.completed_at, edited.version) == ("Buy oat milk", clock.now(), 2)


def test_an_edit_that_changes_nothing_keeps_the_version(add, edit, kept, clock):
    """
    Saying what is so already is no change.
    """
    todo = add("Buy milk")
    clock.pass_time(timedelta(hours=1))
    assert edit(todo, {"title": "Buy milk"}) == todo
    assert edit(todo, {}) == todo
    assert kept(todo) == todo


def test_an_edit_that_breaks_a_rule_changes_nothing(add, edit, kept):
    """
    Not even what it says besides.
    """
    todo = add()
    with pytest.raises(InvalidInput):
        edit(todo, {"completed": True, "title": ""})
    assert kept(todo) == todo


def test_whoever_saw_the_latest_version_may_edit_and_delete(add, edit, core, kept):
    """
    Two writers notice each other: the second must look again.
    """
    todo = add()
    edit(todo, {"notes": "The blue one."}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        edit(todo, {"notes": "The red one."}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        run(core.delete_todo(todo.id, owner_id=ANN, seen_version=1))

    assert kept(todo).notes == "The blue one."
    run(core.delete_todo(todo.id, owner_id=ANN, seen_version=2))
    with pytest.raises(NotFound):
        kept(todo)


def test_a_caller_need_not_say_a_version(add, edit, core, kept):
    """
    Then the last writer wins.
    """
    todo = add()
    edit(todo, {"notes": "The blue one."})
    assert edit(todo, {"notes": "The red one."}).notes == "The red one."
    run(core.delete_todo(todo.id, owner_id=ANN, seen_version=None))
    with pytest.raises(NotFound):
        kept(todo)


def test_an_operator_may_ask_for_a_version(add, build_core, kept):
    """
    Then no version is no edit and no deletion; with the right one both go on.
    """
    careful = build_core(version_required=True)
    todo = add()
    with pytest.raises(PreconditionRequired):
        run(careful.edit_todo(todo.id, owner_id=ANN, changes={"title": "Buy oat milk"}, seen_version=None))
    with pytest.raises(PreconditionRequired):
        run(careful.delete_todo(todo.id, owner_id=ANN, seen_version=None))
    assert kept(todo) == todo

    edited = run(careful.edit_todo(todo.id, owner_id=ANN, changes={"title": "Buy oat milk"}, seen_version=1))
    run(careful.delete_todo(todo.id, owner_id=ANN, seen_version=edited.version))
    with pytest.raises(NotFound):
        kept(todo)


def test_a_todo_of_somebody_else_is_as_good_as_none(add, edit, core, kept):
    """
    It cannot be seen, edited or deleted, whatever version is said.
    """
    todo = add()
    with pytest.raises(NotFound):
        run(core.get_todo(todo.id, owner_id=BOB))
    for seen_version in (None, 1, 7):
        with pytest.raises(NotFound):
            edit(todo, {"title": "Mine now"}, owner_id=BOB, seen_version=seen_version)
        with pytest.raises(NotFound):
            run(core.delete_todo(todo.id, owner_id=BOB, seen_version=seen_version))
    assert kept(todo) == todo


def test_a_todo_that_never_was_is_not_found(core):
    """
    Nor can it be edited or deleted.
    """
    nobody = TodoId(UUID(int=9))
    with pytest.raises(NotFound):
        run(core.get_todo(nobody, owner_id=ANN))
    with pytest.raises(NotFound):
        run(core.edit_todo(nobody, owner_id=ANN, changes={}, seen_version=None))
    with pytest.raises(NotFound):
        run(core.delete_todo(nobody, owner_id=ANN, seen_version=None))


@pytest.mark.parametrize("limit", [-1, 0, 201])
def test_a_page_has_its_bounds(core, limit):
    """
    Nobody gets everything at once, nor a page of nothing.
    """
    with pytest.raises(InvalidInput):
        run(core.list_todos(TodoFilter(), owner_id=ANN, after=None, limit=limit))
