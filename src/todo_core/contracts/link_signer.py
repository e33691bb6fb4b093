"""
What a link signer promises.
"""

from __future__ import annotations

import string
from urllib.parse import quote
from uuid import UUID

from todo_core.contracts.expectations import raises
from todo_core.errors import InvalidToken
from todo_core.model.ids import TokenId
from todo_core.model.token import Purpose
from todo_core.ports import LinkSigner

_ID = TokenId(UUID("00112233-4455-6677-8899-aabbccddeeff"))
_OTHER = TokenId(UUID("10112233-4455-6677-8899-aabbccddeeff"))
_RESET, _VERIFY = Purpose.PASSWORD_RESET, Purpose.VERIFY_EMAIL
_IN_URLS = string.ascii_letters + string.digits + "-._~=+/%"


class LinkSignerContract:
    """
    The promises of ``LinkSigner``.

    Fixtures:
        link_signer: a ``LinkSigner``.
    """

    def test_what_was_signed_can_be_read(self, link_signer: LinkSigner) -> None:
        """
        The id that was signed is read again.
        """
        for token_id in (_ID, _OTHER, TokenId(UUID(int=0)), TokenId(UUID(int=2**128 - 1))):
            signed = link_signer.sign(token_id, purpose=_RESET)
            assert link_signer.read(signed, purpose=_RESET) == token_id, "sign() and read() must agree"

    def test_it_is_safe_in_a_url(self, link_signer: LinkSigner) -> None:
        """
        A signed id needs no escape in a URL.
        """
        signed = link_signer.sign(_ID, purpose=_RESET)
        assert quote(signed, safe="") == signed, f"{signed!r} must travel in a URL as it is"

    def test_signing_again_gives_the_same(self, link_signer: LinkSigner) -> None:
        """
        The same id and purpose give the same text, so that a mail tried twice carries one link.
        """
        assert link_signer.sign(_ID, purpose=_RESET) == link_signer.sign(_ID, purpose=_RESET), (
            "signing must be repeatable"
        )

    def test_another_id_gives_another_text(self, link_signer: LinkSigner) -> None:
        """
        No two ids share a text.
        """
        assert link_signer.sign(_ID, purpose=_RESET) != link_signer.sign(_OTHER, purpose=_RESET), (
            "ids must not be mixed up"
        )

    def test_it_counts_for_its_purpose_only(self, link_signer: LinkSigner) -> None:
        """
        What was signed for one purpose is refused for another.
        """
        with raises(InvalidToken):
            link_signer.read(link_signer.sign(_ID, purpose=_VERIFY), purpose=_RESET)

    def test_no_character_can_be_changed(self, link_signer: LinkSigner) -> None:
        """
        With any one character changed, dropped or added it is refused.
        """
        signed = link_signer.sign(_ID, purpose=_RESET)
        for place in range(len(signed) + 1):
            for character in ["", *_IN_URLS]:
                for end in (place, place + 1):
                    altered = signed[:place] + character + signed[end:]
                    if altered != signed:
                        with raises(InvalidToken):
                            link_signer.read(altered, purpose=_RESET)

    def test_what_we_never_signed_is_refused(self, link_signer: LinkSigner) -> None:
        """
        Whatever else somebody sends is refused, and nothing but InvalidToken is raised.
        """
        signed = link_signer.sign(_ID, purpose=_RESET)
        for forged in (
            "",
            ".",
            _ID.hex,
            str(_ID),
            "ü" * 66,
            "\ud800",
            "\0",
            " " + signed,
            signed + "\n",
            signed * 1000,
        ):
            with raises(InvalidToken):
                link_signer.read(forged, purpose=_RESET)
