from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_core.contracts.samples import a_list, a_user
from todo_core.errors import InvalidInput, RetryKeyReused, Unavailable
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import UserId
from todo_core.use_cases.once import Once

ANN = evolve(a_user(), id=UserId(UUID(int=1)))
BOB = UserId(UUID(int=2))


def a_retry(key="key", digest=b"what was asked"):
    """
    Return a retry whose answers are the names of lists.
    """
    return Retry(key, digest, lambda made: made.name.encode())


@pytest.fixture
def once(clock, unit_of_work):
    """
    Return what does things once.
    """
    return Once(clock, unit_of_work)


@pytest.fixture
def make(once):
    """
    Return what makes a list once for each key.
    """

    def do(name="Home", *, retry, owner_id=ANN.id, to=once):
        async def add(work):
            made = a_list(ANN, name)
            await work.lists.add(made)
            return made

        return run(to(add, owner_id=owner_id, retry=retry))

    return do


@pytest.fixture
def names(in_work):
    """
    Return what lists the names of Ann's lists.
    """
    return lambda: sorted(made.name for made in in_work(lambda work: work.lists.of_owner(ANN.id)))


def test_without_a_key_all_is_done_as_often_as_it_is_asked(make, names):
    """
    Nobody said that it was the same wish.
    """
    assert [make(retry=None).name, make(retry=None).name] == ["Home", "Home"]
    assert names() == ["Home", "Home"]


def test_what_is_asked_again_is_answered_again(make, names, clock):
    """
    In the words of the first time, and done once.
    """
    assert make(retry=a_retry()).name == "Home"
    assert make("House", retry=a_retry()) == KeptAnswer(ANN.id, "key", b"what was asked", clock.now(), b"Home")
    assert names() == ["Home"]


def test_another_wish_under_the_same_key_is_refused(make, names):
    """
    And not done.
    """
    make(retry=a_retry())
    with pytest.raises(RetryKeyReused):
        make("Work", retry=a_retry(digest=b"something else"))
    assert names() == ["Home"]


def test_other_keys_and_other_peoples_keys_are_other_wishes(make, names):
    """
    A key is its owner's.
    """
    make(retry=a_retry())
    make(retry=a_retry("another"))
    make(retry=a_retry(), owner_id=BOB)
    assert names() == ["Home"] * 3


def test_an_error_is_no_answer(make, once, names):
    """
    The same wish may succeed later.
    """

    async def fail(_):
        raise InvalidInput("Not now.")

    with pytest.raises(InvalidInput):
        run(once(fail, owner_id=ANN.id, retry=a_retry()))
    assert make(retry=a_retry()).name == "Home"
    assert names() == ["Home"]


def test_the_answer_is_kept_where_the_thing_is_done(trace):
    """
    In one unit of work: neither is there without the other.
    """
    assert trace(lambda core: core.add_list(owner_id=ANN.id, fields={"name": "x"}, retry=a_retry())) == [
        "begin",
        "answers.find",
        "clock.now",
        "randomness.draw",
        "randomness.draw",
        "lists.of_owner",
        "lists.add",
        "clock.now",
        "answers.keep",
        "end",
    ]


@define
class Overtaken:
    """
    A unit of work whose first beginning cannot see the answer that somebody else keeps at the same time.
    """

    unit_of_work: object
    answer: KeptAnswer
    begun: int = 0

    @asynccontextmanager
    async def begin(self):
        """
        Begin one.
        """
        self.begun += 1
        async with self.unit_of_work.begin() as work:
            yield evolve(work, answers=self) if self.begun == 1 else work

    async def find(self, _, *, owner_id):
        """
        Find nothing.
        """
        assert owner_id == ANN.id

    async def keep(self, _):
        """
        Keep nothing: there is one by now.
        """
        return self.answer


def test_of_two_at_once_one_is_done_and_both_are_told(make, once, unit_of_work, names, clock):
    """
    Whoever comes second leaves no trace, and gets the answer of the first.
    """
    make(retry=a_retry())
    answer = KeptAnswer(ANN.id, "key", b"what was asked", clock.now(), b"Home")
    late = evolve(once, unit_of_work=Overtaken(unit_of_work, answer))
    assert make("House", retry=a_retry(), to=late) == answer
    assert names() == ["Home"]


def test_of_two_wishes_at_once_under_one_key_the_second_is_refused(make, once, unit_of_work, names, clock):
    """
    It leaves no trace either.
    """
    make(retry=a_retry())
    answer = KeptAnswer(ANN.id, "key", b"what was asked", clock.now(), b"Home")
    late = evolve(once, unit_of_work=Overtaken(unit_of_work, answer))
    with pytest.raises(RetryKeyReused):
        make("Work", retry=a_retry(digest=b"something else"), to=late)
    assert names() == ["Home"]


def test_an_answer_that_is_forgotten_in_that_very_moment_is_not_made_up(make, once, unit_of_work, names, clock):
    """
    The client is told to ask again.
    """
    answer = KeptAnswer(ANN.id, "key", b"what was asked", clock.now(), b"Home")
    late = evolve(once, unit_of_work=Overtaken(unit_of_work, answer))
    with pytest.raises(Unavailable):
        make(retry=a_retry(), to=late)
    assert names() == []


def test_an_answer_is_not_shown(clock):
    """
    It may hold what somebody wrote.
    """
    assert "private" not in repr(KeptAnswer(ANN.id, "key", b"1", clock.now(), b"private"))
