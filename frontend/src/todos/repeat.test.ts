import { expect, test } from "vitest";
import { choiceOf, choices, ruleOf } from "./repeat.ts";

test.each(choices)("%s is the name of its own rule", (choice) => {
  expect(choiceOf(ruleOf(choice))).toBe(choice);
});

test.each([
  ["FREQ=MONTHLY;BYMONTHDAY=31", "MONTHLY"],
  ["FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "DAILY"],
  ["FREQ=MONTHLY;BYMONTHDAY=-1", "other"],
  ["FREQ=WEEKLY;INTERVAL=2", "other"],
  ["FREQ=WEEKLY;BYDAY=MO", "other"],
])("%s is called %s", (rule, choice) => {
  expect(choiceOf(rule)).toBe(choice);
});
