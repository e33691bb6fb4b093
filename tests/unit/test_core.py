from datetime import timedelta

import pytest
from attrs import asdict, fields

from tests.unit.driving import run
from todo_core.core import Core
from todo_core.errors import DomainError
from todo_core.model.email import EmailAddress
from todo_core.model.link import Frontend
from todo_core.model.password import Password
from todo_core.model.policy import Limits, Policy
from todo_core.model.todo import TodoFilter, TodoSort
from todo_core.model.token import Purpose

ANN = EmailAddress("ann@example.org")
OLD = Password("a quiet old password")
NEW = Password("a brand new password")
CLIENT = "192.0.2.1"


def test_every_use_case_hangs_at_its_name(core):
    """
    What a shell calls ``core.log_in`` is a ``LogIn``.
    """
    wired = {name: type(use_case).__name__ for name, use_case in asdict(core, recurse=False).items()}
    assert wired == {name: name.title().replace("_", "") for name in wired}
    assert len(wired) == len(fields(Core))


def test_every_use_case_has_the_ports_of_the_core(core, ports):
    """
    Wherever a use case asks for a clock, it is the clock.
    """
    mine = asdict(ports, recurse=False)
    for use_case in asdict(core, recurse=False).values():
        asked = asdict(use_case, recurse=False)
        for name in asked.keys() & mine.keys():
            assert asked[name] is mine[name]


def test_every_choice_of_an_operator_reaches_its_use_case(build_core):
    """
    Each is told apart from the default and from all others.
    """
    core = build_core(
        reset_life=timedelta(minutes=1),
        verification_life=timedelta(minutes=2),
        session_life=timedelta(minutes=3),
        session_idle=timedelta(minutes=7),
        verification_required=False,
        version_required=True,
        lease=timedelta(minutes=4),
        max_attempts=5,
        pause=timedelta(minutes=6),
    )
    life = core.request_password_reset.write_mail.life
    assert (life.password_reset, life.verify_email) == (timedelta(minutes=1), timedelta(minutes=2))
    assert core.make_reset_link.life == timedelta(minutes=1)
    assert core.log_in.session_life == timedelta(minutes=3)
    assert core.who_am_i.idle == core.list_sessions.idle == timedelta(minutes=7)
    assert core.log_in.verification_required is False
    assert (core.edit_todo.write.version_required, core.delete_todo.write.version_required) == (True, True)
    assert (core.edit_list.version_required, core.delete_list.version_required) == (True, True)
    courier = core.deliver_mail
    assert (courier.lease, courier.max_attempts, courier.pause) == (timedelta(minutes=4), 5, timedelta(minutes=6))


def test_every_limit_reaches_its_use_case(core):
    """
    None is taken for another.
    """
    assert Limits() == Limits(
        log_in=core.log_in.limit,
        log_in_day=core.log_in.day_limit,
        register=core.register.limit,
        verify=core.resend_verification.limit,
        reset=core.request_password_reset.limit,
        reset_client=core.request_password_reset.client_limit,
        bad_tokens=core.verify_email.count_bad_tokens.limit,
        requests=core.admit_request.limit,
    )
    assert core.confirm_password_reset.log_in_limit == core.log_in.day_limit


def test_each_limit_is_counted_under_its_own_name():
    """
    Two limits of one name would use each other up.
    """
    names = [limit.name for limit in asdict(Limits(), recurse=False).values()]
    assert sorted(set(names)) == sorted(names)


def test_the_defaults_are_what_was_decided():
    """
    Links live for an hour, sessions for a week or three idle days, leases for longer than a provider may take.
    """
    policy = Policy(Frontend("https://todo.example"))
    assert (policy.reset_life, policy.verification_life) == (timedelta(hours=1), timedelta(days=1))
    assert (policy.session_life, policy.session_idle) == (timedelta(days=7), timedelta(days=3))
    assert policy.lease > timedelta(seconds=60)
    assert (policy.max_attempts, policy.pause) == (50, timedelta(seconds=15))
    assert (policy.password_rules.shortest, policy.verification_required, policy.version_required) == (12, True, False)


