import type { Words } from "./en/index.ts";

export const languages = ["en", "de", "es"] as const;
export type Language = (typeof languages)[number];

const TASTE = "language";
/** The files of texts: those of the todos' screen are for themselves, so that nobody loads what is not said. */
const files = {
  en: { todos: () => import("./en/of-todos.ts"), others: () => import("./en/index.ts") },
  de: { todos: () => import("./de/of-todos.ts"), others: () => import("./de/index.ts") },
  es: { todos: () => import("./es/of-todos.ts"), others: () => import("./es/index.ts") },
};
const PARTS = ["others", "todos"] as const;
export type Part = (typeof PARTS)[number];

/** All texts, in the language that is spoken; set before anything is shown. A page has those of its part only. */
export let words: Words;

let parts: readonly Part[] = PARTS;

/** Load the texts of a language and speak it from now on; of the part that the page needs, or of that said before. */
export async function speak(language: Language, part?: Part): Promise<void> {
  if (part) parts = [part];
  const loaded = await Promise.all(parts.map(async (one) => (await files[language][one]()).default));
  words = Object.assign({}, ...loaded) as Words;
}

/** The language to speak: the one chosen here before, or the browser's first that there is, or the page's own. */
export function preferred(): Language {
  const wished = [
    remembered(),
    ...navigator.languages.map((tag) => tag.split("-")[0]),
    document.documentElement.lang,
  ];
  return languages.find((language) => language === wished.find(isLanguage)) ?? "en";
}

let show: (language: Language) => void = () => {
  location.reload();
};

/** Say how the page is shown in another language: what was typed stays, and so does a link's token. */
export function whenChosen(action: (language: Language) => void): void {
  show = action;
}

/** Speak another language from now on. */
export function choose(language: Language): void {
  try {
    localStorage.setItem(TASTE, language);
  } catch {
    // Storage can be forbidden: the choice then lasts as long as the page.
  }
  speak(language).then(
    () => {
      show(language);
    },
    () => {
      // Its words cannot be had now: the page goes on as it was.
    },
  );
}

function remembered(): string | null {
  try {
    return localStorage.getItem(TASTE);
  } catch {
    return null;
  }
}

function isLanguage(tag: string | null | undefined): tag is Language {
  return languages.some((language) => language === tag);
}
