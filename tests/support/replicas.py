"""
Several replicas behind the nginx that we ship: one is killed, one is restarted, while people write.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL, SIGTERM

from attrs import frozen

from tests.support.fleet import Fleet, Verdict
from tests.support.nginx import Proxy, proxied
from tests.support.outages import Load, titles
from tests.support.server import TodoServer, eventually

REPLICAS = 3
BEHIND_NGINX = {"COURIER": "beside", "TRUSTED_PROXY_HOPS": "1"}
"""Each replica serves and delivers."""


@frozen
class Shaken:
    """
    What writers saw of a replica that went and came back.

    Args:
        statuses: the answers, by status; 0 is a broken connection.
        kept: writes that were acknowledged.
        lost: acknowledged writes that are not there.
        unknown: writes that are there, though nobody was told.
        served_meanwhile: writes that were acknowledged while the replica was away.
        verdict: on the mails.
    """

    statuses: dict[int, int]
    kept: int
    lost: int
    unknown: int
    served_meanwhile: int
    verdict: Verdict


def behind_nginx(fleet: Fleet, folder: Path, stack: ExitStack) -> tuple[Proxy, list[TodoServer]]:
    """
    Return nginx in front of the fleet's server and of further ones like it, which run until the *stack* ends.
    """
    rooms = [folder / f"replica{number}" for number in range(1, REPLICAS)]
    for room in (*rooms, folder / "nginx"):
        room.mkdir()
    others = [stack.enter_context(TodoServer(room, fleet.settings)) for room in rooms]
    ports = [replica.port for replica in others]
    proxy = stack.enter_context(proxied(folder / "nginx", upstream=fleet.server.port, more=ports))
    return proxy, [fleet.server, *others]


def kill(replica: TodoServer) -> None:
    """
    End it as the kernel does.
    """
    replica.stop(SIGKILL)


def restart(replica: TodoServer) -> None:
    """
    End it as an operator does.
    """
    assert replica.stop(SIGTERM) == 0, replica.output


def shake(fleet: Fleet, proxy: Proxy, session: str, replica: TodoServer, end: Callable[[TodoServer], None]) -> Shaken:
    """
    *end* a replica under load, and start it again when the others have served for a while.
    """
    before = titles(fleet)
    load = Load(fleet, session, door=proxy.client)
    with load.running():
        _acknowledged(load, more=40)
        end(replica)
        gone_at, earlier = time.monotonic(), len(load.successes)
        _acknowledged(load, more=40)
        meanwhile = sum(at > gone_at for at in load.successes[earlier:])
        replica.start()
        _acknowledged(load, more=40)
    there = titles(fleet) - before
    fleet.drained(within=120)
    return Shaken(
        statuses=dict(load.statuses),
        kept=len(load.kept),
        lost=len(set(load.kept) - there),
        unknown=len(there - set(load.kept)),
        served_meanwhile=meanwhile,
        verdict=fleet.verdict(),
    )


def _acknowledged(load: Load, *, more: int) -> None:
    enough = len(load.successes) + more
    eventually(lambda: len(load.successes) >= enough, within=60)
