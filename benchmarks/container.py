"""
What the container image costs: building, size, start, memory, and the end of it. ``just container``.

It is built afresh, run as it should be deployed (512 MiB, nothing that can be written, no rights), with PostgreSQL and
a mail server outside, and told to end in the middle of its work.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory

import httpx2
import psutil

from benchmarks.report import print_figure, print_machine
from benchmarks.served import sign_up
from tests.support.container import ContainerServer, Image
from tests.support.contents import CANARY, PLANTED, commands_in, secret_files_in, secrets_in, tools_in
from tests.support.engines import MEMORY
from tests.support.post_office import PostOffice, Weather
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import KEY, PASSWORD, eventually
from todo_adapters.postgres import migrate

PEOPLE, CLIENTS, LOAD_SECONDS, STARTS = 400, 16, 30.0, 5
OFTEN = "1000000/minute"
SETTINGS = {
    "FRONTEND_URL": "https://todo.example.org",
    "JWT_SECRET_KEY": KEY,
    "COURIER": "beside",
    "RATE_LIMIT_ENABLED": "false",
    **dict.fromkeys(("RATE_LIMIT_LOGIN", "RATE_LIMIT_LOGIN_DAY", "RATE_LIMIT_RESET", "RATE_LIMIT_RESET_CLIENT"), OFTEN),
}

_MIB = 1024 * 1024
_LOOK = """
import os
try:
    open("/made", "w")
except OSError as error:
    print(os.getuid(), error.strerror)
