import { token } from "../parts/token.ts"; // first: it takes the token out of the address bar
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { remember } from "../parts/asked.ts";
import { Email } from "../parts/Email.tsx";
import { Form } from "../parts/Form.tsx";
import { Frame } from "../parts/Frame.tsx";
import { Notice } from "../parts/Notice.tsx";
import { Password } from "../parts/Password.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { TimeLeft } from "../parts/TimeLeft.tsx";
import { TokenField } from "../parts/TokenField.tsx";
import { words } from "../words/index.ts";
import "../styles/entry.css";

type State = "live" | "dead" | "done";

/** Whether the link is to blame: it does not work, or is no link of ours at all. */
const isDead = ({ slug, fields }: Problem) => slug === "invalid-token" || "token" in fields;

function ResetPassword() {
  const [state, setState] = useState<State>("live"); // until more is known, so that nobody has to wait
  const [seconds, setSeconds] = useState<number>();
  const dies = () => {
    setState("dead");
  };

  useEffect(() => {
    void check();
    async function check() {
      if (!token) {
        setState("dead");
        return;
      }
      const asked = await outcome(api.POST("/api/v1/auth/password-reset/check", { body: { token } }));
      if (asked.ok) setSeconds(secondsLeft(asked.data.expires_at, asked.response));
      else if (isDead(asked.problem)) setState("dead");
    }
  }, []);

  async function set({ new_password = "" }: Record<string, string>) {
    const body = { token, new_password };
    const asked = await outcome(api.POST("/api/v1/auth/password-reset/confirm", { body }));
    if (asked.ok) setState("done");
    else if (isDead(asked.problem)) setState("dead");
    else return asked.problem;
    return undefined;
  }

  return (
    <Frame title={words.entry.reset.title}>
      {state === "live" && (
        <>
          <TimeLeft seconds={seconds} onEnd={dies} />
          <Form action="/api/v1/forms/reset-password" submit={set} button={words.entry.reset.button}>
            <TokenField />
            <Password
              name="new_password"
              label={words.entry.newPassword}
              autocomplete="new-password"
              judged={{ token, onDeadLink: dies }}
            />
          </Form>
        </>
      )}
      {state === "dead" && <AnotherLink />}
      {state === "done" && <Done />}
    </Frame>
  );
}

/** By the service's own clock, for the one here may be wrong. */
function secondsLeft(expiresAt: string, answer: Response): number {
  const now = Date.parse(answer.headers.get("date") ?? "") || Date.now();
  return Math.max(0, Math.round((Date.parse(expiresAt) - now) / 1000));
}

async function request({ email = "" }: Record<string, string>) {
  const asked = await outcome(api.POST("/api/v1/auth/password-reset", { body: { email } }));
  if (!asked.ok) return asked.problem;
  remember({ email, why: "reset" });
  location.assign("/check-inbox");
  return undefined;
}

function AnotherLink() {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.querySelector("input")?.focus();
  }, []);
  return (
    <div ref={place}>
      <Notice kind="error">{words.entry.reset.dead}</Notice>
      <Form action="/api/v1/forms/forgot-password" submit={request} button={words.entry.reset.another}>
        <Email />
      </Form>
    </div>
  );
}

function Done() {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.querySelector<HTMLElement>("[role=status]")?.focus();
  }, []);
  return (
    <div ref={place}>
      <Notice kind="done">{words.entry.reset.done}</Notice>
      <a class="go" href="/log-in">
        {words.entry.reset.logIn}
      </a>
    </div>
  );
}

export const screen: Screen = { title: () => words.entry.reset.title, show: () => <ResetPassword /> };

void open(screen);
