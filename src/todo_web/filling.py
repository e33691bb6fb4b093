"""
Pages for who has no script: what was typed, what is wrong with it and what was done, put into the HTML of a page.

A page's HTML is our own build's. What is put into it is escaped here, and stands in attributes and text only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import Literal

from attrs import field, frozen

_Attributes = list[tuple[str, str | None]]
_ROLES = {"done": "status", "error": "alert"}
_TOLD_BY = {"html": "data-plain", "details": "open"}
"""Attributes of a page that tells something: what needs script is hidden, and what was folded stands open."""


@frozen
class Notice:
    """
    A sentence above a page's text.
    """

    kind: Literal["done", "error"]
    text: str


@frozen
class Filling:
    """
    What to put into a page.

    Args:
        values: what stands in the fields of its forms, by their names.
        faults: what is wrong with which field; what has no label is told in the notice.
        notice: what to say above all; such a page says something that its scripts know nothing of, and has none.
        titled: what stands before its title.
    """

    values: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    faults: Mapping[str, str] = field(factory=dict[str, str])
    notice: Notice | None = None
    titled: str = ""


def filled(html: str, filling: Filling) -> str:
    """
    Return the page *html* with the *filling*; the rest of it stays as it is, to the letter.
    """
    filler = _Filler(filling)
    filler.feed(html)
    filler.close()
    return filler.page()


class _Filler(HTMLParser):
    def __init__(self, filling: Filling) -> None:
        super().__init__(convert_charrefs=False)
        self._filling = filling
        self._parts: list[str] = []
        self._label: str | None = None
        self._unplaced = dict(filling.faults)
        self._notice_at: int | None = None

    def page(self) -> str:
        """
        Return what has come of the page.
        """
        if self._filling.notice is not None and self._notice_at is not None:
            self._parts[self._notice_at] = _notice(self._filling.notice, " ".join(self._unplaced.values()))
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        """
        Keep the tag, with what belongs into it or behind it.
        """
        told = dict(attrs)
        text = self.get_starttag_text() or ""
        if self._filling.notice is not None and _is_of_scripts(tag, told):
            return
        if tag == "label":
            self._label = told.get("for")
        elif tag == "input":
            text = self._input(text, told)
        elif tag in _TOLD_BY and self._filling.notice is not None:
            text = _with(text, _TOLD_BY[tag])
        elif tag == "title":
            text += escape(self._filling.titled)
        self._parts.append(text)

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        """
        Treat ``<input/>`` as ``<input>``: in HTML it is the same.
        """
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """
        Keep the tag, with what belongs behind it.
        """
        if tag == "script" and self._filling.notice is not None:
            return
        self._parts.append(f"</{tag}>")
        if tag == "h1" and self._notice_at is None:
            self._notice_at = len(self._parts)
            self._parts.append("")
        elif tag == "label" and self._label in self._unplaced:
            self._parts.append(f'<p class="fault" id="{self._label}-fault">{escape(self._unplaced[self._label])}</p>')
            del self._unplaced[self._label]

    def _input(self, text: str, told: Mapping[str, str | None]) -> str:
        name = told.get("name") or ""
        if name in self._filling.values and told.get("type") not in {"password", "checkbox", "radio"}:
            text = _with(text, f'value="{escape(self._filling.values[name])}"')
        if name in self._filling.faults:
            described = f"{name}-fault {told.get('aria-describedby') or ''}".strip()
            text = _with(text, f'aria-invalid="true" aria-describedby="{escape(described)}"')
        return text

    def handle_data(self, data: str) -> None:
        """
        Keep the text.
        """
        self._parts.append(data)

    def handle_entityref(self, name: str) -> None:
        """
        Keep the character's name.
        """
        self._parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """
        Keep the character's number.
        """
        self._parts.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        """
        Keep the document's type.
        """
        self._parts.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        """
        Keep the comment.
        """
        self._parts.append(f"<!--{data}-->")


def _is_of_scripts(tag: str, told: Mapping[str, str | None]) -> bool:
    return tag == "script" or (tag == "link" and told.get("rel") == "modulepreload")


def _with(text: str, attributes: str) -> str:
    """
    Return a start tag with *attributes*, which come first: of two with one name the first counts.
    """
    name = text[1:].split(maxsplit=1)[0].rstrip("/>")
    return f"<{name} {attributes}{text[1 + len(name) :]}"


def _notice(notice: Notice, others: str) -> str:
    said = escape(f"{notice.text} {others}".strip())
    return f'<p class="notice {notice.kind}" role="{_ROLES[notice.kind]}" tabindex="-1" autofocus>{said}</p>'
