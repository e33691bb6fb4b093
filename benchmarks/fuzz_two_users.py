"""
R12: schemathesis in all phases, as each of two people, who must never see anything of each other.

    uv run python benchmarks/fuzz_two_users.py
    uv run python benchmarks/fuzz_two_users.py --seeds 1 --cases 50

The operations that end a session come last, each with a session of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import print_figure, print_machine
from tests.support.people import Person
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import KEY, TodoServer
from tests.support.smtp import SmtpServer
from todo_adapters.postgres import migrate

ROOT = Path(__file__).parents[1]
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ENDING = ("log_out", "submit_log_out", "end_session")
"""Operations that may end the session they are asked with."""

ENDLESS = ("follow_changes",)
"""Those whose answer has no end; they take no id, and tell one's own changes only."""

_THINGS = 5
_PLENTY = "1000000/minute"
_LIMITS = (
    "RATE_LIMIT_LOGIN",
    "RATE_LIMIT_LOGIN_DAY",
    "RATE_LIMIT_BAD_TOKENS",
    "RATE_LIMIT_REGISTER",
    "RATE_LIMIT_VERIFY",
    "RATE_LIMIT_RESET",
    "RATE_LIMIT_RESET_CLIENT",
)


@frozen
class Belongings:
    """
    What *owner* alone may see: todos with these *ids*, all of which hold *marker*, *lists*, and *sessions*.

    *cursors* go on behind their todos.
    """

    owner: Person
    marker: str
    ids: Sequence[str]
    lists: Sequence[str]
    cursors: Sequence[str]
    sessions: Sequence[str]

    @classmethod
    def of(cls, owner: Person) -> Belongings:
        """
        Give *owner* some new ones.
        """
        marker = os.urandom(12).hex()
        todo = {"title": f"{marker} title", "notes": f"{marker} notes"}
        with owner.server.client(owner.log_in()) as client:
            made = [client.post("/lists", json={"name": f"{marker} list"}).json()["id"] for _ in range(_THINGS)]
            ids = [client.post("/todos", json={**todo, "list_id": each}).json()["id"] for each in made]
            cursors = [client.get(f"/todos?limit={limit}").json()["next_cursor"] for limit in range(1, _THINGS)]
            sessions = [each["id"] for each in client.get("/me/sessions").json()["items"]]
        return cls(owner, marker, ids, made, cursors, sessions)

    def seen(self) -> list[Any]:
        """
        Return them as they are now; of a session, whether it lives.
        """
        with self.owner.server.client(self.owner.log_in()) as client:
            living = {each["id"] for each in client.get("/me/sessions").json()["items"]}
            todos = [client.get(f"/todos/{each}").json() for each in self.ids]
            lists = [client.get(f"/lists/{each}").json() for each in self.lists]
        return [*todos, *lists, *(each in living for each in self.sessions)]

    def environment(self) -> dict[str, str]:
        """
        Return what ``tests.support.fuzz_hooks`` looks out for.
        """
        words = [self.marker, self.owner.email]
        ids = {"todo_id": self.ids, "list_id": self.lists, "session_id": self.sessions}
        ids |= {"parent_id": self.ids, "to": self.lists, "cursor": self.cursors}
        return {"FUZZ_FOREIGN_WORDS": json.dumps(words), "FUZZ_FOREIGN_IDS": json.dumps(ids)}


