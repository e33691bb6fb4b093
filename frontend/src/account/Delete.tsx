import { api } from "../api/client.ts";
import { Form } from "../parts/Form.tsx";
import { Password } from "../parts/Password.tsx";
import { words } from "../words/index.ts";
import { asked } from "./asked.ts";
import { momentText } from "./moments.ts";
import { atPassword } from "./problems.ts";
import { Section } from "./Section.tsx";

interface DeleteProps {
  /** When the account goes, if that is settled. */
  eraseAt: string | null | undefined;
  /** It was asked for, and every session is over. */
  onAsked: () => void;
}

/** Leaving for good. */
export function Delete({ eraseAt, onAsked }: DeleteProps) {
  const text = words.account.deletion;

  async function request({ password = "" }: Record<string, string>) {
    const accepted = await asked(api.POST("/api/v1/me/deletion", { body: { password } }));
    if (!accepted.ok) return atPassword(accepted.problem, "password");
    onAsked();
    return undefined;
  }

  return (
    <Section id="delete" title={text.title} lead={text.lead}>
      {eraseAt ? (
        <p class="notice error">{text.leaving(momentText(eraseAt))}</p>
      ) : (
        <Form action="/account" submit={request} button={text.button} look="danger">
          <Password
            name="password"
            id="deletion-password"
            label={words.account.password}
            autocomplete="current-password"
          />
        </Form>
      )}
    </Section>
  );
}
