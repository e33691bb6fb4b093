from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_core.errors import (
    InvalidInput,
    NotFound,
    NotKept,
    PreconditionFailed,
    PreconditionRequired,
    RetryKeyReused,
    Unavailable,
)
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import Todo, TodoFilter, TodoSort
from todo_core.use_cases.batch import LARGEST_BATCH, Adding, Deleting, Editing, Restoring

ANN = UserId(UUID(int=1))
BOB = UserId(UUID(int=2))
NOBODYS = TodoId(UUID(int=9))


def words(result):
    """
    Return what is told of one result.
    """
    outcome = result.outcome
    return (outcome.title if isinstance(outcome, Todo) else type(outcome).__name__).encode()


def all_words(results):
    """
    Return what is told of all.
    """
    return b", ".join(words(result) for result in results)


def adding(title, ref=None, parent_ref=None, **fields: Any):
    """
    Return the wish for a todo.
    """
    return Adding({"title": title, **fields}, ref, parent_ref)


def outcomes(results):
    """
    Return the titles of what went well, the classes of errors, and the words of what was told before.
    """
    return [result.body.decode() if isinstance(result, KeptAnswer) else words(result).decode() for result in results]


@pytest.fixture(params=["write_together", "write_singly"])
def write(core, clock, request):
    """
    Return what does a batch, both ways.
    """

    def do(*wishes: Any, owner_id=ANN):
        clock.pass_time(timedelta(seconds=1))
        return run(getattr(core, request.param)(wishes, owner_id=owner_id))

    return do


@pytest.fixture
def titles(core):
    """
    Return what lists the titles of Ann's todos.
    """

    def listed(**wanted: Any):
        page = run(core.list_todos(TodoFilter(**wanted), TodoSort(), owner_id=ANN, after=None, limit=100))
        return [todo.title for todo in page.items]

    return listed


@pytest.fixture
def milk(core):
    """
    Return a todo of Ann's.
    """
    return run(core.add_todo(owner_id=ANN, fields={"title": "Buy milk"}))


def test_all_that_can_be_done_to_todos_can_be_done_in_a_batch(write, core, titles, milk):
    """
    In the order in which it is asked; the results tell how each todo stands.
    """
    wishes = [
        adding("Clean", notes="all"),
        Editing(milk.id, {"title": "Buy oats"}, seen_version=1),
        Deleting(milk.id, seen_version=2),
        Restoring(milk.id),
        Editing(milk.id, {"completed": True}),
        Deleting(milk.id),
    ]
    results = write(*wishes)
    assert [result.wish for result in results] == wishes
    assert [(result.index, result.outcome.title, result.outcome.version) for result in results] == [
        (0, "Clean", 1),
        (1, "Buy oats", 2),
        (2, "Buy oats", 3),
        (3, "Buy oats", 4),
        (4, "Buy oats", 5),
        (5, "Buy oats", 6),
    ]
    assert titles() == ["Clean"]
    assert run(core.get_todo(results[0].outcome.id, owner_id=ANN)) == results[0].outcome


def test_a_step_can_be_added_with_its_todo(write):
    """
    It names it by a ref that is the batch's own.
    """
    parent, step, other = write(adding("Clean", ref="c"), adding("Sweep", parent_ref="c"), adding("Cook", ref="d"))
    assert step.outcome.parent_id == parent.outcome.id
    assert other.outcome.parent_id is None


@pytest.mark.parametrize(
    ("wish", "field", "rule"),
    [
        (adding("again", ref="c"), "ref", "Another todo of this batch is called so."),
        (
            adding("too early", parent_ref="later"),
            "parent_ref",
            "No todo that was added before in this batch is called so.",
        ),
        (
            adding("two todos", parent_ref="c", parent_id=NOBODYS),
            "parent_ref",
            "A step has one todo: name it by id or by ref, not both.",
        ),
        (adding("none of them", parent_id=NOBODYS), "parent_id", "There is no such todo."),
        (adding(" "), "title", "A title needs 1 to 200 characters that are not all blank."),
    ],
)
def test_a_wish_that_breaks_a_rule_is_refused(write, wish, field, rule):
    """
    And the rule is named.
    """
    *_, refused = write(adding("Clean", ref="c"), wish)
    assert isinstance(refused.outcome, InvalidInput)
    assert (refused.outcome.field, refused.outcome.detail) == (field, rule)
    assert refused.wish is wish


def test_a_batch_of_nothing_does_nothing(write):
    """
    And is no error.
    """
    assert list(write()) == []


def test_a_batch_has_its_bounds(write, titles):
    """
    One wish more than 500 is refused, and none is done.
    """
    with pytest.raises(InvalidInput) as refusal:
        write(*[adding("x")] * (LARGEST_BATCH + 1))
    assert (refusal.value.field, refusal.value.detail) == ("operations", "A batch has at most 500 operations.")
    assert titles() == []
    assert len(write(*[adding("x")] * LARGEST_BATCH)) == LARGEST_BATCH


