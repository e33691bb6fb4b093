import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { Notice } from "../parts/Notice.tsx";

interface Telling {
  kind: "done" | "error";
  /** In the language that is spoken by now. */
  text: () => string;
  /** How often something was told: the same may be told twice. */
  count: number;
}

/** What to tell in a section, and how to tell something else. */
export function useTold() {
  const [told, setTold] = useState<Telling>();
  const say = (kind: Telling["kind"]) => (text: Telling["text"]) => {
    setTold((before) => ({ kind, text, count: (before?.count ?? 0) + 1 }));
  };
  const fail = ({ text }: Problem) => {
    say("error")(() => text);
  };
  return { told, tell: say("done"), fail };
}

/** Tells it. The focus goes there: what was pressed may be gone. */
export function Told({ told }: { told: Telling | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (told) place.current?.querySelector<HTMLElement>("[tabindex]")?.focus();
  }, [told]);
  return (
    <div ref={place} class="telling">
      {told && (
        <Notice key={told.count} kind={told.kind}>
          {told.text()}
        </Notice>
      )}
    </div>
  );
}
