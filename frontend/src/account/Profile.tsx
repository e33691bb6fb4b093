import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client.ts";
import type { components } from "../api/schema.d.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { NAMES } from "../parts/Languages.tsx";
import { choose, languages, words, type Language } from "../words/index.ts";
import { asked } from "./asked.ts";
import { Section } from "./Section.tsx";
import { Told, useTold } from "./Told.tsx";

export type Person = components["schemas"]["Profile"];
type Changes = components["schemas"]["ChangeProfileBody"];

/** What is different in the form from what it showed at first: nothing else is sent. */
export function changesOf(person: Person, values: Record<string, string>): Changes {
  const { display_name: name = "", locale = "", timezone = "" } = values;
  return {
    ...((name.trim() || null) !== person.display_name && { display_name: name.trim() || null }),
    ...(locale !== languageOf(person) && { locale }),
    ...(timezone.trim() !== person.timezone && { timezone: timezone.trim() }),
  };
}

/**
 * The language of the mails: of "de-AT" it is "de". Who never chose one is told to have "en", and has that of the
 * browser, which is the page's.
 */
export function languageOf({ locale }: Person): string {
  return locale === "en" ? document.documentElement.lang : locale.split("-")[0]!;
}

interface ProfileProps {
  person: Person | undefined;
  setPerson: (person: Person) => void;
}

/** What one is called, reads and lives by. */
export function Profile({ person, setPerson }: ProfileProps) {
  const { told, tell } = useTold();
  const text = words.account.profile;

  async function save(values: Record<string, string>) {
    const changes = changesOf(person!, values);
    if (Object.keys(changes).length === 0) {
      tell(() => words.account.profile.unchanged);
      return undefined;
    }
    const saved = await asked(api.PATCH("/api/v1/me", { body: changes }));
    if (!saved.ok) return inWords(saved.problem);
    setPerson(saved.data);
    if (changes.locale) choose(changes.locale as Language);
    tell(() => words.account.profile.saved);
    return undefined;
  }

  return (
    <Section id="profile" title={text.title}>
      <Told told={told} />
      <fieldset disabled={!person}>
        <Form key={person?.id} action="/account" submit={save} button={text.button}>
          <Field
            name="display_name"
            label={text.name}
            hint={text.nameHint}
            autocomplete="name"
            maxLength={100}
            defaultValue={person?.display_name ?? ""}
          />
          <div class="field">
            <label for="locale">{text.language}</label>
            <select id="locale" name="locale" aria-describedby="locale-hint">
              {languages.map((language) => (
                <option
                  key={language}
                  value={language}
                  lang={language}
                  selected={person && language === languageOf(person)}
                >
                  {NAMES[language]}
                </option>
              ))}
            </select>
            <div class="hint" id="locale-hint">
              {text.languageHint}
            </div>
          </div>
          <Field
            name="timezone"
            label={text.zone}
            hint={text.zoneHint}
            autocomplete="off"
            list="zones"
            maxLength={64}
            required
            defaultValue={person?.timezone ?? ""}
          />
          <Zones />
        </Form>
      </fieldset>
    </Section>
  );
}

/** The time zones to choose from; the one where this device is comes first. */
function Zones() {
  const [zones, setZones] = useState<string[]>([]);
  useEffect(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    setZones([...new Set([here, "UTC", ...Intl.supportedValuesOf("timeZone")])]);
  }, []);
  return (
    <datalist id="zones">
      {zones.map((zone, index) => (
        <option key={zone} value={zone} label={index === 0 ? words.account.profile.here : undefined} />
      ))}
    </datalist>
  );
}

/** The problem, with the page's own words for the zone: the list is here. */
function inWords<Problem extends { fields: Record<string, string> }>(problem: Problem): Problem {
  if (!problem.fields.timezone) return problem;
  return { ...problem, fields: { ...problem.fields, timezone: words.account.profile.zoneUnknown } };
}
