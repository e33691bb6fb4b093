import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { Form } from "./Form.tsx";
import { Frame } from "./Frame.tsx";
import { Notice } from "./Notice.tsx";
import { token } from "./token.ts";
import { TokenField } from "./TokenField.tsx";
import { words } from "../words/index.ts";
import "../styles/links.css";

type State = "ready" | "done" | "dead" | "missing";

interface RedeemProps {
  /** The form's name without script. */
  form: "verify-email" | "confirm-email" | "undo-email-change" | "undo-deletion";
  /** What redeems the token. */
  path:
    | "/api/v1/auth/verify-email"
    | "/api/v1/me/email/confirm"
    | "/api/v1/auth/undo-email-change"
    | "/api/v1/auth/undo-deletion";
  texts: { title: string; lead: string; button: string; done: string };
  /** Where to go when it is done. */
  next: ComponentChildren;
  /** What one can do where the link does not work. */
  instead: ComponentChildren;
  /** The same, for who has not pressed the button yet. */
  aside?: ComponentChildren;
}

/** A page behind a mailed link. Opening it changes nothing, for programs open links, too: a press of the button does. */
export function Redeem({ form, path, texts, next, instead, aside }: RedeemProps) {
  const [state, setState] = useState<State>("ready");

  useEffect(() => {
    if (!token) setState("missing");
  }, []);

  async function redeem() {
    const asked = await outcome(api.POST(path, { body: { token } }));
    if (asked.ok) setState("done");
    else if (isDead(asked.problem)) setState("dead");
    else return asked.problem;
    return undefined;
  }

  return (
    <Frame title={texts.title}>
      {state === "ready" && (
        <>
          <Form action={`/api/v1/forms/${form}`} submit={redeem} button={texts.button}>
            <p>{texts.lead}</p>
            <TokenField />
          </Form>
          {aside}
        </>
      )}
      {state === "done" && (
        <Told kind="done" text={texts.done}>
          {next}
        </Told>
      )}
      {(state === "dead" || state === "missing") && (
        <Told kind="error" text={words.links[state]}>
          {instead}
        </Told>
      )}
    </Frame>
  );
}

/** Whether the link is to blame: it does not work, or is no link of ours at all. */
const isDead = ({ slug, fields }: Problem) => slug === "invalid-token" || "token" in fields;

function Told({
  kind,
  text,
  children,
}: {
  kind: "done" | "error";
  text: string;
  children: ComponentChildren;
}) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.querySelector<HTMLElement>(".notice")?.focus();
  }, []);
  return (
    <div ref={place}>
      <Notice kind={kind}>{text}</Notice>
      {children}
    </div>
  );
}
