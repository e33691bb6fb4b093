import "../parts/token.ts"; // first: it takes the token out of the address bar
import { api, outcome } from "../api/client.ts";
import { remember } from "../parts/asked.ts";
import { Email } from "../parts/Email.tsx";
import { Form } from "../parts/Form.tsx";
import { Redeem } from "../parts/Redeem.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

async function resend({ email = "" }: Record<string, string>) {
  const asked = await outcome(api.POST("/api/v1/auth/verify-email/resend", { body: { email } }));
  if (!asked.ok) return asked.problem;
  remember({ email, why: "sign-up" });
  location.assign("/check-inbox");
  return undefined;
}

function Another() {
  return (
    <Form action="/api/v1/forms/resend-verification" submit={resend} button={words.links.verify.another}>
      <Email />
    </Form>
  );
}

function VerifyEmail() {
  return (
    <Redeem
      form="verify-email"
      path="/api/v1/auth/verify-email"
      texts={words.links.verify}
      next={
        <a class="go" href="/log-in">
          {words.links.logIn}
        </a>
      }
      instead={<Another />}
      aside={
        <details class="more">
          <summary>{words.links.verify.more}</summary>
          <Another />
        </details>
      }
    />
  );
}

export const screen: Screen = { title: () => words.links.verify.title, show: () => <VerifyEmail /> };

void open(screen);
