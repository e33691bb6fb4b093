"""
Numbered changes, and answers that are kept, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from todo_adapters.memory.rows import prune
from todo_core.model.answer import KeptAnswer
from todo_core.model.change import Change, ChangedThing, ChangeKind
from todo_core.model.ids import UserId
from todo_core.model.todo import Todo
from todo_core.ports import AnswerStore, ChangeStore


@frozen
class Noted:
    """
    A change, and the todo as it was before, if it was one and there already.
    """

    change: Change
    before: Todo | None = None

    @property
    def owner_id(self) -> UserId:
        """
        Return whose change it is.
        """
        return self.change.owner_id


@frozen
class MemoryChangeStore(ChangeStore):
    """
    Changes by their owners and numbers; ``counters`` has each owner's latest.
    """

    rows: dict[tuple[UserId, int], Noted]
    counters: dict[UserId, int]

    async def latest(self, owner_id: UserId) -> int:
        return self.counters.get(owner_id, 0)

    async def since(self, number: int, *, owner_id: UserId, limit: int) -> Sequence[Change]:
        return [noted.change for noted in self.noted(owner_id, since=number)[:limit]]

    async def prune(self, *, before: datetime, limit: int) -> int:
        old = sorted((noted.change.at, key) for key, noted in self.rows.items() if noted.change.at < before)[:limit]
        for _, key in old:
            del self.rows[key]
        return len(old)

    def noted(self, owner_id: UserId, *, since: int) -> list[Noted]:
        """
        Return the owner's changes after the number *since*, in their order.
        """
        found = [key for key in self.rows if key[0] == owner_id and key[1] > since]
        return [self.rows[key] for key in sorted(found)]

    def note(
        self,
        owner_id: UserId,
        thing: ChangedThing,
        kind: ChangeKind,
        *,
        changed_id: UUID,
        version: int,
        at: datetime,
        before: Todo | None = None,
    ) -> None:
        """
        Give a change the owner's next number.
        """
        number = self.counters[owner_id] = self.counters.get(owner_id, 0) + 1
        change = Change(owner_id, number, at, thing, kind, changed_id, version)
        self.rows[owner_id, number] = Noted(change, before)


@frozen
class MemoryAnswerStore(AnswerStore):
    """
    Answers by their owners and keys.
    """

    rows: dict[tuple[UserId, str], KeptAnswer]

    async def keep(self, answer: KeptAnswer) -> KeptAnswer | None:
        there = await self.find(answer.key, owner_id=answer.owner_id)
        self.rows.setdefault((answer.owner_id, answer.key), answer)
        return there

    async def find(self, key: str, *, owner_id: UserId) -> KeptAnswer | None:
        return self.rows.get((owner_id, key))

    async def prune(self, *, before: datetime, limit: int) -> int:
        return prune(self.rows, lambda answer: answer.at < before, limit)
