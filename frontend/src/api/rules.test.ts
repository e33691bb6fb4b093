import { expect, test } from "vitest";
import { languages, speak, words } from "../words/index.ts";
import { inOurWords } from "./rules.ts";

const SAID = [
  "A password needs at least 12 characters.",
  "A password must not be the e-mail address or the name of this service, whatever is put around it.",
  "This password is among the most common ones, which are tried first.",
  "This password is known from a data leak, and such are tried first.",
  "A password can have at most 1024 bytes.",
  "This is not an e-mail address.",
];

test.each(languages)("in %s each rule has its own words", async (language) => {
  await speak(language);
  const ours = SAID.map(inOurWords);
  expect(new Set([...ours, ...SAID.slice(0, 5)]).size).toBe(SAID.length + 5);
  expect(ours[0]).toBe(words.entry.rules.short(12));
  expect(ours[4]).toBe(words.entry.rules.long(1024));
  await speak("en");
});

test("what is not known here is said as the service says it", () => {
  expect(inOurWords("Expected `str` of length <= 100")).toBe("Expected `str` of length <= 100");
});
