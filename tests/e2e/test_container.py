"""
The container image, run as it should be deployed, and all that is in it.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory

import httpx2
import psycopg
import pytest

from tests.support.container import ContainerServer, Image
from tests.support.contents import (
    CANARY,
    PLANTED,
    SECRET_FILES,
    SECRETS,
    commands_in,
    secret_files_in,
    secrets_in,
    tools_in,
)
from tests.support.people import Person
from tests.support.post_office import PostOffice, Weather
from tests.support.postgres import copied_database, fresh_database
from tests.support.server import KEY, PASSWORD, eventually
from tests.support.smtp import SmtpServer

AUTHORITY = "/run/authority.pem"
MOST_BYTES = 200_000_000
NEW_PASSWORD = "a different one, quite long"

ENDING = {"COURIER": "beside", "RATE_LIMIT_RESET_CLIENT": "100000/minute", "OUTBOX_CONCURRENCY": "2"}


@pytest.fixture(scope="module")
def image() -> Generator[Image]:
    """
    Yield the image, built from this tree with secrets lying about in it.
    """
    with TemporaryDirectory(prefix="todo-image-") as folder:
        yield Image.build(Path(folder), dict.fromkeys(PLANTED, CANARY))


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    """
    Return the settings of a deployment in production.
    """
    return settings | {
        "ENVIRONMENT": "production",
        "FRONTEND_URL": "https://todo.example.org",
        "SSL_CERT_FILE": AUTHORITY,
    }


@pytest.fixture
def server(image: Image, settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> Generator[ContainerServer]:
    """
    Yield the running container: four workers in 512 MiB.
    """
    authority = mail.write_authority(tmp_path / "authority.pem")
    with ContainerServer(tmp_path, settings, image=image, files={authority: AUTHORITY}) as running:
        yield running


@pytest.fixture(scope="module")
def running(image: Image, migrated_database: str) -> Generator[ContainerServer]:
    """
    Yield a container to look into: the tests that share it change nothing.
    """
    settings = {
        "FRONTEND_URL": "https://todo.example.org",
        "JWT_SECRET_KEY": KEY,
        "EMAIL_PROVIDER": "smtp",
        "SMTP_HOST": "mail.example.org",
        "SMTP_FROM_EMAIL": "todo@todo.example",
    }
    with (
        TemporaryDirectory(prefix="todo-container-") as folder,
        copied_database(migrated_database) as url,
        ContainerServer(Path(folder), settings | {"DATABASE_URL": url}, image=image) as server,
    ):
        yield server


def python(server: ContainerServer, program: str) -> str:
    """
    Return what a *program* in Python prints in the container.
    """
    done = server.execute("python", "-c", program)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_forgotten_password_is_reset_from_outside(server: ContainerServer, mail: SmtpServer) -> None:
    """
    Sign up, verify, add todos, forget, reset by the mailed link: the todos are there, the old password is not.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session = ann.log_in()
    with server.client(session) as client:
        assert client.post("/todos", json={"title": "buy milk"}).status_code == 201
    token = ann.forget_password()
    with server.client() as client:
        confirmation = {"token": token, "new_password": NEW_PASSWORD}
        assert client.post("/auth/password-reset/confirm", json=confirmation).status_code == 204
        assert client.post("/auth/password-reset/confirm", json=confirmation).status_code == 400
        old = {"email": ann.email, "password": PASSWORD}
        assert client.post("/auth/login", json=old).status_code == 401
    with server.client(session) as client:
        assert client.get("/me").status_code == 401
    with server.client(ann.log_in(NEW_PASSWORD)) as client:
        assert [todo["title"] for todo in client.get("/todos").json()["items"]] == ["buy milk"]
    assert eventually(lambda: ann.letters("changed"))


def test_the_page_is_in_it(running: ContainerServer) -> None:
    """
    The first page is the built one, and what it refers to is there.
    """
    page = httpx2.get(running.url)
    assert page.status_code == 200
    assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text)
    assert assets
    for asset in assets:
        assert httpx2.get(f"{running.url}{asset}").status_code == 200


