import { useState } from "preact/hooks";
import { api } from "../api/client.ts";
import type { components } from "../api/schema.d.ts";
import { words } from "../words/index.ts";
import { asked, useAsked } from "./asked.ts";
import { deviceText } from "./device.ts";
import { Failed } from "./Failed.tsx";
import { momentText } from "./moments.ts";
import { Section } from "./Section.tsx";
import { Told, useTold } from "./Told.tsx";

type Session = components["schemas"]["SessionAnswer"];

/** So many have their place kept while they are loaded. */
const SHOWN = 2;

const list = () => asked(api.GET("/api/v1/me/sessions"));

/** Where one is logged in, and logging out there. */
export function Sessions({ stamp, onChange }: { stamp: number; onChange: () => void }) {
  const { result, load } = useAsked(list, stamp);
  const { told, tell, fail } = useTold();
  const [all, setAll] = useState(false);
  const text = words.account.sessions;
  const sessions = result?.ok ? thisFirst(result.data.items) : [];
  const shown = all ? sessions : sessions.slice(0, SHOWN);

  async function end({ id, user_agent }: Session) {
    const path = { session_id: id };
    const ended = await asked(api.DELETE("/api/v1/me/sessions/{session_id}", { params: { path } }));
    if (!ended.ok && ended.problem.slug !== "not-found") {
      fail(ended.problem);
      return;
    }
    tell(() => words.account.sessions.ended(deviceText(user_agent)));
    onChange();
  }

  async function endOthers() {
    const ended = await asked(api.DELETE("/api/v1/me/sessions"));
    if (!ended.ok) {
      fail(ended.problem);
      return;
    }
    tell(() => words.account.sessions.othersEnded);
    onChange();
  }

  return (
    <Section id="sessions" title={text.title} lead={text.lead}>
      <Told told={told} />
      {result && !result.ok && <Failed problem={result.problem} again={load} />}
      <ul class="rows sessions" aria-busy={!result}>
        {!result && <Waiting />}
        {shown.map((session) => (
          <Row key={session.id} session={session} end={end} />
        ))}
        {sessions.length === 1 && <li class="alone">{text.alone}</li>}
      </ul>
      <div class="actions">
        <button type="button" disabled={sessions.length < 2} onClick={endOthers}>
          {text.endOthers}
        </button>
        {sessions.length > shown.length && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setAll(true);
            }}
          >
            {text.all(sessions.length)}
          </button>
        )}
      </div>
    </Section>
  );
}

function Row({ session, end }: { session: Session; end: (session: Session) => Promise<void> }) {
  const text = words.account.sessions;
  const device = deviceText(session.user_agent);
  return (
    <li class="row">
      <div class="what">
        <strong title={session.user_agent ?? undefined}>{device}</strong>{" "}
        {session.current && <span class="badge">{text.current}</span>}
        <div class="hint">
          {[
            text.seen(momentText(session.last_seen_at)),
            text.since(momentText(session.created_at)),
            session.network && words.account.network(session.network),
          ]
            .filter(Boolean)
            .join(" · ")}
        </div>
      </div>
      {!session.current && (
        <button type="button" aria-label={text.endThis(device)} onClick={() => end(session)}>
          {text.end}
        </button>
      )}
    </li>
  );
}

function Waiting() {
  return (
    <li class="row waiting">
      <span class="sr">{words.account.loading}</span>
      <div class="what" aria-hidden="true">
        <span class="bone" />
        <span class="bone long" />
      </div>
    </li>
  );
}

function thisFirst(sessions: Session[]): Session[] {
  return [...sessions.filter(({ current }) => current), ...sessions.filter(({ current }) => !current)];
}
