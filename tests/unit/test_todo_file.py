from datetime import UTC, date, datetime

import pytest
from attrs import evolve

from todo_core.errors import InvalidFile
from todo_core.model import todo_file
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo_file import FiledList, FiledTodo, Place, TodoFile

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def faults(lists=(), todos=()):
    """
    Return what is wrong with a file of these, which stand in it one after the other.
    """
    placed_lists = [evolve(one, place=Place(f"/lists/{index}")) for index, one in enumerate(lists)]
    placed_todos = [evolve(todo, place=Place(f"/todos/{index}")) for index, todo in enumerate(todos)]
    with pytest.raises(InvalidFile) as refusal:
        TodoFile(placed_lists, placed_todos)
    return {fault.pointer: fault.detail for fault in refusal.value.faults}


@pytest.mark.parametrize(
    ("todo", "field", "rule"),
    [
        (FiledTodo("  "), "title", "A title needs 1 to 200 characters that are not all blank."),
        (FiledTodo("x", tags=("x" * 51,)), "tags", "A tag needs 1 to 50 characters that are not all blank."),
        (
            FiledTodo("x", position="0"),
            "position",
            "A position has 1 to 100 digits and letters, of which the last is not 0.",
        ),
        (
            FiledTodo("x", due_at=NOON, due_date=date(2026, 1, 1)),
            "due_date",
            "A todo is due at a moment or on a day, not both.",
        ),
        (
            FiledTodo("x", recurrence=Recurrence.parse("FREQ=DAILY")),
            "recurrence",
            "What recurs needs to be due first.",
        ),
        (FiledTodo("x", list_ref=3), "list_ref", "No list in the file has this number."),
        (FiledTodo("x", parent_ref=3), "parent_ref", "No todo in the file has this number."),
        (FiledTodo("x", ref=1, parent_ref=1), "parent_ref", "A step has no steps of its own."),
    ],
)
def test_a_fault_of_a_todo_is_told_where_it_stands(todo, field, rule):
    """
    Every rule of todos holds in files, and what they refer to must be in the same file.
    """
    assert faults(todos=[FiledTodo("sound"), todo]) == {f"/todos/1/{field}": rule}


def test_a_step_does_not_recur():
    """
    That it is a step is known before there is anything that it could be a step of.
    """
    step = FiledTodo("x", parent_ref=1, due_at=NOON, recurrence=Recurrence.parse("FREQ=DAILY"))
    assert faults(todos=[step, FiledTodo("y", ref=1)]) == {
        "/todos/0/recurrence": "A step does not recur; the todo it is a step of may."
    }


def test_a_step_has_no_steps():
    """
    There is one level of them.
    """
    todos = [FiledTodo("top", ref=1), FiledTodo("step", ref=2, parent_ref=1), FiledTodo("below", parent_ref=2)]
    assert faults(todos=todos) == {"/todos/2/parent_ref": "A step has no steps of its own."}


@pytest.mark.parametrize(
    ("filed", "field", "rule"),
    [
        (FiledList(" "), "name", "A list's name needs 1 to 100 characters that are not all blank."),
        (FiledList("x", colour="red"), "colour", "A colour is written as #1e90ff, in lower case."),
        (FiledList("y", ref=1), "ref", "Another list has this number."),
    ],
)
def test_a_fault_of_a_list_is_told_where_it_stands(filed, field, rule):
    """
    Every rule of lists holds in files; two cannot have one number.
    """
    assert faults(lists=[FiledList("x", ref=1), filed]) == {f"/lists/1/{field}": rule}


def test_two_todos_cannot_have_one_number():
    """
    The second is wrong.
    """
    assert faults(todos=[FiledTodo("x", ref=1), FiledTodo("y", ref=1)]) == {
        "/todos/1/ref": "Another todo has this number."
    }


def test_lists_and_todos_without_numbers_are_well():
    """
    As many as there are.
    """
    file = TodoFile([FiledList("x"), FiledList("x")], [FiledTodo("x"), FiledTodo("x")])
    assert len(file.todos) == 2


def test_a_hundred_faults_are_told():
    """
    Those that stand first.
    """
    assert list(faults(todos=[FiledTodo(" ")] * 150)) == [f"/todos/{index}/title" for index in range(100)]


def test_a_file_has_an_end(monkeypatch):
    """
    So many todos, and not one more.
    """
    monkeypatch.setattr(todo_file, "MOST_FILED", 2)
    TodoFile([], [FiledTodo("x")] * 2)
    assert faults(todos=[FiledTodo("x")] * 3) == {"/todos": "A file can have at most 2 todos."}


def test_a_line_is_told_where_there_are_lines():
    """
    In front of the rule, for people look lines up; it is no part of what a list or todo is.
    """
    place = Place("/rows/3", line=7)
    fault = place.fault("Too long.", field="title")
    assert (fault.pointer, fault.detail) == ("/rows/3/title", "Line 7: Too long.")
    assert place.fault("Too long.").pointer == "/rows/3"
    assert FiledTodo("x", place=place) == FiledTodo("x")
