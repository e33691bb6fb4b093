import { useLayoutEffect } from "preact/hooks";
import { api } from "../api/client.ts";
import { Frame } from "../parts/Frame.tsx";
import { words } from "../words/index.ts";
import { asked } from "./asked.ts";
import { momentText } from "./moments.ts";
import { Told, useTold } from "./Told.tsx";

const DAY = 24 * 60 * 60 * 1000;

/** Stays in sight while the account is to be erased. */
export function Leaving({ eraseAt, onKept }: { eraseAt: string; onKept: () => void }) {
  const { told, fail } = useTold();

  async function keep() {
    const kept = await asked(api.DELETE("/api/v1/me/deletion"));
    if (kept.ok) onKept();
    else fail(kept.problem);
  }

  return (
    <aside class="leaving" aria-label={words.account.deletion.title}>
      <p>{words.account.deletion.leaving(momentText(eraseAt))}</p>
      <button type="button" class="primary" onClick={keep}>
        {words.account.deletion.keep}
      </button>
      <Told told={told} />
    </aside>
  );
}

/** What stands in the page's place once the erasure was asked for, and nobody is logged in any more. */
export function Left({ at }: { at: Date }) {
  const text = words.account.deletion;
  useLayoutEffect(() => {
    document.getElementById("content")?.focus();
  }, []);
  return (
    <Frame title={text.asked}>
      <p>{text.until(momentText(new Date(at.getTime() + DAY)))}</p>
      <p>
        <a class="button" href="/log-in?next=/account">
          {text.logIn}
        </a>
      </p>
    </Frame>
  );
}
