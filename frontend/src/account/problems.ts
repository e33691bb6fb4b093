import type { Problem } from "../api/problem.ts";
import { words } from "../words/index.ts";

/** The problem; if it is a wrong password, said at the field where that was typed. */
export function atPassword(problem: Problem, field: string): Problem {
  if (problem.slug !== "wrong-password") return problem;
  return { ...problem, fields: { [field]: words.account.wrongPassword } };
}
