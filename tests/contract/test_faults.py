"""
Faults that Sentry is told of: which exception and where, and nothing of what was said.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from secrets import randbelow, token_hex

import pytest
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tests.support.app import client_of, container_for
from tests.support.canaries import Aviary, canary
from todo_core.use_cases.sessions import LogIn
from todo_web import faults
from todo_web.faults import Faults
from todo_web.logs import configure_logging, fault_listener

DSN = "https://public@sentry.example/1"


class KeptEnvelopes(Transport):
    """
    A Sentry in memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """
        Keep it.
        """
        self.envelopes.append(envelope)

    @property
    def events(self):
        """
        Return the events.
        """
        return [event for envelope in self.envelopes if (event := envelope.get_event()) is not None]

    @property
    def told(self) -> str:
        """
        Return all that was sent, byte for byte.
        """
        return "\n".join(envelope.serialize().decode() for envelope in self.envelopes)


@pytest.fixture
def sentry() -> Generator[KeptEnvelopes]:
    """
    Yield a Sentry that hears what is logged.
    """
    transport = KeptEnvelopes()
    structlog.reset_defaults()
    configure_logging(
        level="INFO", log_format="json", stream=io.StringIO(), listener=Faults(DSN, "production", transport)
    )
    structlog.configure(cache_logger_on_first_use=False)
    yield transport
    structlog.reset_defaults()


def test_a_fault_is_told(sentry, database_url, monkeypatch):
    """
    Its kind, where in the code it was, and while answering which route, with the id that the log knows it by.
    """
    aviary = Aviary()
    words = {name: aviary.add(name, canary()) for name in ("query", "header", "cookie", "password", "words", "local")}
    email = aviary.add("address", f"{token_hex(8)}@example.org")
    network = aviary.add("network", f"203.0.113.{randbelow(200)}")

    async def fail(*_: object, **__: object) -> None:
        local = words["local"]
        try:
            raise KeyError(local)  # noqa: TRY301 - it is to be seen with its locals
        except KeyError as error:
            raise RuntimeError(words["words"]) from error

    monkeypatch.setattr(LogIn, "__call__", fail)
    headers = {"Authorization": b"Bearer " + words["header"].encode()}
    headers |= {"Cookie": b"taste=" + words["cookie"].encode(), "X-Forwarded-For": network.encode()}
    with client_of(container_for(database_url)[0]) as client:
        answer = client.post(
            "/api/v1/auth/login",
            params={"token": words["query"]},
            json={"email": email, "password": words["password"]},
            headers=headers,
        )
    assert answer.status_code == 500
    (event,) = sentry.events
    assert [one["type"] for one in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"
    assert not [frame for frame in frames if "vars" in frame]
    assert event["tags"]["route"] == "/api/v1/auth/login"
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert event["environment"] == "production"
    assert not aviary.seen_in({"what was sent": sentry.told})
    assert set(event) <= {*faults._EVENT, "exception"}


def test_what_is_no_fault_is_not_told(sentry, database_url):
    """
    A refusal and a request that is answered well are nobody's business.
    """
    with client_of(container_for(database_url)[0]) as client:
        client.get("/api/v1/todos")
        client.get("/health")
    assert not sentry.envelopes


@pytest.mark.parametrize("way", ["exception", "given", "triple"])
def test_an_exception_is_found_however_it_is_logged(sentry, way):
    """
    The one that is being handled, one that is handed over, or its triple.
    """
    log = structlog.get_logger("todo.test")
    try:
        raise ValueError("words")  # noqa: TRY301 - as above
    except ValueError as error:
        info = {"exception": True, "given": error, "triple": (type(error), error, error.__traceback__)}[way]
        log.error("it broke", exc_info=info, mail_id="7")  # noqa: TRY400 - the ways are what is tried
    (event,) = sentry.events
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert event["tags"] == {"event": "it broke", "mail_id": "7"}


def test_a_line_without_an_exception_is_not_told(sentry):
    """
    Even when it asks for one where there is none.
    """
    structlog.get_logger("todo.test").error("it broke", exc_info=(None, None, None))
    structlog.get_logger("todo.test").error("it broke")
    assert not sentry.envelopes


def test_what_libraries_add_is_left_out():
    """
    Of an event only what is written down leaves, whatever the library put in.
    """
    secret = canary()
    stack = {"frames": [{"function": "f", "vars": {"password": secret}}]}
    event = {
        "level": "error",
        "message": secret,
        "server_name": secret,
        "request": {"url": secret},
        "user": {"ip_address": secret},
        "extra": {"sys.argv": [secret]},
        "breadcrumbs": {"values": [secret]},
        "contexts": {"trace": {"data": secret}},
        "modules": {secret: "1"},
        "exception": {"values": [{"type": "E", "value": secret, "mechanism": {"data": secret}, "stacktrace": stack}]},
    }
    told = faults._discreet(event, {})
    assert secret not in str(told)
    assert told == {
        "level": "error",
        "exception": {"values": [{"type": "E", "stacktrace": {"frames": [{"function": "f"}]}}]},
    }


def test_nobody_listens_unless_there_is_a_project():
    """
    One for each process, however often the log is set up.
    """
    assert fault_listener(None, "production") is None
    first = fault_listener(DSN, "production")
    assert first is fault_listener(DSN, "production")
    assert isinstance(first, Faults)
    first.close()
