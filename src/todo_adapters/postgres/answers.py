"""
Answers that are kept for requests which are sent again, in PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.todo_tables import answers
from todo_adapters.postgres.todo_writes import forgetting
from todo_adapters.postgres.transaction import Transaction, change, question
from todo_core.model.answer import KeptAnswer
from todo_core.model.ids import UserId
from todo_core.ports import AnswerStore

_KEEP = change(insert(answers).on_conflict_do_nothing())
_FIND = question(select(answers).where(answers.c.owner_id == bindparam("owner"), answers.c.key == bindparam("name")))
_PRUNE = forgetting(answers.c.at)


@frozen
class PostgresAnswerStore(AnswerStore):
    """
    The table ``answers``.
    """

    _transaction: Transaction

    async def keep(self, answer: KeptAnswer) -> KeptAnswer | None:
        """
        Insert, or read what stands there already: whoever inserts the same key at once is waited for.
        """
        if await self._transaction.count(_KEEP, asdict(answer, recurse=False)) == 1:
            return None
        return await self.find(answer.key, owner_id=answer.owner_id)

    async def find(self, key: str, *, owner_id: UserId) -> KeptAnswer | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_FIND, {"name": key, "owner": owner_id})
        return KeptAnswer(*row) if row else None

    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows.
        """
        return await self._transaction.count(_PRUNE, {"before": before, "limit": limit})
