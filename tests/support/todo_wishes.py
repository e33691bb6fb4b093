"""
What clients may wish for: for ``tests.support.todo_machine``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.support.service_world import ANN, BOB
from tests.support.todo_notebook import DAY, RULES

SECOND = timedelta(seconds=1)
MORNING = datetime(2026, 1, 10, 9, tzinfo=UTC)
"""Ten days after the clock starts."""

CLIENTS = st.sampled_from([(ANN, "phone"), (ANN, "phone"), (ANN, "laptop"), (ANN, "laptop"), (BOB, "phone")])
WHICH = st.integers(0, 23)
"""The so-manieth of some todos or lists."""

KEYS = st.sampled_from([None, None, None, "key", "another"])
CARES = st.booleans()
DURATIONS = st.sampled_from([SECOND, timedelta(hours=1), DAY, 8 * DAY, 31 * DAY])
_MOMENTS = st.sampled_from([None, MORNING, MORNING + DAY, MORNING + 40 * DAY])
_OF_TODOS: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["Buy milk", "Wash up", "Phone home", "Write to Bob", " "]),
    "notes": st.sampled_from([None, "", "oat or soy", "the blue one"]),
    "completed": st.booleans(),
    "priority": st.integers(0, 3),
    "due_at": _MOMENTS,
    "due_date": st.sampled_from([None, date(2026, 1, 20), date(2026, 2, 28)]),
    "tags": st.sampled_from([(), ("home",), ("home", "urgent")]),
    "position": st.sampled_from(["V", "W", "WV"]),
    "list_id": st.one_of(st.none(), WHICH),
    "parent_id": st.one_of(st.none(), WHICH),
    "recurrence": st.sampled_from([None, *RULES]),
    "remind_at": _MOMENTS,
}
PATCHES = st.one_of(
    st.fixed_dictionaries({}, optional=_OF_TODOS),
    *(st.fixed_dictionaries({name: kind}) for name, kind in _OF_TODOS.items()),
)
_TITLED = {"title": st.sampled_from(["Buy milk", "Wash up"])}
_RECURRING = {"due_at": st.just(MORNING), "recurrence": st.sampled_from(list(RULES)), **_TITLED}
NEW_TODOS = st.one_of(
    st.fixed_dictionaries(_TITLED, optional={name: _OF_TODOS[name] for name in _OF_TODOS if name != "title"}),
    st.fixed_dictionaries(_TITLED | {"parent_id": WHICH}),
    st.fixed_dictionaries(_TITLED | {"list_id": WHICH}),
    st.fixed_dictionaries(_RECURRING),
)
LIST_PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Home", "Work"]),
        "colour": st.sampled_from([None, "#1e90ff"]),
        "position": st.sampled_from(["V", "W"]),
    },
)
REFS = st.sampled_from([None, None, "a", "b"])
WISHES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), NEW_TODOS, REFS, REFS),
        st.tuples(st.just("edit"), WHICH, PATCHES, CARES),
        st.tuples(st.just("delete"), WHICH, CARES),
        st.tuples(st.just("restore"), WHICH),
    ),
    min_size=1,
    max_size=4,
)

WHOLE = {
    "title": "Buy milk",
    "notes": "oat or soy",
    "priority": 2,
    "due_at": MORNING,
    "tags": ("home", "urgent"),
    "remind_at": MORNING,
}
STEP = {"title": "Find the bag", "notes": "the blue one", "due_date": date(2026, 1, 20)}
RECURRING = {
    "title": "Water the plants",
    "notes": "not the cactus",
    "due_at": MORNING,
    "recurrence": "FREQ=WEEKLY",
    "remind_at": MORNING,
}
