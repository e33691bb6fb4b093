/** The rules that can be chosen by name; any other is kept as it is. */
export const choices = ["none", "DAILY", "WEEKDAYS", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Choice = (typeof choices)[number] | "other";

const RULES: Record<Exclude<Choice, "other" | "none">, string> = {
  DAILY: "FREQ=DAILY",
  WEEKDAYS: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
  WEEKLY: "FREQ=WEEKLY",
  MONTHLY: "FREQ=MONTHLY",
  YEARLY: "FREQ=YEARLY",
};
/** What the service adds to a rule: the day of the month that it starts on, and a time that the clocks skipped. */
const ADDED = /;BY(MONTHDAY=[1-9]\d?|HOUR=\d+|MINUTE=\d+)(?=;|$)/g;

/** The name of a rule. */
export function choiceOf(rule: string | null): Choice {
  if (!rule) return "none";
  const plain = rule.replace(ADDED, "");
  return choices.find((choice) => choice !== "none" && RULES[choice] === plain) ?? "other";
}

/** The rule of that name. */
export function ruleOf(choice: Exclude<Choice, "other">): string | null {
  return choice === "none" ? null : RULES[choice];
}
