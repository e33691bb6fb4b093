import { Account } from "../account/Account.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { WithoutScript } from "../parts/WithoutScript.tsx";
import { words } from "../words/index.ts";

function show() {
  return (
    <>
      <Account />
      <WithoutScript />
    </>
  );
}

export const screen: Screen = { title: () => words.account.title, show };

void open(screen);
