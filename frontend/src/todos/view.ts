import type { operations } from "../api/schema.d.ts";
import { isKey } from "./names.ts";
import type { Sort, Todo, View } from "./types.ts";

type Query = NonNullable<operations["list_todos"]["parameters"]["query"]>;

const LONGEST_SEARCH = 200;
const LONGEST_WORD = 50;
const NEVER = "9999-12-31T23:59:59Z";
const PRIORITIES = ["none", "low", "medium", "high"];

/** What to ask the service for; it has no words for "in no list", so `fits` has to look at what comes. */
export function queryOf({ list, show, tag, q, sort }: View): Query {
  const text = q?.trim().slice(0, LONGEST_SEARCH);
  return {
    sort,
    ...(show === "bin" ? { deleted: true } : { completed: show === "done" }),
    ...(list !== null && list !== "all" && !isKey(list) && { list_id: list }),
    ...(tag && { tag }),
    ...(text && { q: text }),
  };
}

/** Whether the view shows the todo: the service's own rules. */
export function fits(todo: Todo, { list, show, tag, q }: View): boolean {
  const shown = todo.deleted_at !== undefined ? "bin" : todo.completed ? "done" : "open";
  return (
    shown === show &&
    (list === "all" || todo.list_id === list) &&
    (!tag || todo.tags.includes(tag)) &&
    (!q?.trim() || isFound(todo, q))
  );
}

/** Each word of the search begins a word of the title or the notes; one without words finds nothing. */
function isFound(todo: Todo, q: string): boolean {
  const has = wordsOf(`${todo.title} ${todo.notes ?? ""}`);
  const wanted = wordsOf(q.slice(0, LONGEST_SEARCH));
  return wanted.length > 0 && wanted.every((word) => has.some((one) => one.startsWith(word)));
}

function wordsOf(text: string): string[] {
  // First up, then down: as near as one gets to case folding, "ß" and "SS" are the same.
  const folded = text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, LONGEST_WORD));
}

type Sorted = Omit<Todo, "key" | "unsaved">;
type Key = string | number;

const KEYS: Record<string, (todo: Sorted) => Key> = {
  position: (todo) => todo.position,
  // Without its "Z", a moment with a fraction of a second comes behind the same without.
  created_at: (todo) => todo.created_at.slice(0, -1),
  updated_at: (todo) => todo.updated_at.slice(0, -1),
  // A day counts from its first moment in UTC, which is how Date reads it; what is never due comes last.
  due_at: ({ due_date, due_at }) => Date.parse(due_date ?? due_at ?? NEVER),
  priority: (todo) => PRIORITIES.indexOf(todo.priority),
};

/** The order of the service: where two are equal, their ids decide. */
export function comparing(sort: Sort): (one: Sorted, other: Sorted) => number {
  const descends = sort.startsWith("-");
  const key = KEYS[descends ? sort.slice(1) : sort]!;
  const turn = descends ? -1 : 1;
  return (one, other) => turn * (compared(key(one), key(other)) || compared(one.id, other.id));
}

export const compared = <Value extends Key>(one: Value, other: Value): number =>
  one < other ? -1 : one > other ? 1 : 0;

/**
 * Those that the view shows, in its order, steps behind their todo.
 *
 * Of what lies behind the *end* only some are known: none of them are shown but those that were *touched* here.
 */
export function arranged(
  todos: Iterable<Todo>,
  view: View,
  touched: ReadonlySet<string>,
  end?: Sorted,
): Todo[] {
  const compare = comparing(view.sort);
  const isLoaded = (todo: Todo) => !end || compare(todo, end) <= 0 || touched.has(todo.key);
  const shown = [...todos].filter((todo) => fits(todo, view) && isLoaded(todo)).sort(compare);
  const behind = new Map<string | null, Todo[]>(shown.map((todo) => [todo.id, [todo]]));
  for (const todo of shown) behind.get(todo.parent_id)?.push(todo);
  return shown.filter((todo) => !behind.has(todo.parent_id)).flatMap((todo) => behind.get(todo.id)!);
}
