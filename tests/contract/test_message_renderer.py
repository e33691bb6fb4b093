from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from shutil import copytree

import pytest
from jinja2 import UndefinedError

from todo_adapters import templates
from todo_adapters.fakes import PlainMessageRenderer
from todo_adapters.templates import JinjaMessageRenderer
from todo_core.contracts.message_renderer import MessageRendererContract
from todo_core.model.mail import MailKind

_FACTS = {
    "email": "ann@example.org",
    "new_email": "b***@e***.net",
    "link": "https://todo.example/reset-password?token=abc",
    "expires_at": "2026-03-01T13:00:00+00:00",
    "minutes": "60",
    "todo": "Gießen & düngen",
    "due": "2026-10-25T02:30",
    "zone": "America/New_York",
}
_LOCALES = ("en", "de", "es")
_EXPIRING = (
    MailKind.PASSWORD_RESET,
    MailKind.VERIFY_EMAIL,
    MailKind.CHANGE_EMAIL,
    MailKind.EMAIL_CHANGED,
    MailKind.ACCOUNT_DELETION,
)
_WITH_LINK = (*_EXPIRING, MailKind.REMINDER)
_MESSAGES = list(product(MailKind, _LOCALES))
_LONGEST_SUBJECT = 78  # RFC 5322 §2.1.1
_OURS = Path(templates.__file__).parent


