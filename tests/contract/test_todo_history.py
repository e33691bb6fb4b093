"""
Several clients of one person at once, through the core on PostgreSQL, and what must be true of all they were answered.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field, fields_dict, frozen
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.service_model import Stage
from tests.support.service_world import POLICY
from todo_adapters.clock import SystemClock
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import somebody
from todo_core.core import Core
from todo_core.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.change import ChangedThing
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import Todo, TodoFilter, TodoSort

CLIENTS = 6
ROUNDS = 30
ALL = 10_000
ALWAYS = {"updated_at", "version"}
"""What every write changes."""

FOLLOWS = {"completed": "completed_at", "parent_id": "list_id"}
"""What changes with what was sent; a step is in the list of its todo."""

FOLLOWS_A_DROPPED_LIST = {"list_id"}
"""What changes of the todos that are in it; of those in the bin without another version."""


@frozen
class Written:
    """
    A write that was accepted: what it could change, the version that it was for, if any, and the *todo* as answered.
    """

    sent: dict[str, Any]
    may_change: frozenset[str]
    seen_version: int | None
    todo: Todo


@define
class Crowd:
    """
    Clients of one person, and what each was answered.
    """

    core: Core
    owner_id: UserId
    seen: dict[TodoId, int] = field(factory=dict[TodoId, int])
    lists: list[ListId] = field(factory=list[ListId])
    written: list[Written] = field(factory=list[Written])
    keys: dict[str, TodoId] = field(factory=dict[str, TodoId])
    refused: Counter[type[Exception]] = field(factory=Counter[type[Exception]])

    async def act(self, chance: Random) -> None:
        """
        Do one thing after another.
        """
        deeds: Sequence[Callable[[Random], Coroutine[Any, Any, None]]] = [
            *[self._edit] * 5,
            *[self._add] * 2,
            self._add_twice_at_once,
            self._bin,
            self._restore,
            self._drop_a_list,
        ]
        for _ in range(ROUNDS):
            try:
                await chance.choice(deeds)(chance)
            except (NotFound, PreconditionFailed, InvalidInput, Conflict) as error:
                self.refused[type(error)] += 1
            await asyncio.sleep(0)

    async def _add(self, chance: Random) -> None:
        sent = {"title": f"Todo {chance.random()}", **self._place(chance)}
        self._note(sent, set(), None, await self.core.add_todo(owner_id=self.owner_id, fields=_any(sent)))

    async def _add_twice_at_once(self, chance: Random) -> None:
        sent = {"title": f"Sent twice {chance.random()}"}
        retry = Retry[Todo](sent["title"], b"the same", lambda todo: todo.id.bytes)
        twice = (self.core.add_todo(owner_id=self.owner_id, fields=_any(sent), retry=retry) for _ in range(2))
        answers = await asyncio.gather(*twice)
        [kept] = [answer for answer in answers if isinstance(answer, KeptAnswer)]
        [todo] = [answer for answer in answers if isinstance(answer, Todo)]
        assert kept.body == todo.id.bytes
        self._note(sent, set(), None, todo)
        self.keys[retry.key] = todo.id

    async def _edit(self, chance: Random) -> None:
        todo_id, seen = self._one(chance)
        kinds: Sequence[dict[str, Any]] = [
            {"title": f"Edited {chance.random()}"},
            {"notes": f"{chance.random()}", "tags": (f"{chance.random()}",)},
            {"completed": chance.random() < 0.5},
            {"position": chance.choice("abcdef")},
            self._place(chance),
        ]
        sent = chance.choice(kinds)
        todo = await self.core.edit_todo(todo_id, owner_id=self.owner_id, changes=_any(sent), seen_version=seen)
        self._note(sent, {FOLLOWS.get(name, name) for name in sent} | set(sent), seen, todo)

    async def _bin(self, chance: Random) -> None:
        todo_id, seen = self._one(chance)
        await self.core.delete_todo(todo_id, owner_id=self.owner_id, seen_version=seen)

    async def _restore(self, chance: Random) -> None:
        todo = await self.core.restore_todo(self._one(chance)[0], owner_id=self.owner_id)
        self._note({}, {"deleted_at", "list_id", "parent_id"}, None, todo)

    async def _drop_a_list(self, chance: Random) -> None:
        todo_list = await self.core.add_list(owner_id=self.owner_id, fields={"name": "Soon gone"})
        assert not isinstance(todo_list, KeptAnswer)
        self.lists.append(todo_list.id)
        await self.core.delete_list(
            chance.choice(self.lists), owner_id=self.owner_id, todos="move", to=None, seen_version=None
        )

    def _place(self, chance: Random) -> dict[str, Any]:
        if chance.random() < 0.5:
            return {"list_id": chance.choice(self.lists)} if self.lists else {}
        return {"parent_id": self._one(chance)[0] if self.seen else None}

    def _one(self, chance: Random) -> tuple[TodoId, int | None]:
        """
        Return any todo, and every second time the version that somebody saw last.
        """
        if not self.seen:
            raise NotFound
        todo_id = chance.choice(list(self.seen)[-20:])
        return todo_id, self.seen[todo_id] if chance.random() < 0.5 else None

    def _note(self, sent: dict[str, Any], may_change: set[str], seen: int | None, todo: Todo | KeptAnswer) -> None:
        assert isinstance(todo, Todo)
        self.seen[todo.id] = todo.version
        self.written.append(Written(sent, frozenset(may_change), seen, todo))


def _any(value: Any) -> Any:
    return value


def differences(one: Todo, other: Todo) -> set[str]:
    """
    Return the names of the fields in which two todos differ, but those that every write changes.
    """
    names = {name for name in fields_dict(Todo) if getattr(one, name) != getattr(other, name)}
    return names - ALWAYS


@pytest.mark.parametrize("seed", range(3))
async def test_no_accepted_write_is_lost_among_many_at_once(engine: AsyncEngine, seed: int) -> None:
    """
    Each todo's versions follow each other; each was one client's, whose fields, and no others, changed with it.

    So what was answered is there at the end, or a later write that was accepted took its place.
    """
    unit_of_work = PostgresUnitOfWork(engine)
    owner = await somebody(unit_of_work)
    stage = Stage(SystemClock(), POLICY, unit_of_work, run=_not_needed)
    crowd = Crowd(stage.core, owner.id)
    chances = [Random(f"{seed} {number}") for number in range(CLIENTS)]  # noqa: S311 - nothing secret hangs on it
    await asyncio.gather(*map(crowd.act, chances))
    assert crowd.refused.keys() >= {PreconditionFailed, NotFound}, "clients met"
    kept, versions = await _kept(unit_of_work, owner.id)
    histories = _histories(crowd.written)
    assert kept.keys() == versions.keys() == histories.keys(), "what was answered is there, and nothing else"
    for todo_id, history in histories.items():
        assert versions[todo_id] == list(range(1, kept[todo_id].version + 1)), "none was skipped or given twice"
        _judge(history, kept[todo_id])
    titles = Counter(todo.title for todo in kept.values())
    assert all(kept[todo_id].id == todo_id for todo_id in crowd.keys.values())
    assert max(titles.values()) == 1, "nothing was added twice"
    assert crowd.keys


def _histories(written: Sequence[Written]) -> dict[UUID, dict[int, list[Written]]]:
    histories = defaultdict[UUID, dict[int, list[Written]]](lambda: defaultdict(list))
    for each in written:
        histories[each.todo.id][each.todo.version].append(each)
    return histories


def _judge(history: dict[int, list[Written]], kept: Todo) -> None:
    """
    Expect one write to have made each version, and those that were answered the same beside it to have changed nothing.
    """
    known: Todo | None = None
    for version in range(1, kept.version + 1):
        answers = history.get(version, [])
        assert len({repr(each.todo) for each in answers}) <= 1, "whoever sees a version sees the same"
        for each in answers:
            assert each.seen_version in {None, version - 1, version}, "a version that was asked for was the last"
            assert all(getattr(each.todo, name) == value for name, value in each.sent.items() if name != "completed")
            assert each.sent.get("completed", each.todo.completed) == each.todo.completed
        made = answers[0].todo if answers else None
        if made is not None and known is not None and known.version == version - 1:
            changed = differences(known, made)
            allowed = [*(each.may_change for each in answers), FOLLOWS_A_DROPPED_LIST]
            assert any(changed <= names for names in allowed), f"{changed} was sent by nobody"
        known = made if made is not None else known
    if known is not None and known.version == kept.version:
        assert differences(known, kept) <= FOLLOWS_A_DROPPED_LIST


async def _kept(unit_of_work: PostgresUnitOfWork, owner_id: UserId) -> tuple[dict[UUID, Todo], dict[UUID, list[int]]]:
    async with unit_of_work.begin() as work:
        pages = [
            await work.todos.page(TodoFilter(deleted=binned), TodoSort(), owner_id=owner_id, after=None, limit=ALL)
            for binned in (False, True)
        ]
        changes = await work.changes.since(0, owner_id=owner_id, limit=ALL)
    versions = defaultdict[UUID, list[int]](list)
    for change in changes:
        if change.thing is ChangedThing.TODO:
            versions[change.id].append(change.version)
    return {todo.id: todo for page in pages for todo in page.items}, versions


def _not_needed(_: object) -> None:
    raise AssertionError("the test runs by itself")
