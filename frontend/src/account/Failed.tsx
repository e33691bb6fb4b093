import type { Problem } from "../api/problem.ts";
import { Notice } from "../parts/Notice.tsx";
import { words } from "../words/index.ts";

/** That something could not be loaded, and another try. */
export function Failed({ problem, again }: { problem: Problem; again: () => Promise<void> }) {
  return (
    <div class="failed">
      <Notice kind="error">{problem.text}</Notice>
      <button type="button" onClick={again}>
        {words.account.again}
      </button>
    </div>
  );
}
