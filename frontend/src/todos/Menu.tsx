import { api, outcome } from "../api/client.ts";
import { Languages } from "../parts/Languages.tsx";
import { words } from "../words/index.ts";
import { useStage } from "./stage.ts";

async function logOut() {
  await outcome(api.POST("/api/v1/auth/logout", {}));
  location.replace("/log-in");
}

/** The way to the account, the shortcuts, other languages, and out. */
export function Menu() {
  const stage = useStage();
  return (
    <nav id="menu" class="menu" popover="auto" aria-label={words.todos.head.menu}>
      <a href="/account">{words.todos.head.account}</a>
      <button
        type="button"
        class="quiet"
        popovertarget="menu"
        popovertargetaction="hide"
        onClick={() => {
          stage.open({ kind: "help" });
        }}
      >
        {words.todos.head.help}
      </button>
      <Languages />
      <button type="button" class="quiet" onClick={logOut}>
        {words.todos.head.logOut}
      </button>
    </nav>
  );
}
