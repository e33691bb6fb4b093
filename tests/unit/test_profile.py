import pytest

from tests.unit.driving import run
from todo_core.errors import InvalidInput, Unauthenticated
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_core.model.profile import known_locale, known_timezone

ANN, BOB = EmailAddress("ann@example.org"), EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")
OFFERED = ("en", "de", "pt-BR", "zh-Hant")


@pytest.fixture
def change(core, enrol):
    """
    Return what changes Ann's profile and tells how she stands then.
    """
    enrol(ANN, PASSWORD)
    caller = run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1")).caller
    return lambda **changes: run(core.change_profile(changes, caller=caller))


def test_a_profile_says_what_one_is_called_reads_and_lives_by(change, in_work):
    """
    All that is sent is changed, kept and returned.
    """
    ann = change(display_name="Ann", locale="en-GB", timezone="Europe/Vienna")
    assert (ann.display_name, ann.locale, ann.timezone) == ("Ann", "en-GB", "Europe/Vienna")
    assert in_work(lambda work: work.users.by_email(ANN)) == ann


def test_what_is_not_sent_stays(change, in_work):
    """
    Even when nothing is sent.
    """
    ann = change(display_name="Ann", locale="en-GB", timezone="Europe/Vienna")
    assert change() == ann
    assert change(display_name="Anna").locale == "en-GB"
    assert in_work(lambda work: work.users.by_email(ANN)).timezone == "Europe/Vienna"


def test_null_clears(change):
    """
    No name, whichever language the mail's asker reads, and UTC.
    """
    change(display_name="Ann", locale="en-GB", timezone="Europe/Vienna")
    ann = change(display_name=None, locale=None, timezone=None)
    assert (ann.display_name, ann.locale, ann.timezone) == (None, None, "UTC")


@pytest.mark.parametrize(("field", "value"), [("locale", "fr"), ("timezone", "Europe/Atlantis")])
def test_what_nobody_knows_is_refused(change, in_work, field, value):
    """
    The error names the field, and nothing is changed.
    """
    ann = change(display_name="Ann")
    with pytest.raises(InvalidInput) as refusal:
        change(**{"display_name": "Anna", field: value})
    assert refusal.value.field == field
    assert in_work(lambda work: work.users.by_email(ANN)) == ann


def test_nobody_elses_profile_changes(change, enrol, in_work):
    """
    Whose it is comes from the session.
    """
    bob = enrol(BOB, PASSWORD)
    change(display_name="Ann")
    assert in_work(lambda work: work.users.by_email(BOB)) == bob


def test_an_account_that_went_has_no_profile(change, in_work, clock):
    """
    It was erased between the question who asks and the change.
    """
    ann = in_work(lambda work: work.users.by_email(ANN))
    in_work(lambda work: work.users.set_erase_at(ann.id, at=clock.now()))
    in_work(lambda work: work.users.erase(now=clock.now(), limit=1))
    with pytest.raises(Unauthenticated):
        change(display_name="Ann")


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-at", "de-AT"),
        ("es-419", None),
        ("en-001", "en-001"),
        ("pt-br", "pt-BR"),
        ("pt-PT", None),
        ("pt", None),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("de-", None),
        ("-AT", None),
        ("de-Austria", None),
        ("de-AT-x", None),
        ("de-ÄT", None),
        ("", None),
    ],
)
def test_a_language_is_one_that_is_offered_or_a_region_of_one(text, locale):
    """
    In any letters; it is kept as it is usually written (RFC 5646 §2.1.1).
    """
    if locale is not None:
        assert known_locale(text, offered=OFFERED) == locale
    else:
        with pytest.raises(InvalidInput):
            known_locale(text, offered=OFFERED)


def test_whoever_reads_another_language_learns_which_are_offered():
    """
    In one sentence.
    """
    with pytest.raises(InvalidInput) as refusal:
        known_locale("fr", offered=OFFERED)
    assert refusal.value.detail == "This is none of en, de, pt-BR, zh-Hant, nor a region of one."


@pytest.mark.parametrize("name", ["UTC", "Europe/Vienna", "America/Argentina/Ushuaia", "Asia/Kolkata"])
def test_a_time_zone_is_one_of_the_ianas(name):
    """
    It is known on every machine.
    """
    assert known_timezone(name) == name


@pytest.mark.parametrize("name", ["", "europe/vienna", "Vienna", "CEST", "+02:00", "../UTC", "localtime", "Factory"])
def test_no_other_name_is_a_time_zone(name):
    """
    Nor one that means something else on the next machine.
    """
    with pytest.raises(InvalidInput):
        known_timezone(name)


def test_whoever_names_no_time_zone_is_shown_one():
    """
    So that they see how the others are written.
    """
    with pytest.raises(InvalidInput) as refusal:
        known_timezone("Vienna")
    assert refusal.value.detail == 'This is no time zone of the IANA\'s, such as "Europe/Vienna".'


def test_two_changes_at_once_do_not_undo_each_other(core, enrol, trace):
    """
    Who changes a profile holds it, and reads it only then.
    """
    enrol(ANN, PASSWORD)
    caller = run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1")).caller
    calls = trace(lambda core: core.change_profile({"display_name": "Ann"}, caller=caller))
    assert calls == ["begin", "users.hold", "users.set_profile", "end"]
