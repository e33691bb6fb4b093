import type { Words } from "./en/index.ts";

export const languages = ["en", "de", "es"] as const;
export type Language = (typeof languages)[number];

const TASTE = "language";
const files = {
  en: () => import("./en/index.ts"),
  de: () => import("./de/index.ts"),
  es: () => import("./es/index.ts"),
};

/** All texts, in the language that is spoken; set before anything is shown. */
export let words: Words;

/** Load the texts of a language and speak it from now on. */
export async function speak(language: Language): Promise<void> {
  words = (await files[language]()).default;
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

/** Speak another language from now on; the page is loaded anew. */
export function choose(language: Language): void {
  try {
    localStorage.setItem(TASTE, language);
  } catch {
    // Storage can be forbidden: the choice then lasts as long as the page.
  }
  location.reload();
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
