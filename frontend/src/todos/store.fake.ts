import { signal } from "@preact/signals";
import type { Connection, List, Notice, Store, Tag, Todo, View } from "./types.ts";

/** A store that keeps what it is given, and remembers what was asked of it. */
export function fakeStore(...titles: string[]) {
  const asked: unknown[][] = [];
  const note =
    (name: string) =>
    (...given: unknown[]) => {
      asked.push([name, ...given]);
    };
  const signals = {
    todos: signal<readonly Todo[]>(titles.map(todoOf)),
    lists: signal<readonly List[]>([]),
    tags: signal<readonly Tag[]>([]),
    view: signal<View>({ list: "all", show: "open", sort: "position" }),
    loading: signal(false),
    connection: signal<Connection>("live"),
    waiting: signal(0),
    hasMore: signal(false),
    notices: signal<readonly Notice[]>([]),
  };
  const store: Store = {
    ...signals,
    start: note("start"),
    stop: note("stop"),
    more: () => Promise.resolve(),
    retry: note("retry"),
    dismiss: (notice) => {
      signals.notices.value = signals.notices.value.filter((one) => one !== notice);
    },
    todo: (id) => signals.todos.value.find(({ key }) => key === id),
    stepsOf: () => [],
    loadSteps: () => Promise.resolve(),
    add: (fields) => {
      asked.push(["add", fields]);
      return fields.title;
    },
    edit: note("edit"),
    complete: note("complete"),
    remove: note("remove"),
    restore: note("restore"),
    move: note("move"),
    addList: () => "list",
    editList: note("editList"),
    moveList: note("moveList"),
    removeList: note("removeList"),
  };
  return { store, asked, ...signals };
}

/** An open todo of that title, which is its key as well. */
export function todoOf(title: string): Todo {
  return {
    key: title,
    id: title,
    title,
    unsaved: false,
    list_id: null,
    notes: null,
    completed: false,
    completed_at: null,
    priority: "none",
    due_at: null,
    due_date: null,
    tags: [],
    position: title,
    parent_id: null,
    recurrence: null,
    remind_at: null,
    created_at: "2026-11-20T12:00:00Z",
    updated_at: "2026-11-20T12:00:00Z",
    version: 1,
  };
}
