import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client.ts";
import { Form } from "../parts/Form.tsx";
import { Password } from "../parts/Password.tsx";
import { words } from "../words/index.ts";
import { asked } from "./asked.ts";
import { atPassword } from "./problems.ts";
import type { Person } from "./Profile.tsx";
import { Section } from "./Section.tsx";
import { Told, useTold } from "./Told.tsx";

const HERE = "#password";

/** Another password: who knows the present one may choose it. Password managers lead here. */
export function ChangePassword({ person, onChange }: { person: Person | undefined; onChange: () => void }) {
  const { told, tell } = useTold();
  const place = useRef<HTMLDivElement>(null);
  const text = words.account.change;

  useEffect(() => {
    const enter = () => {
      if (location.hash === HERE) place.current?.querySelector<HTMLElement>("input:not([hidden])")?.focus();
    };
    enter();
    addEventListener("hashchange", enter);
    return () => {
      removeEventListener("hashchange", enter);
    };
  }, []);

  async function change({ current_password = "", new_password = "" }: Record<string, string>) {
    const changed = await asked(
      api.POST("/api/v1/me/password", { body: { current_password, new_password } }),
    );
    if (!changed.ok) return atPassword(changed.problem, "current_password");
    tell(() => words.account.change.done);
    onChange();
    return undefined;
  }

  return (
    <Section id="password" title={text.title} lead={text.lead}>
      <Told told={told} />
      <div ref={place}>
        <Form key={told?.count} action="/account" submit={change} button={text.button}>
          <input type="text" hidden readOnly autocomplete="username" value={person?.email ?? ""} />
          <Password name="current_password" label={text.current} autocomplete="current-password" />
          <Password
            name="new_password"
            label={text.fresh}
            autocomplete="new-password"
            judged={{ email: () => person?.email }}
          />
        </Form>
      </div>
    </Section>
  );
}
