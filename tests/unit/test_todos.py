from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired, RetryKeyReused
from todo_core.model.answer import Retry
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import Priority, SortKey, TagCount, TodoFilter, TodoSort

ANN = UserId(UUID(int=1))
BOB = UserId(UUID(int=2))
OLDEST_FIRST = TodoSort()
NOBODYS = TodoId(UUID(int=9))


@pytest.fixture
def add(core, clock):
    """
    Return what notes a todo; a second goes by each time.
    """

    def note(title="Buy milk", *, owner_id=ANN, **fields: Any):
        clock.pass_time(timedelta(seconds=1))
        return run(core.add_todo(owner_id=owner_id, fields={"title": title, **fields}))

    return note


@pytest.fixture
def add_list(core):
    """
    Return what makes a list.
    """
    return lambda name="Home", owner_id=ANN: run(core.add_list(owner_id=owner_id, fields={"name": name}))


@pytest.fixture
def listed(core):
    """
    Return what lists all of Ann's todos that fit.
    """

    def page(*, sort=OLDEST_FIRST, **wanted: Any):
        return run(core.list_todos(TodoFilter(**wanted), sort, owner_id=ANN, after=None, limit=100)).items

    return page


@pytest.fixture
def titles(listed):
    """
    Return what lists their titles.
    """
    return lambda **wanted: [todo.title for todo in listed(**wanted)]


@pytest.fixture
def edit(core):
    """
    Return what edits a todo of Ann's.
    """

    def change(todo, changes, *, owner_id=ANN, seen_version=None):
        return run(core.edit_todo(todo.id, owner_id=owner_id, changes=changes, seen_version=seen_version))

    return change


@pytest.fixture
def delete(core):
    """
    Return what puts a todo into the bin.
    """
    return lambda todo, seen_version=None: run(core.delete_todo(todo.id, owner_id=ANN, seen_version=seen_version))


@pytest.fixture
def restore(core):
    """
    Return what takes a todo out of the bin.
    """
    return lambda todo: run(core.restore_todo(todo.id, owner_id=ANN))


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
    todo = add("Buy milk", notes="The blue one.")
    assert kept(todo) == todo
    assert (todo.title, todo.notes, todo.completed, todo.version) == ("Buy milk", "The blue one.", False, 1)
    assert todo.created_at == todo.updated_at == clock.now()


def test_a_todo_can_be_noted_when_it_is_done(add, clock):
    """
    It was completed when it was noted.
    """
    assert add(completed=True).completed_at == clock.now()
    assert add(completed=False).completed_at is None


def test_a_todo_stands_behind_those_noted_before(add, listed):
    """
    Unless its position is said.
    """
    first, second = add("one"), add("two")
    ahead = add("zero", position="1")
    assert listed(sort=TodoSort(SortKey.POSITION)) == [ahead, first, second]


def test_a_todo_that_breaks_a_rule_is_not_kept(add, titles):
    """
    The refusal names what is wrong with it.
    """
    with pytest.raises(InvalidInput) as refusal:
        add("   ")
    assert refusal.value.field == "title"
    assert titles() == []


def test_a_todo_that_is_asked_for_twice_is_noted_once(core, titles):
    """
    The second time is answered as the first; another todo under the same key is refused, but for somebody else.
    """

    def note(title, digest, owner_id=ANN):
        retry = Retry("key", digest, lambda todo: todo.title.encode())
        return run(core.add_todo(owner_id=owner_id, fields={"title": title}, retry=retry))

    assert note("Buy milk", b"1").title == "Buy milk"
    assert note("Buy milk", b"1").body == b"Buy milk"
    with pytest.raises(RetryKeyReused):
        note("Buy oats", b"2")
    assert titles() == ["Buy milk"]
    assert note("Buy oats", b"2", BOB).title == "Buy oats"


def test_todos_are_listed_oldest_first(add, titles):
    """
    One's own only.
    """
    for title in ("one", "two", "three"):
        add(title)
    add("four", owner_id=BOB)
    assert titles() == ["one", "two", "three"]
    assert titles(sort=TodoSort(descending=True)) == ["three", "two", "one"]


def test_todos_are_listed_page_by_page(add, core):
    """
    Following the pages shows each once, and the last says that it is.
    """
    added = [add(f"todo {number}") for number in range(5)]
    pages, after = [], None
    while not pages or after:
        page = run(core.list_todos(TodoFilter(), TodoSort(), owner_id=ANN, after=after, limit=2))
        pages.append(page.items)
        after = page.next_after
    assert pages == [added[:2], added[2:4], added[4:]]


def test_todos_are_found_by_their_words(add, titles):
    """
    In title or notes, without regard to case, by how they begin.
    """
    add("Buy milk")
    add("Call Ann", notes="about the MILKMAN")
    add("Sleep")
    assert titles(text="Milk") == ["Buy milk", "Call Ann"]
    assert titles(text="ilk") == []


