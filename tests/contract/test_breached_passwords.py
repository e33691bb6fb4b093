from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable

import pytest
import trustme
from structlog.testing import capture_logs

from tests.support.pwned_passwords import PwnedPasswords, Said
from tests.support.smtp import SILENCE
from todo_adapters.breached_passwords import HibpBreachedPasswords, NoBreachedPasswords
from todo_adapters.fakes import FewBreachedPasswords
from todo_core.contracts.breached_passwords import BreachedPasswordsContract
from todo_core.model.password import Password

STOLEN = Password("Größe: correct horse")
DIGEST = hashlib.sha1(STOLEN.text.encode()).hexdigest().upper()  # noqa: S324 - it is the service's
LISTED = f"\n{DIGEST[5:]}:42\n".encode()


@pytest.fixture
async def service():
    """
    Yield the service, which knows one password.
    """
    service = PwnedPasswords(stolen={STOLEN.text: 42})
    async with service.serving() as service.url:
        yield service


@pytest.fixture
async def ask(service):
    """
    Return what asks the service, which has to answer soon, whether it knows the stolen password.
    """

    async def question(said: Said | str | None = None, *, url: str = service.url) -> bool:
        if said is not None:
            service.answers.append(said)
        breached_passwords = HibpBreachedPasswords(url, timeout=0.3)
        try:
            async with asyncio.timeout(5):
                return await breached_passwords.includes(STOLEN)
        finally:
            await breached_passwords.close()

    return question


class TestHibp(BreachedPasswordsContract):
    @pytest.fixture
    async def breached_passwords(self, service):
        breached_passwords = HibpBreachedPasswords(service.url)
        yield breached_passwords
        await breached_passwords.close()

    @pytest.fixture
    def stolen(self):
        return (STOLEN,)

    @pytest.fixture
    def outage(self, service) -> Callable[[], None]:
        return lambda: service.answers.extend([SILENCE, Said(503)])

    async def test_five_digits_leave_the_house(self, service, ask):
        """
        All that is sent is the first five digits of the SHA-1, with the wish for padding.
        """
        assert await ask()
        (request,) = service.requests
        assert (request.method, request.path, request.body) == ("GET", f"/range/{DIGEST[:5]}", b"")
        assert request.header("Add-Padding") == "true"
        assert DIGEST[5:10] not in str(request.headers).upper()

    async def test_padding_does_not_count(self, service, ask):
        """
        An entry that was seen no times is there to hide the answer's length only.
        """
        service.stolen[STOLEN.text] = 0
        assert not await ask()

    @pytest.mark.parametrize(
        "said",
        [
            Said(500, LISTED),
            Said(429),
            Said(404),
            Said(301, headers={"Location": "/range/00000"}),
            Said(200, b""),
            Said(200, b"\xff\x00 no list at all"),
            Said(200, b"x" * (1 << 22) + LISTED),
            "hang up",
            SILENCE,
        ],
        ids=["500", "429", "404", "redirect", "empty", "garbage", "endless", "hang up", "silence"],
    )
    async def test_a_strange_answer_is_a_no(self, ask, said):
        """
        Whatever goes wrong there, nobody is kept from a password for it, and nobody waits for long.
        """
        assert not await ask(said)

    async def test_a_service_that_is_not_there_is_a_no(self, ask):
        """
        A port where nobody listens, and a name that nobody has.
        """
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        assert not await ask(url=f"http://127.0.0.1:{port}")
        assert not await ask(url="http://nowhere.invalid")

    async def test_a_phone_that_nobody_answers_is_a_no(self, ask, blocked_port):
        """
        Connecting has the same deadline.
        """
        assert not await ask(url=f"http://127.0.0.1:{blocked_port}")

    async def test_who_cannot_show_a_certificate_is_not_asked(self):
        """
        Not even the five digits go to somebody who only claims to be the service.
        """
        certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(certificate)
        service = PwnedPasswords(stolen={STOLEN.text: 1})
        async with service.serving(certificate) as url:
            breached_passwords = HibpBreachedPasswords(url)
            assert not await breached_passwords.includes(STOLEN)
            await breached_passwords.close()
        assert not service.requests

    async def test_an_operator_can_see_that_it_fails(self, ask):
        """
        Each time the log has a line with the reason, and nothing of the password or its hash.
        """
        with capture_logs() as logged:
            await ask(Said(503))
            await ask("hang up")
        assert [line["event"] for line in logged] == ["breach check failed"] * 2
        assert DIGEST[:5] not in str(logged).upper()
        assert STOLEN.text not in str(logged)

    async def test_a_flood_is_answered(self, service):
        """
        Of very many questions at once each is answered, over a few connections.
        """
        breached_passwords = HibpBreachedPasswords(service.url, timeout=30)
        assert all(await asyncio.gather(*(breached_passwords.includes(STOLEN) for _ in range(100))))
        await breached_passwords.close()
        assert service.connections <= 8


def test_the_http_client_does_not_log_what_it_asks():
    """
    Five digits of a password's hash would stand beside a request's id otherwise, at whatever LOG_LEVEL.
    """
    program = """if True:
        import logging
        from todo_web.logs import configure_logging
        configure_logging(level="DEBUG", log_format="json")
        assert not logging.getLogger("httpx2").isEnabledFor(logging.INFO)
        assert not logging.getLogger("httpcore2.http11").isEnabledFor(logging.INFO)
    """
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - our own words


class TestNo(BreachedPasswordsContract):
    @pytest.fixture
    def breached_passwords(self):
        return NoBreachedPasswords()

    @pytest.fixture
    def stolen(self):
        return ()

    @pytest.fixture
    def outage(self) -> Callable[[], None]:
        return lambda: None


class TestFew(BreachedPasswordsContract):
    @pytest.fixture
    def breached_passwords(self):
        return FewBreachedPasswords(frozenset({STOLEN.text}))

    @pytest.fixture
    def stolen(self):
        return (STOLEN,)

    @pytest.fixture
    def outage(self, breached_passwords) -> Callable[[], None]:
        return lambda: setattr(breached_passwords, "away", True)
