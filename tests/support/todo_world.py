"""
The ground that ``tests.support.todo_machine`` stands on: stages that are told the same, judged by notebooks.
"""

from __future__ import annotations

from typing import Any

from attrs import asdict
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.support.service_world import same
from tests.support.todo_notebook import Answered, Refused
from tests.support.todo_wishes import SECOND
from todo_core.errors import InvalidInput, NotKept
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, Todo, TodoFilter, TodoSort
from todo_core.use_cases.batch import Adding, Deleting, Editing, Restoring

ALL = 10**6


class TodoWorld(RuleBasedStateMachine):
    """
    Several *stages*, and a notebook for each person; it has no rules yet.
    """

    def __init__(self, clock, stages, tally) -> None:
        super().__init__()
        self.clock = clock
        self.stages = stages
        self.tally = tally
        self.notebooks = {}
        self.seen_versions = {}
        self.todo_ids = []
        self.list_ids = []
        self.keyed = []

    def told(self, use):
        """
        Return what every stage answers.
        """
        return same(stage.told(use) for stage in self.stages)

    def seen(self, question):
        """
        Return what the stores of every stage answer.
        """
        return same(stage.seen(question) for stage in self.stages)

    def write(self, client, use, judge, *, key=None, asked=None):
        """
        Let *client* ask for a write, under a *key* perhaps, and hold the answer against what *judge* says.
        """
        self.clock.pass_time(SECOND)
        told, row, refusal = self.told(use), None, None
        notebook = self.notebooks[client[0]].copy()
        try:
            answered = notebook.answered(key, asked)
            row = None if answered else judge(notebook)
        except Refused as refused:
            refusal = refused.error
        if refusal is not None:
            assert told is refusal
            return
        if answered:
            assert told.body == answered.words
            return
        self.notebooks[client[0]] = notebook
        self._learn(client, notebook, told, row, {})
        if key is not None:
            notebook.answers[key] = Answered(asked, words(told), self.clock.now())

    def write_batch(self, client, wishes, key, *, together):
        """
        Let *client* ask for several writes, all *together* or each for itself.
        """
        self.clock.pass_time(SECOND)
        asked = (together, wishes)
        told = self.told(lambda core: _batch(core, self.notebooks[client[0]].owner_id, wishes, key, asked))
        answered = refusal = None
        try:
            answered = self.notebooks[client[0]].answered(key, asked)
        except Refused as refused:
            refusal = refused.error
        if refusal is not None:
            assert told is refusal
            return
        if answered:
            bodies = told.body if together else [each.body for each in told]
            assert bodies == answered.words
            return
        outcomes, notebook = self._judged(client, wishes, together=together)
        self._compare(client, notebook, told, outcomes)
        if key is not None and not (together and any(isinstance(outcome, type) for outcome in outcomes)):
            kept = words(told) if together else [words(each) for each in told]
            notebook.answers[key] = Answered(asked, kept, self.clock.now())
        self.notebooks[client[0]] = notebook

    def _judged(self, client, wishes, *, together):
        before = notebook = self.notebooks[client[0]].copy()
        outcomes, refs = [], {}
        for wish in wishes:
            trial = notebook.copy()
            try:
                outcomes.append(_judge(trial, wish, refs, self.clock.now()))
            except Refused as refused:
                if together:
                    failed = [NotKept] * len(wishes)
                    failed[len(outcomes)] = refused.error
                    return failed, before
                outcomes.append(refused.error)
            else:
                notebook = trial
        return outcomes, notebook

    def _compare(self, client, notebook, told, outcomes):
        named = {}
        for each, outcome in zip(told, outcomes, strict=True):
            if isinstance(outcome, dict):
                self._learn(client, notebook, each, outcome, named)
            else:
                assert each is outcome

    def _learn(self, client, notebook, told, row, named):
        """
        Name what is new, and expect *told* to be the *row*.
        """
        if row is None:
            assert told is None
            return
        if row["id"] in notebook.unnamed:
            named[row["id"]] = told.id
            notebook.name(row["id"], row_of(told))
            row = {**row, "id": told.id, "position": row["position"] or told.position}
        if row.get("parent_id") in named:
            row = {**row, "parent_id": named[row["parent_id"]]}
        assert row_of(told) == row
        self.seen_versions[client, told.id] = told.version

    @invariant()
    def all_is_as_it_should_be(self):
        """
        Compare every field of every todo and every list, and every change, with what the notebooks say.
        """
        for notebook in self.notebooks.values():
            todos, lists, changes, latest = self._kept(notebook.owner_id)
            notebook.recognise(todos)
            assert todos == notebook.todos
            assert lists == notebook.lists
            told = [{name: each[name] for name in ("thing", "kind", "id", "version", "at")} for each in changes]
            assert sorted(told, key=_in_order) == sorted(notebook.changes, key=_in_order)
            assert [each["number"] for each in changes] == list(range(latest - len(changes) + 1, latest + 1))
            assert latest == notebook.written
            self.todo_ids += [key for key in sorted(todos) if key not in self.todo_ids]
            self.list_ids += [key for key in sorted(lists) if key not in self.list_ids]

    @invariant()
    def a_step_belongs_to_its_todo(self):
        """
        Expect a step that is not in the bin in the list of a todo that is not in the bin either, and is no step.
        """
        for notebook in self.notebooks.values():
            living = {key: row for key, row in notebook.todos.items() if row["deleted_at"] is None}
            for row in living.values():
                if row["parent_id"] is not None:
                    parent = living[row["parent_id"]]
                    assert (parent["parent_id"], parent["list_id"]) == (None, row["list_id"])

    @invariant()
    def the_step_counts(self):
        """
        Count it, for whoever wants to know how many were played.
        """
        self.tally["steps"] += 1

    def _kept(self, owner_id):
        async def ask(work):
            pages = [
                await work.todos.page(TodoFilter(deleted=binned), TodoSort(), owner_id=owner_id, after=None, limit=ALL)
                for binned in (False, True)
            ]
            lists = await work.lists.of_owner(owner_id)
            changes = await work.changes.since(0, owner_id=owner_id, limit=ALL)
            return [todo for page in pages for todo in page.items], lists, changes, await work.changes.latest(owner_id)

        todos, lists, changes, latest = self.seen(ask)
        keyed = [{each.id: row_of(each) for each in things} for things in (todos, lists)]
        return (*keyed, [row_of(change) for change in changes], latest)


