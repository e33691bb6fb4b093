"""
What is asked of a new password, whoever sets one.
"""

from __future__ import annotations

import pytest
from attrs import asdict

from tests.unit.driving import run
from todo_adapters.fakes import FewBreachedPasswords, FewCommonPasswords
from todo_core.errors import InvalidInput, InvalidToken, TooManyRequests
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password, PasswordRules
from todo_core.use_cases.check_password import CheckPassword

ANN = EmailAddress("ann.van.der.berg@example.org")
STOLEN = "a stolen password"
COMPARING_ONLY = {"log_in", "reauthenticate"}
"""Who hashes without setting a new password: to compare, or to hash the same one anew."""


@pytest.fixture
def breached():
    """
    Return the list of stolen passwords: it has one.
    """
    return FewBreachedPasswords(frozenset({STOLEN}))


@pytest.fixture
def check(breached):
    """
    Return what checks a password of Ann's.
    """
    check_password = CheckPassword(PasswordRules(), FewCommonPasswords(), breached)
    return lambda text: run(check_password(Password(text), email=ANN, named="new_password"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("eleven char", "at least 12 characters"),
        ("ann.van.der.berg@example.org", "must not be the e-mail address"),
        ("password1234", r"^This password is among the most common ones, which are tried first\.$"),
        ("PassWord1234", "most common"),
        (STOLEN, r"^This password is known from a data leak, and such are tried first\.$"),
    ],
)
def test_a_refusal_says_which_rule(check, text, reason):
    """
    Too short, one's own address, common or stolen: the person learns which, at the field they filled in.
    """
    with pytest.raises(InvalidInput, match=reason) as refusal:
        check(text)
    assert refusal.value.field == "new_password"
    assert text not in str(refusal.value)


def test_any_other_password_is_taken(check):
    """
    Fifteen lower-case letters are enough: nothing is asked about kinds of characters (ASVS 6.2.5).
    """
    check("fifteenletterss")


def test_the_world_is_asked_last(check, breached):
    """
    What is refused here already is asked of nobody.
    """
    for text in ("short", "password1234", "ann.van.der.berg"):
        with pytest.raises(InvalidInput):
            check(text)
    assert breached.asked == 0
    check("nothing speaks against it")
    assert breached.asked == 1


def test_an_outage_refuses_nobody(check, breached):
    """
    While the list cannot be asked, what it would have refused is taken.
    """
    breached.away = True
    check(STOLEN)


def test_all_who_set_a_password_go_through_it(ports, build_core):
    """
    Signing up, redeeming a link and opening an account by hand ask the same lists, and the operator's rules.
    """
    rules = PasswordRules(shortest=14)
    core = asdict(build_core(password_rules=rules), recurse=False)
    setting_one = {name for name, use_case in core.items() if hasattr(use_case, "check_password")}
    assert {"register", "confirm_password_reset", "create_user"} <= setting_one
    for name in setting_one:
        expected = CheckPassword(rules, ports.common_passwords, ports.breached_passwords)
        assert core[name].check_password == expected
    hashing = {name for name, use_case in core.items() if hasattr(use_case, "hasher")}
    assert hashing - setting_one <= COMPARING_ONLY


def test_a_refused_password_costs_no_try(core, ports):
    """
    Signing up three times an hour means three times with a password that may be had.
    """
    ports.breached_passwords.texts = frozenset({STOLEN})

    def register(text):
        run(core.register(email=ANN, password=Password(text), display_name=None, client="192.0.2.1"))

    for _ in range(5):
        with pytest.raises(InvalidInput):
            register(STOLEN)
    register("nothing speaks against it")


@pytest.fixture
def judge(core):
    """
    Return what tells which rule a password breaks.
    """
    return lambda text, **whose: run(core.judge_password(Password(text), client="192.0.2.1", **whose))


@pytest.fixture
def link(core, courier, inbox):
    """
    Return what asks for a reset of Ann's password, and gives the token in the mail.
    """

    def asked():
        run(core.request_password_reset(email=ANN, client="192.0.2.1"))
        courier()
        return inbox()[-1].token

    return asked


@pytest.mark.parametrize(
    "text",
    ["eleven char", "password1234", "todo todo todo", "ann.van.der.berg@example.org"],
)
def test_what_is_typed_is_judged_as_what_is_set(judge, check, text):
    """
    The same rules in the same words.
    """
    with pytest.raises(InvalidInput) as refusal:
        check(text)
    assert judge(text, email=ANN) == refusal.value.detail


def test_what_nothing_speaks_against_has_no_detail(judge, ports):
    """
    Be it for an address or for nobody yet; and leaks are not asked about while somebody types.
    """
    ports.breached_passwords.texts = frozenset({STOLEN})
    assert judge("nothing speaks against it", email=ANN) is None
    assert judge("nothing speaks against it") is None
    assert judge(STOLEN, email=ANN) is None


def test_without_an_address_none_is_refused(judge):
    """
    Whose it would be is not known yet, so nothing says who they are; the name of the service is refused all the same.
    """
    assert judge("ann.van.der.berg@example.org") is None
    assert "name of this service" in judge("TodoTodoTodo")


def test_a_link_says_whose_password_it_would_be(enrol, link, judge):
    """
    The reader of the mail may learn what speaks against their own address, whichever else is named.
    """
    enrol(ANN, Password("a quiet old password"))
    token = link()
    for other in (None, EmailAddress("bob@example.org")):
        assert "must not be the e-mail address" in judge(str(ANN), email=other, token=token)
    assert judge("nothing speaks against it", token=token) is None


def test_judging_consumes_nothing(core, enrol, link, judge):
    """
    The link still sets a password afterwards, and then judges no more.
    """
    enrol(ANN, Password("a quiet old password"))
    token = link()
    for _ in range(20):
        judge("nothing speaks against it", token=token)
    new = Password("nothing speaks against it")
    run(core.confirm_password_reset(token=token, new_password=new, client="192.0.2.1"))
    with pytest.raises(InvalidToken):
        judge("nothing speaks against it", token=token)


def test_links_are_not_guessed_by_judging(core, judge):
    """
    Tokens that do not work are counted as everywhere, for each client.
    """
    for _ in range(10):
        with pytest.raises(InvalidToken):
            judge("nothing speaks against it", token="nonsense")
    with pytest.raises(TooManyRequests):
        judge("nothing speaks against it", token="nonsense")
    with pytest.raises(InvalidToken):
        run(core.judge_password(Password("nothing speaks against it"), client="198.51.100.1", token="nonsense"))


@pytest.mark.parametrize("known", [True, False], ids=["a known address", "an unknown address"])
def test_judging_looks_nobody_up(enrol, trace, known):
    """
    An address alone tells nothing of accounts: two lists are asked that lie here, and the leaks are not.
    """
    if known:
        enrol(ANN, Password("a quiet old password"))
    judged = Password("nothing speaks against it")
    calls = trace(lambda core: core.judge_password(judged, email=ANN, client="192.0.2.1"))
    assert calls == ["common_passwords.includes"]
