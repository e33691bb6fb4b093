from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import define, evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.driving import run
from todo_core.errors import InvalidInput, NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.ids import TodoId, UserId
from todo_core.model.password import Password
from todo_core.model.recurrence import Recurrence
from todo_core.model.recurring import MOST_COMING, coming_of, next_of, with_anchor
from todo_core.model.todo import Priority, Todo, TodoFilter, TodoSort
from todo_core.model.wall_clock import moment_of
from todo_core.ports import Randomness
from todo_core.use_cases.batch import Editing

DONE = {"completed": True}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def rule(text: str) -> Recurrence:
    """
    Return the rule that *text* writes.
    """
    return Recurrence.parse(text)


def at(zone: str, *shown: int) -> datetime:
    """
    Return the moment at which the clocks in *zone* show this.
    """
    return moment_of(datetime(*shown), ZoneInfo(zone))  # noqa: DTZ001 - what a wall shows has no time zone


@pytest.fixture
def ann(enrol, in_work):
    """
    Return Ann, who lives by the clocks of a zone.
    """

    def living_by(zone="Europe/Berlin"):
        user = enrol(
            EmailAddress(f"ann-{zone.replace('/', '-').lower()}@example.org"), Password("a quiet old password")
        )
        in_work(lambda work: work.users.set_profile(user.id, display_name=None, locale=None, timezone=zone))
        return user.id

    return living_by


@pytest.fixture
def add(core):
    """
    Return what notes a todo.
    """

    def note(owner_id, title="Water the plants", **fields: Any):
        return run(core.add_todo(owner_id=owner_id, fields={"title": title, **fields}))

    return note


@pytest.fixture
def edit(core):
    """
    Return what edits a todo.
    """
    return lambda todo, **changes: run(
        core.edit_todo(todo.id, owner_id=todo.owner_id, changes=changes, seen_version=None)
    )


@pytest.fixture
def listed(core):
    """
    Return what lists somebody's todos, oldest first.
    """

    def page(owner_id, **wanted: Any):
        found = run(core.list_todos(TodoFilter(**wanted), TodoSort(), owner_id=owner_id, after=None, limit=200))
        return list(found.items)

    return page


@pytest.fixture
def complete(edit, listed, clock):
    """
    Return what completes a todo a second later, and returns what follows on it, if anything.
    """

    def done(todo):
        before = {one.id for one in listed(todo.owner_id)}
        clock.pass_time(timedelta(seconds=1))
        edit(todo, **DONE)
        added = [one for one in listed(todo.owner_id) if one.id not in before and one.parent_id is None]
        assert len(added) <= 1
        return added[0] if added else None

    return done


def test_completing_one_makes_the_next(add, complete, core, ann, clock):
    """
    It is the same but for its dates, open, and recurs instead of the one that is done.
    """
    plants = add(
        ann(),
        notes="The blue one too",
        priority=Priority.HIGH,
        tags=["home"],
        due_date=date(2026, 1, 5),
        recurrence=rule("FREQ=WEEKLY"),
    )
    following = complete(plants)
    assert following.id != plants.id
    assert following == evolve(
        plants, id=following.id, due_date=date(2026, 1, 12), created_at=clock.now(), updated_at=clock.now()
    )
    done = run(core.get_todo(plants.id, owner_id=plants.owner_id))
    assert (done.completed, done.recurrence, done.due_date, done.version) == (True, None, date(2026, 1, 5), 2)


def test_a_todo_is_followed_once(add, complete, edit, ann):
    """
    Neither another completion, nor one after it was taken up again, makes another.
    """
    plants = add(ann(), due_date=date(2026, 1, 5), recurrence=rule("FREQ=WEEKLY"))
    assert complete(plants) is not None
    assert complete(plants) is None
    edit(plants, completed=False)
    assert complete(plants) is None


def test_what_does_not_recur_is_followed_by_nothing(add, complete, edit, listed, ann):
    """
    Nor is what was done when it was noted.
    """
    owner = ann()
    assert complete(add(owner, due_date=date(2026, 1, 5))) is None
    noted = add(owner, completed=True, due_date=date(2026, 1, 5), recurrence=rule("FREQ=DAILY"))
    assert complete(noted) is None
    assert edit(noted, title="Water them well").recurrence == noted.recurrence
    assert len(listed(owner)) == 2


@pytest.mark.parametrize(
    "text", ["FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20260107", "FREQ=DAILY;UNTIL=20260107T010000Z"]
)
def test_a_rule_comes_to_its_end(add, complete, ann, text):
    """
    After so many, or after its last day, none follows.
    """
    first = add(ann(), due_date=date(2026, 1, 5), recurrence=rule(text))
    second = complete(first)
    third = complete(second)
    assert [one.due_date.day for one in (second, third)] == [6, 7]
    assert complete(third) is None


