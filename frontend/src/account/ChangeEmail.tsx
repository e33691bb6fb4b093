import { api } from "../api/client.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Password } from "../parts/Password.tsx";
import { words } from "../words/index.ts";
import { asked } from "./asked.ts";
import { atPassword } from "./problems.ts";
import type { Person } from "./Profile.tsx";
import { Section } from "./Section.tsx";
import { Told, useTold } from "./Told.tsx";

/** Another address; whether somebody has it already, nobody is told here. */
export function ChangeEmail({ person, onChange }: { person: Person | undefined; onChange: () => void }) {
  const { told, tell } = useTold();
  const text = words.account.email;

  async function change({ new_email = "", password = "" }: Record<string, string>) {
    const accepted = await asked(api.POST("/api/v1/me/email", { body: { new_email, password } }));
    if (!accepted.ok) return atPassword(accepted.problem, "password");
    tell(() => words.account.email.done(new_email));
    onChange();
    return undefined;
  }

  return (
    <Section id="email" title={text.title} lead={text.lead}>
      <Told told={told} />
      <p class="present">
        {text.now}
        <strong>{person?.email ?? "…"}</strong>
      </p>
      <Form key={told?.count} action="/account" submit={change} button={text.button}>
        <Field
          name="new_email"
          label={text.fresh}
          type="email"
          autocomplete="email"
          maxLength={254}
          required
        />
        <Password
          name="password"
          id="email-password"
          label={words.account.password}
          autocomplete="current-password"
        />
      </Form>
    </Section>
  );
}