def test_it_runs_as_nobody_in_particular_where_nothing_can_be_written(running: ContainerServer) -> None:
    """
    Every process has the user 1000 and no capability, and no folder of the image takes a file.
    """
    program = """
import errno, os
for path in ("/proc/1/status", "/proc/self/status"):
    fields = dict(line.split(":\\t", 1) for line in open(path).read().splitlines())
    assert fields["Uid"].split() == ["1000"] * 4 and fields["Gid"].split() == ["1000"] * 4, fields
    assert {int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}, fields
    assert fields["NoNewPrivs"] == "1"
tried = 0
for folder, folders, _ in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.ismount(os.path.join(folder, name))]
    try:
        os.close(os.open(os.path.join(folder, "made"), os.O_CREAT | os.O_WRONLY))
    except OSError as error:
        assert error.errno in (errno.EROFS, errno.EACCES), folder
    else:
        raise AssertionError(folder)
    tried += 1
try:
    open("/tmp/made", "w")
except OSError as error:
    assert error.errno == errno.EROFS
print(tried)
"""
    assert int(python(running, program)) > 100


def test_nothing_in_it_belongs_to_who_runs_it(image: Image) -> None:
    """
    Even on a file system that could be written, the service could change nothing of itself; and nothing is setuid.
    """
    for path, entry in image.files.items():
        anybody = entry.mode & stat.S_IWOTH and not entry.mode & stat.S_ISVTX and not entry.issym()
        assert not anybody, f"anybody may write {path}"
        assert entry.uid != 1000, f"{path} belongs to the service"
        assert not (entry.isfile() and entry.mode & (stat.S_ISUID | stat.S_ISGID)), f"{path} lends rights"


def test_it_says_whether_it_is_healthy(image: Image, running: ContainerServer) -> None:
    """
    The health check passes while it serves, and says what is wrong when nobody answers; it needs no curl.
    """
    form, *command = image.config["Healthcheck"]["Test"]
    assert form == "CMD"
    healthy = running.execute(*command)
    assert (healthy.returncode, healthy.stderr) == (0, "")
    elsewhere = running.execute(
        "python", "-c", "import os, sys; os.environ['PORT'] = '1'; os.execvp(sys.argv[1], sys.argv[1:])", *command
    )
    assert elsewhere.returncode == 1
    assert "no answer at port 1" in elsewhere.stderr


def test_it_serves_with_four_processes(running: ContainerServer) -> None:
    """
    ``WORKERS`` is four unless somebody says otherwise.
    """
    program = """
import pathlib
commands = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
print(sum(b"spawn" + b"_main" in command for command in commands))
"""
    assert python(running, program).strip() == "4"


def test_it_ends_cleanly_with_requests_and_mail_on_their_way(
    image: Image, settings: dict[str, str], tmp_path: Path
) -> None:
    """
    Told to end, it answers what it has begun and exits with 0; each mail that was promised comes, and comes once.
    """
    with PostOffice(Weather(delay=0.3)) as office:
        production = settings | office.environment() | ENDING | {"SMTP_USERNAME": "", "SMTP_PASSWORD": ""}
        people = sign_up(settings["DATABASE_URL"], 60)
        with ContainerServer(tmp_path, production, image=image) as server:
            with ThreadPoolExecutor(8) as pool:
                statuses = pool.map(partial(ask, server), people)
                eventually(lambda: office.begun >= 3)
                assert server.stop(SIGTERM) == 0
            promised = [person for person, status in zip(people, statuses, strict=True) if status == 202]
            assert "Traceback" not in server.output
            assert promised
            server.start()
            eventually(lambda: all(office.to(person) for person in promised), within=60)
            assert server.stop(SIGTERM) == 0
        assert {len(office.to(person)) for person in promised} == {1}


def sign_up(database_url: str, number: int) -> list[str]:
    """
    Return the addresses of so many new people.
    """
    people = [f"user{person}@example.org" for person in range(number)]
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO users (id, email, password_hash, created_at, locale, timezone, verified_at)"
            " VALUES (gen_random_uuid(), %s, '$argon2id$made-up', now(), 'en', 'UTC', now())",
            [[person] for person in people],
        )
    return people


def ask(server: ContainerServer, person: str) -> int:
    """
    Ask for a reset; return the status, or 0 where nobody took it any more.
    """
    try:
        with server.client() as client:
            return client.post("/auth/password-reset", json={"email": person}).status_code
    except httpx2.TransportError:
        return 0


def test_migrating_is_a_command_of_the_same_image(
    image: Image, settings: dict[str, str], postgres_server: str, tmp_path: Path
) -> None:
    """
    ``migrate up`` makes the tables of an empty database; before that ``migrate status`` says they are not there.
    """
    with fresh_database(postgres_server) as url:
        given = settings | {"DATABASE_URL": url}
        assert image.run("migrate", "status", settings=given, folder=tmp_path)[0] == 1
        code, output = image.run("migrate", "up", settings=given, folder=tmp_path)
        assert (code, "The schema is at" in output) == (0, True), output
        assert image.run("migrate", "status", settings=given, folder=tmp_path)[0] == 0


