"""
What a message renderer promises.
"""

from __future__ import annotations

from html import unescape
from itertools import product

from todo_core.model.mail import MailKind
from todo_core.ports import MessageRenderer

_LINK = "https://todo.example/reset-password?token=abc-DEF_123.xyz&more=%20"
_FACTS = {
    "email": "ann@example.org",
    "new_email": "b***@e***.net",
    "link": _LINK,
    "expires_at": "2026-01-01T13:00:00+00:00",
    "minutes": "60",
    "todo": "Water the plants",
    "due": "2026-10-25T02:30",
    "zone": "Europe/Berlin",
}
_MARKUP = "<script>alert('&amp;')</script>{{ 7 * 7 }}{% raise %}"
_WITH_LINK = (
    MailKind.PASSWORD_RESET,
    MailKind.VERIFY_EMAIL,
    MailKind.CHANGE_EMAIL,
    MailKind.EMAIL_CHANGED,
    MailKind.ACCOUNT_DELETION,
    MailKind.REMINDER,
)
_WITH_NEW_ADDRESS = (MailKind.EMAIL_CHANGE_REQUESTED, MailKind.EMAIL_CHANGED)


class MessageRendererContract:
    """
    The promises of ``MessageRenderer``.

    Fixtures:
        renderer: a ``MessageRenderer``.
    """

    def test_it_tells_its_languages(self, renderer: MessageRenderer) -> None:
        """
        The languages it knows are told, each once, English first.
        """
        assert renderer.locales[0] == "en", "English must come first"
        assert len(set(renderer.locales)) == len(renderer.locales), "no language may be told twice"

    def test_every_kind_has_its_words(self, renderer: MessageRenderer) -> None:
        """
        In each language each kind of message has a subject, text and HTML, and no two kinds have the same.
        """
        for locale in renderer.locales:
            messages = [renderer.render(kind, locale=locale, facts=_FACTS) for kind in MailKind]
            assert all(m.subject and m.text and m.html for m in messages), "every kind must have subject, text and HTML"
            assert len({m.text for m in messages}) == len(MailKind), "every kind must have words of its own"

    def test_the_facts_are_in_it(self, renderer: MessageRenderer) -> None:
        """
        A message names its reader's address, and shows its link whole, in the text and in the HTML.

        One that tells of another address shows as much of it as it was given, and a reminder names its todo.
        """
        for kind, locale in product(MailKind, renderer.locales):
            message = renderer.render(kind, locale=locale, facts=_FACTS)
            assert _FACTS["email"] in message.text, f"{kind} must name the address in {locale}"
            assert _FACTS["email"] in message.html, f"{kind} must name the address in {locale}"
            if kind in _WITH_LINK:
                assert _LINK in message.text, f"{kind} must show the link in {locale}"
                assert _LINK in unescape(message.html), f"{kind} must show the link in {locale}"
            if kind in _WITH_NEW_ADDRESS:
                assert _FACTS["new_email"] in message.text, f"{kind} must show the new address in {locale}"
                assert _FACTS["new_email"] in message.html, f"{kind} must show the new address in {locale}"
            if kind is MailKind.REMINDER:
                assert _FACTS["todo"] in message.text, f"{kind} must name the todo in {locale}"
                assert _FACTS["todo"] in message.html, f"{kind} must name the todo in {locale}"

    def test_the_subject_is_one_line(self, renderer: MessageRenderer) -> None:
        """
        The subject is one line, whatever the facts hold.
        """
        facts = _FACTS | dict.fromkeys(("email", "link", "todo"), "1\r\nBcc: eve@example.org\u2028\0")
        for kind, locale in product(MailKind, renderer.locales):
            subject = renderer.render(kind, locale=locale, facts=facts).subject
            assert subject.isprintable(), f"{subject!r} must be one line without control characters"

    def test_a_fact_is_never_markup(self, renderer: MessageRenderer) -> None:
        """
        Whatever stands in a fact is shown as text, never run as markup.
        """
        facts = _FACTS | {"email": _MARKUP, "todo": _MARKUP, "link": f"https://todo.example/{_MARKUP}"}
        for kind, locale in product(MailKind, renderer.locales):
            message = renderer.render(kind, locale=locale, facts=facts)
            assert "<script" not in message.html.lower(), "a fact must be escaped in HTML"
            assert _MARKUP in unescape(message.html), "a fact must be shown as it is"
            assert _MARKUP in message.text, "a fact must not be escaped in plain text"

    def test_a_region_is_answered_in_its_language(self, renderer: MessageRenderer) -> None:
        """
        A region is answered in its language: ``de-AT`` in German.
        """
        for locale in renderer.locales:
            message = renderer.render(MailKind.PASSWORD_RESET, locale=locale, facts=_FACTS)
            of_a_region = renderer.render(MailKind.PASSWORD_RESET, locale=f"{locale}-XX", facts=_FACTS)
            assert of_a_region == message, f"{locale}-XX must be answered in {locale}"

    def test_an_unknown_locale_is_answered_in_english(self, renderer: MessageRenderer) -> None:
        """
        A locale it does not know is answered in English.
        """
        english = renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS)
        for locale in ("tlh", "tlh-DE", "", "../../etc", "x" * 1000):
            message = renderer.render(MailKind.PASSWORD_RESET, locale=locale, facts=_FACTS)
            assert message == english, f"{locale!r} must be answered in English"

    def test_words_stay_out_of_repr(self, renderer: MessageRenderer) -> None:
        """
        The words may hold a live link, which ``repr`` does not show.
        """
        assert _LINK not in repr(renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS))
