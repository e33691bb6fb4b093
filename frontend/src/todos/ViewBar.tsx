import { words } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { sorts } from "./remembered.ts";
import { useStage } from "./stage.ts";
import type { Sort } from "./types.ts";

const SHOWS = ["open", "done", "bin"] as const;

/** What is shown, and its choices: open, done or in the bin; its order; and what it is filtered by. */
export function ViewBar() {
  const stage = useStage();
  const { show, sort } = stage.store.view.value;
  return (
    <div class="view-bar">
      <h1>{useName()}</h1>
      <div class="sorts">
        <label class="sr" for="sort">
          {words.todos.sort.label}
        </label>
        <select
          id="sort"
          value={sort}
          onChange={(event) => {
            stage.show({ sort: event.currentTarget.value as Sort });
          }}
        >
          {sorts.map((one) => (
            <option key={one} value={one}>
              {words.todos.sort[one]}
            </option>
          ))}
        </select>
      </div>
      <div class="shows" role="group" aria-label={words.todos.show.label}>
        {SHOWS.map((one) => (
          <button
            key={one}
            type="button"
            class="quiet"
            aria-pressed={one === show}
            onClick={() => {
              stage.show({ show: one });
            }}
          >
            {words.todos.show[one]}
          </button>
        ))}
      </div>
      <Filters />
    </div>
  );
}

function useName(): string {
  const stage = useStage();
  const { list } = stage.store.view.value;
  if (list === "all") return words.todos.side.all;
  if (list === null) return words.todos.side.inbox;
  return stage.list?.name ?? "\u00A0";
}

function Filters() {
  const stage = useStage();
  const { tag, q } = stage.store.view.value;
  if (!tag && !q) return null;
  return (
    <ul class="filters">
      {tag && (
        <Filter
          text={words.todos.filter.tag(tag)}
          off={() => {
            stage.show({ tag: undefined });
          }}
        />
      )}
      {q && (
        <Filter
          text={words.todos.filter.search(q)}
          off={() => {
            stage.show({ q: undefined });
          }}
        />
      )}
    </ul>
  );
}

function Filter({ text, off }: { text: string; off: () => void }) {
  return (
    <li>
      <button type="button" onClick={off}>
        {text}
        <Icon name="close" />
        <span class="sr">{words.todos.filter.off}</span>
      </button>
    </li>
  );
}
