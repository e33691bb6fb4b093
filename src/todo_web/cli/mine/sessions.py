"""
``todo login`` and ``todo logout``.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import click

from todo_web.cli.mine.errors import Stopped
from todo_web.cli.mine.keeping import KeptSession, forget, keep, kept
from todo_web.cli.mine.service import Service
from todo_web.cli.mine.showing import harmless

_DEFAULT_URL = "http://localhost:8000"


def service() -> Service:
    """
    Return the service that one is logged in at.

    Raises:
        NotLoggedIn: nowhere.
    """
    session = kept()
    return Service(session.url, session.token)


def _service_url(_: click.Context, __: click.Parameter, text: str) -> str:
    """
    Return the URL without what no service's URL has.

    A password is sent over http within this machine only (ASVS 5.0, 12.2.1).
    """
    try:
        url = urlsplit(text)
        host, _port = url.hostname or "", url.port
    except ValueError as error:
        raise click.BadParameter("this is not a URL.") from error
    if url.scheme not in {"http", "https"} or not host or "@" in url.netloc or url.query or url.fragment:
        raise click.BadParameter("a URL such as https://todo.example.org is needed.")
    if url.scheme == "http" and not _is_here(host):
        raise click.BadParameter("http would show your password to the network: use https.")
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"


@click.command()
@click.argument("email")
@click.option(
    "--url",
    default=_DEFAULT_URL,
    show_default=True,
    callback=_service_url,
    help="Where the service is; https, unless it is here.",
)
def login(email: str, url: str) -> None:
    """
    Log in as EMAIL, and stay logged in on this machine.

    The password is asked for, or read as one line where there is no terminal; it is never an argument. The session
    is kept in the system's keyring, where the extra "keyring" is installed and finds one, or else in a file that only
    you can read.
    """
    body = {"email": email, "password": _password()}
    opened = Service(url, None).ask("POST", "/auth/login", body=body)
    _end_the_one_before()
    where = keep(KeptSession(url, opened["user"]["email"], opened["access_token"]))
    click.echo(f"You are logged in as {harmless(opened['user']['email'])}. The session is kept in {where}.")


@click.command()
def logout() -> None:
    """
    Log out, and forget the session on this machine.
    """
    try:
        service().ask("POST", "/auth/logout")
    finally:
        forget()
    click.echo("You are logged out.")


def _end_the_one_before() -> None:
    """
    End the session that nothing will know of any more, if there is one and it can be ended.
    """
    with suppress(Stopped):
        service().ask("POST", "/auth/logout")


def _password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True)
        return password
    return sys.stdin.readline().rstrip("\n")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
