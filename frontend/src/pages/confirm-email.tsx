import "../parts/token.ts"; // first: it takes the token out of the address bar
import { Redeem } from "../parts/Redeem.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

function ConfirmEmail() {
  return (
    <Redeem
      form="confirm-email"
      path="/api/v1/me/email/confirm"
      texts={words.links.confirm}
      next={
        <a class="go" href="/">
          {words.links.home}
        </a>
      }
      instead={
        <>
          <p>{words.links.confirm.next}</p>
          <a class="go" href="/account#email">
            {words.links.confirm.account}
          </a>
        </>
      }
    />
  );
}

export const screen: Screen = { title: () => words.links.confirm.title, show: () => <ConfirmEmail /> };

void open(screen);
