"""
Metrics: what the program counts, who is told, and what it costs those who do not want them.
"""

from __future__ import annotations

import asyncio
import gc
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Generator, Mapping
from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.util import greenlet_spawn
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from tests.contract.conftest import EMPTY_ALL
from tests.support.app import client_of, container_for
from tests.support.server import KEY, eventually
from todo_adapters.argon2 import Argon2PasswordHasher
from todo_adapters.fakes import FakeClock, RecordingEmailService
from todo_adapters.memory import MemoryRateLimiter
from todo_adapters.metered import MeteredEmailService, MeteredRateLimiter
from todo_adapters.postgres.engine import create_engine, pool_state
from todo_core.errors import EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable, Unavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.ids import UserId
from todo_core.model.limit import Limit
from todo_core.model.mail import Backlog, MailState
from todo_core.model.password import Password
from todo_core.use_cases.outbox import OutboxStats
from todo_web.container import Container
from todo_web.metrics import catalog, deployment, requests
from todo_web.metrics.catalog import ALL
from todo_web.metrics.deployment import Deployment
from todo_web.metrics.meter import Meter
from todo_web.metrics.requests import RequestMeter
from todo_web.metrics.sampler import Sampler
from todo_web.places import Places
from todo_web.routes import OPERATIONS
from todo_web.streams import Streams

TOKEN = "Kq8Zt1vRw5Xy3BnM7cLpD2fGhJ9sAe4U"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MESSAGE = EmailMessage(EmailAddress("ann@example.org"), "1@todo.example", "Subject", "text", "<p>html")

Numbers = Mapping[str, float]


def read(page: str) -> dict[str, float]:
    """
    Return the value of each series on *page*.
    """
    lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}


def counted(meter: Meter) -> dict[str, float]:
    """
    Return what *meter* has counted.
    """
    return read(meter.page({}).decode())


