import { api, outcome } from "../api/client.ts";
import { remember } from "../parts/asked.ts";
import { Email } from "../parts/Email.tsx";
import { Form } from "../parts/Form.tsx";
import { Frame } from "../parts/Frame.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";
import "../styles/entry.css";

async function request({ email = "" }: Record<string, string>) {
  const asked = await outcome(api.POST("/api/v1/auth/password-reset", { body: { email } }));
  if (!asked.ok) return asked.problem;
  remember({ email, why: "reset" });
  location.assign("/check-inbox");
  return undefined;
}

function ForgotPassword() {
  return (
    <Frame title={words.entry.forgot.title}>
      <p>{words.entry.forgot.lead}</p>
      <Form action="/api/v1/forms/forgot-password" submit={request} button={words.entry.forgot.button}>
        <Email />
      </Form>
      <p class="aside">
        <a href="/log-in">{words.entry.forgot.back}</a>
      </p>
    </Frame>
  );
}

export const screen: Screen = { title: () => words.entry.forgot.title, show: () => <ForgotPassword /> };

void open(screen);
