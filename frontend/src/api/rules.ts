import { words } from "../words/index.ts";

/** What the service says of addresses and passwords, which it says in English only, and how we put it. */
const SAID: [RegExp, (number: number) => string][] = [
  [/^A password needs at least (\d+) characters\.$/, (number) => words.entry.rules.short(number)],
  [/^A password must not be the e-mail address or the name /, () => words.entry.rules.named],
  [/^This password is among the most common ones/, () => words.entry.rules.common],
  [/^This password is known from a data leak/, () => words.entry.rules.leaked],
  [/^A password can have at most (\d+) bytes\.$/, (number) => words.entry.rules.long(number)],
  [/^This is not an e-mail address\.$/, () => words.entry.rules.email],
];

/** Put what the service says of a value into the reader's language; what is not known here stays as it is. */
export function inOurWords(detail: string): string {
  for (const [pattern, put] of SAID) {
    const found = pattern.exec(detail);
    if (found) return put(Number(found[1]));
  }
  return detail;
}
