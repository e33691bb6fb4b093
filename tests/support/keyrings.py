"""
A keyring that several processes share, as a system's does: in a file of the test's own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class KeyringInAFile(KeyringBackend):
    """
    Keeps passwords where ``TEST_KEYRING`` says.
    """

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        """
        Return the password, if there is one.
        """
        return self._read().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """
        Keep the password.
        """
        self._write({**self._read(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """
        Forget the password.
        """
        passwords = self._read()
        if passwords.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError
        self._write(passwords)

    def _read(self) -> dict[str, str]:
        path = Path(os.environ["TEST_KEYRING"])
        passwords: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return passwords

    def _write(self, passwords: dict[str, str]) -> None:
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(passwords), "utf-8")
