import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client.ts";
import type { components } from "../api/schema.d.ts";
import { words } from "../words/index.ts";
import { asked, useAsked } from "./asked.ts";
import { Failed } from "./Failed.tsx";
import { momentText } from "./moments.ts";
import { Section } from "./Section.tsx";
import { Told, useTold } from "./Told.tsx";

type Event = components["schemas"]["EventAnswer"];

/** So many have their place kept while they are loaded. */
const FIRST = 5;
const MORE = 20;

const page = (query: { limit: number; cursor?: string }) =>
  asked(api.GET("/api/v1/me/events", { params: { query } }));
const newest = () => page({ limit: FIRST });

/** What happened to the account, newest first. */
export function Events({ stamp }: { stamp: number }) {
  const { result, setResult, load } = useAsked(newest, stamp);
  const { told, fail } = useTold();
  const [reached, setReached] = useState(0);
  const rows = useRef<HTMLUListElement>(null);
  const text = words.account.events;
  const { items, next_cursor: cursor } = result?.ok ? result.data : { items: [], next_cursor: null };

  useLayoutEffect(() => {
    if (reached) (rows.current?.children[reached] as HTMLElement | undefined)?.focus();
  }, [reached]);

  async function more(cursor: string) {
    const following = await page({ limit: MORE, cursor });
    if (!following.ok) {
      fail(following.problem);
      return;
    }
    setResult({ ...following, data: { ...following.data, items: [...items, ...following.data.items] } });
    setReached(items.length);
  }

  return (
    <Section id="events" title={text.title} lead={text.lead}>
      {result && !result.ok && <Failed problem={result.problem} again={load} />}
      <ul ref={rows} class="rows events" aria-busy={!result}>
        {!result && <Waiting />}
        {items.map((event) => (
          <Row key={event.id} event={event} />
        ))}
        {result?.ok && !cursor && <li class="alone">{text.noMore}</li>}
      </ul>
      <Told told={told} />
      <div class="actions">
        {cursor && (
          <button type="button" onClick={() => more(cursor)}>
            {text.more}
          </button>
        )}
      </div>
    </Section>
  );
}

function Row({ event: { kind, at, network } }: { event: Event }) {
  return (
    <li class="row" tabIndex={-1}>
      <span class="what">{words.account.events.kinds[kind]}</span>
      <span class="hint">
        <time dateTime={at}>{momentText(at)}</time>
        {network && ` · ${words.account.network(network)}`}
      </span>
    </li>
  );
}

function Waiting() {
  return (
    <li class="row waiting">
      <span class="sr">{words.account.loading}</span>
      <span class="bone" aria-hidden="true" />
      <span class="bone long" aria-hidden="true" />
    </li>
  );
}