def test_todos_of_somebody_else_are_as_good_as_none(write, milk, core):
    """
    In a batch too.
    """
    for wish in (Editing(milk.id, {"title": "Mine now"}), Deleting(milk.id), Restoring(milk.id)):
        (result,) = write(wish, owner_id=BOB)
        assert isinstance(result.outcome, NotFound)
    assert run(core.get_todo(milk.id, owner_id=ANN)) == milk


def test_together_one_failure_undoes_all(core, titles, milk):
    """
    The result of the one tells why, those of the others that they were not kept.
    """
    wishes = (adding("Clean"), Editing(milk.id, {"title": "Buy oats"}, seen_version=7), Deleting(milk.id))
    results = run(core.write_together(wishes, owner_id=ANN))
    assert [type(result.outcome) for result in results] == [NotKept, PreconditionFailed, NotKept]
    assert [result.index for result in results] == [0, 1, 2]
    assert [result.wish for result in results] == list(wishes)
    assert titles() == ["Buy milk"]
    assert run(core.get_todo(milk.id, owner_id=ANN)) == milk


def test_singly_each_stands_for_itself(core, titles, milk):
    """
    What fails leaves the others alone, but for steps of what was not added.
    """
    wishes = (
        adding(" ", ref="c"),
        adding("Sweep", parent_ref="c"),
        adding("Cook", ref="c"),
        Deleting(NOBODYS),
        Editing(milk.id, {"title": "Buy oats"}),
    )
    results = run(core.write_singly(wishes, owner_id=ANN))
    assert outcomes(results) == ["InvalidInput", "InvalidInput", "Cook", "NotFound", "Buy oats"]
    assert [result.index for result in results] == [0, 1, 2, 3, 4]
    assert titles() == ["Buy oats", "Cook"]


@pytest.mark.parametrize("name", ["write_together", "write_singly"])
def test_an_operator_may_ask_for_versions(build_core, milk, name):
    """
    Of batches too.
    """
    write = getattr(build_core(version_required=True), name)
    (refused,) = run(write([Editing(milk.id, {"title": "Buy oats"})], owner_id=ANN))
    assert isinstance(refused.outcome, PreconditionRequired)
    (done,) = run(write([Deleting(milk.id, seen_version=1)], owner_id=ANN))
    assert done.outcome.version == 2


@pytest.mark.parametrize(("name", "begun"), [("write_together", 1), ("write_singly", 3)])
def test_a_unit_of_work_has_all_or_one(trace, name, begun):
    """
    Together they share one; singly each has its own.
    """
    calls = trace(lambda core: getattr(core, name)([adding("x")] * 3, owner_id=ANN))
    assert calls.count("begin") == calls.count("end") == begun
    assert calls.count("todos.add") == 3


def test_a_batch_that_is_sent_twice_is_done_once_together(core, titles):
    """
    The second time is answered as the first, in its words; another batch under the same key is refused.

    Somebody else may use that key, or the same person another.
    """

    def write(title, digest, *, key="key", owner_id=ANN):
        retry = Retry(key, digest, all_words)
        return run(core.write_together([adding(title), adding("Cook")], owner_id=owner_id, retry=retry))

    assert outcomes(write("Clean", b"1")) == ["Clean", "Cook"]
    assert write("Clean", b"1").body == b"Clean, Cook"
    with pytest.raises(RetryKeyReused):
        write("Sweep", b"2")
    assert outcomes(write("Sweep", b"2", owner_id=BOB)) == ["Sweep", "Cook"]
    assert titles() == ["Clean", "Cook"]
    assert outcomes(write("Sweep", b"2", key="another")) == ["Sweep", "Cook"]


def test_a_batch_that_was_undone_may_be_sent_again(core, titles, milk):
    """
    Nothing was kept of it, its answer neither.
    """
    retry = Retry("key", b"1", all_words)
    wishes = [adding("Clean"), Restoring(milk.id)]
    assert outcomes(run(core.write_together(wishes, owner_id=ANN, retry=retry))) == ["NotKept", "NotFound"]
    run(core.delete_todo(milk.id, owner_id=ANN, seen_version=None))
    assert outcomes(run(core.write_together(wishes, owner_id=ANN, retry=retry))) == ["Clean", "Buy milk"]
    assert sorted(titles()) == ["Buy milk", "Clean"]


def test_a_batch_that_is_sent_twice_is_done_once_singly(core, titles, milk):
    """
    What failed is answered as it was, too; another batch under the same key is refused, and nothing of it done.

    Somebody else may use that key, or the same person another.
    """

    def write(*wishes: Any, digest=b"1", key="key", owner_id=ANN):
        return run(core.write_singly(wishes, owner_id=owner_id, retry=Retry(key, digest, words)))

    wishes = (adding("Clean", ref="c"), Restoring(milk.id), adding("Sweep", parent_ref="c"))
    assert outcomes(write(*wishes)) == ["Clean", "NotFound", "Sweep"]
    run(core.delete_todo(milk.id, owner_id=ANN, seen_version=None))
    again = write(*wishes)
    assert all(isinstance(result, KeptAnswer) for result in again)
    assert outcomes(again) == ["Clean", "NotFound", "Sweep"]
    with pytest.raises(RetryKeyReused):
        write(adding("Cook"), digest=b"2")
    assert outcomes(write(adding("Cook"), digest=b"2", owner_id=BOB)) == ["Cook"]
    assert titles() == ["Clean", "Sweep"]
    assert outcomes(write(adding("Cook"), digest=b"2", key="another")) == ["Cook"]


