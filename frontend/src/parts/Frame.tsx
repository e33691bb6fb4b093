import type { ComponentChildren } from "preact";
import { Languages } from "./Languages.tsx";
import { words } from "../words/index.ts";
import "../styles/frame.css";

/** What stands around the screens of somebody who is not logged in. */
export function Frame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">
        {words.common.skip}
      </a>
      <header class="frame-head">
        <a class="brand" href="/">
          {words.common.product}
        </a>
      </header>
      <main id="content" class="card" tabIndex={-1}>
        <h1>{title}</h1>
        {children}
      </main>
      <footer class="frame-foot">
        <Languages />
      </footer>
    </>
  );
}