def row_of(thing):
    """
    Return a todo, a list or a change as a plain dictionary.
    """
    row = asdict(thing, recurse=False)
    if isinstance(thing, Todo):
        row |= {"priority": int(thing.priority), "recurrence": thing.recurrence and str(thing.recurrence)}
    return row


def typed(fields):
    """
    Return the *fields* of a todo as the core wants them.
    """
    kinds = {"priority": Priority, "recurrence": Recurrence.parse}
    return {
        name: kinds[name](value) if name in kinds and value is not None else value for name, value in fields.items()
    }


def retry(key, asked):
    """
    Return what makes a request known that is sent again under a *key*, if it has one.
    """
    return None if key is None else Retry(key, repr(asked).encode(), words)


def words(outcome):
    """
    Return the words in which an *outcome* is told.
    """
    return repr(_plain(outcome)).encode()


def _plain(outcome):
    if isinstance(outcome, list):
        return [_plain(each) for each in outcome]
    found = getattr(outcome, "outcome", outcome)
    return type(found) if isinstance(found, Exception) else found


async def _batch(core, owner_id, wishes, key, asked):
    together, _ = asked
    use = core.write_together if together else core.write_singly
    told = await use([_wish(*wish) for wish in wishes], owner_id=owner_id, retry=retry(key, asked))
    return told if isinstance(told, KeptAnswer) else [_plain(each) for each in told]


def _wish(kind, what, *more: Any):
    match kind:
        case "add":
            return Adding(typed(what), *more)
        case "edit":
            return Editing(what, typed(more[0]), more[1])
        case "delete":
            return Deleting(what, *more)
        case _:
            return Restoring(what)


def _judge(notebook, wish, refs, now):
    kind, what, *more = wish
    match kind:
        case "add":
            return _judge_adding(notebook, what, *more, refs, now)
        case "edit":
            return notebook.edit(what, *more, now)
        case "delete":
            return notebook.delete(what, *more, now)
        case _:
            return notebook.restore(what, now)


def _judge_adding(notebook, fields, ref, parent_ref, refs, now):
    if ref in refs or (parent_ref is not None and ("parent_id" in fields or parent_ref not in refs)):
        raise Refused(InvalidInput)
    parent = {} if parent_ref is None else {"parent_id": refs[parent_ref]}
    row = notebook.add({**fields, **parent}, now)
    if ref is not None:
        refs[ref] = row["id"]
    return row


def _in_order(change):
    return str(change["id"]), change["version"], change["kind"]
