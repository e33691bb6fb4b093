import "../parts/token.ts"; // first: it takes the token out of the address bar
import { Redeem } from "../parts/Redeem.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

function UndoDeletion() {
  const logIn = (
    <a class="go" href="/log-in">
      {words.links.logIn}
    </a>
  );
  return (
    <Redeem
      form="undo-deletion"
      path="/api/v1/auth/undo-deletion"
      texts={words.links.undoDeletion}
      next={logIn}
      instead={
        <>
          <p>{words.links.undoDeletion.next}</p>
          {logIn}
        </>
      }
    />
  );
}

export const screen: Screen = { title: () => words.links.undoDeletion.title, show: () => <UndoDeletion /> };

void open(screen);
