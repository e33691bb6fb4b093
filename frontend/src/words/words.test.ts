import { expect, test } from "vitest";
import { languages, speak, words } from "./index.ts";

function texts(tree: object): unknown[] {
  return Object.values(tree).flatMap((value: unknown) =>
    typeof value === "object" && value !== null ? texts(value) : [value],
  );
}

test.each(languages)("in %s nothing is left empty", async (language) => {
  await speak(language);
  expect(texts(words).length).toBeGreaterThan(10);
  expect(texts(words).filter((text) => text === "")).toEqual([]);
});
