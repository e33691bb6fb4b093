"""
R1 to R9: what becomes of mail while everything around it fails.

    uv run python benchmarks/mail_under_fire.py r1 --seeds 3
    uv run python benchmarks/mail_under_fire.py r5 --away 600

Each plays the story that ``tests/faults`` plays small. Traffic stays on this machine; every part ends by itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import print_figure, print_machine, spread
from tests.support.fleet import TEST_LEASE, Fleet, launched
from tests.support.outages import database_away, log_in, restart_under_load
from tests.support.pgbouncer import pooled
from tests.support.post_office import PostOffice, Weather
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.under_fire import end_worker, kill_workers, mail_server_away, orphan, send_poison
from todo_adapters.postgres import migrate

ROOT = Path(__file__).parents[1]
SLOTS = 4


@frozen
class Scene:
    """
    What a story plays on.
    """

    fleet: Fleet
    database: EmbeddedServer


@contextmanager
def scene(
    *,
    workers: int = 2,
    weather: Weather | None = None,
    seed: int = 0,
    through_pooler: bool = False,
    unheard: bool = False,
    **settings: str,
) -> Generator[Scene]:
    """
    Yield a fleet on a database whose crash loses nothing, with a post office in this *weather*.

    *unheard*, it listens in another database: LISTEN works, and nothing is ever heard.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="todo-fire-")))
        data = Path(stack.enter_context(TemporaryDirectory(prefix="todo-postgres-"))).resolve()
        database = EmbeddedServer(data)
        url = stack.enter_context(fresh_database(stack.enter_context(database.running(needless=("fsync",)))))
        migrate.upgrade(url)
        if through_pooler:
            settings |= {"DATABASE_URL": stack.enter_context(pooled(url, folder)), "DATABASE_LISTEN_URL": url}
        if unheard:
            settings |= {"DATABASE_LISTEN_URL": database.url}
        office = stack.enter_context(PostOffice(weather or Weather(), seed=seed))
        print_machine(url)
        yield Scene(stack.enter_context(launched(folder, url, office, workers=workers, **settings)), database)


@click.group()
def main() -> None:
    """
    Print a promise, and what was seen of it.
    """


@main.command()
@click.option("--requests", default=2000, type=click.IntRange(50, 20_000))
@click.option("--kills", default=50, type=click.IntRange(1, 500))
@click.option("--seeds", default=3, type=click.IntRange(1, 20))
def r1(requests: int, kills: int, seeds: int) -> None:
    """
    Kill workers while 20 % of the mails are refused and 2 % broken off.
    """
    for seed in range(1, seeds + 1):
        weather = Weather(refused=0.2, cut=0.02, delay=0.025)
        with scene(workers=3, weather=weather, seed=seed) as on:
            seen = kill_workers(on.fleet, requests=requests, kills=kills, every=1.5, seed=seed)
            troubles = dict(on.fleet.office.troubles)
        verdict = seen.verdict
        print(f"seed {seed}: {verdict.asked} requests, {kills} kills, troubles {troubles}")
        print_figure("lost", goal="0", seen=str(verdict.lost), held=verdict.lost == 0)
        rate = verdict.duplicates / kills
        figure = f"{verdict.duplicates} ({rate:.2f} a kill)"
        print_figure("duplicates", goal="≤ 0.5 a kill", seen=figure, held=rate <= 0.5)
        bound = kills * SLOTS + troubles["cut"]
        print_figure("duplicates, hard bound", goal=f"≤ {bound}", seen=figure, held=verdict.duplicates <= bound)
        strangers = str(verdict.strangers)
        print_figure("duplicates with another link or id", goal="0", seen=strangers, held=verdict.strangers == 0)
        print_figure("drained after", goal="-", seen=f"{seen.drained_after:.1f} s", held=True)


@main.command()
@click.option("--runs", default=5, type=click.IntRange(1, 50))
@click.option("--idle", default=0.0, type=click.FloatRange(0, 120))
def r2(runs: int, idle: float) -> None:
    """
    Kill a worker, and let another, idle for a while, send what it held.
    """
    seen = list[float]()
    for _ in range(runs):
        with scene() as on:
            time.sleep(idle)
            seen.append(orphan(on.fleet, mails=3))
    print_figure(
        "re-sent after a kill", goal=f"≤ {TEST_LEASE + 2} s", seen=spread(seen), held=max(seen) <= TEST_LEASE + 2
    )


@main.command()
@click.option("--mails", default=1000, type=click.IntRange(10, 20_000))
def r3(mails: int) -> None:
    """
    Lose the answer to 3 % of the mails that the server accepts.
    """
    with scene(weather=Weather(lost=0.03), seed=3) as on:
        on.fleet.ask(on.fleet.sign_up(mails))
        on.fleet.drained(within=300)
        verdict = on.fleet.verdict()
    print_figure("lost", goal="0", seen=str(verdict.lost), held=verdict.lost == 0)
    share = verdict.duplicates / mails
    print_figure("duplicates", goal="≤ 4.5 %", seen=f"{verdict.duplicates} ({share:.1%})", held=share <= 0.045)
    print_figure(
        "duplicates with another link or id", goal="0", seen=str(verdict.strangers), held=not verdict.strangers
    )


