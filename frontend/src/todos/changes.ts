import { newKey, type Names } from "./names.ts";
import { positionAt } from "./position.ts";
import type { Clash, List, Todo } from "./types.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Something that the person changed, until it is saved. */
export interface Change {
  thing: "todo" | "list";
  what: "add" | "edit" | "remove" | "restore";
  /** The key of what is changed. */
  key: string;
  title: string;
  /** When it was made. */
  at: string;
  /** The fields of what is added; of what is edited those that the person touched. */
  patch: Fields;
  /** How the touched fields stood before. */
  seen: Fields;
  clashes: Record<string, Clash>;
  /** What comes out of the bin. */
  kept: readonly Todo[];
  /** What becomes of the todos of a list that is removed. */
  todos: { todos: "move" | "delete"; to?: string };
  /** By it the service knows a request that is sent again. */
  retryKey: string;
  /** How often it was sent. */
  tries: number;
  /** How often the service failed at it. */
  faults: number;
}

export function newChange(
  change: Pick<Change, "thing" | "what" | "key" | "title"> & Partial<Change>,
): Change {
  const defaults = { patch: {}, seen: {}, kept: [], todos: { todos: "move" }, tries: 0, faults: 0 } as const;
  return { ...defaults, clashes: {}, at: new Date().toISOString(), retryKey: newKey(), ...change };
}

/** The fields as the service will have them. */
export function tidied<Patch extends { tags?: string[]; due_at?: unknown; due_date?: unknown }>(
  patch: Patch,
  before?: Todo,
): Patch {
  const tidy: Fields = {
    ...(patch.due_date && before?.due_at ? { due_at: null } : {}),
    ...(patch.due_at && before?.due_date ? { due_date: null } : {}),
    ...patch,
    ...(patch.tags && { tags: [...new Set(patch.tags.map((tag) => tag.normalize("NFC").trim()))] }),
  };
  return tidy as Patch;
}

/** The todos as they will be when these changes are saved. */
export function withChanges(
  todos: ReadonlyMap<string, Todo>,
  changes: readonly Change[],
  names: Names,
): ReadonlyMap<string, Todo> {
  if (!changes.length) return todos;
  const changed = new Map(todos);
  const set = (todo: Todo, fields: Partial<Todo>) =>
    changed.set(todo.id, { ...todo, ...fields, unsaved: true });
  const where = (is: (todo: Todo) => boolean) => [...changed.values()].filter(is);

  for (const change of changes) {
    const id = names.real(change.key);
    const todo = changed.get(id);
    const bin = (gone: Todo) => set(gone, { deleted_at: change.at, version: gone.version + 1 });
    if (change.thing === "list") {
      if (change.what !== "remove") continue;
      const to = change.todos.to ? names.real(change.todos.to) : null;
      const move = (moved: Todo) => set(moved, { list_id: to });
      where((one) => one.list_id === id && !one.deleted_at).forEach(
        change.todos.todos === "move" ? move : bin,
      );
    } else if (change.what === "add") {
      const fields = names.meant(change.patch) as Partial<Todo>;
      const parent = changed.get(fields.parent_id ?? "");
      set({ ...draft(change), ...(parent && { list_id: parent.list_id }), ...fields }, completion(change));
    } else if (change.what === "restore") {
      for (const kept of change.kept) {
        const back = { ...(changed.get(kept.id) ?? kept) };
        delete back.deleted_at;
        set(back, { version: back.version + 1 });
      }
    } else if (todo && change.what === "remove") {
      where((one) => (one === todo || one.parent_id === id) && !one.deleted_at).forEach(bin);
    } else if (todo) {
      const fields = names.meant(change.patch) as Partial<Todo>;
      set(todo, { ...fields, ...completion(change) });
      if ("list_id" in fields) {
        where((one) => one.parent_id === id).forEach((step) => set(step, { list_id: fields.list_id! }));
      }
    }
  }
  return changed;
}

/** The lists as they will be when these changes are saved. */
export function withListChanges(
  lists: ReadonlyMap<string, List>,
  changes: readonly Change[],
  names: Names,
): ReadonlyMap<string, List> {
  const changed = new Map(lists);
  for (const { thing, what, key, patch, at } of changes) {
    const id = names.real(key);
    const list = what === "add" ? newList(key, at) : changed.get(id);
    if (thing === "todo" || !list) continue;
    if (what === "remove") changed.delete(id);
    else changed.set(id, { ...list, ...(patch as Partial<List>), unsaved: true });
  }
  return changed;
}

const completion = ({ patch, at }: Change): Partial<Todo> =>
  "completed" in patch ? { completed_at: patch.completed ? at : null } : {};

const newThing = (key: string, at: string) => ({
  id: key,
  key,
  position: positionAt(Date.parse(at)),
  created_at: at,
  updated_at: at,
  version: 0,
  unsaved: true,
});

const newList = (key: string, at: string): List => ({ ...newThing(key, at), name: "", colour: null });

const draft = ({ key, at }: Change): Todo => ({
  ...newThing(key, at),
  list_id: null,
  title: "",
  notes: null,
  completed: false,
  completed_at: null,
  priority: "none",
  due_at: null,
  due_date: null,
  tags: [],
  parent_id: null,
  recurrence: null,
  remind_at: null,
});
