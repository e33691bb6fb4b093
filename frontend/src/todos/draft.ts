import { signal } from "@preact/signals";
import type { Stage } from "./stage.ts";
import type { Todo, TodoPatch } from "./types.ts";

const PAUSE = 600; // milliseconds without a change, before what was changed is saved

/** What is being changed of a todo, and is handed to the store after a pause. */
export class Draft {
  readonly patch = signal<TodoPatch>({});
  #seen: Todo | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly key: string,
  ) {}

  /** The todo with the changes on top. */
  over(todo: Todo): Todo {
    return { ...todo, ...(this.patch.value as Partial<Todo>) };
  }

  readonly change = (patch: TodoPatch): void => {
    this.#seen ??= this.stage.store.todo(this.key);
    this.patch.value = { ...this.patch.value, ...patch };
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(this.save, PAUSE);
  };

  /** Save what is not saved yet. */
  readonly save = (): void => {
    clearTimeout(this.#waiting);
    const { title, ...rest } = this.patch.value;
    const name = title?.trim();
    if (this.#seen) this.stage.change(this.#seen, { ...rest, ...(name && { title: name }) });
    this.#seen = undefined;
    this.patch.value = {};
  };
}