def test_the_default_limits_are_what_was_decided():
    """
    So many in a minute, or in an hour.
    """
    limits = asdict(Limits(), recurse=False)
    assert {name: (limit.amount, limit.window) for name, limit in limits.items()} == {
        "log_in": (5, timedelta(minutes=1)),
        "log_in_day": (100, timedelta(days=1)),
        "register": (3, timedelta(hours=1)),
        "verify": (3, timedelta(hours=1)),
        "reset": (3, timedelta(hours=1)),
        "reset_client": (20, timedelta(hours=1)),
        "bad_tokens": (10, timedelta(minutes=1)),
        "requests": (60, timedelta(minutes=1)),
    }


def test_which_limits_fail_open():
    """
    While the counters cannot be reached, people who forgot are served; nobody guesses, and no account is made.
    """
    limits = asdict(Limits(), recurse=False)
    fail_open = {name for name, limit in limits.items() if limit.fails_open}
    assert fail_open == {"requests", "verify", "reset", "reset_client"}


@pytest.fixture
def everything(core, courier, inbox, clock):
    """
    Tell a whole story and return all that the core returned or raised in it, with the secrets of the story.
    """
    told, secrets = [], [OLD.text, NEW.text]

    def tell(coroutine):
        try:
            told.append(run(coroutine))
        except DomainError as error:
            told.append(error)
        return told[-1]

    tell(core.register(email=ANN, password=OLD, display_name="Ann", client=CLIENT))
    told.extend(courier())
    verification = inbox()[-1].token
    tell(core.verify_email(token=verification, client=CLIENT))
    tell(core.verify_email(token=verification, client=CLIENT))
    logged_in = tell(core.log_in(email=ANN, password=OLD, client=CLIENT))
    tell(core.log_in(email=ANN, password=NEW, client=CLIENT))
    tell(core.who_am_i(access_token=logged_in.access_token))
    tell(core.who_am_i(access_token=f"{logged_in.access_token}!"))
    todo = tell(core.add_todo(owner_id=logged_in.caller.user.id, fields={"title": "Buy milk"}))
    tell(core.list_todos(TodoFilter(), TodoSort(), owner_id=todo.owner_id, after=None, limit=10))
    tell(core.request_password_reset(email=ANN, client=CLIENT))
    told.extend(courier())
    reset = inbox()[-1].token
    tell(core.check_password_reset(token=reset, client=CLIENT))
    tell(core.check_password_reset(token=f"{reset}!", client=CLIENT))
    tell(core.confirm_password_reset(token=reset, new_password=Password(ANN.text), client=CLIENT))
    tell(core.confirm_password_reset(token=reset, new_password=NEW, client=CLIENT))
    tell(core.confirm_password_reset(token=reset, new_password=NEW, client=CLIENT))
    tell(core.create_user(email=ANN, password=NEW))
    tell(core.list_sessions(caller=logged_in.caller))
    tell(core.log_out(caller=logged_in.caller, client=CLIENT))
    session_secret = core.who_am_i.access_tokens.read(logged_in.access_token, now=clock.now())
    secrets += [verification, reset, logged_in.access_token, session_secret.hex(), repr(session_secret)]
    signer = core.check_password_reset.link_signer
    for token, purpose in ((verification, Purpose.VERIFY_EMAIL), (reset, Purpose.PASSWORD_RESET)):
        token_id = signer.read(token, purpose=purpose)
        secrets += [str(token_id), token_id.hex]
    return told, secrets


def test_no_secret_shows_in_what_the_core_returns_or_raises(everything, in_work):
    """
    Passwords, hashes, tokens and their ids, links and session secrets: whoever logs a value logs none of them.
    """
    told, secrets = everything
    user = in_work(lambda work: work.users.by_email(ANN))
    shown = "\n".join(f"{thing!r} {thing}" for thing in told)
    assert "LoggedIn(" in shown
    assert [secret for secret in [*secrets, user.password_hash] if secret in shown] == []


def test_every_error_of_the_story_is_one_of_the_domain(everything):
    """
    The story does meet errors, so that the scan above has something to scan.
    """
    told, _ = everything
    assert sum(isinstance(thing, DomainError) for thing in told) >= 6
