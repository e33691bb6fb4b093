// Where a thing stands in an order made by hand: a fraction between 0 and 1 in base 62, without its leading point, as
// the service has it (D. Greenspan, "Implementing Fractional Indexing", 2020).

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const MOMENT_DIGITS = 9;
const MIDDLE = "V";

/** A position behind *before* and in front of *after*; undefined stands for the ends of the order. */
export function between(before = "", after?: string): string {
  let shared = 0;
  while (after !== undefined && shared < after.length && digit(before, shared) === digit(after, shared))
    shared++;
  if (shared && after !== undefined) {
    return after.slice(0, shared) + between(before.slice(shared), after.slice(shared));
  }
  const first = digit(before, 0);
  const last = after === undefined ? BASE : digit(after, 0);
  if (last - first > 1) return DIGITS.charAt((first + last) >> 1);
  if (after !== undefined && after.length > 1) return after.charAt(0);
  return DIGITS.charAt(first) + between(before.slice(1));
}

/** A position right behind this one: hardly anything stands between. */
export const closeBehind = (position: string): string => position + MIDDLE;

/** Where the service puts what is added at this moment: behind all that was added before. */
export function positionAt(milliseconds: number): string {
  let digits = "";
  for (let rest = milliseconds * 1000; digits.length < MOMENT_DIGITS; rest = Math.floor(rest / BASE)) {
    digits = DIGITS.charAt(rest % BASE) + digits;
  }
  return digits + MIDDLE;
}

interface Placed {
  key: string;
  position: string;
}

/** Where *moved* gets before or behind *target*, one of its *like*, which are in order; maybe *more* come after them. */
export function placed(
  like: readonly Placed[],
  moved: Placed,
  target: Placed | undefined,
  isBefore: boolean,
  hasMore = false,
): string | undefined {
  const rest = like.filter(({ key }) => key !== moved.key);
  const index = rest.findIndex(({ key }) => key === target?.key);
  if (index < 0) return undefined;
  const place = isBefore ? index : index + 1;
  const low = rest[place - 1]?.position;
  // Several can share a position; then it gets behind all of them.
  const high = rest.slice(place).find(({ position }) => low === undefined || position > low)?.position;
  if (high !== undefined || low === undefined) return between(low, high);
  if (hasMore) return closeBehind(low);
  // What is added from now on comes behind it.
  const now = positionAt(Date.now());
  return now > low ? now : between(low);
}

const digit = (text: string, index: number) => (index < text.length ? DIGITS.indexOf(text.charAt(index)) : 0);
