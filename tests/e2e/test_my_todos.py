"""
The command line for one's own todos, against the service itself.
"""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.server import PASSWORD, TodoServer, free_port, run_todo

ROOT = Path(__file__).parents[2]
ADDRESS = "ann@example.org"

Todo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """
    Return the folder where programs of this person keep what they are told.
    """
    return tmp_path / "config"


@pytest.fixture
def person(tmp_path: Path, config: Path) -> Todo:
    """
    Return a way to run ``todo`` as a person does, on a machine without a keyring.
    """

    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        surroundings = {
            "XDG_CONFIG_HOME": str(config),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "TZ": "Europe/Berlin",
            **more,
        }
        return run_todo(*arguments, settings=surroundings, folder=tmp_path, stdin=stdin)

    return run


@pytest.fixture
def account(server: TodoServer, settings: dict[str, str], tmp_path: Path) -> TodoServer:
    """
    Return the running server, at which Ann has an account.
    """
    made = run_todo("create-user", ADDRESS, settings=settings, folder=tmp_path, stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    return server


@pytest.fixture
def todo(account: TodoServer, person: Todo) -> Callable[..., str]:
    """
    Return a way to run ``todo``, logged in as Ann, where all must go well.
    """
    logged_in = person("login", ADDRESS, "--url", account.url, stdin=f"{PASSWORD}\n")
    assert logged_in.returncode == 0, logged_in.stderr

    def run(*arguments: str, **more: str) -> str:
        ran = person(*arguments, **more)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
        return ran.stdout

    return run


def id_in(output: str) -> str:
    """
    Return the short id that a command told.
    """
    found = re.search(r"\b[0-9a-f]{6}\b", output)
    assert found is not None, output
    return found[0]


def titles(output: str) -> list[str]:
    """
    Return the first word of each listed title.
    """
    return re.findall(r"^\[.\]  [0-9a-f]{6}  (?:!+ +)?\s*(\S+)", output, re.MULTILINE)


def test_a_day_with_todos(todo: Callable[..., str], person: Todo) -> None:
    """
    Log in, add, list, tick off, open again, edit, move, show, put into the bin, restore, log out.
    """
    milk, bob, tea = (id_in(todo("add", title)) for title in ("milk", "bob", "tea"))
    assert titles(todo("list")) == ["milk", "bob", "tea"]
    assert todo("done", milk, bob) == f"Done: {milk}  milk\nDone: {bob}  bob\n"
    assert titles(todo("list")) == ["tea"]
    assert titles(todo("list", "--done")) == ["milk", "bob"]
    todo("undo", bob)
    assert titles(todo("list", "--all")) == ["milk", "bob", "tea"]
    todo("move", tea, "--before", milk)
    todo("move", milk, "--after", bob)
    assert titles(todo("list", "--all")) == ["tea", "bob", "milk"]
    todo("edit", bob, "--title", "Bob's call", "--due", "2030-05-06 14:00", "--priority", "high", "--tag", "work")
    shown = todo("show", bob)
    assert "2030-05-06 14:00" in shown
    assert "high" in shown
    assert "#work" in shown
    todo("rm", bob)
    assert titles(todo("list", "--all")) == ["tea", "milk"]
    assert titles(todo("list", "--bin")) == ["Bob's"]
    todo("restore", bob)
    assert "Bob's call" in todo("list")
    assert todo("logout") == "You are logged out.\n"
    assert person("list").returncode == 1


def test_only_what_is_named_is_changed(todo: Callable[..., str]) -> None:
    """
    An edit leaves alone what it does not name; "none" clears, a day takes the place of a moment, tags come and go.
    """
    name = id_in(
        todo(
            "add",
            "water",
            "--notes",
            "all",
            "--due",
            "2030-01-02 9:00",
            "--repeat",
            "weekly",
            "--tag",
            "a",
            "--tag",
            "b",
        )
    )

    def told() -> dict[str, object]:
        found: dict[str, object] = json.loads(todo("list", "--json"))[0]
        return found

    first = told()
    assert (first["due_at"], first["recurrence"], first["tags"]) == (
        "2030-01-02T08:00:00Z",
        "FREQ=WEEKLY",
        ["a", "b"],
    )
    todo("edit", name, "--due", "2030-01-03", "--tag", "c", "--untag", "a")
    second = told()
    expected = {"due_at": None, "due_date": "2030-01-03", "tags": ["b", "c"]}
    changing = {"version", "updated_at", "recurrence"}  # the rule may be told with the start it now has
    assert {key: value for key, value in second.items() if key not in changing} == {
        key: value for key, value in {**first, **expected}.items() if key not in changing
    }
    todo("edit", name, "--repeat", "none", "--due", "none", "--notes", "")
    third = told()
    assert [third[key] for key in ("recurrence", "due_date", "due_at", "notes")] == [None] * 4


def test_lists_steps_tags_and_words_are_found(todo: Callable[..., str], account: TodoServer, config: Path) -> None:
    """
    A list is named by its name, a step stands under its todo, and what is asked for is what is listed.
    """
    token = json.loads((config / "todo" / "session.json").read_text("utf-8"))["token"]
    with account.client(token) as client:
        assert client.post("/lists", json={"name": "Home", "colour": "#1e90ff"}).status_code == 201
    assert "Home" in todo("lists")
    party = id_in(todo("add", "party", "--list", "home", "--tag", "fun"))
    todo("add", "other", "--notes", "nothing but balloons")
    todo("add", "cake", "--step-of", party)
    assert [line.split("  ", 2)[2] for line in todo("list").splitlines()][1].startswith("  cake")
    assert titles(todo("list", "--list", "HOME")) == ["party", "cake"]
    assert titles(todo("list", "--tag", "fun")) == ["party"]
    assert titles(todo("list", "--search", "ball")) == ["other"]
    assert titles(todo("list", "--sort", "-created_at"))[0] == "other"


def test_the_session_is_for_its_owner_only(todo: Callable[..., str], person: Todo, config: Path) -> None:
    """
    The token is in a file with mode 0600 in a folder with 0700; once others can read it, it is not used.
    """
    file = config / "todo" / "session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]
    todo("list")
    file.chmod(0o640)
    refused = person("list")
    assert refused.returncode == 1
    assert "Others can read" in refused.stderr


def test_a_keyring_keeps_the_session(account: TodoServer, person: Todo, config: Path, tmp_path: Path) -> None:
    """
    Where there is a keyring, the token is in it and in no file; logging out takes it out, and ends the session.
    """
    ring = tmp_path / "ring.json"
    surroundings = {
        "PYTHON_KEYRING_BACKEND": "tests.support.keyrings.KeyringInAFile",
        "PYTHONPATH": str(ROOT),
        "TEST_KEYRING": str(ring),
    }
    logged_in = person("login", ADDRESS, "--url", account.url, stdin=f"{PASSWORD}\n", **surroundings)
    assert logged_in.returncode == 0, logged_in.stderr
    assert "keyring" in logged_in.stdout
    assert not (config / "todo" / "session.json").exists()
    token = json.loads(json.loads(ring.read_text("utf-8"))["todo/session"])["token"]
    assert person("add", "milk", **surroundings).returncode == 0
    assert person("logout", **surroundings).returncode == 0
    assert json.loads(ring.read_text("utf-8")) == {}
    with account.client(token) as client:
        assert client.get("/me").status_code == 401


def test_another_login_ends_the_session_before(
    todo: Callable[..., str], account: TodoServer, person: Todo, config: Path
) -> None:
    """
    A session that nobody would know of any more is not left open.
    """
    todo("list")
    before = json.loads((config / "todo" / "session.json").read_text("utf-8"))["token"]
    assert person("login", ADDRESS, "--url", account.url, stdin=f"{PASSWORD}\n").returncode == 0
    with account.client(before) as client:
        assert client.get("/me").status_code == 401


def test_what_cannot_be_done_is_said_in_a_sentence(todo: Callable[..., str], person: Todo, account: TodoServer) -> None:
    """
    Each complaint is a sentence on standard error, the exit code is not 0, and no secret is in it.
    """

    def complaint(*arguments: str, stdin: str = "", code: int = 1) -> str:
        ran = person(*arguments, stdin=stdin)
        assert (ran.returncode, ran.stdout) == (code, ""), ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stderr

    name = id_in(todo("add", "milk"))
    wrong = complaint("login", ADDRESS, "--url", account.url, stdin="hunter2hunter2\n")
    assert wrong == "Address and password do not belong together.\n"
    assert "hunter2" not in wrong
    assert complaint("show", "0000") == "No id ends in 0000.\n"
    assert "at least 4" in complaint("show", "zz")
    assert complaint("add", "x" * 201).startswith("Some of the input is not valid:\n  title: ")
    assert "recurrence" in complaint("edit", name, "--due", "tomorrow", "--repeat", "FREQ=SECONDLY")
    assert complaint("add", "x", "--list", "nowhere") == "No list is called nowhere.\n"
    assert "no day" in complaint("add", "x", "--due", "someday", code=2)
    assert "https" in complaint("login", ADDRESS, "--url", "http://todo.example.org", code=2)
    assert "Say what" in complaint("edit", name, code=2)
    assert "beside itself" in complaint("move", name, "--after", name)
    assert "cannot be reached" in complaint(
        "login", ADDRESS, "--url", f"http://127.0.0.1:{free_port()}", stdin="a password of mine\n"
    )
    todo("logout")
    assert complaint("list") == "You are not logged in: todo login EMAIL --url URL.\n"


def test_a_session_that_is_over_is_said_to_be(
    todo: Callable[..., str], account: TodoServer, person: Todo, config: Path
) -> None:
    """
    A token that the service does not take any more leads to logging in again, and logging out forgets it.
    """
    todo("list")
    token = json.loads((config / "todo" / "session.json").read_text("utf-8"))["token"]
    with account.client(token) as client:
        assert client.post("/auth/logout").status_code == 204
    assert person("list").stderr == "You are not logged in any more: todo login EMAIL --url URL.\n"
    person("logout")
    assert not (config / "todo" / "session.json").exists()


def test_a_title_cannot_drive_the_terminal(todo: Callable[..., str]) -> None:
    """
    What a terminal would obey is written out.
    """
    added = todo("add", "\x1b[2Jgone \u202eturned\x07")
    listed = todo("list")
    assert r"\x1b[2Jgone \u202eturned\x07" in added
    assert r"\x1b[2Jgone \u202eturned\x07" in listed
    assert "\x1b" not in listed + todo("show", id_in(added)) + todo("list", "--json")
