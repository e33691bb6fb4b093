"""
The web page: what ``frontend/`` was built into, and how it is served.

The build leaves ``name.br`` and ``name.gz`` beside each text, so nothing is compressed while somebody waits. It writes
each page once for each language, ``index.en.html``, ``index.de.html``, …, and ``index.html`` for everybody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import NotFound
from todo_web.etags import is_known
from todo_web.languages import negotiated
from todo_web.weights import weights

BUILT = Path(__file__).with_name("ui")

_PLAIN = "identity"
_CODINGS = {"br": ".br", "gzip": ".gz", _PLAIN: ""}
"""By what is best for equal wishes; how the names of the files end."""

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""``mimetypes`` says what the machine says, and another name for scripts before Python 3.12."""

_OFTEN_ASKED = "no-cache"
_FOR_GOOD = "public, max-age=31536000, immutable"
_ENGLISH = "en"


@frozen
class Representation:
    """
    The bytes of a file in one coding, and the strong entity tag that is theirs alone (RFC 9110 §8.8.3.3).
    """

    body: bytes
    tag: str


@frozen
class BuiltFile:
    """
    A file, in each coding that the build made.
    """

    media_type: str
    representations: Mapping[str, Representation]

    def answer(self, request: Request[Any], *, caching: str, varying: str = "Accept-Encoding") -> Response:
        """
        Return what *request* likes best, or 304 where it is known already.

        The 304 has a media type, which chooses its content security policy: a cache takes over the headers of a 304.
        """
        coding = best_coding(",".join(request.headers.getlist("accept-encoding")), self.representations)
        chosen = self.representations[coding]
        headers = {"Cache-Control": caching, "ETag": chosen.tag, "Vary": varying}
        if is_known(request, chosen.tag):
            return Response(status_code=304, headers=headers, media_type=self.media_type)
        if coding != _PLAIN:
            headers["Content-Encoding"] = coding
        return Response(chosen.body, headers=headers, media_type=self.media_type)


@define
class WebPage:
    """
    The files in a *folder*, read when the first is asked for, and only once: what is built later needs a restart.

    Nothing but what was found then is served, so no name leads out of the folder.
    """

    folder: Path = BUILT
    _files: Mapping[str, BuiltFile] | None = field(default=None, init=False)

    async def page(self, request: Request[Any], route: str) -> Response | None:
        """
        Return the page of a *route* in the language that its reader likes best, or None where there is no such page.

        Caches ask each time whether it has changed.
        """
        _, found = await self._found(request, route)
        if found is None:
            return None
        return found.answer(request, caching=_OFTEN_ASKED, varying="Accept-Encoding, Accept-Language")

    async def text(self, request: Request[Any], route: str) -> tuple[str, str] | None:
        """
        Return the language of that page and its HTML, to put something into it, or None where there is no such page.
        """
        language, found = await self._found(request, route)
        return None if found is None else (language, found.representations[_PLAIN].body.decode())

    async def _found(self, request: Request[Any], route: str) -> tuple[str, BuiltFile | None]:
        files = await self._read()
        stem = f"{route}/index".lstrip("/")
        header = ",".join(request.headers.getlist("accept-language"))
        language = negotiated(header, offered=_languages(stem, files))
        return language or _ENGLISH, files.get(f"{stem}.html" if language is None else f"{stem}.{language}.html")

    async def asset(self, request: Request[Any], name: str) -> Response:
        """
        Return a file whose name changes with what is in it, and which therefore is good for ever.

        Raises:
            NotFound: there is none such.
        """
        found = (await self._read()).get(f"assets/{name}")
        if found is None:
            raise NotFound
        return found.answer(request, caching=_FOR_GOOD)

    async def _read(self) -> Mapping[str, BuiltFile]:
        if self._files is None:
            self._files = await asyncio.to_thread(_built_files, self.folder)
        return self._files


def best_coding(header: str, offered: Collection[str]) -> str:
    """
    Return which of the *offered* content codings an ``Accept-Encoding`` *header* likes best (RFC 9110 §12.5.3).

    ``*`` is any coding that is not named. Whoever likes none gets the plain file, even if they refuse that, too.
    """
    wishes = weights(header)
    others = wishes.get("*", 0.0)
    liked = {coding: wishes.get(coding, others) for coding in _CODINGS if coding in offered}
    best = max(liked, key=lambda coding: liked[coding])
    return best if liked[best] else _PLAIN


def _built_files(folder: Path) -> Mapping[str, BuiltFile]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    plain = [path for path in paths if path.suffix in _MEDIA_TYPES]
    return {
        path.relative_to(folder).as_posix(): BuiltFile(_MEDIA_TYPES[path.suffix], _representations(path))
        for path in plain
    }


def _representations(path: Path) -> Mapping[str, Representation]:
    packed = {coding: path.with_name(path.name + ending) for coding, ending in _CODINGS.items()}
    return {coding: _representation(file.read_bytes()) for coding, file in packed.items() if file.is_file()}


def _representation(body: bytes) -> Representation:
    return Representation(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _languages(stem: str, files: Iterable[str]) -> Sequence[str]:
    """
    Return the languages that a page is written in; English, which is for everybody else, first.
    """
    name_of = re.compile(rf"{re.escape(stem)}\.([\w-]+)\.html")
    tags = [found[1] for found in map(name_of.fullmatch, files) if found]
    return sorted(tags, key=lambda tag: (tag != _ENGLISH, tag))