def test_todos_are_found_by_what_is_said_of_them(add, add_list, titles):
    """
    Done or not, list, tag, priority, due, steps; unasked, all are shown.
    """
    home = add_list()
    parent = add("in a list", list_id=home.id)
    add("a step", parent_id=parent.id)
    add("tagged", tags=["blue"])
    add("urgent", priority=Priority.HIGH)
    add("due", due_date=date(2026, 1, 2))
    add("done", completed=True)
    day = datetime(2026, 1, 2, tzinfo=UTC)
    assert titles(list_id=home.id) == ["in a list", "a step"]
    assert titles(parent_id=parent.id) == ["a step"]
    assert titles(tag="blue") == ["tagged"]
    assert titles(priority=Priority.HIGH) == ["urgent"]
    assert titles(due_after=day) == ["due"]
    assert titles(due_before=day) == []
    assert titles(completed=True) == ["done"]
    assert len(titles(completed=False)) == 5
    assert len(titles()) == 6


def test_tags_are_counted(add, delete, core):
    """
    Those of one's own todos that are not in the bin.
    """
    add("one", tags=["home", "blue"])
    add("two", tags=["home"])
    add("three", tags=["hers"], owner_id=BOB)
    delete(add("four", tags=["gone", "home"]))
    assert run(core.list_tags(owner_id=ANN)) == [TagCount("blue", 1), TagCount("home", 2)]


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