def test_it_is_production_unless_somebody_says_otherwise(image: Image, tmp_path: Path) -> None:
    """
    Without settings it refuses to start, and names each that is missing.
    """
    code, output = image.run("serve", settings={}, folder=tmp_path)
    assert code == 1
    for name in ("DATABASE_URL", "JWT_SECRET_KEY", "FRONTEND_URL", "EMAIL_PROVIDER"):
        assert f"{name}: " in output


def test_it_says_what_it_is(image: Image) -> None:
    """
    User, port, entry point and labels stand in the image; none of its settings is a secret.
    """
    config = image.config
    assert config["User"] == "1000:1000"
    assert config["ExposedPorts"] == {"8000/tcp": {}}
    assert (config["Entrypoint"], config["Cmd"]) == (["todo"], ["serve"])
    environment = dict(variable.split("=", 1) for variable in config["Env"])
    assert {name: environment[name] for name in ("HOST", "PORT", "WORKERS", "ENVIRONMENT")} == {
        "HOST": "0.0.0.0",  # noqa: S104 - a container's own network
        "PORT": "8000",
        "WORKERS": "4",
        "ENVIRONMENT": "production",
    }
    assert not [name for name in environment if re.search("SECRET|PASSWORD|TOKEN|KEY|PROXY", name, re.IGNORECASE)]
    labels = {"title", "description", "licenses", "version", "revision"}
    assert {f"org.opencontainers.image.{label}" for label in labels} <= config["Labels"].keys()


def test_nothing_that_builds_is_in_any_layer(image: Image) -> None:
    """
    No compiler, installer or shell, and of the tree nothing but the package.
    """
    assert tools_in(["/usr/bin/python3", "/bin/sh", "/opt/tools/bin/uv", "/app/bin/pip3.13"]) == [
        "/bin/sh",
        "/opt/tools/bin/uv",
        "/app/bin/pip3.13",
    ]
    commands = list(commands_in(image))
    assert "/app/bin/todo" in commands
    assert tools_in(commands) == []
    for name in ("Dockerfile", "uv.lock", "pyproject.toml", "slim.py", "package-lock.json", "test_container.py"):
        assert not [path for path in image.files if path.rpartition("/")[2] == name], name


def test_no_secret_is_in_any_layer(image: Image) -> None:
    """
    Nothing that lay about in the tree came along, no file looks like a key, and no step of the history names one.
    """
    assert SECRET_FILES.search("/app/.env")
    assert SECRETS.search(b"x = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0'")
    assert secret_files_in(image) == []
    assert secrets_in(image) == []
    assert CANARY not in str(image.description)


def test_a_bill_of_materials_is_in_it(running: ContainerServer) -> None:
    """
    It lists the distributions that are installed, each in its version, and what the page is made of.
    """
    program = """
import importlib.metadata, json, re
def components(name):
    parts = json.load(open(f"/usr/share/sbom/{name}.cdx.json"))["components"]
    return {(re.sub("[-_.]+", "-", part["name"]).lower(), part["version"]) for part in parts}
installed = {(re.sub("[-_.]+", "-", found.name).lower(), found.version) for found in importlib.metadata.distributions()}
missing = {found for found in installed if found[0] != "todo-app"} - components("program")
assert not missing, missing
assert "preact" in {name for name, _ in components("page")}
"""
    python(running, program)


def test_it_is_small(image: Image) -> None:
    """
    All its files have less than 200 MB.
    """
    assert image.size < MOST_BYTES


def test_its_byte_code_is_its_own(running: ContainerServer) -> None:
    """
    Whatever the service imports is compiled already, for the Python that runs it; nothing is at each start.

    Four modules look for libraries that are not there, and are given up each time.
    """
    needed = (
        "todo_web.app, todo_web.cli.serving, todo_web.cli.migrations, anyio._backends._asyncio, uvicorn.supervisors"
    )
    done = running.execute("python", "-v", "-c", f"import {needed}")
    assert done.returncode == 0, done.stderr
    origins = re.findall(r"^# code object from '?(.+?)'?$", done.stderr, re.MULTILINE)
    assert [origin for origin in origins if origin.endswith(".pyc")]
    given_up = (
        *("structlog/twisted.py", "mako/ext/pygmentplugin.py", "dateutil/tz/win.py"),
        "uvicorn/supervisors/watchfilesreload.py",
    )
    assert [origin for origin in origins if not origin.endswith((".pyc", *given_up))] == []
