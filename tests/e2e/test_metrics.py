"""
Metrics of the program as it is run: several processes, a port of their own, a worker beside.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.support.server import KEY, TodoServer, eventually, free_port, run_todo
from tests.support.smtp import SmtpServer


@pytest.fixture
def port() -> int:
    """
    Return a port for metrics.
    """
    return free_port()


def numbers(port: int) -> dict[str, float]:
    """
    Return the value of each series that is told at *port*.
    """
    answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=20)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}


def answered(told: Mapping[str, float]) -> float:
    """
    Return how many requests to /health were answered.
    """
    return told['todo_http_requests_total{method="GET",route="/health",status="200"}']


def ask_health(server: TodoServer, *, times: int) -> None:
    """
    Ask on a connection of its own each time, so that all processes get some.
    """
    for _ in range(times):
        assert httpx2.get(f"{server.url}/health").is_success


def workers_of(server: TodoServer) -> list[psutil.Process]:
    """
    Return the processes that serve.
    """
    assert server._process is not None
    children = psutil.Process(server._process.pid).children(recursive=True)
    return [child for child in children if _serves(child)]


def _serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it has ended; psutil's word for a zombie is of the same kind
        return False


def test_processes_count_together(settings: dict[str, str], tmp_path: Path, port: int) -> None:
    """
    Whichever answers tells what all have counted.

    When one is killed, what it counted stays, and it is no process any
    more; its follower is. At the service's own port there is nothing, and at the end no file is left.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    watched = {**settings, "WORKERS": "2", "METRICS_PORT": str(port), "TMPDIR": str(scratch)}
    with TodoServer(tmp_path, watched) as server:
        eventually(lambda: numbers(port)["todo_processes"] == 2, within=60)
        before = answered(numbers(port))
        ask_health(server, times=20)
        assert [answered(numbers(port)) for _ in range(6)] == [before + 20] * 6
        assert httpx2.get(f"{server.url}/metrics").status_code == 404

        killed = workers_of(server)[0]
        killed.kill()
        eventually(lambda: len(workers_of(server)) == 2 and killed not in workers_of(server), within=60)
        eventually(lambda: _quiet(port).get("todo_processes") == 2, within=60)
        assert list(scratch.rglob(f"*_{killed.pid}.db"))
        assert not list(scratch.rglob(f"gauge_live*_{killed.pid}.db"))
        ask_health(server, times=5)
        assert answered(numbers(port)) >= before + 25
        assert server.stop() == 0
    assert not list(scratch.iterdir())


def _quiet(port: int) -> dict[str, float]:
    try:
        return numbers(port)
    except httpx2.TransportError:
        return {}


def test_a_worker_tells_what_it_sends(settings: dict[str, str], mail: SmtpServer, tmp_path: Path, port: int) -> None:
    """
    Mail is counted where it is sent, by its kind and by its provider; and the worker ends as it should.
    """
    apart = {**settings, "COURIER": "apart"}
    (tmp_path / "serve").mkdir()
    (tmp_path / "work").mkdir()
    worker = TodoServer(tmp_path / "work", {**apart, "METRICS_PORT": str(port)}, command="worker")
    with TodoServer(tmp_path / "serve", apart) as server, worker:
        with server.client() as client:
            client.post("/auth/register", json={"email": "ann@example.org", "password": "a quiet old password"})
        eventually(lambda: mail.letters)
        sent = 'todo_mail_sends_total{outcome="accepted",provider="smtp"}'
        told = eventually(lambda: (found := _quiet(port)).get(sent) == 1 and found)
        assert told['todo_mail_deliveries_total{kind="verify_email",outcome="sent"}'] == 1
        assert told["todo_courier_last_look_timestamp_seconds"] > 1.7e9
        assert "ann" not in str(told)
        assert httpx2.get(f"http://127.0.0.1:{port}/").status_code == 404
        assert worker.stop() == 0


def test_a_token_is_asked_for_at_the_own_port_too(settings: dict[str, str], tmp_path: Path, port: int) -> None:
    """
    Where both are set, the numbers are told at that port only, and only to who bears it; the log shows no token.
    """
    with TodoServer(tmp_path, {**settings, "METRICS_PORT": str(port), "METRICS_TOKEN": KEY}) as server:
        url = f"http://127.0.0.1:{port}/metrics"
        bearer = {"Authorization": f"Bearer {KEY}"}
        assert httpx2.get(url).status_code == 401
        assert httpx2.get(url, headers=bearer).status_code == 200
        assert httpx2.get(f"{server.url}/metrics", headers=bearer).status_code == 404
        assert KEY not in server.output


def test_a_taken_port_is_named(settings: dict[str, str], tmp_path: Path) -> None:
    """
    The program does not start, and says which setting it is.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_todo(
            "serve", settings={**settings, "PORT": str(free_port()), "METRICS_PORT": str(port)}, folder=tmp_path
        )
    assert ended.returncode != 0
    assert f"METRICS_PORT: {port} of 127.0.0.1 cannot be bound" in ended.stderr


def test_processes_without_a_folder_do_not_start(settings: dict[str, str], tmp_path: Path, port: int) -> None:
    """
    Where no temporary file can be written, several processes cannot count together: the program says so.
    """
    nowhere = str(tmp_path / "not-there")
    (tmp_path / "sitecustomize.py").write_text(f"import tempfile\ntempfile.tempdir = {nowhere!r}\n", "utf-8")
    watched = {**settings, "WORKERS": "2", "METRICS_PORT": str(port), "PYTHONPATH": str(tmp_path)}
    ended = run_todo("serve", settings=watched, folder=tmp_path)
    assert ended.returncode == 1
    assert "mount a tmpfs at /tmp" in ended.stderr
    assert "Traceback" not in ended.stderr
