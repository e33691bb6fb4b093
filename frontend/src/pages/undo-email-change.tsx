import "../parts/token.ts"; // first: it takes the token out of the address bar
import { Redeem } from "../parts/Redeem.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

function UndoEmailChange() {
  const inbox = (
    <p class="aside">
      <a href="/check-inbox">{words.links.undoChange.inbox}</a>
    </p>
  );
  return (
    <Redeem
      form="undo-email-change"
      path="/api/v1/auth/undo-email-change"
      texts={words.links.undoChange}
      next={inbox}
      instead={
        <>
          <p>{words.links.undoChange.next}</p>
          {inbox}
        </>
      }
    />
  );
}

export const screen: Screen = { title: () => words.links.undoChange.title, show: () => <UndoEmailChange /> };

void open(screen);