@define
class Failing:
    """
    A unit of work that cannot begin any more after so many beginnings.
    """

    unit_of_work: object
    left: int

    @asynccontextmanager
    async def begin(self):
        """
        Begin one, if there is one left.
        """
        if self.left == 0:
            raise Unavailable
        self.left -= 1
        async with self.unit_of_work.begin() as work:
            yield work


@pytest.fixture
def failing(ports, build_core):
    """
    Return what builds a core whose database goes away after so many units of work.
    """
    return lambda after: build_core(others=evolve(ports, unit_of_work=Failing(ports.unit_of_work, after)))


def test_singly_a_batch_that_was_broken_off_goes_on_where_it_stopped(core, failing, titles):
    """
    What was not tried says so, and is no answer: sent again, it is done, and nothing is done twice.
    """
    retry = Retry("key", b"1", words)
    wishes = [adding("Clean", ref="c"), adding("Sweep", parent_ref="c"), adding("Cook")]
    cut = run(failing(2).write_singly(wishes, owner_id=ANN, retry=retry))
    assert outcomes(cut) == ["Clean", "Unavailable", "Unavailable"]
    assert [result.index for result in cut] == [0, 1, 2]
    assert [result.wish for result in cut] == wishes
    assert titles() == ["Clean"]

    again = run(core.write_singly(wishes, owner_id=ANN, retry=retry))
    assert outcomes(again) == ["Clean", "Sweep", "Cook"]
    assert again[1].outcome.parent_id == cut[0].outcome.id
    assert titles() == ["Clean", "Sweep", "Cook"]


def test_singly_a_key_stands_for_one_batch_before_any_wish_is_done(core, failing, titles):
    """
    Another batch under it is refused, although the first was broken off at once.
    """
    cut = run(failing(1).write_singly([adding("Clean")], owner_id=ANN, retry=Retry("key", b"1", words)))
    assert outcomes(cut) == ["Unavailable"]
    with pytest.raises(RetryKeyReused):
        run(core.write_singly([adding("Sweep")], owner_id=ANN, retry=Retry("key", b"2", words)))
    assert titles() == []


def test_singly_a_key_stands_for_one_batch_as_long_as_a_wish_of_it_is_known(core, failing, clock, in_work, titles):
    """
    Another batch under it is not answered with what became of the first, although its beginning was forgotten.
    """
    retry = Retry("key", b"1", words)
    run(failing(1).write_singly([adding("Clean")], owner_id=ANN, retry=retry))
    clock.pass_time(timedelta(hours=1))
    run(core.write_singly([adding("Clean")], owner_id=ANN, retry=retry))
    assert in_work(lambda work: work.answers.prune(before=clock.now(), limit=9)) == 1
    with pytest.raises(RetryKeyReused):
        run(core.write_singly([adding("Sweep")], owner_id=ANN, retry=evolve(retry, digest=b"2")))
    assert titles() == ["Clean"]


def test_singly_a_failure_that_could_not_be_kept_is_tried_again(core, failing, milk):
    """
    Its result is that the service is away.
    """
    retry = Retry("key", b"1", words)
    assert outcomes(run(failing(2).write_singly([Restoring(milk.id)], owner_id=ANN, retry=retry))) == ["Unavailable"]
    run(core.delete_todo(milk.id, owner_id=ANN, seen_version=None))
    assert outcomes(run(core.write_singly([Restoring(milk.id)], owner_id=ANN, retry=retry))) == ["Buy milk"]


def test_together_what_cannot_be_done_now_is_an_error_of_the_whole(failing, titles, ports, build_core):
    """
    Whether the database is away from the start, or goes away on the way.
    """
    with pytest.raises(Unavailable):
        run(failing(0).write_together([adding("Clean")], owner_id=ANN))

    @asynccontextmanager
    async def leaving():
        async with ports.unit_of_work.begin() as work:
            yield evolve(work, todos=Gone())

    away = build_core(others=evolve(ports, unit_of_work=evolve_begin(leaving)))
    with pytest.raises(Unavailable):
        run(away.write_together([adding("Clean")], owner_id=ANN))
    assert titles() == []


class Gone:
    """
    A store that cannot be reached.
    """

    async def add(self, *_: Any):
        """
        Fail.
        """
        raise Unavailable


def evolve_begin(begin):
    """
    Return a unit of work that begins so.
    """
    return type("UnitOfWorkThatLeaves", (), {"begin": staticmethod(begin)})()
