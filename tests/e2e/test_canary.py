"""
No secret is told to anybody, whatever goes wrong.

A story at LOG_LEVEL=DEBUG, and then a search for every secret that occurred in it, wherever it could have leaked to.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Generator
from pathlib import Path

import psutil
import psycopg
import pytest
from attrs import frozen
from psycopg import sql
from sqlalchemy import make_url

from tests.support.canaries import Aviary, canary, disguises
from tests.support.people import Person
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import TodoServer, eventually, run_todo, token_in
from tests.support.smtp import SmtpServer
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import conninfo
from todo_web.container import Container
from todo_web.settings import load_settings

HASH = "password hash"
CONSOLE_MAIL = re.compile(r"^=+ a mail would be sent =+\n.*?\n={70,}\n", re.MULTILINE | re.DOTALL)
KINDS = {
    *("SMTP password", "wrong SMTP password", "database password", "JWT key", "link key"),
    *("password", HASH, "access token", "link token", "altered token", "printed token"),
}
LOG_ALL = {
    "log_statement": "all",
    "log_connections": "on",
    "log_duration": "on",
    "log_min_messages": "debug1",
    "log_min_error_statement": "debug5",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""Every statement as it came, without the parameters that came beside it."""

TELL_ALL = """
import logging

for name in ("aiosmtplib", "asyncio", "httpcore2", "httpx2", "psycopg", "sqlalchemy.engine", "sqlalchemy.pool"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""
"""Run by Python itself at its start: libraries that keep silent at LOG_LEVEL=DEBUG speak too, SQL echo among them."""


@frozen
class Scene:
    """
    The program among servers that log all they see, the secrets it was given, and its answers.
    """

    server: TodoServer
    mail: SmtpServer
    database: EmbeddedServer
    settings: dict[str, str]
    aviary: Aviary
    answers: list[str]

    @property
    def ann(self) -> Person:
        """
        Return somebody who uses it.
        """
        return Person(self.server, self.mail)

    def ask(self, path: str, body: object, *, token: str | None = None, status: int) -> None:
        """
        Post *body*, as JSON unless it is text, see that the answer has this *status*, and keep it.
        """
        content = body if isinstance(body, str) else json.dumps(body)
        with self.server.client(token) as client:
            answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, answer.text
        self.answers.append(f"{answer.headers} {answer.text}")

    def link(self, subject: str, *, number: int = 1) -> str:
        """
        Return the token in a mail, and look out for it.
        """
        return self.aviary.add("link token", self.ann.link_token(subject, number=number))

    def log_in(self, password: str) -> str:
        """
        Return an access token, and look out for it and for the secret inside.
        """
        token = self.aviary.add("access token", self.ann.log_in(password))
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        for name, claim in claims.items():
            if isinstance(claim, str) and len(claim) >= 20:
                self.aviary.add(f"claim {name}", claim)
        return token


@pytest.fixture
def aviary() -> Aviary:
    """
    Return a look-out for secrets.
    """
    return Aviary()


@pytest.fixture
def database(server_folder: Path) -> Generator[EmbeddedServer]:
    """
    Yield a PostgreSQL server that logs every statement.
    """
    server = EmbeddedServer(server_folder)
    with server.running() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in LOG_ALL.items():
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture
def scene(database: EmbeddedServer, aviary: Aviary, tmp_path: Path) -> Generator[Scene]:
    """
    Yield the program, with every secret it can have, each of them new.
    """
    with fresh_database(database.url) as url, SmtpServer(password=aviary.add("SMTP password", canary())) as mail:
        migrate.upgrade(url)
        keys = [aviary.add("link key", canary()) for _ in range(2)]
        password = aviary.add("database password", canary())
        (tmp_path / "sitecustomize.py").write_text(TELL_ALL, "utf-8")
        settings = {
            "PYTHONPATH": str(tmp_path),
            "DATABASE_URL": make_url(url).set(password=password).render_as_string(hide_password=False),
            "JWT_SECRET_KEY": aviary.add("JWT key", canary()),
            "LINK_SECRET_KEYS": ",".join(keys),
            "EMAIL_PROVIDER": "smtp",
            "SSL_CERT_FILE": str(mail.write_authority(tmp_path / "authority.pem")),
            **mail.environment(),
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "PYTHONASYNCIODEBUG": "1",
            "RATE_LIMIT_ENABLED": "false",
            "RATE_LIMIT_LOGIN": "1000/minute",
            "RATE_LIMIT_RESET": "1000/minute",
        }
        with TodoServer(tmp_path, settings) as server:
            yield Scene(server, mail, database, settings, aviary, answers=[])


def test_no_secret_is_told_to_anybody(scene: Scene, tmp_path: Path) -> None:
    """
    Whatever the program is asked and whatever breaks, no secret comes to light.

    Not in its output, in PostgreSQL's log, in a row of any table, in an answer, in a list of arguments, in the
    core's repr. PostgreSQL's log of statements shows their parameters if it is told to; here it is not, and what is
    seen is that none is written into a statement's text.
    """
    first, second, wrong = (scene.aviary.add("password", canary()) for _ in range(3))
    session = _sign_up_and_mistype(scene, first, wrong)
    arguments = _arguments()
    _forget_and_reset(scene, second, wrong, session)
    _let_mail_fail(scene)
    told_to_operator = _ask_as_an_operator(scene, tmp_path)
    _let_the_database_fail(scene, second)
    rows = _rows(scene.settings["DATABASE_URL"])
    for password_hash in re.findall(r"\$argon2id\$[^,\"')]+", rows):
        scene.aviary.add(HASH, password_hash)
    assert scene.server.stop() == 0

    places = {
        "the output": scene.server.output,
        "PostgreSQL's log": (scene.database.folder / "log").read_text("utf-8", errors="replace"),
        "an answer": "\n".join(scene.answers),
        "a list of arguments": arguments + _arguments(),
        "what the operator's commands logged": told_to_operator,
        "the core's repr": _reprs(scene.settings),
    }
    assert scene.aviary.seen_in(places) == []
    assert scene.aviary.seen_in({"a row": rows}, but=HASH) == []
    _the_search_was_worth_it(scene, places, rows)


def _sign_up_and_mistype(scene: Scene, password: str, wrong: str) -> str:
    email = scene.ann.email
    scene.ask("/auth/register", {"email": email, "password": password}, status=202)
    scene.ask("/auth/verify-email", {"token": scene.link("Verify")}, status=204)
    session = scene.log_in(password)
    scene.ask("/auth/login", {"email": email, "password": wrong}, status=401)
    scene.ask("/auth/login", json.dumps({"email": email, "password": wrong})[:-1], status=400)
    scene.ask("/auth/login", {"email": email, "password": [wrong]}, status=422)
    scene.ask("/auth/login", {"email": wrong, "password": wrong}, status=422)
    scene.ask("/auth/login", {"email": email, "password": wrong, "pass": wrong}, status=422)
    return session


def _forget_and_reset(scene: Scene, password: str, wrong: str, session: str) -> None:
    scene.ask("/auth/password-reset", {"email": scene.ann.email}, status=202)
    token = scene.link("Reset")
    altered = scene.aviary.add("altered token", ("A" if token[0] != "A" else "B") + token[1:])
    scene.ask("/auth/password-reset/check", {"token": token}, status=200)
    scene.ask("/auth/password-reset/check", {"token": altered}, status=400)
    scene.ask("/auth/password-check", {"token": token, "password": password}, status=200)
    scene.ask("/auth/password-check", {"token": altered, "password": wrong}, status=400)
    scene.ask("/auth/password-check", {"email": wrong, "password": wrong}, status=422)
    scene.ask(f"/auth/password-reset/confirm?token={token}", {"token": token, "new_password": "short"}, status=422)
    scene.ask("/auth/password-reset/confirm", {"token": altered, "new_password": wrong}, status=400)
    scene.ask("/auth/password-reset/confirm", {"token": token, "new_password": password}, status=204)
    scene.ask("/auth/password-reset/confirm", {"token": token, "new_password": password}, status=400)
    scene.ask("/todos", {"title": "buy milk"}, token=session, status=401)
    scene.ask("/todos", {"title": "buy milk"}, token=scene.log_in(password), status=201)
    with scene.server.client() as client:
        page = client.get(f"{scene.server.url}/reset-password", params={"token": token})
        field = f'value="{token}"'  # for who has no script: the link's own page, and nowhere else
        assert page.text.count(field) == 1
        scene.answers.append(page.text.replace(field, ""))


def _let_mail_fail(scene: Scene) -> None:
    for answer in (("MAIL", "451 later"), ("RCPT", "421 closing"), ("DATA", "451 greylisted")):
        scene.mail.answers.append(answer)
    scene.ask("/auth/password-reset", {"email": scene.ann.email}, status=202)
    scene.link("Reset", number=2)
    port = scene.mail.port
    scene.mail.stop()
    scene.ask("/auth/password-reset", {"email": scene.ann.email}, status=202)
    eventually(lambda: "connect refused" in scene.server.output)
    scene.mail.start(port)
    scene.link("Reset", number=3)


def _ask_as_an_operator(scene: Scene, folder: Path) -> str:
    """
    Return what the operator's commands print, but for the link that one of them is for.
    """
    wrong = {**scene.settings, "SMTP_PASSWORD": scene.aviary.add("wrong SMTP password", canary())}
    printed = run_todo("reset-link", scene.ann.email, settings=scene.settings, folder=folder)
    scene.aviary.add("printed token", token_in(printed.stdout))
    doctor = run_todo("doctor", "--mail", scene.ann.email, settings=wrong, folder=folder)
    check = run_todo("check", settings=wrong, folder=folder)
    assert (printed.returncode, doctor.returncode, check.returncode) == (0, 1, 1)
    return printed.stderr + doctor.stdout + doctor.stderr + check.stdout + check.stderr


def _let_the_database_fail(scene: Scene, password: str) -> None:
    credentials = {"email": scene.ann.email, "password": password}
    with psycopg.connect(conninfo(scene.settings["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute("ALTER TABLE sessions RENAME TO mislaid")
        scene.ask("/auth/login", credentials, status=500)
        connection.execute("ALTER TABLE mislaid RENAME TO sessions")
    scene.database.stop()
    scene.ask("/auth/login", credentials, status=503)
    scene.database.start()
    eventually(lambda: _is_ready(scene))


def _is_ready(scene: Scene) -> bool:
    with scene.server.client() as client:
        return client.get("/ready").status_code == 200


def _rows(url: str) -> str:
    """
    Return every column of every row of every table, as text.
    """
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return "\n".join(
            row[0]
            for (table,) in tables
            for row in connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
        )


def _arguments() -> str:
    """
    Return what ``ps`` tells everybody on this machine about our programs and PostgreSQL's.
    """
    servers = [program for program in psutil.process_iter(["name"]) if program.info["name"] == "postgres"]
    return "\n".join(_shown(program) for program in [*psutil.Process().children(recursive=True), *servers])


def _shown(program: psutil.Process) -> str:
    try:
        return " ".join(program.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _reprs(settings: dict[str, str]) -> str:
    container = Container(settings=load_settings(settings), surroundings=settings)
    things = (container.core(), container.ports(), container.settings(), container.engine(), container.courier())
    return "\n".join(map(repr, things))


def _the_search_was_worth_it(scene: Scene, places: dict[str, str], rows: str) -> None:
    """
    See that the places hold what they should, so that finding nothing there means something.
    """
    for trace in (
        '"logger":"sqlalchemy.pool',
        '"status":500',
        '"status":503',
        '"outcome":"retried"',
        '"exception":',
        "StatementRefused",
    ):
        assert trace in places["the output"], trace
    assert "INSERT INTO outbox" in places["PostgreSQL's log"]
    assert scene.ann.email not in places["PostgreSQL's log"]
    assert scene.ann.email in rows
    assert scene.aviary.seen_in({"rows": rows})
    assert "/problems/invalid-token" in places["an answer"]
    assert "todo serve" in places["a list of arguments"]
    assert "postgres" in places["a list of arguments"]
    assert "FAILED  login" in places["what the operator's commands logged"]
    assert "RequestPasswordReset(" in places["the core's repr"]
    assert {name.rpartition(" (")[0] for name in scene.aviary.secrets} >= KINDS


def test_the_console_shows_a_link_in_its_block_only(scene: Scene, tmp_path: Path) -> None:
    """
    Where mail is shown instead of sent, the link stands in the mail that is shown, and nowhere else in the output.
    """
    (tmp_path / "console").mkdir()
    settings = {**scene.settings, "EMAIL_PROVIDER": "console"}
    scene.server.stop()
    with TodoServer(tmp_path / "console", settings) as server, server.client() as client:
        client.post("/auth/register", json={"email": scene.ann.email, "password": scene.aviary.add("p", canary())})
        token = eventually(lambda: re.search(r"[?#]token=([\w.~-]+)", server.output))[1]
        client.post("/auth/verify-email", json={"token": scene.aviary.add("link token", token)})
        server.stop()
        assert scene.aviary.seen_in({"the output": server.output})
        assert scene.aviary.seen_in({"the output": CONSOLE_MAIL.sub("", server.output)}) == []


@pytest.mark.parametrize("way", sorted(disguises('a "secret"/ä of\\ours&')))
def test_a_leak_would_be_found(aviary: Aviary, way: str) -> None:
    """
    A secret is recognised in each of its disguises, in the midst of other text.
    """
    aviary.add("it", 'a "secret"/ä of\\ours&')
    assert aviary.seen_in({"here": f"before{way}after"})
    assert aviary.seen_in({"here": "before secret after"}) == []
