"""
What is never to happen to anybody's todos: clients that write as they please, and Hypothesis looking for a loss.

Several stages, each with another adapter of the stores, are told the same and must answer the same, and what they keep
must be what ``tests.support.todo_notebook`` says.

* No field changes that nobody sent, but those that are said to follow.
* No write that was accepted is lost, and none that was refused leaves a trace.
* What is sent again under its key is answered as before, and adds nothing.
* Every write is one more change, numbered without a gap, and one more version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.support.service_model import Stage
from tests.support.service_world import ALL_PASSWORDS, ANN, BOB
from tests.support.todo_notebook import Notebook
from tests.support.todo_wishes import (
    CARES,
    CLIENTS,
    DURATIONS,
    KEYS,
    LIST_PATCHES,
    NEW_TODOS,
    PATCHES,
    RECURRING,
    STEP,
    WHICH,
    WHOLE,
    WISHES,
)
from tests.support.todo_world import TodoWorld, retry, typed
from todo_adapters.fakes import FakeClock

STEPS = 40
"""How many make an example, at most."""

NOBODYS = UUID(int=2**64)


class Clients(TodoWorld):
    """
    Two people, one of them with two clients, that write whatever comes to their minds on all of the stages at once.
    """

    @initialize()
    def begin(self):
        """
        Let Ann and Bob have accounts, lists, and todos of every kind: whole ones, with steps, in the bin, recurring.
        """
        for email in (ANN, BOB):
            self.told(partial(_open_account, email=email))
            user = self.seen(partial(_user, email=email))
            self.notebooks[email] = Notebook(user.id)
            client = (email, "phone")
            for name in ("Home", "Work"):
                self.add_list(client, {"name": name, "colour": "#1e90ff"}, None)
            self.all_is_as_it_should_be()
            home = next(key for key, row in self.notebooks[email].lists.items() if row["name"] == "Home")
            self._add(client, {**WHOLE, "list_id": home}, None)
            self._add(client, RECURRING, None)
            for parent in list(self.notebooks[email].todos):
                for _ in range(2):
                    self._add(client, {**STEP, "parent_id": parent}, None)
            self.all_is_as_it_should_be()
            *_, last = self.notebooks[email].todos
            self.write(
                client,
                partial(_delete, todo_id=last, owner_id=user.id),
                lambda notebook: notebook.delete(last, None, self.clock.now()) and None,  # noqa: B023 - used at once
            )

    @rule(client=CLIENTS, fields=NEW_TODOS, key=KEYS)
    def add(self, client, fields, key):
        """
        Add a todo.
        """
        self._send(partial(self._add, client, self._with_ids(client, fields), key), key)

    def _add(self, client, fields, key):
        asked = ("add", fields)
        self.write(
            client,
            lambda core: core.add_todo(owner_id=self._owner(client), fields=typed(fields), retry=retry(key, asked)),
            lambda notebook: notebook.add(fields, self.clock.now()),
            key=key,
            asked=asked,
        )

    @rule(client=CLIENTS, which=WHICH, changes=PATCHES, cares=CARES)
    def edit(self, client, which, changes, cares):
        """
        Send a merge patch, for the version that this client saw last, if it cares.
        """
        todo_id, changes = self._todo(client, which), self._with_ids(client, changes)
        seen = self._version(client, todo_id, cares)
        self.write(
            client,
            lambda core: core.edit_todo(
                todo_id, owner_id=self._owner(client), changes=typed(changes), seen_version=seen
            ),
            lambda notebook: notebook.edit(todo_id, changes, seen, self.clock.now()),
        )

    @rule(client=CLIENTS, which=WHICH)
    def finish(self, client, which):
        """
        Tick a todo off.
        """
        self.edit(client, which, {"completed": True}, cares=False)

    @rule(client=CLIENTS, which=WHICH, cares=CARES)
    def delete(self, client, which, cares):
        """
        Put a todo into the bin.
        """
        todo_id = self._todo(client, which)
        seen = self._version(client, todo_id, cares)

        def judge(notebook):
            notebook.delete(todo_id, seen, self.clock.now())

        self.write(
            client, lambda core: core.delete_todo(todo_id, owner_id=self._owner(client), seen_version=seen), judge
        )

    @rule(client=CLIENTS, which=WHICH)
    def restore(self, client, which):
        """
        Take a todo out of the bin.
        """
        binned = [key for key, row in self.notebooks[client[0]].todos.items() if row["deleted_at"] is not None]
        todo_id = _picked(which, binned, self.todo_ids)
        self.write(
            client,
            lambda core: core.restore_todo(todo_id, owner_id=self._owner(client)),
            lambda notebook: notebook.restore(todo_id, self.clock.now()),
        )

    @rule(client=CLIENTS, fields=LIST_PATCHES, key=KEYS)
    def add_list(self, client, fields, key):
        """
        Make a list.
        """
        self._send(partial(self._add_list, client, dict(sorted({"name": "Home", **fields}.items())), key), key)

    def _add_list(self, client, fields, key):
        asked = ("add_list", fields)
        self.write(
            client,
            lambda core: core.add_list(owner_id=self._owner(client), fields=fields, retry=retry(key, asked)),
            lambda notebook: notebook.add_list(fields, self.clock.now()),
            key=key,
            asked=asked,
        )

    @rule(client=CLIENTS, which=WHICH, changes=LIST_PATCHES, cares=CARES)
    def edit_list(self, client, which, changes, cares):
        """
        Send a merge patch of a list.
        """
        list_id = self._list(client, which)
        seen = self._version(client, list_id, cares)
        self.write(
            client,
            lambda core: core.edit_list(list_id, owner_id=self._owner(client), changes=changes, seen_version=seen),
            lambda notebook: notebook.edit_list(list_id, changes, seen, self.clock.now()),
        )

    @rule(client=CLIENTS, which=WHICH, todos=st.sampled_from(["move", "delete"]), to=WHICH, cares=CARES)
    def delete_list(self, client, which, todos, to, cares):
        """
        Drop a list; its todos move to another or, every second time, to none, or go into the bin.
        """
        list_id, to_id = self._list(client, which), self._list(client, to) if to % 2 else None
        seen = self._version(client, list_id, cares)
        self.write(
            client,
            lambda core: core.delete_list(
                list_id, owner_id=self._owner(client), todos=todos, to=to_id, seen_version=seen
            ),
            lambda notebook: notebook.delete_list(
                list_id, move=todos == "move", to=to_id, seen=seen, now=self.clock.now()
            ),
        )

    @rule(client=CLIENTS, wishes=WISHES, key=KEYS, together=st.booleans())
    def write_several(self, client, wishes, key, together):
        """
        Ask for several writes at once: all or none, or each for itself.
        """
        chosen = [self._chosen(client, *wish) for wish in wishes]
        self._send(partial(self.write_batch, client, chosen, key, together=together), key)

    def _chosen(self, client, kind, what, *more: Any):
        if kind == "add":
            return (kind, self._with_ids(client, what), *more)
        todo_id = self._todo(client, what)
        if kind == "restore":
            return (kind, todo_id)
        *changes, cares = more
        return (kind, todo_id, *map(partial(self._with_ids, client), changes), self._version(client, todo_id, cares))

    @precondition(lambda self: self.keyed)
    @rule(number=st.integers(0, 99))
    def send_again(self, number):
        """
        Send again what was sent under a key, having missed the answer perhaps.
        """
        self.keyed[-1 - number % len(self.keyed)]()

    @rule(client=CLIENTS)
    def look(self, client):
        """
        Let a client see all there is.
        """
        notebook = self.notebooks[client[0]]
        for key, row in [*notebook.todos.items(), *notebook.lists.items()]:
            self.seen_versions[client, key] = row["version"]

    @rule(duration=DURATIONS)
    def pass_time(self, duration):
        """
        Let time go by.
        """
        self.clock.pass_time(duration)

    @rule()
    def prune(self):
        """
        Forget what is old.
        """
        self.told(lambda core: core.prune())
        for notebook in self.notebooks.values():
            notebook.prune(self.clock.now())

    def _send(self, request, key):
        request()
        if key is not None:
            self.keyed.append(request)

    def _owner(self, client):
        return self.notebooks[client[0]].owner_id

    def _todo(self, client, which):
        """
        Return one of the client's todos that are not in the bin or, every fourth time, any that there ever was.
        """
        own = [key for key, row in self.notebooks[client[0]].todos.items() if row["deleted_at"] is None]
        return _picked(which, own, self.todo_ids)

    def _list(self, client, which):
        return _picked(which, list(self.notebooks[client[0]].lists), self.list_ids)

    def _with_ids(self, client, fields):
        picks = {"list_id": partial(self._list, client), "parent_id": partial(self._todo, client)}
        said = sorted(fields.items())
        return {name: picks[name](value) if name in picks and value is not None else value for name, value in said}

    def _version(self, client, thing_id, cares):
        return self.seen_versions.get((client, thing_id)) if cares else None


def _picked(which, usual, all_of_them):
    chosen = usual if usual and which % 4 else all_of_them
    return chosen[which // 4 % len(chosen)] if chosen else NOBODYS


def _delete(core, todo_id, owner_id):
    return core.delete_todo(todo_id, owner_id=owner_id, seen_version=None)


def _open_account(core, email):
    return core.create_user(email=email, password=ALL_PASSWORDS[0])


def _user(work, email):
    return work.users.by_email(email)


def play(set_up: Callable[[FakeClock], Sequence[Stage]], *, examples: int, **choices: Any) -> Counter[str]:
    """
    Play so many *examples* on stages that are *set_up* anew for each; return how many, and how many steps.
    """
    tally = Counter[str]()

    def raise_the_curtain() -> Clients:
        tally["examples"] += 1
        clock = FakeClock()
        return Clients(clock, set_up(clock), tally)

    run_state_machine_as_test(
        raise_the_curtain,
        settings=settings(max_examples=examples, stateful_step_count=STEPS, deadline=None, **choices),
    )
    return tally
