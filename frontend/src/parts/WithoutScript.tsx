import { words } from "../words/index.ts";
import "../styles/frame.css";
import "../styles/without-script.css";

/** What stands in the place of a screen that is nothing without script: what one can do. */
export function WithoutScript() {
  if (!import.meta.env.SSR) return <noscript />; // who runs this has script: it stands in the page's HTML only
  return (
    <noscript>
      <header class="frame-head">
        <span class="brand">{words.common.product}</span>
      </header>
      <main class="card">
        <h1>{words.links.withoutScript.title}</h1>
        <p>{words.links.withoutScript.lead}</p>
        <ul>
          <li>{words.links.withoutScript.terminal}</li>
          <li>
            {words.links.withoutScript.programs} <code>/api/v1/openapi.json</code>.
          </li>
        </ul>
        <form method="post" action="/api/v1/forms/log-out">
          <button class="primary">{words.links.withoutScript.logOut}</button>
        </form>
        <p class="aside">
          <a href="/log-in">{words.links.logIn}</a>
        </p>
      </main>
    </noscript>
  );
}
