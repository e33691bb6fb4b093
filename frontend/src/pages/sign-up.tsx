import { api, outcome } from "../api/client.ts";
import { remember } from "../parts/asked.ts";
import { Email, typedEmail } from "../parts/Email.tsx";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Frame } from "../parts/Frame.tsx";
import { Password } from "../parts/Password.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";
import "../styles/entry.css";

async function signUp({ email = "", password = "", display_name = "" }: Record<string, string>) {
  const body = { email, password, display_name: display_name.trim() || null };
  const asked = await outcome(api.POST("/api/v1/auth/register", { body }));
  if (!asked.ok) return asked.problem;
  remember({ email, why: "sign-up" });
  location.assign("/check-inbox");
  return undefined;
}

function SignUp() {
  return (
    <Frame title={words.entry.signUp.title}>
      <Form action="/api/v1/forms/sign-up" submit={signUp} button={words.entry.signUp.button}>
        <Email />
        <Password
          name="password"
          label={words.entry.password}
          autocomplete="new-password"
          judged={{ email: typedEmail }}
        />
        <Field name="display_name" label={words.entry.signUp.name} autocomplete="name" maxLength={100} />
      </Form>
      <p class="aside">
        {words.entry.signUp.known} <a href="/log-in">{words.entry.signUp.logIn}</a>
      </p>
    </Frame>
  );
}

export const screen: Screen = { title: () => words.entry.signUp.title, show: () => <SignUp /> };

void open(screen);
