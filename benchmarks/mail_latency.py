"""
R6 and F9: how long a mail takes from the request's answer to the server's 250, and what it costs.

    uv run python benchmarks/mail_latency.py
    uv run python benchmarks/mail_latency.py --through-pooler
    uv run python benchmarks/mail_latency.py --unheard
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from pathlib import Path

import click
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.mail_under_fire import Scene, scene
from benchmarks.report import percentile, print_figure
from tests.support.post_office import Weather
from tests.support.server import eventually
from tests.support.under_fire import frozen_process, latencies

POLL = 1
_COUNTED = 100
_STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (\w+)")
_LOG_ALL = (b"ALTER SYSTEM SET log_statement = 'all'", b"SELECT pg_reload_conf()", b"SELECT pg_sleep(1)")
_BOUNDARIES = {"BEGIN", "COMMIT", "ROLLBACK"}


@click.command()
@click.option("--mails", default=200, type=click.IntRange(10, 2000), help="For the latency, one at a time.")
@click.option("--burst", default=3000, type=click.IntRange(100, 50_000), help="For the throughput, all at once.")
@click.option("--through-pooler", is_flag=True, help="The database is behind pgbouncer, LISTEN beside it.")
@click.option("--unheard", is_flag=True, help="LISTEN hears nothing, as behind a pooler.")
def main(mails: int, burst: int, *, through_pooler: bool, unheard: bool) -> None:
    """
    Measure one idle worker, then a full outbox.
    """
    with scene(workers=1, weather=Weather(), through_pooler=through_pooler, unheard=unheard) as on:
        time.sleep(3)
        seen = latencies(on.fleet, mails=mails)
        p50, p99 = percentile(seen, 0.5), percentile(seen, 0.99)
        if unheard:
            most = f"{max(seen):.2f} s"
            print_figure("queued to 250, the slowest", goal=f"≤ {POLL + 1} s", seen=most, held=max(seen) <= POLL + 1)
            return
        print_figure("queued to 250, idle: p50", goal="≤ 60 ms", seen=f"{p50 * 1000:.1f} ms", held=p50 <= 0.06)
        print_figure("queued to 250, idle: p99", goal="≤ 500 ms", seen=f"{p99 * 1000:.1f} ms", held=p99 <= 0.5)
        rate = _burst(on, burst)
        print_figure("mails a second, one process", goal="≥ 150", seen=f"{rate:.0f}", held=rate >= 150)
        statements, boundaries = _statements(on)
        seen_too = f"{statements:.1f}, and {boundaries:.1f} BEGIN, COMMIT"
        print_figure("statements a mail", goal="≤ 4", seen=seen_too, held=statements <= 4)


def _burst(on: Scene, mails: int) -> float:
    """
    Return how many mails a second leave a full outbox.
    """
    before = len(on.fleet.office.arrivals)
    with frozen_process(on.fleet.workers[0]):
        on.fleet.ask(on.fleet.sign_up(mails))
    began = time.monotonic()
    eventually(lambda: len(on.fleet.office.arrivals) - before >= mails, within=300)
    return mails / (time.monotonic() - began)


def _statements(on: Scene) -> tuple[float, float]:
    """
    Return how many statements the server counts for a mail from its claim to its end, and how many BEGIN and COMMIT.
    """
    worker = on.fleet.workers[0]
    with frozen_process(worker):
        on.fleet.ask(on.fleet.sign_up(_COUNTED))
        with psycopg.connect(on.database.url, autocommit=True) as connection:
            for statement in _LOG_ALL:
                connection.execute(statement)
        log = on.database.folder / "log"
        read_already = log.stat().st_size
    on.fleet.drained(within=60)
    found = Counter(_STATEMENT.findall(log.read_bytes()[read_already:].decode("utf-8", "replace")))
    boundaries = sum(found[word] for word in _BOUNDARIES)
    return (found.total() - boundaries) / _COUNTED, boundaries / _COUNTED


if __name__ == "__main__":
    main()
