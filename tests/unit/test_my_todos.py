from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import click
import httpx2
import keyring
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import PasswordDeleteError

from todo_core.model.position import check_position
from todo_web import cli
from todo_web.cli import main
from todo_web.cli.lazily import LazyGroup
from todo_web.cli.mine import keeping
from todo_web.cli.mine.errors import NotFound, NotLoggedIn, Refused, Unreachable
from todo_web.cli.mine.finding import ending_in, list_called, todo_called
from todo_web.cli.mine.keeping import KeptSession, forget, keep, kept
from todo_web.cli.mine.moving import behind, in_front_of
from todo_web.cli.mine.reading import lines_of
from todo_web.cli.mine.service import Service
from todo_web.cli.mine.showing import aligned, columns_of, cut, due_of, harmless, padded
from todo_web.cli.mine.words import day_or_moment, rule_of

SERVERS_OWN = ("starlette", "sqlalchemy", "alembic", "psycopg", "uvicorn", "todo_adapters", "todo_core.core", "keyring")
SESSION = KeptSession("https://todo.example.org", "ann@example.org", "a secret")


@pytest.fixture(autouse=True)
def berlin(monkeypatch):
    """
    Let the clock of this machine be Berlin's.
    """
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def config(monkeypatch, tmp_path):
    """
    Return the folder for what programs are told, and let there be no keyring.
    """
    monkeypatch.setattr(keeping, "user_config_path", lambda name, **_: tmp_path / name)
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield tmp_path / "todo"
    keyring.set_keyring(before)


class FakeKeyring(KeyringBackend):
    """
    Keeps passwords in memory.
    """

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.passwords = {}

    def get_password(self, service, username):
        """
        Return the password, if there is one.
        """
        return self.passwords.get((service, username))

    def set_password(self, service, username, password):
        """
        Keep the password.
        """
        self.passwords[service, username] = password

    def delete_password(self, service, username):
        """
        Forget the password.
        """
        if self.passwords.pop((service, username), None) is None:
            raise PasswordDeleteError


class ForgetfulKeyring(FakeKeyring):
    """
    Takes passwords and keeps none, as keyring's ``null`` does.
    """

    def set_password(self, service, username, password):
        """
        Forget the password.
        """


def now(text="2026-03-04T12:00:00"):
    """
    Return a moment of a Wednesday, as this machine's clock shows it.
    """
    return datetime.fromisoformat(text).astimezone()


def todo(**fields: object):
    """
    Return a todo as the service tells it.
    """
    return {
        "id": "0195e8a0-0000-7000-8000-00000000abcd",
        "list_id": None,
        "title": "milk",
        "notes": None,
        "completed": False,
        "completed_at": None,
        "priority": "none",
        "due_at": None,
        "due_date": None,
        "tags": [],
        "position": "V",
        "parent_id": None,
        "recurrence": None,
        "remind_at": None,
        "created_at": "2026-03-04T11:00:00Z",
        "updated_at": "2026-03-04T11:00:00Z",
        "version": 3,
        **fields,
    }


def answering(*answers: httpx2.Response | Exception):
    """
    Return a service that gives these *answers* in turn, or raises them, and the requests it was sent.
    """
    requests = []
    waiting = list(answers)

    def answer(request):
        requests.append(request)
        following = waiting.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    return Service("https://todo.example.org", "a secret", httpx2.MockTransport(answer)), requests


