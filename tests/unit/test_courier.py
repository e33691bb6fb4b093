from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import define, evolve, field

from tests.unit.driving import run
from todo_adapters.fakes import FakeRandomness, PlainMessageRenderer, RecordingEmailService
from todo_core.errors import EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.mail import MailKind, MailState
from todo_core.model.password import Password
from todo_core.model.token import Purpose
from todo_core.use_cases.courier import Outcome

ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a quiet old password")
NEW = Password("a brand new password")
SECOND = timedelta(seconds=1)


@pytest.fixture
def ask(core):
    """
    Return what asks for a reset of Ann's password.
    """
    return lambda: run(core.request_password_reset(email=ANN, client="192.0.2.1"))


@pytest.fixture
def deliver(core):
    """
    Return what lets the courier take one mail.
    """
    return lambda: run(core.deliver_mail())


@pytest.fixture
def kept(in_work):
    """
    Return what looks up the mail of a delivery as it is kept.
    """
    return lambda delivery: in_work(lambda work: work.outbox.by_id(delivery.mail.id))


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, whose address is verified.
    """
    return enrol(ANN, PASSWORD)


@define
class EventfulEmailService(RecordingEmailService):
    """
    A provider that sees each message, lets something happen ``meanwhile``, and raises ``error`` if there is one.
    """

    meanwhile: Callable[[], Awaitable[object]] | None = None
    error: Exception | None = None
    seen: list[EmailMessage] = field(factory=list[EmailMessage])

    async def send(self, message):
        """
        Do so.
        """
        self.seen.append(message)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.error is not None:
            raise self.error


@pytest.fixture
def provider():
    """
    Return a provider that can be told what happens.
    """
    return EventfulEmailService()


@pytest.fixture
def eventful(provider, ports, build_core):
    """
    Return a core that sends by that provider.
    """
    return build_core(others=evolve(ports, email=provider))


def test_nothing_is_due_in_an_empty_outbox(deliver):
    """
    The courier comes back with nothing.
    """
    assert deliver() is None


@pytest.mark.usefixtures("ann")
def test_a_mail_is_sent_once(ask, deliver, kept, clock, inbox):
    """
    Then it is noted when, and nothing is due any more.
    """
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason, delivery.misconfigured) == (Outcome.SENT, None, False)
    assert (kept(delivery).state, kept(delivery).sent_at) == (MailState.SENT, clock.now())
    assert deliver() is None
    assert len(inbox()) == 1


@pytest.mark.usefixtures("ann")
def test_a_message_goes_to_the_address_of_the_account(ask, deliver, post, inbox):
    """
    Under a name that is the mail's own, whatever happens to it.
    """
    ask()
    delivery = deliver()
    [message] = post.sent
    assert (message.to, message.message_id) == (ANN, f"{delivery.mail.id}@todo.example")
    assert inbox()[0].facts["email"] == ANN.text


class LocaleRenderer(PlainMessageRenderer):
    """
    A renderer whose subject is the language it was asked for.
    """

    def render(self, kind, *, locale, facts):
        """
        Do so.
        """
        return evolve(super().render(kind, locale=locale, facts=facts), subject=locale)


@pytest.mark.parametrize(
    ("chosen", "told", "language"),
    [("de", "es", "de"), ("de", None, "de"), (None, "es", "es"), (None, None, "en")],
)
def test_a_message_is_in_the_language_of_the_account(enrol, core, ports, build_core, post, chosen, told, language):
    """
    Where it has chosen none, in that of whoever asked; where neither is known, in English.
    """
    enrol(ANN, PASSWORD, locale=chosen)
    run(core.request_password_reset(email=ANN, client="192.0.2.1", locale=told))
    run(build_core(others=evolve(ports, renderer=LocaleRenderer())).deliver_mail())
    [message] = post.sent
    assert message.subject == language


@pytest.mark.usefixtures("ann")
def test_no_unit_of_work_is_open_while_the_provider_is_talked_to(ask, provider, eventful, unit_of_work):
    """
    Another can begin meanwhile: a slow provider blocks nobody.
    """

    async def work():
        async with unit_of_work.begin():
            pass

    provider.meanwhile = work
    ask()
    assert run(eventful.deliver_mail()).outcome is Outcome.SENT


@pytest.mark.usefixtures("ann")
def test_what_cannot_be_sent_now_is_sent_later(ask, deliver, post, kept, clock, inbox):
    """
    After a second, and not before; why is kept with the mail.
    """
    post.fail_next(EmailUnavailable("421"))
    ask()
    failed = deliver()
    assert (failed.outcome, failed.reason, failed.due_in) == (Outcome.RETRIED, "unavailable 421", SECOND)
    assert not failed.misconfigured
    assert (kept(failed).state, kept(failed).last_error) == (MailState.WAITING, "unavailable 421")
    assert deliver() is None

    clock.pass_time(SECOND)
    assert deliver().outcome is Outcome.SENT
    assert len(inbox()) == 1


@pytest.mark.usefixtures("ann")
def test_waits_grow_with_each_failure(ask, deliver, post, kept, clock):
    """
    1, 2, 4, 8 and 16 seconds, counted from the failure.
    """
    ask()
    waits = []
    for _ in range(5):
        post.fail_next(EmailUnavailable("connect"))
        due_at = kept(deliver()).due_at
        waits.append((due_at - clock.now()) / SECOND)
        clock.pass_time(due_at - clock.now())
    assert waits == [1, 2, 4, 8, 16]


@pytest.mark.usefixtures("ann")
def test_later_waits_are_drawn_from_the_whole_range(ask, ports, build_core, post, kept, clock):
    """
    The coin decides where between 16 s and the ceiling a sixth attempt's failure leads.
    """
    ask()
    waits = []
    for coin in (b"\x00\x00", b"\xff\xff"):
        with_coin = build_core(others=evolve(ports, randomness=Coin(ports.randomness, coin)))
        for _ in range(6):
            post.fail_next(EmailUnavailable("connect"))
            delivery = run(with_coin.deliver_mail())
            wait = kept(delivery).due_at - clock.now()
            clock.pass_time(wait)
        waits.append(wait / SECOND)
        run(with_coin.deliver_mail())
        ask()
    assert waits == [16, 32]


@define
class Coin:
    """
    Randomness whose small draws are known.
    """

    randomness: object
    coin: bytes

    def draw(self, size):
        """
        Return the coin where its size is asked for.
        """
        return self.coin if size == len(self.coin) else self.randomness.draw(size)


@pytest.mark.usefixtures("ann")
def test_every_attempt_is_the_same_message(ask, provider, eventful, clock):
    """
    The same link under the same Message-ID, so that a mail that arrives twice does no harm.
    """
    provider.error = EmailUnavailable("disconnected")
    ask()
    for _ in range(3):
        run(eventful.deliver_mail())
        clock.pass_time(timedelta(seconds=10))
    one, *others = provider.seen
    links = {line for message in provider.seen for line in message.text.splitlines() if line.startswith("link: ")}
    assert len(others) == 2
    assert {message.message_id for message in others} == {one.message_id}
    assert len(links) == 1


@pytest.mark.usefixtures("ann")
def test_what_never_will_be_accepted_is_given_up(ask, deliver, post, kept, clock):
    """
    With the reason, and for good.
    """
    post.fail_next(EmailRejected("550"))
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, "rejected 550")
    assert (kept(delivery).state, kept(delivery).last_error) == (MailState.DEAD, "rejected 550")
    clock.pass_time(timedelta(minutes=10))
    assert deliver() is None


@pytest.mark.usefixtures("ann")
def test_what_only_an_operator_can_mend_costs_no_attempt(ask, deliver, post, kept, clock):
    """
    The courier says so, and the mail waits a little for its first attempt still.
    """
    post.fail_next(EmailMisconfigured("535"))
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.RETRIED, "misconfigured 535")
    assert (delivery.misconfigured, delivery.due_in) == (True, timedelta(seconds=15))
    assert (kept(delivery).attempts, kept(delivery).due_at) == (0, clock.now() + timedelta(seconds=15))
    clock.pass_time(timedelta(seconds=15))
    assert deliver().mail.attempts == 1


@pytest.mark.usefixtures("ann")
def test_a_provider_that_is_away_costs_no_attempt(ask, deliver, post, kept, clock):
    """
    However long it is away: the mail is due again soon, and waits for its first attempt still.
    """
    post.fail_next(EmailUnavailable("connect refused", away=True))
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.RETRIED, "unavailable connect refused")
    assert (delivery.away, delivery.misconfigured, delivery.due_in) == (True, False, SECOND)
    assert (kept(delivery).attempts, kept(delivery).due_at) == (0, clock.now() + SECOND)
    clock.pass_time(SECOND)
    assert deliver().mail.attempts == 1


@pytest.mark.usefixtures("ann")
def test_how_long_it_is_until_a_mail_falls_due(core, ask, deliver, provider, eventful, clock):
    """
    A new one is due at once, one on its way when its lease runs out; without any it is as long as was asked.
    """
    minute = timedelta(minutes=1)
    assert run(core.deliver_mail.due_in(minute)) == minute
    ask()
    clock.pass_time(SECOND)
    assert run(core.deliver_mail.due_in(minute)) == -SECOND
    provider.error = RuntimeError("killed")
    with pytest.raises(RuntimeError, match="killed"):
        run(eventful.deliver_mail())
    clock.pass_time(timedelta(seconds=80))
    assert run(core.deliver_mail.due_in(minute)) == timedelta(seconds=10)
    clock.pass_time(timedelta(seconds=10))
    deliver()
    assert run(core.deliver_mail.due_in(minute)) == minute


@pytest.mark.usefixtures("ann")
def test_a_mail_is_given_up_after_too_many_attempts(ask, post, build_core, inbox, clock):
    """
    The last failure is final, and the provider is not asked once more.
    """
    core = build_core(max_attempts=2)
    post.fail_next(EmailUnavailable("421"), EmailUnavailable("421"))
    ask()
    outcomes = []
    for _ in range(2):
        delivery = run(core.deliver_mail())
        outcomes.append((delivery.outcome, delivery.reason))
        clock.pass_time(timedelta(minutes=1))
    assert outcomes == [
        (Outcome.RETRIED, "unavailable 421"),
        (Outcome.DEAD, "too many attempts, unavailable 421"),
    ]
    assert run(core.deliver_mail()) is None
    assert inbox() == []


@pytest.mark.usefixtures("ann")
def test_a_mail_that_kills_its_courier_is_given_up_too(ask, in_work, build_core, inbox, clock):
    """
    An attempt counts when it begins, so that none can begin for ever.
    """
    core = build_core(max_attempts=2)
    ask()
    for number in (1, 2):
        now = clock.now()
        in_work(lambda work, n=number, now=now: work.outbox.claim(now=now, lease=UUID(int=n), lease_until=now + SECOND))
        clock.pass_time(SECOND)
    delivery = run(core.deliver_mail())
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, "too many attempts")
    assert inbox() == []


class HighRandomness(FakeRandomness):
    """
    Draws the highest numbers there are.
    """

    def draw(self, size):
        """
        Do so.
        """
        return b"\xff" * size


@pytest.mark.usefixtures("ann")
def test_leases_end_apart(ask, ports, build_core, clock):
    """
    By lot, up to a twentieth later: what one courier held does not come back at one moment.
    """
    core = build_core(others=evolve(ports, randomness=HighRandomness()))
    ask()
    assert run(core.deliver_mail.claim()).lease_until == clock.now() + timedelta(seconds=94.5)


@pytest.mark.usefixtures("ann")
def test_a_mail_whose_courier_died_is_taken_up_when_its_lease_is_over(ask, provider, eventful, deliver, clock):
    """
    90 seconds after it was taken, and not before.
    """
    provider.error = RuntimeError("killed")
    ask()
    with pytest.raises(RuntimeError, match="killed"):
        run(eventful.deliver_mail())

    clock.pass_time(timedelta(seconds=89))
    assert deliver() is None
    clock.pass_time(SECOND)
    assert deliver().outcome is Outcome.SENT


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    "error",
    [
        None,
        EmailUnavailable("421"),
        EmailRejected("550"),
        EmailMisconfigured("535"),
        EmailInterrupted("rcpt cancelled"),
    ],
)
def test_a_courier_that_was_too_slow_decides_nothing(error, ask, provider, eventful, core, kept, clock):
    """
    Meanwhile the mail was given to another, whose word counts.
    """

    async def another_takes_it():
        clock.pass_time(timedelta(seconds=90))
        assert (await core.deliver_mail()).outcome is Outcome.SENT

    provider.meanwhile, provider.error = another_takes_it, error
    ask()
    delivery = run(eventful.deliver_mail())
    assert (delivery.outcome, delivery.due_in) == (Outcome.LOST, None)
    assert kept(delivery).state is MailState.SENT


@pytest.mark.usefixtures("ann")
def test_a_mail_is_never_sent_when_it_is_of_no_use_any_more(ask, deliver, kept, inbox, clock):
    """
    From the moment it expires.
    """
    ask()
    clock.pass_time(timedelta(hours=1))
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, "expired")
    assert kept(delivery).state is MailState.DEAD
    assert inbox() == []


@pytest.mark.usefixtures("ann")
def test_a_mail_is_sent_a_second_before_it_expires(ask, deliver, inbox, clock):
    """
    Late is better than never, and it says how little time is left.
    """
    ask()
    clock.pass_time(timedelta(minutes=59, seconds=59))
    assert deliver().outcome is Outcome.SENT
    assert inbox()[0].facts["minutes"] == "1"


@pytest.mark.parametrize(
    ("account", "reason"),
    [(None, "no account"), ({"disabled": True}, "account disabled")],
)
def test_a_mail_for_nobody_is_given_up(account, reason, enrol, ask, deliver, inbox):
    """
    The reason is kept for the operator, and whoever asked learns nothing.
    """
    if account is not None:
        enrol(ANN, PASSWORD, **account)
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, reason)
    assert inbox() == []


def test_a_mail_that_a_new_password_made_stale_is_given_up(ann, ask, deliver, in_work, clock, inbox):
    """
    Whoever asked for it before may have been somebody else.
    """
    ask()
    clock.pass_time(SECOND)
    in_work(lambda work: work.users.change_password(ann.id, "another", at=clock.now()))
    delivery = deliver()
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, "password changed since")
    assert inbox() == []


@pytest.fixture
def token_sent(inbox, ports, in_work, clock):
    """
    Return what finds the token whose link was sent.
    """

    def find(purpose):
        token_id = ports.link_signer.read(inbox()[-1].token, purpose=purpose)
        return in_work(lambda work: work.tokens.live(token_id, purpose=purpose, now=clock.now()))

    return find


@pytest.mark.parametrize(
    ("kind", "purpose", "email"),
    [
        (MailKind.PASSWORD_RESET, Purpose.PASSWORD_RESET, None),
        (MailKind.CHANGE_EMAIL, Purpose.CHANGE_EMAIL, EmailAddress("ann@new.example.net")),
        (MailKind.EMAIL_CHANGED, Purpose.UNDO_EMAIL_CHANGE, EmailAddress("ann@new.example.net")),
    ],
)
def test_a_link_to_an_address_knows_it(kind, purpose, email, ann, core, deliver, in_work, token_sent):
    """
    Also where the mail was kept without its token: the courier makes one for the address that the mail goes to.
    """
    mail = core.register.write_mail(kind, to=email or ANN, user_id=ann.id, facts={"new_email": "n"})
    in_work(lambda work: work.outbox.add(mail))
    deliver()
    assert token_sent(purpose).email == email


@pytest.mark.usefixtures("ann")
def test_a_mail_whose_link_was_superseded_is_given_up(ask, deliver, post, clock, core, inbox):
    """
    While it waited for another attempt, an operator made a newer link.
    """
    post.fail_next(EmailUnavailable("421"))
    ask()
    deliver()
    clock.pass_time(SECOND)
    run(core.make_reset_link(email=ANN))
    assert deliver().reason == "superseded"
    assert inbox() == []


@pytest.mark.usefixtures("ann")
def test_a_mail_whose_link_was_used_is_not_sent_again(ask, provider, eventful, core, clock, deliver):
    """
    The provider took it but could not say so, and its reader was faster than the next attempt.
    """
    provider.error = EmailUnavailable("disconnected")
    ask()
    run(eventful.deliver_mail())
    [message] = provider.seen
    token = message.text.partition("token=")[2].splitlines()[0]
    run(core.confirm_password_reset(token=token, new_password=NEW, client="192.0.2.1"))

    clock.pass_time(SECOND)
    assert {deliver().reason, deliver().reason} == {None, "superseded"}


@pytest.mark.parametrize("kind", MailKind)
def test_an_unverified_address_gets_the_verification_link_whatever_was_asked(
    kind, enrol, core, in_work, deliver, inbox
):
    """
    Until then nobody has shown that the address is theirs.
    """
    ann = enrol(ANN, PASSWORD, verified=False)
    in_work(lambda work: work.outbox.add(core.register.write_mail(kind, to=ANN)))
    deliver()
    [letter] = inbox()
    assert letter.kind == "verify_email"
    run(core.verify_email(token=letter.token, client="192.0.2.1"))
    assert in_work(lambda work: work.users.by_id(ann.id)).verified_at is not None


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(("asked", "waited"), [(timedelta(seconds=90), timedelta(seconds=90)), (timedelta(0), SECOND)])
def test_a_provider_that_asks_for_patience_is_given_it(ask, deliver, post, asked, waited):
    """
    The next attempt comes when the provider said, or when it would have come anyway if that is later.
    """
    post.fail_next(EmailUnavailable("429", retry_after=asked))
    ask()
    assert deliver().due_in == waited


@pytest.mark.usefixtures("ann")
def test_an_attempt_whose_end_is_unknown_is_told_apart(ask, deliver, post):
    """
    It may turn out to have arrived, so whoever counts duplicates must be able to count it.
    """
    post.fail_next(EmailUnavailable("data lost", unknown=True))
    ask()
    assert deliver().reason == "unknown data lost"


@pytest.mark.usefixtures("ann")
def test_a_mail_that_was_interrupted_is_given_back(ask, deliver, post, kept, inbox):
    """
    It waits as before it was claimed, and whoever comes next sends it at once.
    """
    post.fail_next(EmailInterrupted("rcpt cancelled"))
    ask()
    delivery = deliver()
    assert (delivery.outcome, delivery.reason, delivery.due_in) == (Outcome.RETURNED, "rcpt cancelled", None)
    waiting = kept(delivery)
    assert (waiting.state, waiting.attempts, waiting.last_error) == (MailState.WAITING, 0, None)
    assert (deliver().outcome, len(inbox())) == (Outcome.SENT, 1)


@pytest.mark.usefixtures("ann")
def test_couriers_can_claim_in_turn_and_deliver_side_by_side(ask, core, enrol, inbox):
    """
    A claimed mail is nobody else's, and is delivered when its courier comes to it.
    """
    bob = EmailAddress("bob@example.org")
    enrol(bob, PASSWORD)
    ask()
    run(core.send_password_reset(email=bob))
    first, second, none = [run(core.deliver_mail.claim()) for _ in range(3)]
    assert none is None
    assert [run(core.deliver_mail.deliver(mail)).outcome for mail in (second, first)] == [Outcome.SENT] * 2
    assert [letter.to for letter in inbox()] == [bob.text, ANN.text]
