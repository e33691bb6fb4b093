import { words } from "../words/index.ts";
import { download } from "./files.ts";
import { Told, useTold } from "./Told.tsx";

const TODOS = "/api/v1/todos/export?format=";

/** What is held, as files. */
export function Export({ onChange }: { onChange: () => void }) {
  const { told, tell, fail } = useTold();
  const text = words.account.data.export;

  async function take(path: string) {
    const got = await download(path);
    if (got.ok) tell(() => words.account.data.export.done(got.data));
    else fail(got.problem);
    onChange();
  }

  const file = (path: string, label: string) => (
    <li>
      <a
        class="button"
        href={path}
        download
        onClick={(event) => {
          event.preventDefault();
          void take(path);
        }}
      >
        {label}
      </a>
    </li>
  );
  return (
    <div class="part">
      <h3>{text.title}</h3>
      <p class="lead">{text.lead}</p>
      <ul class="actions">
        {file("/api/v1/me/export", text.everything)}
        {file(`${TODOS}json`, text.json)}
        {file(`${TODOS}csv`, text.csv)}
        {file(`${TODOS}ics`, text.ics)}
      </ul>
      <Told told={told} />
    </div>
  );
}