class TestTheCommands:
    def test_the_help_says_what_the_commands_say(self):
        """
        A summary that is promised is the one that its command gives, and its name is the command's.
        """
        for section in main.sections.values():
            for name, promised in section.items():
                command = main.commands[name]
                assert (command.name, command.get_short_help_str(1000).rstrip(".")) == (
                    name,
                    promised.summary.rstrip("."),
                )

    def test_no_command_is_left_out(self):
        """
        Whatever command a module has is promised, or belongs to a group that is.
        """
        promised = list(main.commands.values())
        reached = [
            *promised,
            *(child for group in promised if isinstance(group, click.Group) for child in group.commands.values()),
        ]
        for module in pkgutil.walk_packages(cli.__path__, f"{cli.__name__}."):
            commands = inspect.getmembers(importlib.import_module(module.name), lambda a: isinstance(a, click.Command))
            assert [name for name, command in commands if command not in reached] == [], module.name

    def test_help_imports_no_command(self):
        """
        Each command stands in the help, below its heading, and none was imported for it.
        """
        group = LazyGroup(name="todo", sections=main.sections)
        text = group.get_help(click.Context(group, info_name="todo"))
        assert (
            text.index("Your own todos:") < text.index("  add ") < text.index("The service:") < text.index("  serve ")
        )
        assert group.commands._found == {}

    def test_a_slip_is_answered_with_what_was_meant(self):
        """
        An unknown command is refused, and one that is spelt nearly so is offered.
        """
        result = CliRunner().invoke(main, ["lsit"])
        assert result.exit_code == 2
        assert "list" in result.output

    def test_nothing_of_the_server_is_imported(self):
        """
        The commands for one's own todos load neither web framework nor database, so that they start at once.
        """
        places = {promised.place.partition(":")[0] for promised in main.sections["Your own todos"].values()}
        code = f"import sys, {', '.join(sorted(places))}; print(*sys.modules)"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
        assert set(ran.stdout.split()).isdisjoint(SERVERS_OWN)


class TestKeeping:
    def test_a_file_keeps_it(self, config):
        """
        Without a keyring it is kept in a file that only its owner can read, and in place of one before.
        """
        assert "session.json" in keep(KeptSession("https://old.example.org", "b@example.org", "old"))
        assert "session.json" in keep(SESSION)
        assert kept() == SESSION
        assert (config / "session.json").stat().st_mode & 0o777 == 0o600
        assert [path.name for path in config.iterdir()] == ["session.json"]

    def test_a_keyring_keeps_it(self, config):
        """
        With one, it is kept there and nowhere else; what a file held is gone.
        """
        keep(SESSION)
        ring = FakeKeyring()
        keyring.set_keyring(ring)
        assert keep(SESSION) == "the system's keyring"
        assert list(config.iterdir()) == []
        assert kept() == SESSION
        forget()
        assert ring.passwords == {}

    def test_a_keyring_that_keeps_nothing_is_none(self):
        """
        What a keyring does not give back is kept in the file.
        """
        keyring.set_keyring(ForgetfulKeyring())
        assert "session.json" in keep(SESSION)
        assert kept() == SESSION

    def test_without_the_extra_there_is_the_file(self, monkeypatch):
        """
        The library may be missing.
        """
        monkeypatch.setitem(sys.modules, "keyring", None)
        assert "session.json" in keep(SESSION)
        assert kept() == SESSION

    def test_nothing_is_kept(self):
        """
        Nobody is logged in at first, nor after it was forgotten, which may be twice.
        """
        with pytest.raises(NotLoggedIn):
            kept()
        keep(SESSION)
        forget()
        forget()
        with pytest.raises(NotLoggedIn):
            kept()

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "x"}', "null"])
    def test_what_was_damaged_is_no_session(self, config, text):
        """
        A file that holds something else means to log in again.
        """
        keep(SESSION)
        (config / "session.json").write_text(text)
        with pytest.raises(NotLoggedIn):
            kept()

    def test_the_token_is_not_shown(self):
        """
        Not where the session or the service is printed.
        """
        assert "a secret" not in repr(SESSION) + repr(answering()[0])


