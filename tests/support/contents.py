"""
What should not be in a container image: what builds, what breaks in, what is secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.support.container import Image

CANARY = "canary-9f27c1d4b8e35a60"
PLANTED = (".env", ".env.production", "src/todo_web/.env", "frontend/.env.local", ".git/config", "docs/key.pem")
"""Secrets that lie about in the tree while the image is built."""

TOOLS = re.compile(
    r"^(.*/)?(uv|uvx|pip\d*(\.\d+)?|node|npm|npx|git|gcc|g\+\+|cc|c\+\+|clang|ld|as|make|strip|apt(-.*)?|dpkg(-.*)?|perl.*"
    r"|sh|bash|dash|busybox|curl|wget|su|sudo|mount)$"
)
"""What builds or installs, and what somebody who broke in would look for first."""

SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|npm_\w{36}"
)
SECRET_FILES = re.compile(
    r"/(\.env.*|\.git|\.netrc|\.npmrc|\.pypirc|pip\.conf|uv\.toml|id_(rsa|ed25519|ecdsa)|.*\.(key|pem|p12))$"
)
AUTHORITIES = re.compile(r"^/(etc/ssl/certs|usr/share/ca-certificates)/|^/usr/lib/ssl/cert\.pem$|/certifi/cacert\.pem$")
"""Where certificates are, which are no secrets."""


def tools_in(commands: Iterable[str]) -> list[str]:
    """
    Return which of the *commands* should not be there.
    """
    return [path for path in commands if TOOLS.match(path)]


def commands_in(image: Image) -> Iterator[str]:
    """
    Yield the path of everything in *image* that can be executed.
    """
    for path, entry in image.files.items():
        if entry.issym() or (entry.isfile() and entry.mode & 0o111):
            yield path


def secret_files_in(image: Image) -> list[str]:
    """
    Return the paths that secrets usually have.
    """
    return [path for path in image.files if SECRET_FILES.search(path) and not AUTHORITIES.search(path)]


def secrets_in(image: Image) -> list[str]:
    """
    Return which files hold the canary, or what looks like a key.
    """
    return [
        entry.name
        for entry, content in image.entries()
        if content is not None and (CANARY.encode() in (text := content.read()) or SECRETS.search(text))
    ]
