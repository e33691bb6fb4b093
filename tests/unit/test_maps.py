from __future__ import annotations

import re

import pytest

from tests import maps
from todo_core import ports

LEVELS = maps.levels()
ENTRIES = [
    pytest.param(entry, id=f"{name}-{entry.key}")
    for name in ("security", "asvs")
    for entry in maps.entries_of(maps.read_map(name))
]


def keys_of(name: str) -> list[str]:
    """
    Return the keys of a map, in its order.
    """
    return [entry.key for entry in maps.entries_of(maps.read_map(name))]


def test_every_promise_is_mapped():
    """
    The promises are numbered from 1 to 78, and none is left out.
    """
    assert keys_of("security") == [str(number) for number in range(1, 79)]


def test_every_requirement_is_mapped():
    """
    Each requirement of level 1 and 2 is there, once and in order; those of level 3 may be.
    """
    keys = keys_of("asvs")
    assert [key for key, level in LEVELS.items() if level < 3 and key not in keys] == []
    assert [key for key in keys if key not in LEVELS] == []
    assert keys == sorted(set(keys), key=lambda key: [int(number) for number in key.split(".")])


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_has_tests_or_a_reason(entry):
    """
    Nothing is promised on trust: a test shows it, or a reason says why none does, and of which kind it is.
    """
    assert entry.says
    assert entry.tests or entry.reason
    assert not entry.reason or entry.kind in maps.KINDS


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_test_exists(entry):
    """
    Each test that an entry names is there, be it inherited from a contract, and is named once.
    """
    assert list(maps.missing([entry])) == []
    assert len(set(entry.tests)) == len(entry.tests)


@pytest.mark.parametrize(
    "test",
    [
        "tests/unit/test_nothing.py::test_nothing",
        "tests/unit/test_maps.py::test_nothing",
        "tests/unit/test_maps.py::keys_of",
        "tests/unit/test_maps.py",
        "tests/contract/test_clock.py::TestSystemClock::test_nothing",
        "tests/contract/test_clock.py::TestNothing::test_it_tells_the_machines_time",
        "src/todo_core/contracts/clock.py::ClockContract::test_the_moment_is_aware_and_in_utc",
    ],
)
def test_a_test_that_is_not_there_is_found_out(test):
    """
    A file, a class or a function that does not exist, and what is no test, do not count.
    """
    assert list(maps.missing([maps.Entry("1", "A promise", [test])])) != []


@pytest.mark.parametrize(
    "test",
    [
        "tests/unit/test_maps.py::test_every_promise_is_mapped",
        "tests/contract/test_clock.py::TestSystemClock::test_it_tells_the_machines_time",
        "tests/contract/test_clock.py::TestSystemClock::test_the_moment_is_aware_and_in_utc",
        "tests/contract/test_clock.py::TestSystemClock",
    ],
)
def test_a_test_that_is_there_is_found(test):
    """
    A function, a method, one that a contract promises, and a whole class.
    """
    assert list(maps.missing([maps.Entry("1", "A promise", [test])])) == []


@pytest.mark.parametrize("page", maps.pages())
def test_the_pages_are_up_to_date(page):
    """
    A page that is written from a map says what the map says now.
    """
    written = maps.ROOT / page
    stands = written.read_text(encoding="utf-8") if written.exists() else ""
    assert stands == maps.pages()[page], f"{page} is out of date; run: just reference"


def test_the_threat_model_speaks_of_every_port():
    """
    A new port has attackers, too: it has a row in docs/explanation/threat-model.md.
    """
    model = (maps.ROOT / "docs" / "explanation" / "threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [STRIDE] \|", model, re.MULTILINE)
    named = [name for name, port in vars(ports).items() if getattr(port, "_is_protocol", False)]
    assert sorted(rows) == sorted(named)
