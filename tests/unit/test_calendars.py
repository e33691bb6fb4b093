from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tests.unit.driving import run
from todo_core.errors import NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId
from todo_core.model.password import Password
from todo_core.model.session import digest_of

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BEFORE_CHRISTMAS = datetime(2025, 12, 24, 18, tzinfo=UTC)


@pytest.fixture
def ann(enrol):
    """
    Return Ann.
    """
    return enrol(EmailAddress("ann@example.org"), Password("a quiet old password"))


@pytest.fixture
def make(core, ann):
    """
    Return what makes a calendar of Ann's, and returns its secret.
    """
    return lambda: run(core.make_calendar(owner_id=ann.id)).secret


@pytest.fixture
def add(core, ann):
    """
    Return what notes a todo of Ann's.
    """
    return lambda title, **fields: run(core.add_todo(owner_id=ann.id, fields={"title": title, **fields}))


def read(core, secret):
    """
    Return the feed behind *secret*, and the titles of its todos.
    """

    async def ask():
        feed = await core.read_calendar(secret=secret)
        return feed, [todo.title async for page in feed.todos for todo in page]

    return run(ask())


def test_whoever_knows_the_secret_reads_what_is_open_and_due(core, make, add, ann, enrol):
    """
    Whenever it is due: nothing that is done, in the bin, due never, or somebody else's.
    """
    add("at an hour", due_at=BEFORE_CHRISTMAS)
    add("on a day", due_date=date(1970, 1, 1))
    add("done", due_at=BEFORE_CHRISTMAS, completed=True)
    add("never")
    gone = add("in the bin", due_at=BEFORE_CHRISTMAS)
    run(core.delete_todo(gone.id, owner_id=ann.id, seen_version=None))
    bob = enrol(EmailAddress("bob@example.org"), Password("a quiet old password"))
    run(core.add_todo(owner_id=bob.id, fields={"title": "Bob's", "due_at": BEFORE_CHRISTMAS}))
    feed, titles = read(core, make())
    assert titles == ["at an hour", "on a day"]
    assert feed.owner == ann


def test_a_secret_is_256_bits_of_which_only_the_digest_is_kept(core, ann, in_work, clock):
    """
    With the moment at which it was made; nor does it show where its holder is printed.
    """
    made = run(core.make_calendar(owner_id=ann.id))
    assert len(made.secret) == 32
    assert made.calendar.created_at == clock.now()
    assert read(core, made.secret)[0].calendar == made.calendar
    assert made.calendar.digest == digest_of(made.secret)
    assert in_work(lambda work: work.calendars.by_digest(made.calendar.digest)) == made.calendar
    assert repr(made.secret) not in repr(made)
    assert repr(made.calendar.digest) not in repr(made)


def test_a_new_secret_ends_the_one_before(core, make):
    """
    Only the last one opens.
    """
    first, second = make(), make()
    with pytest.raises(NotFound):
        read(core, first)
    read(core, second)


def test_a_calendar_ends(core, make, ann):
    """
    Its secret opens nothing then; ending it again changes nothing.
    """
    secret = make()
    run(core.end_calendar(owner_id=ann.id))
    run(core.end_calendar(owner_id=ann.id))
    with pytest.raises(NotFound):
        read(core, secret)


def test_another_secret_opens_nothing(core, make):
    """
    However near.
    """
    secret = make()
    with pytest.raises(NotFound):
        read(core, secret[:-1] + b"x")


@pytest.mark.parametrize("kept_out", ["disabled", "leaving", "gone"])
def test_nothing_is_read_of_whoever_is_kept_out(core, make, ann, in_work, clock, kept_out):
    """
    Neither of a disabled account nor of one that is to be erased, or is.
    """
    secret = make()

    async def keep_out(work):
        if kept_out == "disabled":
            await work.users.set_disabled(ann.id, at=clock.now())
        else:
            await work.users.set_erase_at(ann.id, at=clock.now())
        if kept_out == "gone":
            await work.users.erase(now=clock.now(), limit=1)

    in_work(keep_out)
    with pytest.raises(NotFound):
        read(core, secret)


def test_nothing_is_read_of_nobody(core):
    """
    Where whoever has the secret is gone in this moment.
    """
    secret = run(core.make_calendar(owner_id=UserId(UUID(int=1)))).secret
    with pytest.raises(NotFound):
        read(core, secret)


def test_a_feed_tells_the_latest_change(core, make, add, clock):
    """
    By its number; by its time once that is ten seconds ago, so that no other change can be of the same second.
    """
    secret = make()
    assert (read(core, secret)[0].number, read(core, secret)[0].changed_at) == (0, None)
    add("one")
    clock.pass_time(SECOND)
    changed_at = add("two").updated_at
    assert (read(core, secret)[0].number, read(core, secret)[0].changed_at) == (2, None)
    clock.pass_time(9 * SECOND)
    assert read(core, secret)[0].changed_at is None
    clock.pass_time(SECOND)
    assert read(core, secret)[0].changed_at == changed_at


def test_a_change_that_was_forgotten_has_no_time(core, make, add, clock, in_work):
    """
    Its number stays.
    """
    add("one")
    clock.pass_time(HOUR)
    in_work(lambda work: work.changes.prune(before=clock.now(), limit=10))
    feed, _ = read(core, make())
    assert (feed.number, feed.changed_at) == (1, None)
