import { api, outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { forget, remember } from "../parts/asked.ts";
import { Email, typedEmail } from "../parts/Email.tsx";
import { Form } from "../parts/Form.tsx";
import { Frame } from "../parts/Frame.tsx";
import { nextPlace } from "../parts/next.ts";
import { Password } from "../parts/Password.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";
import "../styles/entry.css";

async function logIn({ email = "", password = "" }: Record<string, string>) {
  const body = { email, password, session: "cookie" } as const;
  const asked = await outcome(api.POST("/api/v1/auth/login", { body }));
  if (!asked.ok) return { ...asked.problem, text: sentence(asked.problem) };
  forget();
  location.assign(nextPlace(location.search, location.origin));
  return undefined;
}

function sentence({ slug, text }: Problem): string {
  if (slug === "wrong-credentials") return words.entry.logIn.wrong;
  if (slug === "email-not-verified") return words.entry.logIn.unverified;
  return text;
}

function Help({ slug }: Problem) {
  if (slug === "wrong-credentials") {
    return (
      <>
        <a href="/forgot-password">{words.entry.logIn.choose}</a>.
      </>
    );
  }
  return slug === "email-not-verified" ? <Resend /> : null;
}

/** Whoever sees this knows the password, so asking tells nothing new. */
function Resend() {
  async function resend() {
    const email = typedEmail();
    if (!email) return;
    remember({ email, why: "sign-up" });
    await outcome(api.POST("/api/v1/auth/verify-email/resend", { body: { email } }));
    location.assign("/check-inbox");
  }
  return (
    <button type="button" class="again" onClick={resend}>
      {words.entry.logIn.resend}
    </button>
  );
}

function LogIn() {
  return (
    <Frame title={words.entry.logIn.title}>
      <Form action="/api/v1/forms/log-in" submit={logIn} button={words.entry.logIn.button} help={Help}>
        <Email autocomplete="username" />
        <Password name="password" label={words.entry.password} autocomplete="current-password" />
      </Form>
      <p class="aside">
        <a href="/forgot-password">{words.entry.logIn.forgot}</a>
      </p>
      <p class="aside">
        {words.entry.logIn.stranger} <a href="/sign-up">{words.entry.logIn.signUp}</a>
      </p>
    </Frame>
  );
}

export const screen: Screen = { title: () => words.entry.logIn.title, show: () => <LogIn /> };

void open(screen);
