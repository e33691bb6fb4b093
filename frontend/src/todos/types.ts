import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Problem } from "../api/problem.ts";
import type { components, operations } from "../api/schema.d.ts";

type Schemas = components["schemas"];
type ListAnswer = Schemas["ListAnswer"];

/** A todo as the person sees it: as the service knows it, with the changes that are not saved yet on top. */
export interface Todo extends Omit<Schemas["TodoAnswer"], "coming"> {
  /** Stays the same when a new todo gets its id: the key of its row. Every function below takes either. */
  key: string;
  /** Something of it waits to be saved. */
  unsaved: boolean;
}

export interface List extends ListAnswer {
  key: string;
  unsaved: boolean;
}

export type Tag = Schemas["TagAnswer"];
export type NewTodo = Schemas["AddTodoBody"];
export type TodoPatch = Schemas["EditTodoBody"];
export type NewList = Schemas["AddListBody"];
export type ListPatch = Schemas["EditListBody"];
export type Sort = NonNullable<NonNullable<operations["list_todos"]["parameters"]["query"]>["sort"]>;

/** Which todos to show, and in which order. */
export interface View {
  /** "all", the id of a list, or null for those in none (the inbox). */
  list: string | null;
  show: "open" | "done" | "bin";
  tag?: string | undefined;
  q?: string | undefined;
  sort: Sort;
}

/** What of a field was changed here and elsewhere at the same time. */
export interface Clash {
  yours: unknown;
  theirs: unknown;
}

/** Something to tell the person. */
export type Notice = { key: number } & (
  | { kind: "deleted"; todo: Todo; undo: () => void }
  /** Theirs was written over; `takeTheirs` takes that back. */
  | { kind: "conflict"; title: string; fields: Record<string, Clash>; takeTheirs: () => void }
  /** It was undone; `again` tries it once more. */
  | { kind: "failed"; title: string; problem: Problem; again: () => void }
  /** Todos could not be loaded. */
  | { kind: "unloaded"; problem: Problem }
);

/** "offline": the service cannot be reached; "connecting": it can, but others' changes are not told yet. */
export type Connection = "live" | "connecting" | "offline";

/** The person's todos. What is changed is changed here at once, and saved as soon as that is possible. */
export interface Store {
  /** Those of the view, in its order; a step (`parent_id`) stands right behind its todo if that is shown. */
  readonly todos: ReadonlySignal<readonly Todo[]>;
  readonly lists: ReadonlySignal<readonly List[]>;
  readonly tags: ReadonlySignal<readonly Tag[]>;
  /** Set it, and what it shows is loaded. */
  readonly view: Signal<View>;
  /** True from the start, and after the view was changed, until its todos are there. */
  readonly loading: ReadonlySignal<boolean>;
  readonly connection: ReadonlySignal<Connection>;
  /** How many changes are not saved yet. */
  readonly waiting: ReadonlySignal<number>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly notices: ReadonlySignal<readonly Notice[]>;

  /** Load the todos, follow what changes; until `stop`. */
  start(): void;
  stop(): void;
  /** Load the next page; nothing if there is none, or it is on its way. */
  more(): Promise<void>;
  /** Try at once what waits for the network. */
  retry(): void;
  dismiss(notice: Notice): void;

  /** Any todo that is known, also one that the view does not show. */
  todo(id: string): Todo | undefined;
  /** The steps of a todo that are known, done ones too, by position; reading it in a component follows it. */
  stepsOf(id: string): readonly Todo[];
  /** Load all steps of a todo. */
  loadSteps(id: string): Promise<void>;

  /** Return the key of the new todo. */
  add(fields: NewTodo): string;
  /**
   * Setting one of `due_at` and `due_date` clears the other. *seen* is the todo as the person saw it when they began,
   * if that is a while ago: what somebody else changed since is told as a conflict.
   */
  edit(id: string, patch: TodoPatch, seen?: Todo): void;
  complete(id: string, done: boolean): void;
  remove(id: string): void;
  /** Take a todo out of the bin, or take its removal back. */
  restore(id: string): void;
  /** Put a todo before or behind another that it stands among in the view; to be seen where `sort` is "position". */
  move(id: string, to: { before?: string; after?: string }): void;

  addList(fields: NewList): string;
  editList(id: string, patch: ListPatch): void;
  moveList(id: string, to: { before?: string; after?: string }): void;
  /** `todos`: they move to the list `to`, or to none; or go into the bin. */
  removeList(id: string, options: { todos: "move" | "delete"; to?: string }): void;
}