@pytest.mark.parametrize(
    ("zone", "shown", "text", "expected"),
    [
        ("Europe/Berlin", (2026, 3, 28, 9, 0), "FREQ=DAILY", [(2026, 3, 29, 9, 0), (2026, 3, 30, 9, 0)]),
        ("Europe/Berlin", (2026, 3, 28, 2, 30), "FREQ=DAILY", [(2026, 3, 29, 3, 30), (2026, 3, 30, 2, 30)]),
        ("Europe/Berlin", (2026, 10, 24, 2, 30), "FREQ=DAILY", [(2026, 10, 25, 2, 30), (2026, 10, 26, 2, 30)]),
        ("Europe/Berlin", (2026, 3, 31, 0, 30), "FREQ=MONTHLY", [(2026, 5, 31, 0, 30), (2026, 7, 31, 0, 30)]),
        ("America/New_York", (2026, 3, 1, 2, 30), "FREQ=WEEKLY", [(2026, 3, 8, 3, 30), (2026, 3, 15, 2, 30)]),
        ("America/New_York", (2026, 10, 25, 1, 30), "FREQ=WEEKLY", [(2026, 11, 1, 1, 30), (2026, 11, 8, 1, 30)]),
        (
            "America/New_York",
            (2026, 1, 31, 23, 0),
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            [(2026, 2, 28, 23, 0), (2026, 3, 31, 23, 0)],
        ),
        ("Asia/Kolkata", (2026, 3, 28, 2, 30), "FREQ=DAILY", [(2026, 3, 29, 2, 30), (2026, 3, 30, 2, 30)]),
        ("Australia/Lord_Howe", (2026, 10, 3, 2, 15), "FREQ=DAILY", [(2026, 10, 4, 2, 45), (2026, 10, 5, 2, 15)]),
        ("Australia/Lord_Howe", (2026, 4, 4, 1, 45), "FREQ=DAILY", [(2026, 4, 5, 1, 45), (2026, 4, 6, 1, 45)]),
        ("Nowhere/At_All", (2026, 3, 28, 2, 30), "FREQ=DAILY", [(2026, 3, 29, 2, 30), (2026, 3, 30, 2, 30)]),
    ],
)
def test_the_time_on_the_wall_stays_when_the_clocks_change(add, complete, core, ann, zone, shown, text, expected):
    """
    A time that is skipped comes as much later, that day only; one that is shown twice means the first.

    So it was told before.
    """
    known = "UTC" if zone == "Nowhere/At_All" else zone
    plants = add(ann(zone), due_at=at(known, *shown), recurrence=rule(text))
    moments = [at(known, *walls) for walls in expected]
    assert run(core.list_coming(plants.id, owner_id=plants.owner_id, number=2)) == (plants, moments)
    second = complete(plants)
    assert [second.due_at, complete(second).due_at] == moments


def test_in_the_fold_the_first_of_the_two_is_meant(add, complete, ann):
    """
    The next one after a fold is at the same time as before.
    """
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    following = complete(add(ann(), due_at=second_half_past_two, recurrence=rule("FREQ=DAILY")))
    assert following.due_at == at("Europe/Berlin", 2026, 10, 26, 2, 30)


def test_a_time_that_was_skipped_is_forgotten_when_another_is_chosen(add, complete, edit, ann):
    """
    Whoever puts the todo off to another time means that one from then on.
    """
    skipped = complete(add(ann(), due_at=at("Europe/Berlin", 2026, 3, 28, 2, 30), recurrence=rule("FREQ=DAILY")))
    assert str(skipped.recurrence) == "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"
    assert edit(skipped, title="Water them well").recurrence == skipped.recurrence
    later = edit(skipped, due_at=at("Europe/Berlin", 2026, 3, 29, 10, 0))
    assert str(later.recurrence) == "FREQ=DAILY"
    assert complete(later).due_at == at("Europe/Berlin", 2026, 3, 30, 10, 0)


