import { afterEach, expect, test } from "vitest";
import { changesOf, languageOf, type Person } from "./Profile.tsx";

const ann: Person = {
  id: "0198f5c6-0000-7000-8000-000000000000",
  email: "ann@example.org",
  display_name: "Ann",
  locale: "de-AT",
  timezone: "Europe/Vienna",
  verified_at: null,
  created_at: "2026-11-20T12:00:00Z",
  erase_at: null,
};
const shown = { display_name: "Ann", locale: "de", timezone: "Europe/Vienna" };

afterEach(() => {
  document.documentElement.lang = "en";
});

test("what is as it was is not sent, a region of the language neither", () => {
  expect(changesOf(ann, shown)).toEqual({});
});

test("each field is sent when it is different, without white space around it", () => {
  expect(changesOf(ann, { ...shown, display_name: " Bea " })).toEqual({ display_name: "Bea" });
  expect(changesOf(ann, { ...shown, locale: "es" })).toEqual({ locale: "es" });
  expect(changesOf(ann, { ...shown, timezone: "UTC " })).toEqual({ timezone: "UTC" });
});

test("an empty name clears it, and none stays none", () => {
  expect(changesOf(ann, { ...shown, display_name: " " })).toEqual({ display_name: null });
  expect(changesOf({ ...ann, display_name: null }, { ...shown, display_name: "" })).toEqual({});
});

test("who chose no language has that of the page, until they choose one", () => {
  document.documentElement.lang = "de";
  const unasked = { ...ann, locale: "en" };
  expect(languageOf(unasked)).toBe("de");
  expect(changesOf(unasked, shown)).toEqual({});
  expect(changesOf(unasked, { ...shown, locale: "en" })).toEqual({ locale: "en" });
});
