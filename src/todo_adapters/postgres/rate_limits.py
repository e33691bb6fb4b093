"""
Counters for ``limits``, in PostgreSQL: of its own storages none is a database that the service has already.

The table is unlogged. After a crash the counters start anew, which costs less than writing every hit to disk.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from limits.aio.storage import Storage
from sqlalchemy import Float, Interval, bindparam, case, cast, delete, extract, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.tables import rate_limits
from todo_adapters.postgres.transaction import Row, Statement, Transaction, borrowed, pruning, question
from todo_core.errors import Unavailable

_counter = rate_limits.c
_this_one = _counter.key == bindparam("key")
_is_over = _counter.expires_at <= func.now()


def _hit() -> Insert:
    row = {
        "key": bindparam("key", type_=_counter.key.type),
        "hits": bindparam("amount", type_=_counter.hits.type),
        "expires_at": func.now() + bindparam("window", type_=Interval()),
    }
    insertion = insert(rate_limits).values(row)
    new = insertion.excluded
    return insertion.on_conflict_do_update(
        index_elements=[_counter.key],
        set_={
            "hits": case((_is_over, new.hits), else_=_counter.hits + new.hits),
            "expires_at": case((_is_over, new.expires_at), else_=_counter.expires_at),
        },
    )


# All of them are questions, in that each is alone and needs no transaction around it.
_HIT = question(_hit().returning(_counter.hits))
_HITS = question(select(_counter.hits).where(_this_one, ~_is_over))
_REST = question(select(cast(extract("epoch", _counter.expires_at - func.now()), Float)).where(_this_one))
_CLEAR = question(delete(rate_limits).where(_this_one).returning(_counter.key))
_RESET = question(delete(rate_limits).returning(_counter.key))
_CHECK = question(select(func.now()))
_PRUNE = pruning(_counter.key, _is_over)


class PostgresStorage(Storage):
    """
    The table ``rate_limits``, for any strategy that counts in fixed windows. Time is the database's.
    """

    STORAGE_SCHEME = None

    def __init__(self, *, engine: AsyncEngine) -> None:
        super().__init__()
        self._engine = engine

    @property
    def base_exceptions(self) -> type[Exception]:
        """
        Return what is raised when the counters cannot be reached.
        """
        return Unavailable

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """
        Count *amount* more for *key*, in a window of *expiry* seconds, and return the sum.
        """
        values = {"key": key, "amount": amount, "window": timedelta(seconds=expiry)}
        return int((await self._ask(_HIT, values))[0][0])

    async def get(self, key: str) -> int:
        """
        Return the sum of *key*'s open window.
        """
        rows = await self._ask(_HITS, {"key": key})
        return int(rows[0][0]) if rows else 0

    async def get_expiry(self, key: str) -> float:
        """
        Return when *key*'s window ends, in seconds of this machine's clock.
        """
        rows = await self._ask(_REST, {"key": key})
        return time.time() + (float(rows[0][0]) if rows else 0.0)

    async def check(self) -> bool:
        """
        Tell whether the counters can be reached.
        """
        try:
            await self._ask(_CHECK, {})
        except Unavailable:
            return False
        return True

    async def reset(self) -> int:
        """
        Forget every counter, and return how many there were.
        """
        return len(await self._ask(_RESET, {}))

    async def clear(self, key: str) -> None:
        """
        Forget *key*'s counter.
        """
        await self._ask(_CLEAR, {"key": key})

    async def prune(self, *, limit: int) -> int:
        """
        Forget up to *limit* counters whose window is over, and return how many.
        """
        async with borrowed(self._engine) as connection:
            transaction = Transaction(connection)
            pruned = await transaction.count(_PRUNE, {"limit": limit})
            await transaction.commit()
        return pruned

    async def _ask(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        async with borrowed(self._engine) as connection:
            return list(await Transaction(connection).all(statement, values))