@pytest.mark.parametrize(
    ("due", "remind", "expected"),
    [
        ((2026, 3, 22, 9, 0), (2026, 3, 21, 20, 0), (2026, 3, 28, 20, 0)),
        ((2026, 3, 22, 9, 0), (2026, 3, 22, 2, 30), (2026, 3, 29, 3, 30)),
        ((2026, 3, 22, 2, 30), (2026, 3, 22, 2, 15), (2026, 3, 29, 3, 15)),
        ((2026, 10, 18, 9, 0), (2026, 10, 18, 2, 30), (2026, 10, 25, 2, 30)),
    ],
)
def test_the_reminder_keeps_its_distance_on_the_wall(add, complete, ann, due, remind, expected):
    """
    It comes as many days later, at the same time of day.
    """
    berlin = "Europe/Berlin"
    plants = add(ann(), due_at=at(berlin, *due), remind_at=at(berlin, *remind), recurrence=rule("FREQ=WEEKLY"))
    assert complete(plants).remind_at == at(berlin, *expected)


@pytest.mark.parametrize("remind", [(2026, 3, 22, 2, 15), (2026, 3, 21, 20, 0), (2026, 3, 22, 2, 30)])
def test_a_reminder_that_was_late_with_its_todo_is_in_time_again(add, complete, ann, remind):
    """
    A week after the clocks skipped both, or only the todo's, the reminder comes when it did a week before.
    """
    berlin = "Europe/Berlin"
    plants = add(
        ann(), due_at=at(berlin, 2026, 3, 22, 2, 30), remind_at=at(berlin, *remind), recurrence=rule("FREQ=WEEKLY")
    )
    year, month, day, *time = remind
    assert complete(complete(plants)).remind_at == moment_of(
        datetime(year, month, day, *time) + 14 * DAY,  # noqa: DTZ001 - what a wall shows has no time zone
        ZoneInfo(berlin),
    )


def test_a_skipped_half_hour_is_made_up_for_too(add, complete, ann):
    """
    Where clocks are put forward by less than an hour, a reminder that was late with its todo is in time again as well.
    """
    island = "Australia/Lord_Howe"
    due, remind = at(island, 2026, 9, 27, 2, 15), at(island, 2026, 9, 27, 2, 5)
    late = complete(add(ann(island), due_at=due, remind_at=remind, recurrence=rule("FREQ=WEEKLY")))
    assert late.remind_at == at(island, 2026, 10, 4, 2, 35)
    assert complete(late).remind_at == at(island, 2026, 10, 11, 2, 5)


def test_its_steps_come_with_it(add, complete, core, edit, listed, ann):
    """
    Open, in their order, their dates as many days later; those in the bin stay there.
    """
    berlin = "Europe/Berlin"
    plants = add(ann(), due_date=date(2026, 3, 23), recurrence=rule("FREQ=WEEKLY"))
    fill = add(plants.owner_id, "Fill the can", parent_id=plants.id, due_date=date(2026, 3, 22))
    pour = add(
        plants.owner_id,
        "Pour",
        parent_id=plants.id,
        due_at=at(berlin, 2026, 3, 23, 9, 0),
        remind_at=at(berlin, 2026, 3, 22, 2, 30),
    )
    gone = add(plants.owner_id, "Buy a can", parent_id=plants.id)
    run(core.delete_todo(gone.id, owner_id=plants.owner_id, seen_version=None))
    edit(fill, **DONE)
    following = complete(plants)
    filling, pouring = listed(plants.owner_id, parent_id=following.id)
    assert following.id < filling.id < pouring.id
    assert (filling.title, filling.completed, filling.due_date) == ("Fill the can", False, date(2026, 3, 29))
    assert (pouring.title, pouring.due_at) == ("Pour", at(berlin, 2026, 3, 30, 9, 0))
    assert pouring.remind_at == at(berlin, 2026, 3, 29, 3, 30)
    assert (filling.version, pouring.version, pouring.position) == (1, 1, pour.position)
    assert [step.id for step in listed(plants.owner_id, parent_id=plants.id)] == [fill.id, pour.id]


@define
class Descending(Randomness):
    """
    Draws less each time, so that ids of one moment stand the wrong way round.
    """

    left: int = 1 << 64

    def draw(self, size: int) -> bytes:
        """
        Return one less than before.
        """
        self.left -= 1
        return self.left.to_bytes(10, "big")[-size:]


def test_its_steps_come_in_their_order_whatever_is_drawn(build_core, ports, add, listed, ann):
    """
    The todo is noted before its steps, and they as before.
    """
    plants = add(ann(), due_date=date(2026, 1, 5), recurrence=rule("FREQ=WEEKLY"))
    for title in ("Fill the can", "Pour", "Put the can away"):
        add(plants.owner_id, title, parent_id=plants.id)
    other = build_core(others=evolve(ports, randomness=Descending()))
    run(other.edit_todo(plants.id, owner_id=plants.owner_id, changes={"completed": True}, seen_version=None))
    added = sorted(listed(plants.owner_id), key=lambda todo: todo.id)[4:]
    assert [todo.title for todo in added] == ["Water the plants", "Fill the can", "Pour", "Put the can away"]


