import { expect, test } from "vitest";
import { nextPlace } from "./next.ts";

const HERE = "https://todo.example";

test.each([
  ["", "/"],
  ["?next=", "/"],
  ["?next=/account", "/account"],
  ["?next=%2Faccount%23password", "/account#password"],
  ["?next=/%3Flist=3", "/?list=3"],
])("%s leads to a place of ours", (search, place) => {
  expect(nextPlace(search, HERE)).toBe(HERE + place);
});

test.each([
  "//elsewhere.example",
  "///elsewhere.example",
  "/\\elsewhere.example",
  "\\\\elsewhere.example",
  "/\t/elsewhere.example",
  "\t//elsewhere.example",
  "/\n/elsewhere.example",
  "https://elsewhere.example",
  "https:elsewhere.example",
  "javascript:alert(1)",
  "data:text/html,hello",
  "account",
  "@elsewhere.example",
  "/\u0000\\elsewhere.example",
])("%j leads nowhere else", (next) => {
  expect(nextPlace(`?next=${encodeURIComponent(next)}`, HERE)).toBe(`${HERE}/`);
});

test.each(["/.//elsewhere.example", "/a/..//elsewhere.example", "/%2F/elsewhere.example"])(
  "%j stays here",
  (next) => {
    expect(new URL(nextPlace(`?next=${encodeURIComponent(next)}`, HERE), HERE).origin).toBe(HERE);
  },
);
