"""
Leaving for good, and what a backup that is restored would bring back: against the real program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from attrs import evolve
from psycopg import sql

from tests.support.app import container_for
from tests.support.people import Person
from tests.support.postgres import copied_database
from tests.support.server import PASSWORD, TodoServer, eventually, run_todo
from tests.support.smtp import SmtpServer
from todo_adapters.fakes import FakeClock
from todo_core.use_cases.pruning import Pruned
from todo_web.app import opened

NEW_PASSWORD = "a different one, quite long"
TITLE = "a present for Bob"
LEAVING = "will be erased"


@pytest.fixture
def ann(server: TodoServer, mail: SmtpServer) -> Person:
    """
    Return somebody who has signed up.
    """
    person = Person(server, mail)
    person.sign_up()
    return person


@pytest.fixture
def bob(server: TodoServer, mail: SmtpServer) -> Person:
    """
    Return somebody else who has.
    """
    person = Person(server, mail, "bob@example.org")
    person.sign_up()
    return person


def prune(database_url: str, *, after: timedelta) -> Pruned:
    """
    Forget what is old by then, in this process.
    """

    async def ask() -> Pruned:
        container, _ = container_for(database_url)
        async with opened(container):
            return await evolve(container.core().prune, clock=FakeClock(datetime.now(UTC) + after))()

    return asyncio.run(ask())


def tables_with(database_url: str, *texts: str) -> set[str]:
    """
    Return the names of the tables in which any of *texts* stands anywhere.
    """
    with psycopg.connect(database_url) as connection:
        listing = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [name for (name,) in connection.execute(listing).fetchall()]
        assert "users" in names
        anywhere = "SELECT count(*) FROM {table} AS kept WHERE kept::text ILIKE ANY(%s)"
        found = {
            name: connection.execute(
                sql.SQL(anywhere).format(table=sql.Identifier(name)), [[f"%{text}%" for text in texts]]
            ).fetchone()
            for name in names
        }
    return {name for name, row in found.items() if row is not None and row[0]}


def settle(person: Person, database_url: str) -> UUID:
    """
    Let something of *person* stand in every table that can hold it, and return the id of the account.
    """
    token = person.log_in()
    with person.server.client(token) as client:
        todo = {"title": f"{TITLE} {person.email}"}
        assert client.post("/todos", json=todo, headers={"Idempotency-Key": "once"}).status_code == 201
        assert client.post("/lists", json={"name": person.email}).status_code == 201
        assert client.post("/me/calendar").status_code == 201
        assert client.patch("/me", json={"display_name": f"Dear {person.email}"}).status_code == 200
        user_id = UUID(client.get("/me").json()["id"])
        assert client.post("/me/deletion", json={"password": PASSWORD}).status_code == 202
    person.link_token(LEAVING)
    person.forget_password()
    person.log_in()
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO suppressions VALUES (%s, 'bounce', now())", [person.email])
        # as if it had gone to the address that the account had before
        to_another = "UPDATE outbox SET address = %s WHERE user_id = %s"
        assert connection.execute(to_another, [f"old-{person.email}", user_id]).rowcount >= 1
    return user_id


_OF_TODOS = {"todos", "lists", "changes", "change_counters", "answers", "calendars"}
EVERYWHERE = {"users", "sessions", "tokens", "outbox", "security_events", "suppressions", *_OF_TODOS}


def test_of_whoever_leaves_nothing_is_left(ann: Person, bob: Person, database_url: str) -> None:
    """
    Address, id, name and titles stood in every table that can hold them, and when a day is over in none.

    Of others all is left, but for what nobody keeps longer than a day.

    A second account left too, but came back by the link in the mail.
    """
    texts = {person.email: (person.email, str(settle(person, database_url))) for person in (ann, bob)}
    assert tables_with(database_url, *texts[ann.email]) == EVERYWHERE
    with bob.server.client(bob.log_in()) as client:
        assert client.delete("/me/deletion").status_code == 204

    assert prune(database_url, after=timedelta(hours=23, minutes=59)).users == 0
    assert tables_with(database_url, *texts[ann.email]) == EVERYWHERE
    assert prune(database_url, after=timedelta(days=1)).users == 1

    assert tables_with(database_url, *texts[ann.email]) == set()
    assert tables_with(database_url, *texts[bob.email]) == EVERYWHERE - {"answers"}
    with ann.server.client() as client:
        assert client.post("/auth/login", json={"email": ann.email, "password": PASSWORD}).status_code == 401
    ann.server.stop()
    assert ann.email not in ann.server.output


def test_the_address_is_free_again(ann: Person, database_url: str) -> None:
    """
    Whoever signs up with it has nothing of the account that went.
    """
    settle(ann, database_url)
    prune(database_url, after=timedelta(days=1))
    with ann.server.client() as client:
        assert client.post("/auth/register", json={"email": ann.email, "password": NEW_PASSWORD}).status_code == 202
        token = ann.link_token("Verify", number=2)
        assert client.post("/auth/verify-email", json={"token": token}).status_code == 204
    with ann.server.client(ann.log_in(NEW_PASSWORD)) as client:
        assert client.get("/todos").json()["items"] == []
        assert [event["kind"] for event in client.get("/me/events").json()["items"]] == ["logged_in", "email_verified"]


def test_leaving_ends_every_session_and_can_be_taken_back(ann: Person) -> None:
    """
    By the link in the mail, once; the profile tells until then when the account goes.
    """
    sessions = [ann.log_in(), ann.log_in()]
    with ann.server.client(sessions[0]) as client:
        assert client.get("/me").json()["erase_at"] is None
        left = client.post("/me/deletion", json={"password": PASSWORD})
        assert (left.status_code, left.content) == (202, b"")
        assert '__Host-session=""' in left.headers["set-cookie"]
        assert "Max-Age=0" in left.headers["set-cookie"]
    for session in sessions:
        with ann.server.client(session) as client:
            assert client.get("/me").status_code == 401
    token = ann.link_token(LEAVING)
    with ann.server.client(ann.log_in()) as client:
        erase_at = datetime.fromisoformat(client.get("/me").json()["erase_at"])
        assert timedelta(hours=23) < erase_at - datetime.now(UTC) <= timedelta(days=1)
        assert client.post("/auth/undo-deletion", json={"token": token}).status_code == 204
        assert client.get("/me").json()["erase_at"] is None
        again = client.post("/auth/undo-deletion", json={"token": token})
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (400, "invalid-token")
        kinds = [event["kind"] for event in client.get("/me/events").json()["items"]]
        assert kinds == ["deletion_undone", "logged_in", "deletion_requested", *["logged_in"] * 2, "email_verified"]


def test_whoever_comes_back_may_stay(ann: Person, database_url: str) -> None:
    """
    Logged in again; and nothing happens when the day is over.
    """
    with ann.server.client(ann.log_in()) as client:
        assert client.post("/me/deletion", json={"password": PASSWORD}).status_code == 202
    with ann.server.client(ann.log_in()) as client:
        assert [client.delete("/me/deletion").status_code for _ in range(2)] == [204, 204]
    assert prune(database_url, after=timedelta(days=2)).users == 0
    assert ann.log_in()


def test_a_session_is_not_enough_to_leave(ann: Person) -> None:
    """
    With another password, or none, nothing is changed, and the session lives on.
    """
    with ann.server.client(ann.log_in()) as client:
        wrong = client.post("/me/deletion", json={"password": NEW_PASSWORD})
        assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (403, "wrong-password")
        assert client.post("/me/deletion", json={}).status_code == 422
        assert client.get("/me").json()["erase_at"] is None
    with ann.server.client() as client:
        assert client.post("/me/deletion", json={"password": PASSWORD}).status_code == 401


def test_an_operator_keeps_somebody_out(ann: Person, settings: dict[str, str], tmp_path: Path) -> None:
    """
    Sessions end and nobody logs in, until the operator lets the person in again.
    """

    def todo(*arguments: str) -> str:
        done = run_todo(*arguments, settings=settings, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    session = ann.log_in()
    assert todo("disable", ann.email) == "That account is disabled. Sessions ended: 1.\n"
    credentials = {"email": ann.email, "password": PASSWORD}
    with ann.server.client(session) as client:
        assert client.get("/me").status_code == 401
        assert client.post("/auth/login", json=credentials).status_code == 401
    assert todo("enable", ann.email) == "That account can log in.\n"
    sessions = [ann.log_in(), ann.log_in(), ann.log_in()]
    assert todo("revoke-sessions", ann.email) == "Sessions ended: 3.\n"
    with ann.server.client(sessions[0]) as client:
        assert client.get("/me").status_code == 401
    ann.log_in()
    assert todo("revoke-sessions", "--all") == "Sessions ended: 1.\n"
    with ann.server.client(ann.log_in()) as client:
        kinds = [event["kind"] for event in client.get("/me/events").json()["items"]]
    assert [kind for kind in kinds if kind not in {"logged_in", "email_verified"}] == [
        "sessions_ended",
        "account_enabled",
        "account_disabled",
    ]


def test_an_operator_is_told_what_cannot_be_done(settings: dict[str, str], tmp_path: Path) -> None:
    """
    In a sentence, and with an exit code other than 0; without an answer nothing is settled.
    """

    def todo(*arguments: str, stdin: str = "") -> tuple[int, str]:
        done = run_todo(*arguments, settings=settings, folder=tmp_path, stdin=stdin)
        return done.returncode, done.stderr

    for command in ("disable", "enable", "revoke-sessions"):
        assert todo(command, "nobody@example.org") == (1, "No account has that address.\n")
    for arguments in ((), ("ann@example.org", "--all")):
        code, complaint = todo("revoke-sessions", *arguments)
        assert (code, "Give an address, or --all." in complaint) == (2, True)
    assert todo("after-restore", stdin="n\n") == (1, "Aborted!\n")


@pytest.fixture
def backup(server: TodoServer, mail: SmtpServer, database_url: str) -> Generator[tuple[str, str, str]]:
    """
    Yield a copy of the database, and the session and the reset token that were alive in it and are over since.

    A mail waited in it, too, and was sent since.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session, token = ann.log_in(), ann.forget_password()
    eventually(lambda: not unfinished(database_url))
    server.stop()
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE outbox SET state = 'waiting', sent_at = NULL WHERE kind = 'password_reset'")
    with copied_database(database_url) as copy:
        server.start()
        with server.client() as client:
            body = {"token": token, "new_password": NEW_PASSWORD}
            assert client.post("/auth/password-reset/confirm", json=body).status_code == 204
        eventually(lambda: not unfinished(database_url))
        server.stop()
        yield copy, session, token