def test_it_follows_into_the_list_that_is_said_with_it(add, core, edit, listed, ann):
    """
    Todo and steps are added to the list into which the one that is done is moved by the same change.
    """
    owner = ann()
    garden = run(core.add_list(owner_id=owner, fields={"name": "Garden"}))
    plants = add(owner, due_date=date(2026, 1, 5), recurrence=rule("FREQ=WEEKLY"))
    add(owner, "Pour", parent_id=plants.id)
    edit(plants, completed=True, list_id=garden.id)
    assert {todo.list_id for todo in listed(owner)} == {garden.id}
    assert len(listed(owner)) == 4


def test_a_batch_makes_the_next_as_well(add, core, listed, ann):
    """
    Whoever completes many at once finds what follows on each.
    """
    owner = ann()
    todos = [add(owner, due_date=date(2026, 1, day), recurrence=rule("FREQ=WEEKLY")) for day in (5, 6)]
    run(core.write_together([Editing(todo.id, {"completed": True}) for todo in todos], owner_id=owner))
    assert [todo.due_date.day for todo in listed(owner, completed=False)] == [12, 13]


def test_a_rule_is_anchored_when_it_is_said(add, edit, ann, clock):
    """
    The 31st is remembered, by the owner's clocks; to say the same again changes nothing.
    """
    new_year = at("Europe/Berlin", 2026, 1, 31, 0, 30)
    assert new_year.day == 30
    todo = add(ann(), due_at=new_year, recurrence=rule("FREQ=MONTHLY"))
    assert todo.recurrence.month_day == 31
    clock.pass_time(DAY)
    assert edit(todo, recurrence=rule("FREQ=MONTHLY")) == todo
    other = edit(todo, recurrence=rule("FREQ=MONTHLY;UNTIL=20261230T233000Z"))
    assert (str(other.recurrence), other.version) == ("FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20261231", 2)


def test_a_todo_of_nobody_known_lives_by_utc(add, complete):
    """
    Where the owner is gone in this moment, something must be taken for their clocks.
    """
    due = datetime(2026, 3, 28, 2, 30, tzinfo=UTC)
    following = complete(add(UserId(UUID(int=1)), due_at=due, recurrence=rule("FREQ=DAILY")))
    assert following.due_at == due + DAY


def test_coming_occurrences_are_listed(add, core, ann):
    """
    As many as were asked for, fewer where the rule ends, none where there is no rule.
    """
    owner = ann()

    def coming(number, **fields: Any):
        return run(core.list_coming(add(owner, **fields).id, owner_id=owner, number=number))[1]

    daily = {"due_date": date(2026, 1, 5), "recurrence": rule("FREQ=DAILY;COUNT=4")}
    assert coming(2, **daily) == [date(2026, 1, 6), date(2026, 1, 7)]
    assert coming(100, **daily) == [date(2026, 1, day) for day in (6, 7, 8)]
    assert coming(5, due_date=date(2026, 1, 5)) == []
    assert coming(5) == []


def test_coming_occurrences_of_what_there_is(add, core, ann):
    """
    Between 1 and 100 can be listed, of one's own todos.
    """
    owner, todo_id = ann(), TodoId(UUID(int=9))
    todo = add(owner)
    for number in (0, MOST_COMING + 1):
        with pytest.raises(InvalidInput) as refusal:
            run(core.list_coming(todo.id, owner_id=owner, number=number))
        assert refusal.value.field == "project"
        assert refusal.value.detail == "One can see 1 to 100 occurrences at once."
    for asked, asker in ((todo_id, owner), (todo.id, ann("UTC"))):
        with pytest.raises(NotFound):
            run(core.list_coming(asked, owner_id=asker, number=1))


def _todo(**fields: Any) -> Todo:
    usual = {"title": "Water", "position": "V", "created_at": NOON, "updated_at": NOON}
    return Todo(id=TodoId(UUID(int=1)), owner_id=UserId(UUID(int=1)), **usual | fields)


def _next(todo: Todo, zone: Any, *steps: Todo) -> list[Todo]:
    ids = [TodoId(UUID(int=2 + number)) for number in range(1 + len(steps))]
    return list(next_of(evolve(todo, completed_at=NOON), steps, ids=ids, now=NOON, zone=zone))


def test_nothing_follows_on_what_does_not_recur():
    """
    Nor is it anchored.
    """
    for todo in (_todo(), _todo(due_date=date(2026, 1, 5)), _todo(due_at=NOON)):
        assert _next(todo, UTC) == []
        assert with_anchor(todo, UTC) == todo