def test_whoever_saw_the_latest_version_may_edit_and_delete(add, edit, delete, kept):
    """
    Two writers notice each other: the second must look again.
    """
    todo = add()
    edit(todo, {"notes": "The blue one."}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        edit(todo, {"notes": "The red one."}, seen_version=1)
    with pytest.raises(PreconditionFailed):
        delete(todo, seen_version=1)

    assert kept(todo).notes == "The blue one."
    delete(todo, seen_version=2)
    with pytest.raises(NotFound):
        kept(todo)


def test_a_caller_need_not_say_a_version(add, edit, delete, kept):
    """
    Then the last writer wins.
    """
    todo = add()
    edit(todo, {"notes": "The blue one."})
    assert edit(todo, {"notes": "The red one."}).notes == "The red one."
    delete(todo)
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
    It cannot be seen, edited, deleted or restored, whatever version is said, nor take steps.
    """
    todo = add()
    with pytest.raises(NotFound):
        run(core.get_todo(todo.id, owner_id=BOB))
    for seen_version in (None, 1, 7):
        with pytest.raises(NotFound):
            edit(todo, {"title": "Mine now"}, owner_id=BOB, seen_version=seen_version)
        with pytest.raises(NotFound):
            run(core.delete_todo(todo.id, owner_id=BOB, seen_version=seen_version))
    with pytest.raises(InvalidInput) as refusal:
        add("a step", parent_id=todo.id, owner_id=BOB)
    assert (refusal.value.field, refusal.value.detail) == ("parent_id", "There is no such todo.")
    assert kept(todo) == todo
    run(core.delete_todo(todo.id, owner_id=ANN, seen_version=None))
    with pytest.raises(NotFound):
        run(core.restore_todo(todo.id, owner_id=BOB))


def test_a_todo_that_never_was_is_not_found(core):
    """
    Nor can it be edited, deleted or restored.
    """
    with pytest.raises(NotFound):
        run(core.get_todo(NOBODYS, owner_id=ANN))
    with pytest.raises(NotFound):
        run(core.edit_todo(NOBODYS, owner_id=ANN, changes={}, seen_version=None))
    with pytest.raises(NotFound):
        run(core.delete_todo(NOBODYS, owner_id=ANN, seen_version=None))
    with pytest.raises(NotFound):
        run(core.restore_todo(NOBODYS, owner_id=ANN))


@pytest.mark.parametrize("limit", [-1, 0, 201])
def test_a_page_has_its_bounds(core, limit):
    """
    Nobody gets everything at once, nor a page of nothing.
    """
    with pytest.raises(InvalidInput):
        run(core.list_todos(TodoFilter(), TodoSort(), owner_id=ANN, after=None, limit=limit))


def test_a_todo_goes_into_a_list_there_is(add, add_list, edit, kept):
    """
    One of the owner's own; null takes it out again.
    """
    home = add_list()
    todo = add("Sweep", list_id=home.id)
    for wrong in (add_list("Bob's", BOB).id, ListId(NOBODYS)):
        with pytest.raises(InvalidInput) as refusal:
            edit(todo, {"list_id": wrong})
        assert (refusal.value.field, refusal.value.detail) == ("list_id", "There is no such list.")
    assert kept(todo).list_id == home.id
    assert edit(todo, {"list_id": None}).list_id is None


def test_a_step_is_in_the_list_of_its_todo(add, add_list, edit, kept, clock):
    """
    When it is added, when it becomes a step, and when its todo moves; nobody can put it elsewhere.
    """
    home, work = add_list("Home"), add_list("Work")
    parent = add("Clean", list_id=home.id)
    added, became = add("Sweep", parent_id=parent.id), add("Mop", list_id=work.id)
    assert added.list_id == home.id
    assert edit(became, {"parent_id": parent.id}).list_id == home.id

    with pytest.raises(InvalidInput) as refusal:
        edit(added, {"list_id": work.id})
    assert refusal.value.field == "list_id"
    assert refusal.value.detail == "A step is in the list of the todo that it is a step of."
    with pytest.raises(InvalidInput):
        add("Dust", parent_id=parent.id, list_id=None)
    assert add("Dust", parent_id=parent.id, list_id=home.id).list_id == home.id

    clock.pass_time(timedelta(hours=1))
    edit(parent, {"list_id": work.id})
    assert (kept(added).list_id, kept(added).version, kept(added).updated_at) == (work.id, 2, clock.now())
    assert kept(became).list_id == work.id


def test_other_edits_leave_the_steps_alone(add, edit, kept):
    """
    That a todo is done says nothing of them.
    """
    parent = add("Clean")
    step = add("Sweep", parent_id=parent.id)
    edit(parent, {"completed": True, "title": "Clean all"})
    assert kept(step) == step
    assert edit(step, {"completed": True}).completed
    assert kept(parent).version == 2


def test_steps_are_looked_for_where_it_matters(add, trace):
    """
    A step that stays one has none, so an edit need not ask.
    """
    step = add("Sweep", parent_id=add("Clean").id)
    changes = {"title": "Sweep well"}
    calls = trace(lambda core: core.edit_todo(step.id, owner_id=ANN, changes=changes, seen_version=None))
    assert "todos.hold_steps" not in calls
    assert "todos.replace" in calls


def test_there_is_one_level_of_steps(add, edit):
    """
    A step has none, what has some is none, and nothing is a step of what is not there.
    """
    parent, other = add("Clean"), add("Cook")
    step = add("Sweep", parent_id=parent.id)
    for wrong, rule in (
        (lambda: add("Fetch the broom", parent_id=step.id), "A step has no steps of its own."),
        (lambda: edit(other, {"parent_id": step.id}), "A step has no steps of its own."),
        (lambda: edit(parent, {"parent_id": other.id}), "A todo that has steps cannot be a step."),
        (lambda: edit(step, {"parent_id": NOBODYS}), "There is no such todo."),
        (lambda: edit(step, {"parent_id": step.id}), "A todo cannot be a step of itself."),
    ):
        with pytest.raises(InvalidInput) as refusal:
            wrong()
        assert (refusal.value.field, refusal.value.detail) == ("parent_id", rule)
    assert edit(step, {"parent_id": other.id}).parent_id == other.id
    assert edit(parent, {"parent_id": other.id}).parent_id == other.id


def test_a_step_can_become_a_todo_of_its_own(add, add_list, edit):
    """
    It stays in its list, or goes to the one that is said.
    """
    home, work = add_list("Home"), add_list("Work")
    parent = add("Clean", list_id=home.id)
    one, other = add("Sweep", parent_id=parent.id), add("Mop", parent_id=parent.id)
    assert edit(one, {"parent_id": None}).list_id == home.id
    assert edit(other, {"parent_id": None, "list_id": work.id}).list_id == work.id


def test_what_is_deleted_lies_in_the_bin(add, delete, restore, kept, titles, clock):
    """
    It is not listed, found or edited, until it is restored, as it was.
    """
    todo = add("Buy milk", notes="two")
    clock.pass_time(timedelta(days=1))
    delete(todo)
    with pytest.raises(NotFound):
        kept(todo)
    assert (titles(), titles(deleted=True)) == ([], ["Buy milk"])
    assert restore(todo) == kept(todo) == evolve(todo, updated_at=clock.now(), version=3)
    with pytest.raises(NotFound):
        restore(todo)


def test_steps_go_into_the_bin_and_come_back_with_their_todo(add, delete, restore, titles, clock):
    """
    Those only that went there with it.
    """
    parent = add("Clean")
    early = add("Sweep", parent_id=parent.id)
    add("Mop", parent_id=parent.id)
    delete(early)
    clock.pass_time(timedelta(seconds=1))
    delete(parent)
    assert titles() == []
    restore(parent)
    assert titles() == ["Clean", "Mop"]
    assert restore(early).parent_id == parent.id


def test_a_step_without_its_todo_comes_back_as_a_todo_of_its_own(add, delete, restore):
    """
    When that is in the bin.
    """
    parent = add("Clean")
    step = add("Sweep", parent_id=parent.id)
    delete(parent)
    assert restore(step).parent_id is None


def test_a_step_comes_back_to_where_its_todo_is_now(add, add_list, edit, delete, restore):
    """
    Into its list, for a step is nowhere else.
    """
    home, work = add_list("Home"), add_list("Work")
    parent = add("Clean", list_id=home.id)
    step = add("Sweep", parent_id=parent.id)
    delete(step)
    edit(parent, {"list_id": work.id})
    restored = restore(step)
    assert (restored.parent_id, restored.list_id) == (parent.id, work.id)


def test_a_step_of_what_became_a_step_comes_back_as_a_todo_of_its_own(add, edit, delete, restore):
    """
    There is one level of steps, whatever lay in the bin meanwhile.
    """
    parent, above = add("Sweep"), add("Clean")
    step = add("Fetch the broom", parent_id=parent.id)
    delete(step)
    edit(parent, {"parent_id": above.id})
    assert restore(step).parent_id is None