class TestTheService:
    def test_it_is_asked_as_a_person(self):
        """
        The token and the program's name go with each request, to where the session is from.
        """
        service, requests = answering(httpx2.Response(200, json={"items": []}))
        assert service.lists() == []
        assert str(requests[0].url) == "https://todo.example.org/api/v1/lists"
        assert requests[0].headers["Authorization"] == "Bearer a secret"
        assert requests[0].headers["User-Agent"].startswith("todo/")

    def test_adding_is_tried_twice_under_one_key(self):
        """
        When the connection is lost, it is asked for once more with the same key and the same body, and no third time.
        """
        service, requests = answering(httpx2.ReadError("lost"), httpx2.Response(201, json=todo()))
        assert service.add("/todos", {"title": "milk"})["title"] == "milk"
        first, second = requests
        assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
        assert first.content == second.content
        service, requests = answering(httpx2.ReadError("lost"), httpx2.ReadError("lost"))
        with pytest.raises(Unreachable):
            service.add("/todos", {"title": "milk"})
        assert len(requests) == 2

    def test_each_todo_has_a_key_of_its_own(self):
        """
        Two todos with the same words are two.
        """
        service, requests = answering(*[httpx2.Response(201, json=todo())] * 2)
        for _ in range(2):
            service.add("/todos", {"title": "milk"})
        assert len({request.headers["Idempotency-Key"] for request in requests}) == 2

    def test_an_edit_names_the_version_it_was_read_with(self):
        """
        So does a removal; who was overtaken is told.
        """
        service, requests = answering(
            httpx2.Response(200, json=todo()),
            httpx2.Response(204),
            httpx2.Response(412, json={"type": "/problems/precondition-failed", "title": "Changed"}),
        )
        service.edit(todo(), {"completed": True})
        service.remove(todo())
        assert [request.headers["If-Match"] for request in requests] == ['"3"', '"3"']
        assert json.loads(requests[0].content) == {"completed": True}
        with pytest.raises(Refused, match="changed meanwhile"):
            service.edit(todo(), {})

    def test_all_pages_are_read(self):
        """
        Cursor after cursor, with what was asked for.
        """
        service, requests = answering(
            httpx2.Response(200, json={"items": [todo(id="a")], "next_cursor": "n"}),
            httpx2.Response(200, json={"items": [todo(id="b")], "next_cursor": None}),
        )
        assert [found["id"] for found in service.todos({"tag": "fun"})] == ["a", "b"]
        assert [dict(request.url.params) for request in requests] == [
            {"tag": "fun", "limit": "200"},
            {"tag": "fun", "limit": "200", "cursor": "n"},
        ]

    @pytest.mark.parametrize(
        ("status", "problem", "expected"),
        [
            (401, {"type": "https://x/problems/wrong-credentials", "title": "No."}, "No"),
            (404, {"title": "There is nothing here"}, "There is nothing here."),
            (409, {"title": "Conflict", "detail": "It is so."}, "It is so."),
            (422, {"title": "Bad", "errors": [{"pointer": "/title", "detail": "Too long."}]}, "Bad:\ntitle: Too long."),
            (422, {"title": "Bad", "errors": [{"pointer": "", "detail": "Odd."}]}, "Bad:\nOdd."),
            (500, [], "The service answered 500."),
        ],
    )
    def test_problems_are_read_aloud(self, status, problem, expected):
        """
        Title, detail, and what is wrong with each field.
        """
        service, _ = answering(httpx2.Response(status, json=problem))
        with pytest.raises(Refused) as refused:
            service.lists()
        assert refused.value.message.startswith(expected)

    def test_a_limit_tells_when_to_try_again(self):
        """
        In seconds, as the service says.
        """
        service, _ = answering(httpx2.Response(429, json={"title": "Too many"}, headers={"Retry-After": "7"}))
        with pytest.raises(Refused, match="Too many: try again in 7 seconds"):
            service.lists()

    def test_a_session_that_is_over_is_no_refusal(self):
        """
        It says to log in.
        """
        service, _ = answering(httpx2.Response(401, json={"type": "https://x/problems/unauthenticated", "title": "No"}))
        with pytest.raises(NotLoggedIn, match="any more"):
            service.lists()

    @pytest.mark.parametrize(
        "answer",
        [
            httpx2.Response(200, text="<html>"),
            httpx2.Response(502, text="<html>"),
            httpx2.Response(302, text="x", headers={"Location": "https://elsewhere.example.org"}),
        ],
    )
    def test_another_service_is_noticed(self, answer):
        """
        What does not answer in JSON is not this service; a redirection is not followed, least of all with the token.
        """
        service, requests = answering(answer)
        with pytest.raises(Unreachable, match="not as this service does"):
            service.lists()
        assert len(requests) == 1

    def test_an_answer_without_end_is_not_read(self, monkeypatch):
        """
        Neither one that is too long, nor one that trickles in.
        """
        monkeypatch.setattr("todo_web.cli.mine.service.LARGEST_ANSWER", 10)
        service, _ = answering(httpx2.Response(200, json={"items": ["too long by far"]}))
        with pytest.raises(Unreachable, match="too long"):
            service.lists()
        monkeypatch.setattr("todo_web.cli.mine.service.DEADLINE", -1.0)
        service, _ = answering(httpx2.Response(200, json={}))
        with pytest.raises(Unreachable, match="too long"):
            service.lists()

    def test_a_listing_ends(self, monkeypatch):
        """
        Whatever cursors come.
        """
        monkeypatch.setattr("todo_web.cli.mine.service.MOST_PAGES", 2)
        service, requests = answering(*[httpx2.Response(200, json={"items": [], "next_cursor": "n"})] * 3)
        with pytest.raises(Refused, match="ask for fewer"):
            service.todos({})
        assert len(requests) == 2