@contextmanager
def running() -> Generator[tuple[TodoServer, SmtpServer]]:
    """
    Yield the program, whose limits stop nobody, and its mail server.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="todo-fuzz-")))
        data = Path(stack.enter_context(TemporaryDirectory(prefix="todo-postgres-"))).resolve()
        url = stack.enter_context(fresh_database(stack.enter_context(EmbeddedServer(data).running())))
        migrate.upgrade(url)
        mail = stack.enter_context(SmtpServer())
        settings = {
            "DATABASE_URL": url,
            "JWT_SECRET_KEY": KEY,
            "EMAIL_PROVIDER": "smtp",
            "SSL_CERT_FILE": str(mail.write_authority(folder / "authority.pem")),
            **mail.environment(),
            "LOG_FORMAT": "json",
            "RATE_LIMIT_ENABLED": "false",
            **dict.fromkeys(_LIMITS, _PLENTY),
        }
        print_machine(url)
        yield stack.enter_context(TodoServer(folder, settings)), mail


def fuzz(intruder: Person, victim: Belongings, *options: str) -> Counter[str]:
    """
    Run schemathesis as *intruder*; return what was seen, counted.
    """
    server, token, before = intruder.server, intruder.log_in(), victim.seen()
    logged = len(server.output)
    with TemporaryDirectory(prefix="todo-report-") as folder:
        report = Path(folder) / "report.json"
        run = _schemathesis(server, token, *options, f"--report-json-path={report}", folder=folder, victim=victim)
        seen = json.loads(report.read_text("utf-8"))
    if run.returncode:
        print(run.stdout[-8000:], run.stderr[-2000:])
    with server.client(token) as client:
        ended = client.get("/todos").is_error
    requests = list(_requests(server.output[logged:]))
    return Counter(
        {
            "cases": seen["test_cases"]["generated"],
            "failures": seen["test_cases"]["unique_failures"] + seen["test_cases"]["errored"],
            "incomplete runs": int(not seen["complete"]),
            "server errors": sum(request["status"] >= 500 for request in requests),
            "requests": len(requests),
            "requests for the other's things": sum(_is_for(request, victim) for request in requests),
            "things changed": sum(old != new for old, new in zip(before, victim.seen(), strict=True)),
            "sessions that ended": int(ended),
        }
    )


def _schemathesis(
    server: TodoServer, token: str, *options: str, folder: str, victim: Belongings
) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(SCHEMATHESIS), f"--config-file={ROOT / 'schemathesis.toml'}", "run"),
        *(f"{server.url}/api/v1/openapi.json", f"--url={server.url}", f"--header=Authorization: Bearer {token}"),
        "--header=Sec-Fetch-Site: same-origin",
        *("--checks=all", "--continue-on-failure", "--no-color"),
        *("--report=json", *options),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.fuzz_hooks", "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - a tool of the development environment
        command,
        cwd=folder,
        env={**os.environ, **hooks, **victim.environment()},
        capture_output=True,
        text=True,
        check=False,
    )


def _requests(output: str) -> Iterator[dict[str, Any]]:
    """
    Yield what the server logged of each request.
    """
    for line in output.split("\n"):
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("event") == "request":
            yield entry


def _is_for(request: Mapping[str, Any], victim: Belongings) -> bool:
    return not {*victim.ids, *victim.lists, *victim.sessions}.isdisjoint(str(request["path"]).split("/"))


@click.command()
@click.option("--seeds", default=3, type=click.IntRange(1, 50))
@click.option("--cases", default=500, type=click.IntRange(1, 10_000), help="At most, for each operation and phase.")
def main(seeds: int, cases: int) -> None:
    """
    Fuzz as Ann, who must not see Bob's things, and as Bob, who must not see Ann's.
    """
    total = Counter[str]()
    with running() as (server, mail):
        people = [Person(server, mail, f"{name}.{os.urandom(6).hex()}@example.org") for name in ("ann", "bob")]
        for person in people:
            person.sign_up()
        for seed in range(1, seeds + 1):
            for intruder, owner in (people, people[::-1]):
                options = (f"--seed={seed}", f"--max-examples={cases}")
                excluded = [f"--exclude-operation-id={ending}" for ending in (*ENDING, *ENDLESS)]
                seen = fuzz(intruder, Belongings.of(owner), *options, *excluded)
                print(
                    f"seed {seed}, {intruder.email[:3]}:", ", ".join(f"{count} {what}" for what, count in seen.items())
                )
                total += seen
                for ending in ENDING:
                    alone = (f"--include-operation-id={ending}", "--phases=coverage,fuzzing")  # no link leads from it
                    last = fuzz(intruder, Belongings.of(owner), *options, *alone)
                    del last["sessions that ended"]
                    total += last
    print_figure("cases", goal="-", seen=str(total["cases"]), held=True)
    asked = total["requests for the other's things"]
    print_figure("requests for the other's things", goal="> 0", seen=str(asked), held=asked > 0)
    for what in ("failures", "incomplete runs", "server errors", "things changed", "sessions that ended"):
        print_figure(what, goal="0", seen=str(total[what]), held=not total[what])


if __name__ == "__main__":
    main()
