import { hydrate, render, type JSX } from "preact";
import "../styles/base.css";
import { preferred, speak, whenChosen, type Language, type Part } from "../words/index.ts";

/** A page: what it shows, and its name in the browser's tab. */
export interface Screen {
  title: () => string;
  show: () => JSX.Element;
  /** The part of the words that it needs. */
  part?: Part;
}

/** Take over what the page's HTML shows already; in another language than the HTML's, show it anew. */
export async function open(screen: Screen): Promise<void> {
  if (typeof document === "undefined") return; // only what the page starts with is wanted, for its HTML
  const language = preferred();
  await speak(language, screen.part ?? "others");
  const page = document.getElementById("page")!;
  const show = (language: Language) => {
    document.documentElement.lang = language;
    document.title = `${screen.title()} – Todo`;
    render(screen.show(), page);
  };
  if (language === document.documentElement.lang && page.firstChild) {
    hydrate(screen.show(), page);
  } else {
    page.replaceChildren();
    show(language);
  }
  whenChosen(show);
  document.documentElement.dataset.ready = "";
}