class TestNaming:
    TODOS = (todo(id="0195e8a0-0000-7000-8000-0000aaaa1111"), todo(id="0195e8a0-0000-7000-8000-0000bbbb1111"))

    def test_the_end_of_an_id_names_a_todo(self):
        """
        With hyphens or without, in either case of letters, from four characters up to all of them.
        """
        first = self.TODOS[0]
        for name in ("a1111", "AAAA1111", "8000-0000aaaa1111", first["id"]):
            assert ending_in(name, self.TODOS) == first

    @pytest.mark.parametrize(
        ("name", "expected"), [("2222", "No id"), ("1111", "More than one"), ("111", "at least 4"), ("milk", "no id")]
    )
    def test_what_names_none_or_two_is_refused(self, name, expected):
        """
        With a sentence; the ids that are meant are listed.
        """
        with pytest.raises(NotFound) as refused:
            ending_in(name, self.TODOS)
        assert expected in refused.value.message
        assert (self.TODOS[0]["id"] in refused.value.message) == (name == "1111")

    def test_a_whole_id_is_asked_for_by_itself(self):
        """
        Without listing the others.
        """
        service, requests = answering(httpx2.Response(200, json=todo()))
        assert todo_called(todo()["id"], service) == todo()
        assert requests[0].url.path.startswith("/api/v1/todos/")

    @pytest.mark.parametrize(
        ("name", "expected"), [("home", "a0001"), ("0003", "a0003"), ("twin", "More than one"), ("work", "No list")]
    )
    def test_lists_are_named_by_name_or_id(self, name, expected):
        """
        A name is enough where it is the only one.
        """
        names = ("Home", "twin", "Twin")
        told = [{"id": f"a000{number}", "name": text, "colour": None} for number, text in enumerate(names, 1)]
        service, _ = answering(httpx2.Response(200, json={"items": told}))
        try:
            assert list_called(name, service)["id"] == expected
        except NotFound as refused:
            assert expected in refused.message  # noqa: PT017 - both ends are expected ones


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", date(2026, 3, 4)),
        ("Tomorrow", date(2026, 3, 5)),
        ("wednesday", date(2026, 3, 11)),
        ("friday", date(2026, 3, 6)),
        ("tuesday", date(2026, 3, 10)),
        ("2026-12-31", date(2026, 12, 31)),
        ("tomorrow 9:00", datetime(2026, 3, 5, 8, tzinfo=UTC)),
        ("2026-07-01 14:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T14:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T14:00:00Z", datetime(2026, 7, 1, 14, tzinfo=UTC)),
    ],
)
def test_days_and_moments_have_words(text, expected):
    """
    A time is the wall's, summer or winter; a weekday is the next one and never today.
    """
    found = day_or_moment(text, now=now())
    assert found == expected
    assert isinstance(found, datetime) == isinstance(expected, datetime)


@pytest.mark.parametrize("text", ["", "someday", "today noon", "2026-13-01", "today 25:00", "2026-02-30 9:00"])
def test_other_words_are_no_days(text):
    """
    They are refused, not guessed at.
    """
    with pytest.raises(ValueError, match=r".*"):
        day_or_moment(text, now=now())