def test_each_step_that_follows_needs_an_id():
    """
    Rather than to lose one, nothing follows.
    """
    todo = _todo(due_date=date(2026, 1, 5), recurrence=rule("FREQ=WEEKLY"))
    step = evolve(_todo(), id=TodoId(UUID(int=7)), parent_id=todo.id)
    with pytest.raises(ValueError, match="shorter"):
        next_of(todo, [step], ids=[TodoId(UUID(int=2))], now=NOON, zone=UTC)


def test_a_rule_without_a_time_of_its_own_was_never_late():
    """
    Not even after a day that the clocks skipped as a whole, as those of Samoa did before the last one of 2011.
    """
    samoa = ZoneInfo("Pacific/Apia")
    morning = at("Pacific/Apia", 2011, 12, 31, 9, 0)
    [following] = _next(_todo(due_at=morning, remind_at=morning, recurrence=rule("FREQ=WEEKLY")), samoa)
    assert following.due_at == following.remind_at == at("Pacific/Apia", 2012, 1, 7, 9, 0)


def test_a_rule_that_came_unanchored_is_anchored_when_it_goes_on():
    """
    As in a file that somebody imports: neither the 31st nor the last day is lost, and a time of its own does not count.
    """
    until = "FREQ=MONTHLY;UNTIL=20260531T060000Z;BYHOUR=5;BYMINUTE=0"
    todo = _todo(due_at=at("Europe/Berlin", 2026, 1, 31, 9, 0), recurrence=rule(until))
    [following] = _next(todo, ZoneInfo("Europe/Berlin"))
    assert str(following.recurrence) == "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20260530"
    assert following.due_at == at("Europe/Berlin", 2026, 3, 31, 9, 0)
    assert list(coming_of(todo, 5, ZoneInfo("Europe/Berlin"))) == [following.due_at]
    in_time = evolve(todo, recurrence=rule("FREQ=MONTHLY;UNTIL=20260331T073000Z"))
    assert list(coming_of(in_time, 5, ZoneInfo("Europe/Berlin"))) == [following.due_at]


@pytest.mark.parametrize(
    "date_of_it", [{"due_at": datetime(9998, 12, 31, tzinfo=UTC)}, {"due_date": date(9998, 12, 31)}]
)
def test_a_date_behind_the_calendars_end_is_left_out(date_of_it):
    """
    What follows is due in time, but a step or a reminder much later than it may have no day to come on.
    """
    last = datetime(9998, 12, 31, tzinfo=UTC)
    todo = _todo(due_date=date(2026, 1, 1), recurrence=rule("FREQ=YEARLY;INTERVAL=999"), remind_at=last)
    step = evolve(_todo(remind_at=last, **date_of_it), id=TodoId(UUID(int=7)), parent_id=todo.id)
    following, next_step = _next(todo, ZoneInfo("Europe/Berlin"), step)
    assert (following.due_date, following.remind_at) == (date(3025, 1, 1), None)
    assert (next_step.due_at, next_step.due_date, next_step.remind_at) == (None, None, None)


RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=4",
        "FREQ=WEEKLY;BYDAY=MO,SU",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=20300101T013000Z",
    ]
)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]).map(ZoneInfo)
SHOWN = st.datetimes(datetime(2020, 1, 1), datetime(2029, 12, 31))  # noqa: DTZ001 - what a wall shows has no time zone
CHANGES = st.builds(
    lambda day, minute: day + timedelta(minutes=minute),
    st.sampled_from(
        [
            datetime(year, month, day)  # noqa: DTZ001 - what a wall shows has no time zone
            for year, month, day in [
                (2026, 3, 27),
                (2026, 10, 23),
                (2026, 3, 6),
                (2026, 10, 30),
                (2026, 10, 2),
                (2026, 4, 3),
            ]
        ]
    ),
    st.integers(0, 24 * 60),
)


@settings(derandomize=True, deadline=None)
@given(RULES, ZONES, SHOWN | CHANGES)
def test_whoever_completes_each_sees_what_was_projected(text, zone, shown):
    """
    The due moments of those that follow on each other are those that were told at the beginning.
    """
    todo = with_anchor(_todo(due_at=moment_of(shown, zone), recurrence=rule(text)), zone)
    projected, seen = list(coming_of(todo, 6, zone)), []
    while len(seen) < 6 and (following := _next(todo, zone)):
        [todo] = following
        seen.append(todo.due_at)
        assert with_anchor(todo, zone) == todo
    assert seen == projected
