import { useRef, useState } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { words } from "../words/index.ts";
import { bringIn, faultsOf, LARGEST, tryFile, type Found } from "./files.ts";
import { Told, useTold } from "./Told.tsx";

/** Faults of a file that are told. */
const TOLD = 5;

interface Looked {
  file: File;
  found: Found;
  /** So that the file comes once, however often it is sent. */
  key: string;
}

/** Todos out of a file: first what would come, then they come. */
export function Import() {
  const { told, tell } = useTold();
  const [looked, setLooked] = useState<Looked>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const text = words.account.data.import;

  function reset() {
    setLooked(undefined);
    setProblem(undefined);
    form.current?.reset(); // so that the same file can be chosen again
  }

  function refuse(problem: Problem) {
    reset();
    setProblem(problem);
  }

  async function look(file: File | undefined) {
    setLooked(undefined);
    setProblem(undefined);
    if (!file || busy) return;
    if (file.size > LARGEST) {
      refuse({ slug: "too-large", status: 413, text: text.tooLarge, fields: {} });
      return;
    }
    setBusy(true);
    const tried = await tryFile(file);
    setBusy(false);
    if (!tried.ok) refuse(tried.problem);
    else setLooked({ file, found: tried.data, key: crypto.randomUUID() });
  }

  async function bring({ file, key }: Looked) {
    setBusy(true);
    const brought = await bringIn(file, key);
    setBusy(false);
    if (!brought.ok) {
      setProblem(brought.problem);
      return;
    }
    reset();
    tell(() => words.account.data.import.done(brought.data.todos));
  }

  return (
    <div class="part">
      <h3>{text.title}</h3>
      <p class="lead">{text.lead}</p>
      <form
        ref={form}
        method="post"
        action="/account"
        onSubmit={(event) => {
          event.preventDefault();
          if (looked && !busy) void bring(looked);
        }}
      >
        <div class="field">
          <label for="file">{text.file}</label>
          <input
            ref={field}
            id="file"
            type="file"
            accept=".json,.csv,application/json,text/csv"
            aria-invalid={Boolean(problem)}
            aria-describedby="file-told"
            onChange={(event) => look(event.currentTarget.files?.[0])}
          />
          <div id="file-told" aria-live="polite">
            {busy && <p class="hint">{text.looking}</p>}
            {problem && <Faults problem={problem} />}
            {looked && <p class="found">{found(looked.found)}</p>}
          </div>
        </div>
        {looked && (
          <div class="actions">
            {looked.found.todos + looked.found.lists > 0 && (
              <button class="primary" disabled={busy}>
                {text.button}
              </button>
            )}
            <button
              type="button"
              onClick={() => {
                reset();
                field.current?.focus();
              }}
            >
              {text.cancel}
            </button>
          </div>
        )}
      </form>
      <Told told={told} />
    </div>
  );
}

function found({ todos, lists }: Found): string {
  const text = words.account.data.import;
  return todos + lists === 0 ? text.nothing : text.found(todos, lists);
}

function Faults({ problem }: { problem: Problem }) {
  const text = words.account.data.import;
  const faults = faultsOf(problem);
  if (faults.length === 0) return <p class="fault">{sentence(problem)}</p>;
  return (
    <div class="fault">
      <p>{text.faults}</p>
      <ul>
        {faults.slice(0, TOLD).map(([place, detail]) => (
          <li key={place}>
            <code>{placeText(place, detail)}</code> {detail}
          </li>
        ))}
      </ul>
      {faults.length > TOLD && <p>{text.moreFaults(faults.length - TOLD)}</p>}
    </div>
  );
}

/** Where it stands: of a CSV the detail says the line, and the column is enough. */
function placeText(place: string, detail: string): string | undefined {
  return detail.startsWith("Line ") ? place.split("/").at(-1) : place;
}

function sentence({ slug, text }: Problem): string {
  const { noFile, tooLarge } = words.account.data.import;
  return { "malformed-json": noFile, "too-large": tooLarge }[slug] ?? text;
}