@pytest.fixture
def emptied_url(database_url: str) -> str:
    """
    Return the URL of a database with empty tables.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(EMPTY_ALL.text.encode())
    return database_url


@pytest.fixture
def watched(emptied_url: str) -> Container:
    """
    Return a container whose metrics are behind a token.
    """
    return container_for(emptied_url, METRICS_TOKEN=TOKEN, RATE_LIMIT_REGISTER="1/hour")[0]


@pytest.fixture
def client(watched: Container) -> Generator[TestClient]:
    """
    Yield a client of the service.
    """
    with client_of(watched) as client:
        yield client


@pytest.fixture
def numbers(client: TestClient) -> Callable[[], Numbers]:
    """
    Return what reads the page of the service.
    """

    def numbers() -> Numbers:
        answer = client.get("/metrics", headers=BEARER)
        assert answer.status_code == 200, answer.text
        return read(answer.text)

    return numbers


def test_without_a_token_or_port_there_are_none(database_url):
    """
    There is no such path; whatever is borne, it is answered as any other that is not there.
    """
    with client_of(container_for(database_url)[0]) as client:
        for headers in ({}, BEARER):
            answer = client.get("/metrics", headers=headers)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_whoever_wants_none_loads_nothing(database_url):
    """
    Neither Prometheus nor OpenTelemetry nor Sentry is imported by a service that does not use them.
    """
    program = f"""
        import sys
        from todo_web.app import create_app
        from todo_web.container import Container
        from todo_web.settings import load_settings
        environment = {{"DATABASE_URL": {database_url!r}, "JWT_SECRET_KEY": {KEY!r}}}
        create_app(Container(settings=load_settings(environment), surroundings=environment))
        loaded = {{name.partition(".")[0] for name in sys.modules}}
        print(*loaded & {{"prometheus_client", "opentelemetry", "sentry_sdk"}})
    """
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=True
    )
    assert not ended.stdout.strip()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN.lower()}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer t\xf6ken",
    ],
)
def test_only_whoever_bears_the_token_is_told(client, header):
    """
    Anything else is answered 401, as a problem, and says nothing.
    """
    answer = client.get("/metrics", headers={} if header is None else {"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "todo_" not in answer.text


def test_the_token_opens_nothing_else_and_nothing_else_is_there(client):
    """
    Another method is answered 405, another path behind it 404, and the token is no session.
    """
    assert client.post("/metrics", headers=BEARER).status_code == 405
    assert client.get("/metrics/x", headers=BEARER).status_code == 404
    assert client.get("/api/v1/todos", headers=BEARER).status_code == 401
    assert client.get(f"/metrics?token={TOKEN}").status_code == 401


def test_prometheus_may_ask_by_address(client):
    """
    Whatever stands in the Host header; the page is kept by nobody, and has the headers of all answers.
    """
    answer = client.get("/metrics", headers={**BEARER, "Host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/health", headers={"Host": "10.1.2.3:8000"}).status_code != 200


def test_requests_are_counted_by_route(client, numbers):
    """
    By template, method and status; what stood in the path is nowhere, nor is a path that no route has.
    """
    client.get("/api/v1/todos/0195d2a0-0000-7000-8000-00000000cafe")
    client.get("/api/v1/calendar/very-secret-thing.ics")
    client.get("/nowhere/very-secret-thing")
    client.request("BREW", "/nowhere/very-secret-thing")
    told = numbers()
    for route, method, status in [
        ("/api/v1/todos/{todo_id:uuid}", "GET", "401"),
        ("(none)", "GET", "404"),
        ("(none)", "OTHER", "404"),
    ]:
        series = f'todo_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'
        assert told.get(series, 0) >= 1, (series, sorted(told))
    assert told['todo_http_request_duration_seconds_count{route="/api/v1/todos/{todo_id:uuid}"}'] == 1
    assert not [series for series in told if "very-secret" in series or "cafe" in series or "BREW" in series]
    assert told["todo_http_requests_in_flight"] == 0
    assert not [series for series in numbers() if "/metrics" in series]


def test_who_is_in_flight_is_told(watched, numbers):
    """
    As many as there are, when somebody asks.
    """
    watched.meter().in_flight += 2
    assert numbers()["todo_http_requests_in_flight"] == 2


def test_a_route_is_known(client, numbers):
    """
    Each route that is told of is one of the table of operations, or of the files beside it.
    """
    for operation in OPERATIONS:
        if not operation.path.endswith("/events"):
            client.request(operation.method, operation.path.replace("{", "").replace("}", ""))
    told = {found[1] for series in numbers() if (found := re.search(r'route="([^"]*)"', series))}
    paths = {operation.path for operation in OPERATIONS}
    assert len(told) > 20
    others = told - paths - {"(none)"}
    assert not [route for route in others if not route.startswith(("/static", "/assets", "/dev", "/todo-backend"))]


def test_mail_and_limits_are_counted(client, numbers):
    """
    What became of a mail by its kind, how long it took, and a limit that was used up by its name.
    """
    for _ in range(3):
        client.post("/api/v1/auth/register", json={"email": "ann@example.org", "password": "a quiet old password"})
    sent = 'todo_mail_deliveries_total{kind="verify_email",outcome="sent"}'
    eventually(lambda: numbers().get(sent) == 1)
    told = numbers()
    assert told['todo_mail_wish_to_acceptance_seconds_count{kind="verify_email"}'] == 1
    assert 0 <= told['todo_mail_wish_to_acceptance_seconds_sum{kind="verify_email"}'] < 60
    assert told['todo_limit_refusals_total{limit="register"}'] == 2
    assert told["todo_courier_last_look_timestamp_seconds"] > 1.7e9
    assert not [series for series in told if "ann" in series]


def test_the_page_has_all_there_is_and_nothing_else(emptied_url, tmp_path):
    """
    Each metric of the catalogue, with its type, its words and the labels it is said to have.
    """
    settings = {"METRICS_TOKEN": TOKEN, "RATE_LIMIT_REGISTER": "1/hour"}
    container, _ = container_for(
        emptied_url, EMAIL_PROVIDER="file", EMAIL_FILE_DIR=str(tmp_path), SMTP_FROM_EMAIL="todo@example.org", **settings
    )
    container.email.reset_override()
    with client_of(container) as client:
        for _ in range(2):
            client.post("/api/v1/auth/register", json={"email": "ann@example.org", "password": "a quiet old password"})
        eventually(lambda: "todo_mail_deliveries_total{" in client.get("/metrics", headers=BEARER).text)
        page = eventually(lambda: _with_build(client.get("/metrics", headers=BEARER).text))
    assert dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE)) == {
        metric.name: metric.kind.value for metric in ALL
    }
    for metric in ALL:
        assert f"# HELP {metric.name} {metric.help}" in page
        labels = {
            frozenset(re.findall(r'(\w+)="', found)) - {"le"}
            for found in re.findall(rf"^{metric.name}(?:_bucket|_sum|_count)?(\{{.*\}})? ", page, re.MULTILINE)
        }
        assert labels == {frozenset(metric.labels)}, metric.name
    assert 'todo_mail_sends_total{outcome="accepted",provider="file"} 1.0' in page


def _with_build(page: str) -> str | None:
    return page if "todo_build_info{" in page else None


async def test_the_outbox_is_asked_no_more_than_every_few_seconds():
    """
    Many who ask at once are given one answer.
    """
    asked = 0

    async def count_mail() -> OutboxStats:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return OutboxStats({MailState.WAITING: asked}, Backlog())

    patient = Deployment(count_mail, FakeClock(), rest=3600)
    told = await asyncio.gather(*(patient.numbers() for _ in range(20)))
    assert asked == 1
    assert all(numbers[catalog.OUTBOX] == {("waiting",): 1.0} for numbers in told)


async def test_what_takes_long_is_asked_seldom(monkeypatch):
    """
    An answer that took two seconds holds for a hundred; that none came, for no longer than usual.
    """
    now = 1000.0
    monkeypatch.setattr(deployment, "time", SimpleNamespace(monotonic=lambda: now))
    asked = list[float]()

    async def count_mail() -> OutboxStats:
        nonlocal now
        asked.append(now)
        now += 2
        if len(asked) > 1:
            raise Unavailable
        return OutboxStats({}, Backlog())

    slow = Deployment(count_mail, FakeClock())
    for moment in (1000.0, 1101.0, 1102.0, 1113.0, 1114.0):
        now = moment
        await slow.numbers()
    assert asked == [1000.0, 1102.0, 1114.0]


@pytest.mark.parametrize("trouble", ["silence", "refusal"])
async def test_a_database_that_does_not_answer_keeps_no_page_back(trouble):
    """
    It is told that it does not, and old numbers of the outbox are not told as new ones.
    """
    answering = True

    async def count_mail() -> OutboxStats:
        if not answering and trouble == "silence":
            await asyncio.sleep(3600)
        if not answering:
            raise Unavailable
        return OutboxStats({}, Backlog())

    asking = Deployment(count_mail, FakeClock(), deadline=0.05, rest=0)
    assert catalog.OLDEST_DUE in await asking.numbers()
    answering = False
    asking._stale_at = 0.0
    async with asyncio.timeout(10):
        assert await asking.numbers() == {catalog.DATABASE_ANSWERS: {(): 0.0}}
    answering = True
    assert (await asking.numbers())[catalog.DATABASE_ANSWERS] == {(): 1.0}


async def test_what_keeps_mail_back_is_told():
    """
    For how long the oldest has been due, and that the provider refuses us.
    """
    clock = FakeClock()

    async def count_mail() -> OutboxStats:
        oldest = clock.now() - timedelta(minutes=11)
        return OutboxStats({MailState.WAITING: 2, MailState.SENT: 7}, Backlog(oldest, "misconfigured 535"))

    told = await Deployment(count_mail, clock).numbers()
    assert told[catalog.OLDEST_DUE] == {(): 660.0}
    assert told[catalog.MISCONFIGURED] == {(): 1.0}
    assert told[catalog.OUTBOX] == {("waiting",): 2.0, ("sent",): 7.0}


async def test_a_pool_tells_how_full_it_is(database_url):
    """
    Those who wait, and those who waited in vain, are told beside what is open and in use.
    """
    engine = create_engine(database_url, pool_size=1, max_overflow=1, pool_timeout=0.3)
    held = [await engine.raw_connection() for _ in range(2)]
    state = pool_state(engine)
    assert (state.open, state.in_use, state.awaited, state.refused) == (2, 2, 0, 0)
    waiting = asyncio.create_task(engine.raw_connection())
    async with asyncio.timeout(30):
        while not pool_state(engine).awaited:  # noqa: ASYNC110 - it is only looked at, and tells nobody
            await asyncio.sleep(0)
    assert pool_state(engine).awaited == 1
    with pytest.raises(Exception, match="limit"):
        await waiting
    state = pool_state(engine)
    assert (state.awaited, state.refused) == (0, 1)
    for connection in held:
        await greenlet_spawn(connection.close)
    assert pool_state(engine).in_use == 0
    await engine.dispose()


async def test_a_hasher_tells_how_busy_it_is():
    """
    How many are hashed, wait, and were sent away; afterwards nothing is left.
    """
    hasher = Argon2PasswordHasher(threads=1, longest_queue=2)
    hashes = [asyncio.create_task(hasher.hash(Password("a quiet old password"))) for _ in range(5)]
    await asyncio.sleep(0)
    assert (hasher.running, hasher.waiting, hasher.refused) == (1, 2, 2)
    ended = await asyncio.gather(*hashes, return_exceptions=True)
    assert [isinstance(end, Unavailable) for end in ended] == [False, False, False, True, True]
    assert (hasher.running, hasher.waiting, hasher.refused) == (0, 0, 2)
    hasher.close()


async def test_each_answer_of_a_provider_is_counted():
    """
    By what it means; a cancellation and a fault of ours are failures, and all goes on as without.
    """
    told: list[tuple[str, str]] = []
    service = RecordingEmailService()
    metered = MeteredEmailService("pigeon", service, lambda name, answer, _: told.append((name, answer)))
    errors = [EmailRejected("1"), EmailUnavailable("2"), EmailInterrupted("3"), EmailMisconfigured("4")]
    service.fail_next(*errors)
    for error in errors:
        with pytest.raises(type(error)):
            await metered.send(MESSAGE)
    await metered.send(MESSAGE)
    answers = ["rejected", "unavailable", "interrupted", "misconfigured", "accepted"]
    assert told == [("pigeon", answer) for answer in answers]
    assert service.sent == [MESSAGE]


async def test_open_streams_and_refused_places_are_known():
    """
    How many there are, of all people together; and how many were sent away.
    """

    class Signal:
        is_heard = True

        def following(self, _):
            return nullcontext(asyncio.Event())

    streams = Streams(Signal())
    with streams.opened(UserId(UUID(int=1))), streams.opened(UserId(UUID(int=1))), streams.opened(UserId(UUID(int=2))):
        assert streams.open == 3
    assert streams.open == 0
    places = Places(1)
    with places.taken(), pytest.raises(Unavailable), places.taken():
        pass
    assert places.refused == 1


async def test_a_silent_refusal_is_counted():
    """
    Each hit beyond a limit tells its name, once, and never its key.
    """
    told: list[str] = []
    limiter = MeteredRateLimiter(MemoryRateLimiter(FakeClock()), told.append)
    for _ in range(5):
        await limiter.hit(Limit("reset", 2, timedelta(hours=1)), "ann@example.org")
    assert told == ["reset"] * 3


async def test_a_stream_is_timed_to_its_beginning(monkeypatch):
    """
    Not to its end; and whoever is in flight is told while it lasts.
    """
    meter = Meter()
    begun, end = asyncio.Event(), asyncio.Event()
    ticks = iter([100.0, 102.0, 900.0])
    monkeypatch.setattr(requests, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))

    async def app(scope, _, send):
        scope["route"] = Route("/events", app)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await end.wait()

    async def nothing(*_: object) -> None:
        pass

    scope = {"type": "http", "method": "GET", "path": "/events"}
    asking = asyncio.create_task(RequestMeter(app, meter)(scope, nothing, nothing))
    await begun.wait()
    assert meter.in_flight == 1
    end.set()
    await asking
    assert meter.in_flight == 0
    told = counted(meter)
    assert told['todo_http_request_duration_seconds_sum{route="/events"}'] == 2.0


async def test_a_fault_is_counted_too():
    """
    A request without any answer has the status 0, and is not in flight any more.
    """
    meter = Meter()

    async def app(scope, _, __):
        scope["route"] = Mount("/static", app)
        raise RuntimeError

    async def nothing(*_: object) -> None:
        pass

    with pytest.raises(RuntimeError):
        await RequestMeter(app, meter)({"type": "http", "method": "GET", "path": "/static/x"}, nothing, nothing)
    told = counted(meter)
    assert told['todo_http_requests_total{method="GET",route="/static",status="0"}'] == 1
    assert meter.in_flight == 0


async def test_the_sampler_adds_what_is_new():
    """
    Of a number that only grows the growth is counted; the loop's lag is measured between two looks.
    """
    meter = Meter()
    ever = 5.0
    sampler = Sampler(meter, {catalog.HASHES_REFUSED: lambda: ever, catalog.HASHING: lambda: 3.0}, every=0.01)
    sampler.look()
    ever = 7.0
    sampler.look()
    assert counted(meter)["todo_password_hashes_refused_total"] == 7
    assert counted(meter)["todo_password_hashes_running"] == 3
    looking = asyncio.create_task(sampler.run())
    async with asyncio.timeout(30):
        while not counted(meter)["todo_event_loop_lag_seconds_count"]:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    gc.collect()
    assert 'todo_build_info{python="' in meter.page({}).decode()