def unfinished(database_url: str) -> int:
    """
    Return how many mails wait or are on their way.
    """
    with psycopg.connect(database_url) as connection:
        counting = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
        [count] = connection.execute(counting).fetchone() or [0]
        return int(count)


def test_a_restored_backup_brings_nothing_back(
    backup: tuple[str, str, str], settings: dict[str, str], mail: SmtpServer, tmp_path: Path
) -> None:
    """
    Session, link and waiting mail are alive in it, and are dead once after-restore has run; logging in works.
    """
    copy, session, token = backup
    settings = {**settings, "DATABASE_URL": copy}
    with TodoServer(tmp_path, {**settings, "COURIER": "apart"}) as careless, careless.client(session) as client:
        assert client.get("/me").status_code == 200
        assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 200
    assert unfinished(copy) == 1

    settled = run_todo("after-restore", "--yes", settings=settings, folder=tmp_path)
    assert settled.returncode == 0, settled.stderr
    assert settled.stdout == "Sessions ended: 1. Links retired: 1. Mails buried: 1. Calendars ended: 0.\n"

    sent = len(mail.letters)
    with TodoServer(tmp_path, settings) as server, server.client(session) as client:
        assert client.get("/me").status_code == 401
        assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 400
        ann = Person(server, mail)
        assert ann.log_in()
        ann.forget_password(number=2)
        assert ann.log_in()
    assert len(mail.letters) == sent + 1
    listed = run_todo("outbox", "list", "--state", "dead", settings=settings, folder=tmp_path)
    assert "restored from a backup" in listed.stdout