"""


def person(number: int) -> str:
    """
    Return an address that has an account.
    """
    return f"known{number:06}@example.org"


def measure_image(folder: Path) -> Image:
    """
    Build the image, and print what is known of it before it runs.
    """
    began = time.monotonic()
    image = Image.build(folder, dict.fromkeys(PLANTED, CANARY), fresh=True)
    took = time.monotonic() - began
    print(f"built with {type(image.engine).__name__}, saving included")
    print_figure("built, nothing kept from before", goal="under 300 s", seen=f"{took:.0f} s", held=took < 300)
    size = image.size / 1e6
    print_figure("size of all layers", goal="under 200 MB", seen=f"{size:.0f} MB", held=size < 200)
    for part, of_it in largest(image):
        print(f"  {part:32} {of_it / 1e6:10.1f} MB")
    tools, secrets = tools_in(commands_in(image)), secret_files_in(image) + secrets_in(image)
    print_figure("tools in layers", goal="none", seen=str(len(tools)), held=not tools)
    print_figure("secrets in layers", goal="none", seen=str(len(secrets)), held=not secrets)
    return image


def largest(image: Image) -> list[tuple[str, int]]:
    """
    Return the ten largest parts of it: distributions, and folders beside them.
    """
    sizes = Counter[str]()
    for path, entry in image.files.items():
        inside, _, rest = path.partition("/site-packages/")
        sizes[rest.split("/")[0] if rest else "/".join(inside.split("/")[:4])] += entry.size
    return sizes.most_common(10)


@contextmanager
def surroundings(office: PostOffice) -> Generator[dict[str, str]]:
    """
    Yield the settings of a container with a database of its own, which *office* takes the mail of.
    """
    with ExitStack() as stack:
        data = Path(stack.enter_context(TemporaryDirectory(prefix="todo-postgres-"))).resolve()
        url = stack.enter_context(fresh_database(stack.enter_context(EmbeddedServer(data).running(needless=()))))
        migrate.upgrade(url)
        sign_up(url, PEOPLE)
        print_machine(url)
        yield {**SETTINGS, **office.environment(), "DATABASE_URL": url}


def measure_starts(image: Image, settings: dict[str, str]) -> None:
    """
    Print how long it takes until the health check passes.
    """
    seconds = [start_once(image, settings) for _ in range(STARTS)]
    seen = f"{statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"
    print_figure("until healthy, 4 workers", goal="at most 30 s", seen=seen, held=max(seconds) <= 30)


def start_once(image: Image, settings: dict[str, str]) -> float:
    """
    Return the seconds from the start of a container until its health check passes.
    """
    _, *check = image.config["Healthcheck"]["Test"]
    with TemporaryDirectory(prefix="todo-container-") as folder:
        server = ContainerServer(Path(folder), settings, image=image)
        began = time.monotonic()
        with server:
            eventually(lambda: server.execute(*check).returncode == 0, within=60)
            return time.monotonic() - began


def measure_memory(server: ContainerServer) -> None:
    """
    Print what all its processes hold, at rest and while many people use it.
    """
    seen_inside = server.execute("python", "-c", _LOOK).stdout.strip()
    held = seen_inside == "1000 Read-only file system"
    print_figure("user, and a file made in /", goal="1000, refused", seen=seen_inside, held=held)
    resting = memory_of(server)
    over = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        counts = [pool.submit(use, server, number, over) for number in range(CLIENTS)]
        seen, ends = [0.0], time.monotonic() + LOAD_SECONDS
        while time.monotonic() < ends:
            seen.append(memory_of(server))
            time.sleep(0.5)
        over.set()
    answers = sum((count.result() for count in counts), Counter[int]())
    print(f"{CLIENTS} clients for {LOAD_SECONDS:.0f} s were answered {dict(answers)}")
    print_figure("memory at rest", goal="under 512 MiB", seen=f"{resting:.0f} MiB", held=resting < 512)
    peak = max(seen)
    print_figure("memory under load", goal="under 512 MiB", seen=f"{peak:.0f} MiB", held=peak * _MIB < MEMORY)


def memory_of(server: ContainerServer) -> float:
    """
    Return what its processes hold, in MiB; what they share counts once.
    """
    first = psutil.Process(server.pid)
    held = 0
    for process in (first, *first.children(recursive=True)):
        try:
            held += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return held / _MIB


def use(server: ContainerServer, number: int, over: threading.Event) -> Counter[int]:
    """
    Log in, add and list todos and forget passwords until it is *over*; return how often each status was answered.
    """
    lot, statuses = random.Random(number), Counter[int]()  # noqa: S311 - a lot, no secret
    with server.client() as client:
        while not over.is_set():
            email = person(lot.randrange(PEOPLE))
            answer = client.post("/auth/login", json={"email": email, "password": PASSWORD})
            statuses[answer.status_code] += 1
            if answer.status_code != httpx2.codes.OK:
                time.sleep(0.2)
                continue
            session = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            for title in ("milk", "bread", "tea"):
                statuses[client.post("/todos", json={"title": title}, headers=session).status_code] += 1
                statuses[client.get("/todos", headers=session).status_code] += 1
            statuses[client.post("/auth/password-reset", json={"email": email}).status_code] += 1
    return statuses


def measure_end(server: ContainerServer, office: PostOffice) -> None:
    """
    Tell it to end while it has requests and mail in hand, start it again, and print what was lost.
    """
    office.weather = Weather(delay=0.5)
    office.arrivals.clear()
    begun = office.begun
    people = [person(number) for number in range(PEOPLE)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = pool.map(partial(ask, server), people)
        eventually(lambda: office.begun >= begun + 3)
        began = time.monotonic()
        code = server.stop(SIGTERM)
        took = time.monotonic() - began
    promised = [email for email, status in zip(people, answers, strict=True) if status == 202]
    office.weather = Weather()
    server.start()
    eventually(lambda: all(office.to(email) for email in promised), within=120)
    counts = [len(office.to(email)) for email in promised]
    print_figure("SIGTERM at work, exit code", goal="0", seen=str(code), held=code == 0)
    print_figure("SIGTERM at work, seconds", goal="at most 10 s", seen=f"{took:.1f} s", held=took <= 10)
    print_figure(
        "promised, then lost", goal="0 lost", seen=f"{counts.count(0)} of {len(promised)}", held=0 not in counts
    )
    twice = sum(count > 1 for count in counts)
    print_figure("promised, come twice", goal="0", seen=str(twice), held=not twice)


def ask(server: ContainerServer, email: str) -> int:
    """
    Ask for a reset; return the status, or 0 where nobody took it any more.
    """
    try:
        with server.client() as client:
            return client.post("/auth/password-reset", json={"email": email}).status_code
    except httpx2.TransportError:
        return 0


def main() -> None:
    """
    Measure everything, and print it.
    """
    with TemporaryDirectory(prefix="todo-image-") as folder, PostOffice() as office:
        image = measure_image(Path(folder))
        with surroundings(office) as settings, TemporaryDirectory(prefix="todo-container-") as room:
            measure_starts(image, settings)
            with ContainerServer(Path(room), settings, image=image) as server:
                measure_memory(server)
                eventually(partial(all_is_sent, office), within=120)
                measure_end(server, office)


def all_is_sent(office: PostOffice) -> bool:
    """
    Tell whether nothing has arrived for two seconds.
    """
    before = len(office.arrivals)
    time.sleep(2)
    return len(office.arrivals) == before


if __name__ == "__main__":
    main()
