import { focusedRow, step } from "./focus.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./types.ts";

const TASTE = "single-keys";
const VIEWS: Record<string, Partial<View>> = {
  a: { list: "all", show: "open" },
  i: { list: null, show: "open" },
  o: { show: "open" },
  d: { show: "done" },
  b: { show: "bin" },
};
const PREFIX_LASTS = 1_500; // milliseconds

/** Whether single keys are shortcuts; some people must be able to switch them off (WCAG 2.2, 2.1.4). */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(TASTE) !== "off";
  } catch {
    return true;
  }
}

/** Switch single keys on or off, on this device. */
export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(TASTE, on ? "on" : "off");
  } catch {
    // Storage can be forbidden: they stay on.
  }
}

/** Heed the keyboard, until what is returned is called. */
export function listen(stage: Stage): () => void {
  let prefixed = 0; // until when a "g" counts
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || stage.opened.value || isTyping(event.target)) return;
    const act = event.timeStamp < prefixed ? goTo(stage, event) : actOf(stage, event);
    prefixed = 0;
    if (!act) return;
    event.preventDefault();
    if (act === "prefix") prefixed = event.timeStamp + PREFIX_LASTS;
    else act();
  };
  document.addEventListener("keydown", onKey);
  return () => {
    document.removeEventListener("keydown", onKey);
  };
}

type Act = (() => void) | undefined;

function actOf(stage: Stage, event: KeyboardEvent): Act | "prefix" {
  if (event.altKey) return event.ctrlKey || event.metaKey ? undefined : moved(stage, event.key);
  if (event.ctrlKey || event.metaKey) return undone(stage, event);
  return (
    ofRow(stage, event) ?? (event.key.length === 1 && singleKeys() ? single(stage, event.key) : undefined)
  );
}

function undone(stage: Stage, event: KeyboardEvent): Act {
  return event.key.toLowerCase() === "z" && !event.shiftKey
    ? () => {
        stage.undo();
      }
    : undefined;
}

function moved(stage: Stage, key: string): Act {
  const by = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0;
  const todo = focusedTodo(stage);
  if (!by || !todo) return undefined;
  return () => {
    stage.move(todo, by);
    stage.focus(todo.key);
  };
}

/** Keys that are heeded in a row only; they are no characters, so they work also where single keys do not. */
function ofRow(stage: Stage, { key, target }: KeyboardEvent): Act {
  const row = focusedRow();
  const todo = focusedTodo(stage);
  if (!row || !todo) return undefined;
  const isBin = stage.store.view.value.show === "bin";
  const acts: Record<string, () => void> = {
    ArrowDown: () => {
      step(1);
    },
    ArrowUp: () => {
      step(-1);
    },
    ...(!isBin && {
      Delete: () => {
        stage.remove(todo);
      },
    }),
    ...(!isBin &&
      target === row && {
        " ": () => {
          stage.complete(todo);
        },
        Enter: () => {
          stage.edit(todo.key);
        },
      }),
  };
  return acts[key];
}

function single(stage: Stage, key: string): Act | "prefix" {
  if (key === "g") return "prefix";
  const anywhere: Record<string, () => void> = {
    n: () => document.getElementById("new-todo")?.focus(),
    "/": () => document.getElementById("search")?.focus(),
    "?": () => {
      stage.open({ kind: "help" });
    },
    j: () => {
      step(1);
    },
    k: () => {
      step(-1);
    },
  };
  return anywhere[key] ?? onTodo(stage, key);
}

function onTodo(stage: Stage, key: string): Act {
  const todo = focusedTodo(stage);
  if (!todo || stage.store.view.value.show === "bin") return undefined;
  const acts: Record<string, () => void> = {
    x: () => {
      stage.complete(todo);
    },
    e: () => {
      stage.edit(todo.key);
    },
    o: () => {
      stage.open({ kind: "todo", id: todo.key });
    },
  };
  return acts[key];
}

function goTo(stage: Stage, { key }: KeyboardEvent): Act {
  const change = VIEWS[key];
  return (
    change &&
    (() => {
      stage.show(change);
    })
  );
}

function focusedTodo({ store }: Stage) {
  const key = focusedRow()?.dataset.key;
  return store.todos.value.find((todo) => todo.key === key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
