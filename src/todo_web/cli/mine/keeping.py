"""
Where a session is kept between two commands: in the system's keyring, or else in a file that only its owner can read.
"""

from __future__ import annotations

import importlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import asdict, field, frozen
from platformdirs import user_config_path

from todo_web.cli.mine.errors import NotLoggedIn

_SERVICE, _NAME = "todo", "session"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@frozen
class KeptSession:
    """
    Somebody's session at the service at ``url``; its token is shown to nobody else.
    """

    url: str
    email: str
    token: str = field(repr=False)


def keep(session: KeptSession) -> str:
    """
    Keep *session* in place of any other, and return where, in words.
    """
    forget()
    text = json.dumps(asdict(session))
    if _keep_in_keyring(text):
        return "the system's keyring"
    path = _path()
    _write(path, text)
    return f"{path}, which only you can read"


def kept() -> KeptSession:
    """
    Return the session that is kept.

    Raises:
        NotLoggedIn: there is none, or others could have read it.
    """
    text = _read(_path()) or _in_keyring()
    if text is None:
        raise NotLoggedIn
    try:
        return KeptSession(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise NotLoggedIn("The session that was kept cannot be read: todo login EMAIL --url URL.") from error


def forget() -> None:
    """
    Keep no session, wherever it was.
    """
    _path().unlink(missing_ok=True)
    keyring = _keyring()
    if keyring is not None:
        with suppress(keyring.errors.KeyringError):
            keyring.delete_password(_SERVICE, _NAME)


def _path() -> Path:
    return user_config_path("todo", appauthor=False) / "session.json"


def _read(path: Path) -> str | None:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise NotLoggedIn(f"Others can read {path}: chmod 600 it, or log in again.")
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{uuid4()}")
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)  # nobody sees it with other rights
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(text)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _keyring() -> Any | None:
    """
    Return the library, which is an extra and takes a while to import; or None.
    """
    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None


def _keep_in_keyring(text: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, _NAME, text)
    except keyring.errors.KeyringError:
        return False
    return _in_keyring() == text


def _in_keyring() -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        text: str | None = keyring.get_password(_SERVICE, _NAME)
    except keyring.errors.KeyringError:
        return None
    return text
