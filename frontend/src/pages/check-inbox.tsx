import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, outcome } from "../api/client.ts";
import { remembered } from "../parts/asked.ts";
import { Email } from "../parts/Email.tsx";
import { Form } from "../parts/Form.tsx";
import { Frame } from "../parts/Frame.tsx";
import { Notice } from "../parts/Notice.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";
import "../styles/entry.css";

/** Where nobody knows why, a reset is asked for: who has an account that is not verified yet gets that mail instead. */
async function again(email: string) {
  const body = { email };
  return remembered()?.why === "sign-up"
    ? await outcome(api.POST("/api/v1/auth/verify-email/resend", { body }))
    : await outcome(api.POST("/api/v1/auth/password-reset", { body }));
}

function CheckInbox() {
  const [times, setTimes] = useState(0);
  const place = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    place.current?.querySelector<HTMLElement>("[role=status]")?.focus();
  }, [times]);

  async function send({ email = "" }: Record<string, string>) {
    const asked = await again(email);
    if (asked.ok) setTimes((times) => times + 1);
    return asked.ok ? undefined : asked.problem;
  }

  return (
    <Frame title={words.entry.inbox.title}>
      <p>{words.entry.inbox.lead}</p>
      <p class="soft">{words.entry.inbox.life}</p>
      <p class="soft">{words.entry.inbox.spam}</p>
      <div ref={place}>{times > 0 && <Notice kind="done">{words.entry.inbox.again}</Notice>}</div>
      <Form action="/api/v1/forms/forgot-password" submit={send} button={words.entry.inbox.button}>
        <Email />
      </Form>
      <p class="aside">
        <a href="/log-in">{words.entry.inbox.back}</a>
      </p>
    </Frame>
  );
}

export const screen: Screen = { title: () => words.entry.inbox.title, show: () => <CheckInbox /> };

void open(screen);
