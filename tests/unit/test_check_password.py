"""
What is asked of a new password, whoever sets one.
"""

from __future__ import annotations

import pytest
from attrs import asdict

from tests.unit.driving import run
from todo_adapters.fakes import FewBreachedPasswords, FewCommonPasswords
from todo_core.errors import InvalidInput
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
