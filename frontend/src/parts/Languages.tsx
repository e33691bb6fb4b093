import { choose, languages, words, type Language } from "../words/index.ts";

export const NAMES: Record<Language, string> = { en: "English", de: "Deutsch", es: "Español" };

/** A choice of the language. */
export function Languages() {
  return (
    <nav class="languages" aria-label={words.common.language}>
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          class="quiet"
          lang={language}
          onClick={() => {
            choose(language);
          }}
        >
          {NAMES[language]}
        </button>
      ))}
    </nav>
  );
}
