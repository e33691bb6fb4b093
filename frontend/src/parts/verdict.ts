import { useEffect, useRef, useState } from "preact/hooks";
import { api, outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { inOurWords } from "../api/rules.ts";
import { words } from "../words/index.ts";

const PAUSE = 400; // milliseconds without a key
const WORTH_ASKING = 8; // characters: no operator allows fewer

export interface Verdict {
  acceptable: boolean;
  text: string;
}

/** For whom a password is judged. */
export interface Judging {
  /** For that address, once it is one. */
  email?: () => string | undefined;
  /** Or for the reader of that link. */
  token?: string;
  /** Hear that the link does not work any more. */
  onDeadLink?: () => void;
}

/** What the service says of a password, by its own rules, asked when the typing pauses. */
export function useVerdict(judging: Judging | undefined) {
  const [verdict, setVerdict] = useState<Verdict>();
  const askingRef = useRef<AbortController>(undefined);
  const quietUntilRef = useRef(0);

  useEffect(() => () => askingRef.current?.abort(), []);

  function judge(password: string) {
    if (!judging) return;
    askingRef.current?.abort();
    if (password.length < WORTH_ASKING) {
      setVerdict(undefined);
      return;
    }
    const asking = new AbortController();
    askingRef.current = asking;
    setTimeout(() => {
      if (asking.signal.aborted) return;
      if (Date.now() < quietUntilRef.current) setVerdict(undefined);
      else void ask(password, judging, asking.signal);
    }, PAUSE);
  }

  async function ask(password: string, { email, token, onDeadLink }: Judging, signal: AbortSignal) {
    const body = { password, email: email?.() ?? null, token: token ?? null };
    const asked = await outcome(api.POST("/api/v1/auth/password-check", { body, signal }));
    if (signal.aborted) return;
    setVerdict(asked.ok ? judged(asked.data) : refused(asked.problem));
    if (asked.ok) return;
    quietUntilRef.current = Date.now() + (asked.problem.retryAfter ?? 0) * 1000;
    if (asked.problem.slug === "invalid-token") onDeadLink?.();
  }

  return { verdict, judge };
}

const judged = ({ acceptable, detail }: { acceptable: boolean; detail: string | null }): Verdict => ({
  acceptable,
  text: detail === null ? words.entry.passwordGood : inOurWords(detail),
});

/** The service judges again when the password is sent: to be without a verdict until then does no harm. */
const refused = ({ fields }: Problem): Verdict | undefined =>
  fields.password ? { acceptable: false, text: inOurWords(fields.password) } : undefined;
