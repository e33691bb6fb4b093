from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from todo_adapters.fakes import PlainMessageRenderer
from todo_adapters.templates import JinjaMessageRenderer
from todo_core.contracts.message_renderer import MessageRendererContract
from todo_core.model.mail import MailKind

_FACTS = {
    "email": "ann@example.org",
    "link": "https://todo.example/reset-password?token=abc",
    "expires_at": "2026-01-01T13:00:00+00:00",
    "minutes": "60",
}


class TestJinja(MessageRendererContract):
    @pytest.fixture
    def renderer(self):
        return JinjaMessageRenderer()

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            ("0", "1 minute,"),
            ("1", "1 minute,"),
            ("59", "59 minutes,"),
            ("60", "60 minutes,"),
            ("90", "90 minutes,"),
            ("120", "2 hours,"),
            ("1439", "23 hours,"),
            ("1440", "24 hours,"),
        ],
    )
    def test_it_says_how_long_in_human_words(self, renderer, minutes, words):
        """
        The life of a link is told in words, and until when exactly.
        """
        message = renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS | {"minutes": minutes})
        expected = f"The link works once, for {words} until 2026-01-01 13:00 UTC."
        assert expected in message.text
        assert expected in message.html

    @pytest.mark.parametrize("kind", MailKind)
    def test_mail_readers_can_show_it(self, renderer, kind):
        """
        Nothing is fetched from elsewhere, every tag is closed, it is at most 600 px wide and says its language.
        """
        html = renderer.render(kind, locale="en", facts=_FACTS).html
        assert _Tags().unclosed(html) == []
        assert not re.search(r"<(img|link|script|iframe|object|form)\b|url\(|@import|src=", html)
        assert 'lang="en"' in html
        assert "max-width: 600px" in html
        assert "#4F46E5" in html
        assert "prefers-color-scheme: dark" in html
        assert html.count("<table") == html.count('role="presentation"') == 1

    @pytest.mark.parametrize("kind", MailKind)
    def test_text_is_fit_for_reading(self, renderer, kind):
        """
        Lines are short, no blank lines pile up, nothing is left of the template, and it says what if it was not you.
        """
        text = renderer.render(kind, locale="en", facts=_FACTS).text
        assert max(map(len, text.splitlines())) <= 78
        assert "\n\n\n" not in text
        assert not re.search(r"[{}<>]|&\w+;", text)
        assert "not you?" in text
        assert text.startswith("Todo App")

    def test_a_fact_that_is_missing_is_an_error(self, renderer):
        """
        A message with a hole in it is not sent.
        """
        with pytest.raises(Exception, match="'link' is undefined"):
            renderer.render(MailKind.PASSWORD_RESET, locale="en", facts={"email": "ann@example.org"})

    def test_the_app_has_the_operators_name(self):
        """
        Subject, text and HTML call the service what the operator calls it.
        """
        message = JinjaMessageRenderer(app_name="Tasks & Co").render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS)
        assert message.subject == "Reset your password - Tasks & Co"
        assert "Tasks & Co" in message.text
        assert "Tasks &amp; Co" in message.html


class TestAnOperatorsTemplates:
    @pytest.fixture
    def renderer(self, tmp_path):
        for name, words in {
            "en/password_reset/subject.txt": "Our own\nsubject for {{ email }}\n",
            "de/password_reset/subject.txt": "Passwort zurücksetzen\n",
            "de/password_reset/body.txt": "Hallo {{ email }}: {{ link }}\n",
        }.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(words, encoding="utf-8")
        return JinjaMessageRenderer(tmp_path)

    def test_a_file_stands_in_for_ours(self, renderer):
        """
        A file of the operator's replaces ours, the others stay.
        """
        message = renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS)
        assert message.subject == "Our own subject for ann@example.org"
        assert message.text == JinjaMessageRenderer().render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS).text

    def test_a_fact_in_the_subject_cannot_break_it(self, renderer):
        """
        A subject that shows a fact is one line without control characters all the same.
        """
        facts = _FACTS | {"email": "ann\r\nBcc: eve\u2028\0@example.org"}
        message = renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=facts)
        assert message.subject == "Our own subject for ann Bcc: eve @example.org"

    @pytest.mark.parametrize("locale", ["de", "de-AT"])
    def test_a_folder_adds_a_language(self, renderer, locale):
        """
        Another language is used where it has a file, English where it has none.
        """
        message = renderer.render(MailKind.PASSWORD_RESET, locale=locale, facts=_FACTS)
        assert message.subject == "Passwort zurücksetzen"
        assert message.text == f"Hallo ann@example.org: {_FACTS['link']}\n"
        assert "Reset your password" in message.html


class TestPlain(MessageRendererContract):
    @pytest.fixture
    def renderer(self):
        return PlainMessageRenderer()


class _Tags(HTMLParser):
    """
    Checks that tags are closed in the order they were opened.
    """

    def unclosed(self, html):
        self.open = []
        self.feed(html)
        return self.open

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
