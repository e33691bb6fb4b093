import { expect, test } from "vitest";
import { dayOf, meant, shown, told } from "./due.ts";

const NOW = new Date(2026, 10, 20, 12, 0);
const on = (due_date: string) => told({ due_date, due_at: null }, NOW);

test.each([
  ["2026-11-20", "Today", false],
  ["2026-11-21", "Tomorrow", false],
  ["2026-11-19", "Overdue: yesterday", true],
  ["2026-11-24", "Tuesday", false],
  ["2026-12-24", "Dec 24", false],
  ["2027-01-02", "Jan 2, 2027", false],
  ["2026-10-02", "Overdue: Oct 2", true],
])("%s is told as people do", (day, text, late) => {
  document.documentElement.lang = "en";
  expect(on(day)).toMatchObject({ text, late });
});

test("a moment of today is late once it is over", () => {
  const at = (hour: number) => ({ due_date: null, due_at: new Date(2026, 10, 20, hour, 30).toISOString() });
  expect(told(at(11), NOW)).toMatchObject({ late: true });
  expect(told(at(13), NOW)).toMatchObject({ late: false });
});

test("what is never due is not told", () => {
  expect(told({ due_date: null, due_at: null }, NOW)).toBeUndefined();
});

test("the fields of a form and the due date say the same", () => {
  for (const fields of [
    { day: "", time: "" },
    { day: "2026-03-29", time: "" },
    { day: "2026-03-29", time: "09:30" },
  ]) {
    expect(shown(meant(fields.day, fields.time))).toEqual(fields);
  }
});

test("the day of a moment is the one where one is", () => {
  expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
});
