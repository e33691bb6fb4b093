import { words } from "../words/index.ts";

// In this order: each browser also says the names of those that come after it.
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/(Chrome|\bCriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];
const LONGEST_NAME = 40;

const named = (text: string, names: typeof PROGRAMS) => names.find(([pattern]) => pattern.test(text))?.[1];

/** What a session was opened with, by what the program says of itself, which may be anything. */
export function deviceText(userAgent: string | null): string {
  const program = named(userAgent ?? "", PROGRAMS) ?? userAgent?.split(/[/ ]/)[0]?.slice(0, LONGEST_NAME);
  const system = named(userAgent ?? "", SYSTEMS);
  if (!program) return words.account.sessions.unknown;
  return system ? words.account.sessions.on(program, system) : program;
}