class TestJinja(MessageRendererContract):
    @pytest.fixture
    def renderer(self):
        return JinjaMessageRenderer()

    def test_it_speaks_three_languages(self, renderer):
        """
        English, German and Spanish; no other folder passes for a language.
        """
        assert tuple(renderer.locales) == _LOCALES

    @pytest.mark.parametrize(
        ("locale", "minutes", "words"),
        [
            ("en", "0", "for 1 minute,"),
            ("en", "1", "for 1 minute,"),
            ("en", "59", "for 59 minutes,"),
            ("en", "60", "for 1 hour,"),
            ("en", "90", "for 90 minutes,"),
            ("en", "120", "for 2 hours,"),
            ("en", "1439", "for 23 hours,"),
            ("en", "1440", "for 24 hours,"),
            ("en", "2879", "for 47 hours,"),
            ("en", "2880", "for 2 days,"),
            ("en", "10080", "for 7 days,"),
            ("de", "1", "1 Minute lang,"),
            ("de", "45", "45 Minuten lang,"),
            ("de", "60", "1 Stunde lang,"),
            ("de", "1440", "24 Stunden lang,"),
            ("de", "10080", "7 Tage lang,"),
            ("es", "1", "durante 1 minuto,"),
            ("es", "45", "durante 45 minutos,"),
            ("es", "60", "durante 1 hora,"),
            ("es", "1440", "durante 24 horas,"),
            ("es", "10080", "durante 7 días,"),
        ],
    )
    def test_it_says_how_long_in_human_words(self, renderer, locale, minutes, words):
        """
        The life of a link is told as people say it, in the text and in the HTML.
        """
        message = renderer.render(MailKind.PASSWORD_RESET, locale=locale, facts=_FACTS | {"minutes": minutes})
        assert words in _flat(message.text)
        assert words in _flat(message.html)

    @pytest.mark.parametrize(
        ("locale", "expires_at", "words"),
        [
            ("en", "2026-03-01T13:00:00+00:00", "until 1 March 2026 at 13:00 UTC."),
            ("de", "2026-03-01T13:00:00+00:00", "bis zum 1. März 2026 um 13:00 Uhr (UTC)."),
            ("es", "2026-03-01T13:00:00+00:00", "hasta el 1 de marzo de 2026 a las 13:00 (UTC)."),
            ("es", "2026-12-31T01:05:00+00:00", "hasta el 31 de diciembre de 2026 a la 01:05 (UTC)."),
            ("en", "2026-12-31T23:30:00-02:00", "until 1 January 2027 at 01:30 UTC."),
        ],
    )
    @pytest.mark.parametrize("kind", _EXPIRING)
    def test_it_says_until_when_in_the_languages_way(self, renderer, kind, locale, expires_at, words):
        """
        The moment a link expires is written as its readers write dates.
        """
        message = renderer.render(kind, locale=locale, facts=_FACTS | {"expires_at": expires_at})
        assert words in _flat(message.text)
        assert words in _flat(message.html)

    @pytest.mark.parametrize("locale", _LOCALES)
    def test_every_month_has_a_name(self, renderer, locale):
        """
        There are twelve, and no two are called the same.
        """
        facts = [_FACTS | {"expires_at": f"2026-{month:02}-01T13:00:00+00:00"} for month in range(1, 13)]
        assert len({renderer.render(MailKind.VERIFY_EMAIL, locale=locale, facts=told).text for told in facts}) == 12

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_each_language_has_words_of_its_own(self, renderer, kind, locale):
        """
        No subject, text or HTML of a language is another's: nothing was left untranslated.
        """
        message = renderer.render(kind, locale=locale, facts=_FACTS)
        for other in set(_LOCALES) - {locale}:
            others = renderer.render(kind, locale=other, facts=_FACTS)
            assert message.subject != others.subject
            assert not _sentences(message.text) & _sentences(others.text)

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_each_language_tells_what_english_tells(self, renderer, kind, locale):
        """
        A message has the same facts, as often, and as many paragraphs and parts, in each language.
        """
        facts = _FACTS | {"minutes": "77"}
        message, english = (renderer.render(kind, locale=tag, facts=facts) for tag in (locale, "en"))
        for fact in (facts["email"], facts["new_email"], facts["link"], "77", "2026", "13:00", "02:30", "Todo App"):
            assert message.text.count(fact) == english.text.count(fact), fact
            assert message.html.count(fact) == english.html.count(fact), fact
        assert message.text.count("\n\n") == english.text.count("\n\n")
        assert re.findall(r"<\w+", message.html) == re.findall(r"<\w+", english.html)

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_text_and_html_lead_to_the_same(self, renderer, kind, locale):
        """
        Every link in the HTML is the one in the text, and there is no other.
        """
        message = renderer.render(kind, locale=locale, facts=_FACTS)
        expected = {_FACTS["link"]} if kind in _WITH_LINK else set()
        assert set(re.findall(r"https?://\S+", message.text)) == expected
        assert {unescape(link) for link in re.findall(r'href="([^"]*)"', message.html)} == expected

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_the_subject_fits_a_line(self, renderer, kind, locale):
        """
        A subject is one line of at most 78 characters.
        """
        subject = renderer.render(kind, locale=locale, facts=_FACTS).subject
        assert subject.isprintable()
        assert len(subject) <= _LONGEST_SUBJECT

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_mail_readers_can_show_it(self, renderer, kind, locale):
        """
        Nothing is fetched from elsewhere, every tag is closed, it is at most 600 px wide and says its language.
        """
        html = renderer.render(kind, locale=locale, facts=_FACTS).html
        assert _Tags().unclosed(html) == []
        assert not re.search(r"<(img|link|script|iframe|object|form)\b|url\(|@import|src=", html)
        assert f'<html lang="{locale}"' in html
        assert "max-width: 600px" in html
        assert "#4F46E5" in html
        assert "prefers-color-scheme: dark" in html
        assert html.count("<table") == html.count('role="presentation"') == 1

    @pytest.mark.parametrize(("kind", "locale"), _MESSAGES)
    def test_text_is_fit_for_reading(self, renderer, kind, locale):
        """
        Lines are short, no blank lines pile up, nothing is left of the template, and it says what if it was not you.

        A reminder is asked for long before, and does no harm to anybody else.
        """
        text = renderer.render(kind, locale=locale, facts=_FACTS).text
        assert max(map(len, text.splitlines())) <= 78
        assert "\n\n\n" not in text
        assert not re.search(r"[{}<>]|&\w+;", text)
        if kind is not MailKind.REMINDER:
            assert {"en": "not you?", "de": "nicht Sie?", "es": "¿No ha sido usted?"}[locale] in _flat(text)
        assert text.startswith("Todo App")

    @pytest.mark.parametrize("fact", _FACTS)
    @pytest.mark.parametrize("locale", _LOCALES)
    def test_a_fact_that_is_missing_is_an_error(self, renderer, locale, fact):
        """
        A message with a hole in it is not sent.
        """
        facts = {name: value for name, value in _FACTS.items() if name != fact}
        kind = MailKind.REMINDER if fact in {"todo", "due", "zone"} else MailKind.EMAIL_CHANGED
        with pytest.raises(UndefinedError, match=f"'{fact}' is undefined"):
            renderer.render(kind, locale=locale, facts=facts)

    @pytest.mark.parametrize(
        ("locale", "due", "words"),
        [
            ("en", "2026-10-25T02:30", "It is due on 25 October 2026 at 02:30 (America/New York)."),
            ("en", "2026-10-25", "It is due on 25 October 2026."),
            ("en", "", "“Gießen & düngen”."),
            ("de", "2026-10-25T02:30", "am 25. Oktober 2026 um 02:30 Uhr (America/New York)."),
            ("de", "2026-10-25", "Fällig ist das am 25. Oktober 2026."),
            ("de", "", "„Gießen & düngen“ erinnert werden."),
            ("es", "2026-10-25T01:30", "Vence el 25 de octubre de 2026 a la 01:30 (America/New York)."),
            ("es", "2026-10-25T02:30", "Vence el 25 de octubre de 2026 a las 02:30 (America/New York)."),
            ("es", "2026-10-25", "Vence el 25 de octubre de 2026."),
            ("es", "", "«Gießen & düngen»."),
        ],
    )
    def test_a_reminder_says_when_it_is_due(self, renderer, locale, due, words):
        """
        It tells the day, and the time with its zone where there is one; nothing when it is never due.
        """
        text = renderer.render(MailKind.REMINDER, locale=locale, facts=_FACTS | {"due": due}).text
        assert words in _flat(text)
        assert (_FACTS["zone"].replace("_", " ") in _flat(text)) == ("T" in due)

    @pytest.mark.parametrize("locale", _LOCALES)
    def test_a_long_title_is_cut_in_the_subject_only(self, renderer, locale):
        """
        The message itself names the todo in full.
        """
        title = "as long as a title can be " * 7
        message = renderer.render(MailKind.REMINDER, locale=locale, facts=_FACTS | {"todo": title})
        assert len(message.subject) <= _LONGEST_SUBJECT
        assert "…" in message.subject
        assert _flat(title).strip() in _flat(message.text)

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
    def write(self, tmp_path):
        def write(name, words):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(words, encoding="utf-8")

        return write

    @pytest.fixture
    def rendered(self, tmp_path):
        def rendered(locale="en", kind=MailKind.PASSWORD_RESET, email="ann@example.org"):
            return JinjaMessageRenderer(tmp_path).render(kind, locale=locale, facts=_FACTS | {"email": email})

        return rendered

    @pytest.mark.parametrize(
        ("file", "part"), [("subject.txt", "subject"), ("body.txt", "text"), ("body.html", "html")]
    )
    @pytest.mark.parametrize("folder", ["", "en/password_reset/"])
    def test_a_shape_stands_in_for_ours(self, write, rendered, folder, file, part):
        """
        A shape of the operator's, for all messages or for one, replaces that part; the others stay.
        """
        write(f"{folder}{file}", "Our own: {{ words.title }} {{ email }}\n")
        ours, theirs = rendered(), JinjaMessageRenderer().render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS)
        assert getattr(ours, part).strip() == "Our own: Reset your password ann@example.org"
        for other in {"subject", "text", "html"} - {part}:
            assert getattr(ours, other) == getattr(theirs, other)
        elsewhere = rendered(kind=MailKind.VERIFY_EMAIL)
        assert ("Our own" in getattr(elsewhere, part)) == (not folder)

    def test_words_stand_in_for_ours(self, write, rendered):
        """
        A message's words can be replaced without a thought of HTML, and only in one language.
        """
        write(
            "de/password_reset/words.txt",
            "{% set title %}Neues Passwort{% endset %}{% set preheader %}Kurz{% endset %}"
            "{% set opening %}Servus {{ email }}{% endset %}{% set action %}Los geht's{% endset %}",
        )
        message = rendered("de")
        assert message.subject == "Neues Passwort - Todo App"
        assert "Servus ann@example.org\n\nhttps://todo.example" in message.text
        assert ">Los geht's</a>" in message.html
        assert "Wichtig" not in message.html
        assert rendered("en").subject == "Reset your password - Todo App"

    def test_phrases_stand_in_for_ours(self, write, rendered):
        """
        What several messages say is said once, and replaced once.
        """
        write("es/phrases.txt", (_OURS / "es/phrases.txt").read_text("utf-8").replace("Hola:", "Buenos días:"))
        for kind in MailKind:
            assert "Buenos días:" in rendered("es", kind).text
            assert "Buenos días:" in rendered("es", kind).html

    def test_a_fact_in_the_subject_cannot_break_it(self, write, rendered):
        """
        A subject that shows a fact is one line without control characters all the same.
        """
        write("en/password_reset/subject.txt", "Our own\nsubject for {{ email }}\n")
        message = rendered(email="ann\r\nBcc: eve\u2028\0@example.org")
        assert message.subject == "Our own subject for ann Bcc: eve @example.org"

    def test_a_fact_in_html_cannot_break_it(self, write, rendered):
        """
        HTML of the operator's is escaped as ours is, whatever words it is made of.
        """
        write("en/password_reset/body.html", "{{ email }} {{ words.opening }}")
        assert rendered(email="<b>ann</b>").html.count("&lt;b&gt;ann&lt;/b&gt;") == 2

    def test_a_folder_adds_a_language(self, tmp_path, rendered):
        """
        A language whose folder is complete is told among the others, and is as good as ours; so is a region's.
        """
        for tag in ("fr", "pt-BR"):
            copytree(_OURS / "en", tmp_path / tag)
            words = tmp_path / tag / "password_reset" / "words.txt"
            words.write_text(words.read_text("utf-8").replace("Reset", tag), encoding="utf-8")
            message = rendered(tag)
            assert message.subject == f"{tag} your password - Todo App"
            assert f'<html lang="{tag}"' in message.html
        assert list(JinjaMessageRenderer(tmp_path).locales) == ["en", "de", "es", "fr", "pt-BR"]
        assert rendered("fr-CA") == rendered("fr")
        assert rendered("pt") == rendered("en")

    def test_a_new_language_may_be_unfinished(self, write, rendered):
        """
        A file that a language lacks is English, and what is English says so.
        """
        write("fr/password_reset/subject.txt", "Votre mot de passe\n")
        message = rendered("fr")
        assert message.subject == "Votre mot de passe"
        assert message.text == rendered("en").text
        assert '<html lang="en"' in message.html


class TestPlain(MessageRendererContract):
    @pytest.fixture
    def renderer(self):
        return PlainMessageRenderer()


def _flat(words):
    """
    Return *words* with every white space, however wide, as one space.
    """
    return " ".join(words.split())


def _sentences(text):
    """
    Return what *text* says, clause by clause.
    """
    return {clause for clause in re.split(r"(?<=[.:?!,]) ", _flat(text)) if " " in clause}


class _Tags(HTMLParser):
    """
    Checks that tags are closed in the order they were opened.
    """

    def unclosed(self, html):
        self.open = []
        self.feed(html)
        return self.open

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - HTMLParser calls it so
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
