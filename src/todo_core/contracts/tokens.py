"""
What every ``TokenStore`` keeps.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_token, fresh_uuid, somebody
from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId
from todo_core.model.token import UNDOING, Purpose, Token
from todo_core.ports import UnitOfWork


async def _issue(unit_of_work: UnitOfWork, token: Token) -> Token | None:
    async with unit_of_work.begin() as work:
        return await work.tokens.issue(token)


async def _live(unit_of_work: UnitOfWork, token: Token) -> Token | None:
    async with unit_of_work.begin() as work:
        return await work.tokens.live(token.id, purpose=token.purpose, now=NOW)


async def _take(unit_of_work: UnitOfWork, token: Token) -> Token | None:
    async with unit_of_work.begin() as work:
        return await work.tokens.take(token.id, purpose=token.purpose, now=NOW)


class TokenStoreContract:
    """
    The promises of ``TokenStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_an_issued_token_is_live(self, unit_of_work: UnitOfWork) -> None:
        """
        A token is kept and returned, and is live.
        """
        token = a_token(await somebody(unit_of_work))
        assert await _issue(unit_of_work, token) == token
        assert await _live(unit_of_work, token) == token

    async def test_a_tokens_address_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A token is kept with its address, if it has one.
        """
        user, email = await somebody(unit_of_work), EmailAddress("new@example.org")
        token = a_token(user, purpose=Purpose.CHANGE_EMAIL, email=email)
        assert await _issue(unit_of_work, token) == token
        assert await _live(unit_of_work, token) == token
        assert await _take(unit_of_work, token) == token.used(NOW)

    async def test_looking_consumes_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        However often somebody looks, the token can be taken afterwards.
        """
        token = a_token(await somebody(unit_of_work))
        await _issue(unit_of_work, token)
        for _ in range(3):
            assert await _live(unit_of_work, token) == token
        assert await _take(unit_of_work, token) == token.used(NOW)

    async def test_an_unknown_token(self, unit_of_work: UnitOfWork) -> None:
        """
        A token that was never issued is neither live nor taken.
        """
        token = a_token(await somebody(unit_of_work))
        assert await _live(unit_of_work, token) is None
        assert await _take(unit_of_work, token) is None

    async def test_a_token_is_taken_once(self, unit_of_work: UnitOfWork) -> None:
        """
        A token that was taken is used: it is not live, and nobody can take it again.
        """
        token = a_token(await somebody(unit_of_work))
        await _issue(unit_of_work, token)
        assert await _take(unit_of_work, token) == token.used(NOW)
        assert await _take(unit_of_work, token) is None
        assert await _live(unit_of_work, token) is None

    async def test_of_many_takers_one_gets_it(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several takers at once, at most one gets the token.
        """
        token = a_token(await somebody(unit_of_work))
        await _issue(unit_of_work, token)
        taken = await asyncio.gather(*(_take(unit_of_work, token) for _ in range(12)))
        assert [one for one in taken if one is not None] == [token.used(NOW)]

    async def test_a_taker_who_fails_leaves_it(self, unit_of_work: UnitOfWork) -> None:
        """
        A token taken in a unit of work that comes to nothing can be taken again.
        """
        token = a_token(await somebody(unit_of_work))
        await _issue(unit_of_work, token)
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                await work.tokens.take(token.id, purpose=token.purpose, now=NOW)
                raise InvalidToken
        assert await _take(unit_of_work, token) == token.used(NOW)

    async def test_a_token_is_for_one_purpose(self, unit_of_work: UnitOfWork) -> None:
        """
        For another purpose than its own a token is neither live nor taken.
        """
        token = a_token(await somebody(unit_of_work), purpose=Purpose.VERIFY_EMAIL)
        await _issue(unit_of_work, token)
        async with unit_of_work.begin() as work:
            assert await work.tokens.live(token.id, purpose=Purpose.PASSWORD_RESET, now=NOW) is None
            assert await work.tokens.take(token.id, purpose=Purpose.PASSWORD_RESET, now=NOW) is None
        assert await _live(unit_of_work, token) == token

    async def test_a_token_lives_until_it_expires(self, unit_of_work: UnitOfWork) -> None:
        """
        A token is live until the moment at which it expires, and no longer.
        """
        token = a_token(await somebody(unit_of_work), expires_at=NOW + HOUR)
        await _issue(unit_of_work, token)
        async with unit_of_work.begin() as work:
            assert await work.tokens.live(token.id, purpose=token.purpose, now=NOW + HOUR - INSTANT) == token
            assert await work.tokens.live(token.id, purpose=token.purpose, now=NOW + HOUR) is None
            assert await work.tokens.take(token.id, purpose=token.purpose, now=NOW + HOUR) is None
            last_moment = NOW + HOUR - INSTANT
            assert await work.tokens.take(token.id, purpose=token.purpose, now=last_moment) == token.used(last_moment)

    async def test_a_later_token_supersedes(self, unit_of_work: UnitOfWork) -> None:
        """
        A token ends when one of the same user and purpose is made later, and stays so when that one is used.
        """
        user = await somebody(unit_of_work)
        older, newer = a_token(user), a_token(user, created_at=NOW + INSTANT)
        await _issue(unit_of_work, older)
        await _issue(unit_of_work, newer)
        assert await _live(unit_of_work, older) is None
        assert await _take(unit_of_work, older) is None
        assert await _take(unit_of_work, newer) == newer.used(NOW)
        assert await _take(unit_of_work, older) is None

    async def test_what_takes_something_back_is_superseded_by_none(self, unit_of_work: UnitOfWork) -> None:
        """
        A token whose purpose is in ``UNDOING`` lives on, whatever is made later, and can be issued after later ones.
        """
        user = await somebody(unit_of_work)
        for purpose in UNDOING:
            older, mail_id = a_token(user, purpose=purpose), MailId(fresh_uuid())
            newer = a_token(user, purpose=purpose, created_at=NOW + INSTANT)
            belated = a_token(user, purpose=purpose, mail_id=mail_id)
            for token in (older, newer, belated):
                assert await _issue(unit_of_work, token) == token
            for token in (newer, older, belated):
                assert await _live(unit_of_work, token) == token
                assert await _take(unit_of_work, token) == token.used(NOW)

    async def test_other_users_and_purposes_supersede_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        A later token of somebody else, or for something else, leaves a token alive.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        token = a_token(user)
        await _issue(unit_of_work, token)
        await _issue(unit_of_work, a_token(other, created_at=NOW + HOUR))
        await _issue(unit_of_work, a_token(user, purpose=Purpose.VERIFY_EMAIL, created_at=NOW + HOUR))
        assert await _live(unit_of_work, token) == token

    async def test_a_superseded_token_is_not_issued(self, unit_of_work: UnitOfWork) -> None:
        """
        None tells that a later token stands already; that one stays alive.
        """
        user = await somebody(unit_of_work)
        newer = a_token(user, created_at=NOW + INSTANT)
        older = a_token(user, mail_id=MailId(fresh_uuid()))
        await _issue(unit_of_work, newer)
        assert await _issue(unit_of_work, older) is None
        assert await _live(unit_of_work, older) is None
        assert await _live(unit_of_work, newer) == newer

    async def test_a_mail_has_one_token(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail's token keeps its id however often it is issued.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        first, second = a_token(user, mail_id=mail_id), a_token(user, mail_id=mail_id)
        assert await _issue(unit_of_work, first) == first
        assert await _issue(unit_of_work, second) == first
        assert await _live(unit_of_work, first) == first
        assert await _live(unit_of_work, second) is None

    async def test_a_mail_has_a_token_for_each_purpose(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail whose purpose has changed since it was tried gets a token for the new one.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        for purpose in Purpose:
            token = a_token(user, purpose=purpose, mail_id=mail_id)
            assert await _issue(unit_of_work, token) == token

    async def test_a_mail_has_one_token_when_many_issue_it_at_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who issue a mail's token at once, all get the same.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        tokens = [a_token(user, mail_id=mail_id) for _ in range(8)]
        issued = await asyncio.gather(*(_issue(unit_of_work, token) for token in tokens))
        assert issued[0] in tokens
        assert issued == [issued[0]] * len(issued)

    async def test_the_later_expiry_counts(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail's token takes the later of the two expiries, in whichever order they come.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        token = a_token(user, mail_id=mail_id, expires_at=NOW + HOUR)
        await _issue(unit_of_work, token)
        longer = a_token(user, mail_id=mail_id, expires_at=NOW + 2 * HOUR)
        shorter = a_token(user, mail_id=mail_id, expires_at=NOW + MINUTE)
        lengthened = evolve(token, expires_at=NOW + 2 * HOUR)
        assert await _issue(unit_of_work, longer) == lengthened
        assert await _issue(unit_of_work, shorter) == lengthened

    async def test_tokens_without_a_mail_are_apart(self, unit_of_work: UnitOfWork) -> None:
        """
        Tokens that no mail carries have nothing to do with each other.
        """
        one, other = a_token(await somebody(unit_of_work)), a_token(await somebody(unit_of_work))
        assert await _issue(unit_of_work, one) == one
        assert await _issue(unit_of_work, other) == other

    async def test_a_used_token_is_not_issued_again(self, unit_of_work: UnitOfWork) -> None:
        """
        None tells that the mail's token was used; it does not come to life again.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        token = a_token(user, mail_id=mail_id)
        await _issue(unit_of_work, token)
        await _take(unit_of_work, token)
        assert await _issue(unit_of_work, a_token(user, mail_id=mail_id)) is None
        assert await _take(unit_of_work, token) is None

    async def test_retired_tokens_are_dead(self, unit_of_work: UnitOfWork) -> None:
        """
        Retiring ends the life of every token of the user that takes nothing back, and of nobody else's.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        mortal = [a_token(user, purpose=purpose) for purpose in sorted({*Purpose} - UNDOING)]
        spared = [a_token(user, purpose=purpose) for purpose in sorted(UNDOING)]
        foreign = a_token(other)
        for token in (*mortal, *spared, foreign):
            await _issue(unit_of_work, token)
        async with unit_of_work.begin() as work:
            await work.tokens.retire_all(user.id, now=NOW)
        for token in mortal:
            assert await _live(unit_of_work, token) is None
            assert await _take(unit_of_work, token) is None
        for token in (*spared, foreign):
            assert await _live(unit_of_work, token) == token

    async def test_later_tokens_are_retired(self, unit_of_work: UnitOfWork) -> None:
        """
        Those of the same user and purpose that were made after a token end; it, earlier and other ones live on.
        """
        user, other, undoing = await somebody(unit_of_work), await somebody(unit_of_work), Purpose.UNDO_EMAIL_CHANGE
        earlier, token = a_token(user, purpose=undoing, created_at=NOW - INSTANT), a_token(user, purpose=undoing)
        mail_id, moment = MailId(fresh_uuid()), NOW + INSTANT
        later = a_token(user, purpose=undoing, created_at=moment, mail_id=mail_id)
        elsewhere = a_token(user, purpose=Purpose.UNDO_DELETION, created_at=moment)
        foreign = a_token(other, purpose=undoing, created_at=moment)
        for one in (earlier, token, later, elsewhere, foreign):
            await _issue(unit_of_work, one)
        async with unit_of_work.begin() as work:
            await work.tokens.retire_later(token, now=NOW)
        assert await _live(unit_of_work, later) is None
        assert await _take(unit_of_work, later) is None
        assert await _issue(unit_of_work, a_token(user, purpose=undoing, created_at=moment, mail_id=mail_id)) is None
        for one in (earlier, token, elsewhere, foreign):
            assert await _live(unit_of_work, one) == one

    async def test_every_token_there_is_can_be_retired(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever's they are and whatever they are for; those that had a life left are counted.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        tokens = [a_token(owner, purpose=purpose) for owner in (user, other) for purpose in Purpose]
        for token in tokens:
            await _issue(unit_of_work, token)
        await _take(unit_of_work, tokens[0])
        async with unit_of_work.begin() as work:
            assert await work.tokens.retire_everyones(now=NOW) == len(tokens) - 1
            assert await work.tokens.retire_everyones(now=NOW) == 0
        assert [await _live(unit_of_work, token) for token in tokens] == [None] * len(tokens)

    async def test_a_retired_token_is_not_issued_again(self, unit_of_work: UnitOfWork) -> None:
        """
        None tells that the mail's token was retired; it does not come to life again.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        token = a_token(user, mail_id=mail_id)
        await _issue(unit_of_work, token)
        async with unit_of_work.begin() as work:
            await work.tokens.retire_all(user.id, now=NOW)
        assert await _issue(unit_of_work, a_token(user, mail_id=mail_id)) is None
        assert await _take(unit_of_work, token) is None

    async def test_what_has_expired_is_pruned(self, unit_of_work: UnitOfWork) -> None:
        """
        Tokens that expired before the moment are forgotten, so many at a time, and no others.
        """
        user, mail_id = await somebody(unit_of_work), MailId(fresh_uuid())
        for number in range(3):
            await _issue(unit_of_work, a_token(user, created_at=NOW + number * INSTANT, expires_at=NOW + MINUTE))
        kept = a_token(user, created_at=NOW + MINUTE, expires_at=NOW + MINUTE + INSTANT, mail_id=mail_id)
        await _issue(unit_of_work, kept)
        async with unit_of_work.begin() as work:
            assert [await work.tokens.prune(before=NOW + MINUTE + INSTANT, limit=2) for _ in range(3)] == [2, 1, 0]
        assert await _live(unit_of_work, kept) == kept
