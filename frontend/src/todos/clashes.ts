import type { Change, Fields } from "./changes.ts";
import type { Clash } from "./types.ts";

/** Which of the touched fields somebody else has changed to something else meanwhile. */
export function clashesOf({ patch, seen }: Change, now: Fields): Record<string, Clash> {
  const isClash = (name: string) => !same(now[name], seen[name]) && !same(now[name], patch[name]);
  const names = Object.keys(patch).filter(isClash);
  return Object.fromEntries(names.map((name) => [name, { yours: patch[name], theirs: now[name] }]));
}

/** Whether two values of a field mean the same; a moment can be written in several ways. */
export function same(one: unknown, other: unknown): boolean {
  if (JSON.stringify(one) === JSON.stringify(other)) return true;
  const areMoments = [one, other].every((value) => typeof value === "string" && /^\d{4}-.*T/.test(value));
  return areMoments && Date.parse(one as string) === Date.parse(other as string);
}
