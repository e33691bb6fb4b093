import { describe, expect, it } from "vitest";
import type { Sort, Todo, View } from "./types.ts";
import { arranged, comparing, fits, queryOf } from "./view.ts";

const todo = (fields: Partial<Todo>): Todo => ({
  ...{ id: "1", key: fields.id ?? "1", unsaved: false, version: 1, title: "", notes: null, list_id: null },
  ...{ completed: false, completed_at: null, priority: "none", due_at: null, due_date: null, tags: [] },
  ...{ position: "V", parent_id: null, recurrence: null, remind_at: null },
  ...{ created_at: "2026-11-20T12:00:00Z", updated_at: "2026-11-20T12:00:00Z" },
  ...fields,
});
const view = (fields: Partial<View>): View => ({ list: "all", show: "open", sort: "position", ...fields });
const bin = { deleted_at: "2026-11-20T12:00:00Z" };

describe("what a view wants", () => {
  it.each<[Partial<View>, Partial<Todo>, boolean]>([
    [{}, {}, true],
    [{}, { completed: true }, false],
    [{}, bin, false],
    [{ show: "done" }, { completed: true }, true],
    [{ show: "done" }, {}, false],
    [{ show: "done" }, { completed: true, ...bin }, false],
    [{ show: "bin" }, bin, true],
    [{ show: "bin" }, { completed: true, ...bin }, true],
    [{ show: "bin" }, {}, false],
    [{ list: "a" }, { list_id: "a" }, true],
    [{ list: "a" }, {}, false],
    [{ list: null }, {}, true],
    [{ list: null }, { list_id: "a" }, false],
    [{ tag: "x" }, { tags: ["y", "x"] }, true],
    [{ tag: "x" }, { tags: ["xy"] }, false],
    [{ q: "ap" }, { title: "an Apple" }, true],
    [{ q: "pple" }, { title: "an apple" }, false],
    [{ q: "apple tree" }, { title: "apple" }, false],
    [{ q: "apple tree" }, { title: "apple", notes: "the Tree-top" }, true],
    [{ q: "STRASSE" }, { title: "Straße 1" }, true],
    [{ q: "οδός" }, { title: "ΟΔΌΣ" }, true],
    [{ q: "ﬁre" }, { title: "Fire" }, true],
    [{ q: " " }, {}, true],
    [{ q: "!" }, { title: "!" }, false],
  ])("%o: of %o it is %s", (wanted, fields, isWanted) => {
    expect(fits(todo(fields), view(wanted))).toBe(isWanted);
  });

  it("is asked for without a list that has no id yet, and with at most 200 characters", () => {
    expect(queryOf(view({ list: "new-1", q: "a".repeat(300) }))).toEqual({
      ...{ completed: false, sort: "position" },
      q: "a".repeat(200),
    });
  });
});

describe("the order", () => {
  it.each<[Sort, Partial<Todo>, Partial<Todo>]>([
    ["position", { position: "8Z" }, { position: "8a" }],
    ["position", { id: "1" }, { id: "2" }],
    ["-position", { id: "2" }, { id: "1" }],
    ["due_at", { due_date: "2026-11-20" }, { due_at: "2026-11-20T00:00:01Z" }],
    ["due_at", { due_at: "2026-11-20T12:00:00+02:00" }, { due_at: "2026-11-20T11:00:00Z" }],
    ["due_at", { due_date: "2026-11-20" }, {}],
    ["due_at", { due_date: "1970-01-01" }, { due_date: "1970-01-02" }],
    ["-due_at", {}, { due_date: "2026-11-20" }],
    ["priority", { priority: "low" }, { priority: "high" }],
    ["-priority", { priority: "high" }, { priority: "medium" }],
    ["created_at", { created_at: "2026-11-20T12:00:00Z" }, { created_at: "2026-11-20T12:00:00.5Z" }],
    ["-updated_at", { updated_at: "2026-11-20T12:00:01Z" }, { updated_at: "2026-11-20T12:00:00.5Z" }],
  ])("by %s has %o before %o", (sort, first, second) => {
    expect(comparing(sort)(todo(first), todo(second))).toBe(-1);
    expect(comparing(sort)(todo(second), todo(first))).toBe(1);
  });
});

describe("what is shown", () => {
  it("has a step by itself where its todo is not shown", () => {
    const [step, other] = [todo({ id: "2", parent_id: "1" }), todo({ id: "3", position: "A" })];
    expect(arranged([step, other], view({}), new Set())).toEqual([other, step]);
  });

  it("ends where the pages end, but for what was touched here", () => {
    const todos = ["A", "B", "C", "D"].map((position) => todo({ id: position, position }));
    expect(arranged(todos, view({}), new Set(["D"]), todos[1]).map(({ id }) => id)).toEqual(["A", "B", "D"]);
  });
});
