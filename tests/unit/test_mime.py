from __future__ import annotations

from email.parser import BytesParser
from email.policy import default

import pytest
from attrs import evolve

from todo_adapters.mime import Envelope, seal
from todo_core.model.email import EmailAddress, EmailMessage

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"),
    message_id="1@todo.example",
    subject="Größe",
    text="Größe\n.\nFrom here on\n" + "long " * 500,
    html="<p>Größe</p>" + "<b></b>" * 500,
)


def _sealed(**changes: object) -> Envelope:
    return seal(evolve(_MESSAGE, **changes), sender=EmailAddress("todo@todo.example"), sender_name='Zoë "Todo", Inc.')


def test_the_envelope_says_from_whom_and_to_whom():
    """
    Sender and recipient stand on the envelope, without names.
    """
    envelope = _sealed()
    assert (envelope.sender, envelope.recipient, envelope.utf8) == ("todo@todo.example", "ann@example.org", False)


@pytest.mark.parametrize("text", [_MESSAGE.text, "Größe", "\N{SNOWMAN}" * 20, "a\nb\rc\r\nd"])
def test_any_server_can_carry_it(text):
    """
    Letters of every language travel as seven bits, in lines that are short and end with CR LF.
    """
    content = _sealed(text=text, html=text).content
    lines = content.split(b"\r\n")
    assert content.isascii()
    assert max(map(len, lines)) <= 78
    assert not any(b"\r" in line or b"\n" in line for line in lines)


def test_it_can_be_read_again():
    """
    Whoever opens it finds the message as it was.
    """
    mime = BytesParser(policy=default).parsebytes(_sealed().content)
    text, html = (part.get_content() for part in mime.iter_parts())
    assert str(mime["From"].addresses[0].display_name) == 'Zoë "Todo", Inc.'
    assert mime["Subject"] == "Größe"
    assert text.splitlines() == _MESSAGE.text.splitlines()
    assert html.splitlines() == _MESSAGE.html.splitlines()


def test_an_address_outside_ascii_is_written_as_it_is():
    """
    A local part outside ASCII makes it mail for servers with SMTPUTF8; its domain is the one in the DNS.
    """
    envelope = _sealed(to=EmailAddress("jörg@bücher.example"))
    assert envelope.utf8
    assert envelope.recipient == "jörg@xn--bcher-kva.example"
    assert "\r\nTo: jörg@xn--bcher-kva.example\r\n".encode() in envelope.content


@pytest.mark.parametrize("character", ["\0", "\r", "\n", "\x0b", "\x1b", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize("header", ["subject", "message_id"])
def test_no_control_character_gets_into_a_header(header, character):
    """
    A subject or Message-ID with a control character or a line break is refused.
    """
    with pytest.raises(ValueError, match=r"[Hh]eader"):
        _sealed(**{header: f"1{character}@todo.example"})


def test_its_repr_shows_no_words():
    """
    An envelope can be printed without showing what is in it.
    """
    assert "long" not in repr(_sealed())
