import { todoRow } from "./focus.ts";
import type { Stage } from "./stage.ts";
import type { Todo } from "./types.ts";

const EDGE = 64; // pixels from where on the page scrolls along
const SCROLLED = 12; // pixels at a time

/** Follow the pointer with the row of a todo, and put it where it is let go; Escape leaves all as it was. */
export function drag(stage: Stage, todo: Todo, begin: PointerEvent): void {
  const row = todoRow(todo.key)!;
  const handle = begin.currentTarget as HTMLElement;
  const like = stage.like(todo);
  const from = like.findIndex(({ key }) => key === todo.key);
  const start = begin.clientY + scrollY;
  let y = begin.clientY;
  let to = from;
  const listening = new AbortController();

  const follow = () => {
    row.style.setProperty("--moved", `${y + scrollY - start}px`);
    to = placeAt(like, y, from);
    mark(like, from, to);
  };
  const end = (place: number) => {
    listening.abort();
    clearInterval(scrolling);
    row.classList.remove("dragged");
    row.style.removeProperty("--moved");
    mark(like, from, from);
    if (place !== from) stage.move(todo, place - from);
  };
  const scrolling = setInterval(() => {
    const by = y < EDGE ? -SCROLLED : y > innerHeight - EDGE ? SCROLLED : 0;
    if (by !== 0) {
      scrollBy(0, by);
      follow();
    }
  }, 16);

  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    heed: (event: HTMLElementEventMap[Name]) => void,
  ) => {
    handle.addEventListener(name, heed, { signal: listening.signal });
  };
  begin.preventDefault();
  handle.setPointerCapture(begin.pointerId);
  row.classList.add("dragged");
  listen("pointermove", (event) => {
    y = event.clientY;
    follow();
  });
  listen("pointerup", () => {
    end(to);
  });
  listen("pointercancel", () => {
    end(from);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") end(from);
    },
    { signal: listening.signal },
  );
}

/** The place that *y* is at: among the others, behind all whose middle is above it. */
function placeAt(like: readonly Todo[], y: number, from: number): number {
  const above = like.filter(({ key }, place) => {
    const box = place !== from && todoRow(key)?.getBoundingClientRect();
    return box && box.top + box.height / 2 < y;
  });
  return above.length;
}

function mark(like: readonly Todo[], from: number, to: number): void {
  like.forEach(({ key }, place) => {
    const row = todoRow(key)?.classList;
    row?.toggle("drop-before", to < from && place === to);
    row?.toggle("drop-after", to > from && place === to);
  });
}
