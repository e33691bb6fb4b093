import { words } from "../words/index.ts";
import type { Todo } from "./types.ts";

type Due = Pick<Todo, "due_date" | "due_at">;

const DAY = 86_400_000; // milliseconds

/** When something is due, for people; `text` says also that this is over, if it is `late`. */
export interface Told {
  when: string;
  text: string;
  late: boolean;
}

/** The day as the service writes it: 2026-12-31, where one is. */
export function dayOf(moment: Date): string {
  const part = (number: number, digits = 2) => String(number).padStart(digits, "0");
  return `${part(moment.getFullYear(), 4)}-${part(moment.getMonth() + 1)}-${part(moment.getDate())}`;
}

/** The time as a field shows it: 09:30. */
export function timeOf(moment: Date): string {
  return moment.toTimeString().slice(0, 5);
}

/** The day and the time that the fields of a form show for a due date. */
export function shown({ due_date, due_at }: Due): { day: string; time: string } {
  if (!due_at) return { day: due_date ?? "", time: "" };
  const moment = new Date(due_at);
  return { day: dayOf(moment), time: timeOf(moment) };
}

/** The due date that the fields of a form mean. */
export function meant(day: string, time: string): Due {
  if (!day) return { due_date: null, due_at: null };
  return time
    ? { due_date: null, due_at: new Date(`${day}T${time}`).toISOString() }
    : { due_date: day, due_at: null };
}

/** Say when a todo is due as people do: today, tomorrow, on Friday, on 3 December. */
export function told(todo: Due, now: Date): Told | undefined {
  const { day, time } = shown(todo);
  if (!day) return undefined;
  const away = Math.round((Date.parse(`${day}T00:00Z`) - Date.parse(`${dayOf(now)}T00:00Z`)) / DAY);
  const late = todo.due_at ? Date.parse(todo.due_at) < now.getTime() : away < 0;
  const clock =
    time && new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(new Date(todo.due_at!));
  const when = [near(away) ?? far(day, away, now), clock].filter(Boolean).join(", ");
  return { when: capital(when), text: late ? words.todos.row.overdue(when) : capital(when), late };
}

/** A day in full, and the time if it is wanted. */
export function inFull(moment: Date, withTime = false): string {
  return new Intl.DateTimeFormat(language(), {
    dateStyle: "long",
    ...(withTime && { timeStyle: "short" }),
  }).format(moment);
}

function near(away: number): string | undefined {
  if (Math.abs(away) > 1) return undefined;
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(away, "day");
}

function far(day: string, away: number, now: Date): string {
  const noon = new Date(`${day}T12:00`);
  if (away > 1 && away < 7) return new Intl.DateTimeFormat(language(), { weekday: "long" }).format(noon);
  const isThisYear = noon.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(language(), {
    day: "numeric",
    month: "short",
    ...(!isThisYear && { year: "numeric" }),
  }).format(noon);
}

/** The language that is spoken, as they write dates where the person is. */
function language(): string {
  const spoken = document.documentElement.lang;
  return navigator.languages.find((tag) => tag.startsWith(spoken)) ?? spoken;
}

const capital = (text: string) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);