def test_rules_have_words():
    """
    A word is a rule of one; what is no such word is the service's to judge.
    """
    assert [rule_of(word) for word in ("daily", "Weekly", "FREQ=DAILY;COUNT=2")] == [
        "FREQ=DAILY",
        "FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=2",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"due_date": "2026-03-04"}, "today"),
        ({"due_date": "2026-03-05"}, "tomorrow"),
        ({"due_date": "2026-03-10"}, "Tuesday"),
        ({"due_date": "2026-03-11"}, "2026-03-11"),
        ({"due_date": "2026-03-03"}, "overdue, yesterday"),
        ({"due_date": "2026-02-01"}, "overdue, 2026-02-01"),
        ({"due_date": "2026-02-01", "completed": True}, "2026-02-01"),
        ({"due_at": "2026-03-04T10:59:00Z"}, "overdue, today 11:59"),
        ({"due_at": "2026-03-04T23:30:00Z"}, "tomorrow 00:30"),
        ({"due_at": "2026-07-01T12:00:00Z"}, "2026-07-01 14:00"),
    ],
)
def test_when_it_is_due_is_said_as_people_do(fields, expected):
    """
    By the clock of this machine, as it stands on that day.
    """
    assert due_of(todo(**fields), now=now()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünïcode 日本 👩‍👩‍👧", "plain ünïcode 日本 👩‍👩‍👧"),
        ("\x1b[2J\r\n\t\x7f", r"\x1b[2J\r\n\t\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text, expected):
    """
    Controls of both sets, line ends, turned directions and half characters; letters and signs stay.
    """
    assert harmless(text) == expected


@given(st.text())
def test_nothing_harmful_gets_through(text):
    """
    What is shown of any text can be printed on one line and encoded.
    """
    shown = harmless(text)
    assert shown.splitlines() in ([shown], [])
    assert "\x1b" not in shown
    shown.encode("utf-8")


@given(st.text(), st.integers(2, 40))
def test_what_is_cut_fits(text, width):
    """
    A text that is cut takes no more columns than it may, wide characters counted as two.
    """
    assert columns_of(cut(harmless(text), width)) <= max(width, 0)


def test_columns_stand_below_each_other():
    """
    Wide characters take two columns, combining ones none, and a column without anything is left out.
    """
    assert padded("日本", 6) == "日本  "
    assert padded("é", 3) == "é  "
    rows = aligned([["日本", "", "x"], ["abc", "", "y"]])
    assert rows == [["日本", "x"], ["abc ", "y"]]
    assert aligned([]) == []


def test_steps_stand_under_their_todo():
    """
    Indented, in their order; one whose todo is not listed stands by itself.
    """
    todos = [
        todo(id="step-2", title="ice", parent_id="party"),
        todo(id="party!", title="lonely", parent_id="elsewhere"),
        todo(id="party", title="party", tags=["fun"], list_id="l", priority="high"),
    ]
    lists = [{"id": "l", "name": "Home", "colour": None}]
    assert list(lines_of(todos, lists, now=now())) == [
        "[ ]  party!       lonely",
        "[ ]  party   !!!  party   Home  #fun",
        "[ ]  step-2         ice",
    ]


def test_colours_say_what_is_urgent():
    """
    Red is overdue, yellow today, done is dim; the rest has none.
    """
    todos = [todo(due_date="2026-03-03"), todo(due_date="2026-03-04"), todo(completed=True), todo()]
    assert [line[:5] for line in lines_of(todos, [], now=now())] == ["\x1b[31m", "\x1b[33m", "\x1b[2m[", "[ ]  "]


@given(st.lists(st.from_regex(r"[0-9A-Za-z]{0,4}[1-9A-Za-z]", fullmatch=True), min_size=1))
def test_moved_is_between_neighbours(positions):
    """
    Behind one, and in front of all that stand behind it; or the other way round. Equal ones stay together.
    """
    one = positions[0]
    later, earlier = behind(one, positions), in_front_of(one, positions)
    check_position(later)
    check_position(earlier)
    assert [other for other in positions if one < other <= later] == []
    assert [other for other in positions if earlier <= other < one] == []
    assert earlier < one < later


@pytest.mark.parametrize(
    "url",
    ["todo.example.org", "ftp://x", "http://todo.example.org", "https://ann:pw@x", "https://x?a=b", "https://x:99999"],
)
def test_a_password_goes_to_no_such_url(url):
    """
    Only to https, or to this machine; and a URL holds no secret.
    """
    result = CliRunner().invoke(main, ["login", "ann@example.org", "--url", url], input="hunter2\n")
    assert result.exit_code == 2
    assert "hunter2" not in result.output


def test_no_colour_where_none_is_wanted(monkeypatch):
    """
    NO_COLOR is heeded, whatever the terminal can do.
    """
    seen = []
    probe = click.Command("probe", callback=lambda: seen.append(click.get_current_context().color))
    monkeypatch.setitem(main.commands._found, "lists", probe)
    monkeypatch.setenv("NO_COLOR", "1")
    CliRunner().invoke(main, ["lists"], color=True)
    monkeypatch.delenv("NO_COLOR")
    CliRunner().invoke(main, ["lists"], color=True)
    assert seen == [False, None]