@main.command()
@click.option("--attempts", default=5, type=click.IntRange(2, 20))
def r4(attempts: int) -> None:
    """
    Send a mail that kills whoever sends it.
    """
    settings = {"EMAIL_PROVIDER": "tests.support.poison", "PYTHONPATH": str(ROOT)}
    with scene(weather=Weather(delay=0.2), OUTBOX_MAX_ATTEMPTS=str(attempts), **settings) as on:
        seen = send_poison(on.fleet, others=40, within=attempts * 20)
    print_figure("deaths", goal=str(attempts), seen=str(seen.deaths), held=seen.deaths == attempts)
    print_figure("the poison is", goal="dead", seen=f"{seen.state} ({seen.reason})", held=seen.state == "dead")
    print_figure("others lost", goal="0", seen=f"{seen.others.lost} of {seen.others.asked}", held=seen.others.lost == 0)
    print_figure("others twice", goal="-", seen=str(seen.others.duplicates), held=True)
    print_figure("the last of the others after", goal="-", seen=f"{seen.slowest:.1f} s", held=True)


@main.command()
@click.option("--away", default=600.0, type=click.FloatRange(5, 1200))
@click.option("--mails", default=200, type=click.IntRange(5, 5000))
def r5(away: float, mails: int) -> None:
    """
    Take the mail server away, and bring it back.
    """
    with scene() as on:
        seen = mail_server_away(on.fleet, seconds=away, mails=mails, expiring=mails // 10)
    print(f"away for {away:.0f} s: {seen.states}")
    print_figure("unexpired, lost", goal="0", seen=str(seen.verdict.lost), held=seen.verdict.lost == 0)
    print_figure("sent late", goal="0", seen=str(seen.late), held=seen.late == 0)
    print_figure(
        "the last after its return", goal="≤ 60 s", seen=f"{seen.last_after:.1f} s", held=seen.last_after <= 60
    )


@main.command()
@click.option("--runs", default=3, type=click.IntRange(1, 20))
def r7(runs: int) -> None:
    """
    Tell a worker to end in the midst of sending.
    """
    for name, weather, mails in (("slow", Weather(delay=1.0), 8), ("silent", Weather(silent=True), 4)):
        took, rest, verdicts = list[float](), list[float](), list[int]()
        for _ in range(runs):
            with scene() as on:
                seen = end_worker(on.fleet, weather, mails=mails)
            took.append(seen.took)
            rest.append(seen.rest_after)
            verdicts.append(seen.verdict.lost + seen.verdict.duplicates + abs(seen.code))
        held = not any(verdicts)
        print_figure(f"{name}: lost, twice, exit code", goal="0", seen=str(sum(verdicts)), held=held)
        print_figure(f"{name}: ended after", goal="≤ 10 s", seen=spread(took), held=max(took) <= 10)
        print_figure(f"{name}: the rest after", goal="-", seen=spread(rest), held=True)


@main.command()
@click.option("--runs", default=3, type=click.IntRange(1, 20))
@click.option("--through-pooler", is_flag=True)
def r8(runs: int, *, through_pooler: bool) -> None:
    """
    Restart and crash the database under load.
    """
    with scene(through_pooler=through_pooler) as on:
        session = log_in(on.fleet)
        for mode in ("fast", "immediate") * runs:
            seen = restart_under_load(on.fleet, on.database, session, mode=mode, away=1.0, warm=3.0)
            print(f"{mode}: {seen.kept} acknowledged, answers {seen.statuses}")
            print_figure("acknowledged, lost", goal="0", seen=str(seen.lost), held=seen.lost == 0)
            print_figure("kept, nobody told", goal="≤ 4 in flight", seen=str(seen.unknown), held=seen.unknown <= 4)
            other = set(seen.statuses) - {201, 202, 503}
            print_figure("answers but 201, 202 and 503", goal="none", seen=str(other or "none"), held=not other)
            after = f"{seen.served_after:.2f} s"
            print_figure("served after its return", goal="≤ 2 s", seen=after, held=seen.served_after <= 2)
            mail = f"{seen.verdict.lost} lost, {seen.verdict.duplicates} twice"
            print_figure("mail so far", goal="0 lost", seen=mail, held=seen.verdict.lost == 0)


@main.command()
@click.option("--away", default=75.0, type=click.FloatRange(5, 600))
def r9(away: float) -> None:
    """
    Take the database away for long, and bring it back.
    """
    with scene(OUTBOX_POLL_SECONDS="60") as on:
        seen = database_away(on.fleet, on.database, seconds=away, mails=50)
    print(f"away for {away:.0f} s")
    print_figure("/health meanwhile", goal="200", seen=str(seen.health), held=seen.health == 200)
    unready = f"{seen.unready_after:.2f} s"
    print_figure("/api/v1/ready is 503 after", goal="≤ 5 s", seen=unready, held=seen.unready_after <= 5)
    print_figure("processes that lived", goal="all", seen="all" if seen.lived else "not all", held=seen.lived)
    drained = f"{seen.drained_after:.2f} s"
    print_figure("drained after its return", goal="≤ 10 s", seen=drained, held=seen.drained_after <= 10)
    woken = f"{seen.woken_after:.2f} s"
    print_figure("bells heard after its return", goal="≤ 5 s", seen=woken, held=seen.woken_after <= 5)
    print_figure("lost", goal="0", seen=str(seen.verdict.lost), held=seen.verdict.lost == 0)


if __name__ == "__main__":
    main()
