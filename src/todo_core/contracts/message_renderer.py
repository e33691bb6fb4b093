"""
What a message renderer promises.
"""

from __future__ import annotations

from html import unescape

from todo_core.model.mail import MailKind
from todo_core.ports import MessageRenderer

_LINK = "https://todo.example/reset-password?token=abc-DEF_123.xyz&more=%20"
_FACTS = {
    "email": "ann@example.org",
    "link": _LINK,
    "expires_at": "2026-01-01T13:00:00+00:00",
    "minutes": "60",
}
_MARKUP = "<script>alert('&amp;')</script>{{ 7 * 7 }}{% raise %}"
_WITH_LINK = (MailKind.PASSWORD_RESET, MailKind.VERIFY_EMAIL)


class MessageRendererContract:
    """
    Fixture: ``renderer``.
    """

    def test_every_kind_has_its_words(self, renderer: MessageRenderer) -> None:
        """
        Each kind of message has a subject, text and HTML, and no two have the same.
        """
        messages = [renderer.render(kind, locale="en", facts=_FACTS) for kind in MailKind]
        assert all(m.subject and m.text and m.html for m in messages), "every kind must have subject, text and HTML"
        assert len({m.text for m in messages}) == len(MailKind), "every kind must have words of its own"

    def test_the_facts_are_in_it(self, renderer: MessageRenderer) -> None:
        """
        A message names its reader's address, and shows its link whole, in the text and in the HTML.
        """
        for kind in MailKind:
            message = renderer.render(kind, locale="en", facts=_FACTS)
            assert _FACTS["email"] in message.text, f"{kind} must name the address"
            assert _FACTS["email"] in message.html, f"{kind} must name the address"
            if kind in _WITH_LINK:
                assert _LINK in message.text, f"{kind} must show the link"
                assert _LINK in unescape(message.html), f"{kind} must show the link"

    def test_the_subject_is_one_line(self, renderer: MessageRenderer) -> None:
        """
        The subject is one line, whatever the facts hold.
        """
        facts = dict.fromkeys(_FACTS, "1\r\nBcc: eve@example.org\u2028\0") | {"minutes": "60"}
        for kind in MailKind:
            subject = renderer.render(kind, locale="en", facts=facts).subject
            assert subject.isprintable(), f"{subject!r} must be one line without control characters"

    def test_a_fact_is_never_markup(self, renderer: MessageRenderer) -> None:
        """
        Whatever stands in a fact is shown as text, never run as markup.
        """
        for kind in MailKind:
            message = renderer.render(kind, locale="en", facts={**_FACTS, "email": _MARKUP})
            assert "<script" not in message.html.lower(), "a fact must be escaped in HTML"
            assert _MARKUP in unescape(message.html), "a fact must be shown as it is"
            assert _MARKUP in message.text, "a fact must not be escaped in plain text"

    def test_an_unknown_locale_is_answered_in_english(self, renderer: MessageRenderer) -> None:
        """
        A locale it does not know is answered in English.
        """
        english = renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS)
        for locale in ("tlh", "en-GB", "", "../../etc", "x" * 1000):
            message = renderer.render(MailKind.PASSWORD_RESET, locale=locale, facts=_FACTS)
            assert message == english, f"{locale!r} must be answered in English"

    def test_words_stay_out_of_repr(self, renderer: MessageRenderer) -> None:
        """
        The words may hold a live link, which ``repr`` does not show.
        """
        assert _LINK not in repr(renderer.render(MailKind.PASSWORD_RESET, locale="en", facts=_FACTS))
