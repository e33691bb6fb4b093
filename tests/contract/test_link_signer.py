from __future__ import annotations

from uuid import uuid4

import pytest

from todo_adapters.fakes import PlainLinkSigner
from todo_adapters.links import ItsdangerousLinkSigner
from todo_core.contracts.expectations import raises
from todo_core.contracts.link_signer import LinkSignerContract
from todo_core.errors import InvalidToken
from todo_core.model.ids import TokenId
from todo_core.model.token import Purpose

_OLD, _NEW = "the old key, 32 bytes or longer ...", b"the new key, 32 bytes or longer ..."
_RESET = Purpose.PASSWORD_RESET


class TestItsdangerous(LinkSignerContract):
    @pytest.fixture
    def link_signer(self):
        return ItsdangerousLinkSigner([_NEW, _OLD])

    def test_the_newest_key_signs(self, link_signer):
        """
        What we sign can be read with the newest key alone.
        """
        token_id = TokenId(uuid4())
        signed = link_signer.sign(token_id, purpose=_RESET)
        assert ItsdangerousLinkSigner([_NEW]).read(signed, purpose=_RESET) == token_id

    def test_an_old_key_is_accepted_until_it_is_removed(self, link_signer):
        """
        A link signed with an older key works while the key is listed, and no longer.
        """
        token_id = TokenId(uuid4())
        signed = ItsdangerousLinkSigner([_OLD]).sign(token_id, purpose=_RESET)
        assert link_signer.read(signed, purpose=_RESET) == token_id
        with raises(InvalidToken):
            ItsdangerousLinkSigner([_NEW]).read(signed, purpose=_RESET)

    def test_the_id_alone_makes_no_link(self, link_signer):
        """
        Whoever knows every id but no key cannot sign.
        """
        token_id = TokenId(uuid4())
        forged = ItsdangerousLinkSigner(["another key, 32 bytes or longer ..."]).sign(token_id, purpose=_RESET)
        with raises(InvalidToken):
            link_signer.read(forged, purpose=_RESET)

    def test_a_key_is_needed(self):
        """
        Without a key it does not start.
        """
        with pytest.raises(ValueError, match="needs a key"):
            ItsdangerousLinkSigner([])

    def test_repr_tells_nothing(self, link_signer):
        """
        Its ``repr`` shows no key.
        """
        assert "key, 32" not in repr(link_signer)


class TestPlain(LinkSignerContract):
    @pytest.fixture
    def link_signer(self):
        return PlainLinkSigner()
