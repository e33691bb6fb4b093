import { hydrate, render, type JSX } from "preact";
import "../styles/base.css";
import { preferred, speak } from "../words/index.ts";

/** A page: what it shows, and its name in the browser's tab. */
export interface Screen {
  title: () => string;
  show: () => JSX.Element;
}

/** Take over what the page's HTML shows already; in another language than the HTML's, show it anew. */
export async function open(screen: Screen): Promise<void> {
  if (typeof document === "undefined") return; // only what the page starts with is wanted, for its HTML
  const language = preferred();
  await speak(language);
  const page = document.getElementById("page")!;
  if (language === document.documentElement.lang && page.firstChild) {
    hydrate(screen.show(), page);
  } else {
    document.documentElement.lang = language;
    page.replaceChildren();
    render(screen.show(), page);
  }
  document.title = `${screen.title()} – Todo`;
  document.documentElement.dataset.ready = "";
}
