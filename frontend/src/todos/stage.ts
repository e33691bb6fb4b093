import { signal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { words } from "../words/index.ts";
import { todoRow } from "./focus.ts";
import type { List, NewList, Store, Todo, TodoPatch, View } from "./types.ts";

/** What lies over the screen. */
export type Opened =
  { kind: "todo"; id: string } | { kind: "list"; id?: string } | { kind: "lists" } | { kind: "help" };

/** Something that was done here, and can be taken back. */
export interface Toast {
  key: number;
  text: string;
  /** The key of the todo that it was done to. */
  of: string;
}

const MOST_UNDONE = 50;

/**
 * What the parts of the screen share: the store, what is open, and what is told.
 *
 * Each act says aloud what it did, and remembers how to take it back.
 */
export class Stage {
  readonly opened: Signal<Opened | undefined> = signal();
  readonly editing: Signal<string | undefined> = signal();
  readonly said = signal("");
  readonly toast: Signal<Toast | undefined> = signal();
  readonly now: Signal<Date> = signal(new Date());
  readonly #done: { key: string; undo: () => void }[] = [];
  #toasts = 0;

  constructor(readonly store: Store) {}

  /** The list that is shown, if one is. */
  get list(): List | undefined {
    const { list } = this.store.view.value;
    return this.store.lists.value.find(({ key, id }) => key === list || id === list);
  }

  open(what: Opened | undefined): void {
    this.opened.value = what;
  }

  edit(key: string | undefined): void {
    this.editing.value = key;
  }

  /** Show other todos; the choice of lists has done its work then. */
  show(change: Partial<View>): void {
    this.store.view.value = { ...this.store.view.value, ...change };
    if (this.opened.value?.kind === "lists") this.open(undefined);
  }

  endToast(toast: Toast): void {
    if (this.toast.value === toast) this.toast.value = undefined;
  }

  /** Time goes by. */
  tick(): void {
    this.now.value = new Date();
  }

  /** Say something aloud, to who does not see it; also the same again. */
  say(text: string): void {
    this.said.value = this.said.value === text ? `${text}\u00A0` : text;
  }

  add(title: string): void {
    const { list, tag } = this.store.view.value;
    if (this.store.view.value.show !== "open" || this.store.view.value.q) {
      this.show({ show: "open", q: undefined });
    }
    const key = this.store.add({
      title,
      ...(list && list !== "all" && { list_id: list }),
      ...(tag && { tags: [tag] }),
    });
    this.say(words.todos.add.added(title));
    requestAnimationFrame(() => todoRow(key)?.scrollIntoView({ block: "nearest" }));
  }

  complete(todo: Todo, done = !todo.completed): void {
    const neighbour = todoRow(todo.key)?.contains(document.activeElement) ? this.neighbour(todo) : undefined;
    this.store.complete(todo.key, done);
    this.#did(todo, () => {
      this.store.complete(todo.key, !done);
    });
    const text = (done ? words.todos.toast.done : words.todos.toast.reopened)(todo.title);
    this.toast.value = { key: (this.#toasts += 1), text, of: todo.key };
    if (neighbour !== undefined) this.focus(todo.key, neighbour);
  }

  remove(todo: Todo): void {
    const neighbour = this.neighbour(todo);
    this.store.remove(todo.key);
    this.#did(todo, () => {
      const notice = this.store.notices.value.find(
        (one) => one.kind === "deleted" && one.todo.key === todo.key,
      );
      if (notice) this.store.dismiss(notice);
      this.store.restore(todo.key);
    });
    this.focus(neighbour);
  }

  restore(todo: Todo): void {
    const neighbour = this.neighbour(todo);
    this.store.restore(todo.key);
    this.say(words.todos.row.restored(todo.title));
    this.focus(neighbour);
  }

  /** Change fields of a todo, as it was seen. */
  change(todo: Todo, patch: TodoPatch): void {
    const names = (Object.keys(patch) as (keyof TodoPatch)[]).filter((name) => patch[name] !== todo[name]);
    if (names.length === 0) return;
    const before = Object.fromEntries(names.map((name) => [name, todo[name]])) as TodoPatch;
    this.store.edit(todo.key, patch, todo);
    this.#did(todo, () => {
      this.store.edit(todo.key, before);
    });
  }

  addList(fields: NewList): void {
    this.show({ list: this.store.addList(fields), show: "open" });
    this.say(words.todos.listForm.added(fields.name));
  }

  removeList(list: List, options: { todos: "move" | "delete"; to?: string }): void {
    if (this.list === list) this.show({ list: options.to ?? "all" });
    this.store.removeList(list.key, options);
    this.say(words.todos.listForm.removed(list.name));
  }

  /** Put a todo so many places on among its like, and say where it then is. */
  move(todo: Todo, by: number): void {
    if (this.store.view.value.sort !== "position") {
      this.say(words.todos.move.sorted);
      return;
    }
    const like = this.like(todo);
    const place = like.findIndex(({ key }) => key === todo.key) + by;
    if (by !== 0 && like[place]) this.#put(todo, like, place);
    else this.say(words.todos.move.atEnd);
  }

  #put(todo: Todo, like: readonly Todo[], place: number): void {
    const from = like.findIndex(({ key }) => key === todo.key);
    const target = like[place]!.key;
    const back = from > 0 ? { after: like[from - 1]!.key } : { before: like[1]!.key };
    this.store.move(todo.key, place > from ? { after: target } : { before: target });
    this.#did(todo, () => {
      this.store.move(todo.key, back);
    });
    this.say(words.todos.move.done(todo.title, place + 1, like.length));
  }

  /** The todos that one stands among: those of the view, or the steps of the same todo. */
  like(todo: Todo): readonly Todo[] {
    const all = this.store.todos.value;
    const isShown = (id: string | null) => id !== null && all.some((one) => one.id === id);
    const parent = isShown(todo.parent_id) ? todo.parent_id : null;
    return all.filter((one) => (isShown(one.parent_id) ? one.parent_id : null) === parent);
  }

  /** Take back what was done last, or last to the todo of that key. */
  undo(of?: string): void {
    const at = this.#done.findLastIndex(({ key }) => of === undefined || key === of);
    this.#done.splice(at, at < 0 ? 0 : 1).forEach(({ undo }) => {
      undo();
    });
    this.toast.value = undefined;
    this.say(at < 0 ? words.todos.toast.nothingToUndo : words.todos.toast.undone);
  }

  /** The row that focus goes to when that of *todo* is gone: the next, or the one before. */
  neighbour(todo: Todo): string | undefined {
    const all = this.store.todos.value;
    const at = all.findIndex(({ key }) => key === todo.key);
    const next = all.slice(at + 1).find(({ parent_id }) => parent_id !== todo.id) ?? all[at - 1];
    return next?.key;
  }

  /** Lead focus to the first of these rows that is there, once what has changed is shown; else to the field on top. */
  focus(...keys: (string | undefined)[]): void {
    requestAnimationFrame(() => {
      const rows = keys.map((key) => (key === undefined ? null : todoRow(key)));
      (rows.find(Boolean) ?? document.getElementById("new-todo"))?.focus();
    });
  }

  #did({ key }: Todo, undo: () => void): void {
    this.#done.push({ key, undo });
    if (this.#done.length > MOST_UNDONE) this.#done.shift();
  }
}

const Shared = createContext<Stage | undefined>(undefined);

export const StageProvider = Shared.Provider;

export const useStage = (): Stage => useContext(Shared)!;
