import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { Row } from "./Row.tsx";
import { useStage } from "./stage.ts";

const WAITING_ROWS = 7;
const PATIENCE = 2_000; // milliseconds

/** The todos of the view, or why there are none. */
export function TodoList() {
  const stage = useStage();
  const { todos, loading, hasMore, view } = stage.store;
  const isIncomplete = useListsMissing();
  if ((loading.value && todos.value.length === 0) || isIncomplete) return <Waiting />;
  if (todos.value.length === 0) return <Empty />;
  const { sort, show, list } = view.value;
  const shown = new Set(todos.value.map(({ id }) => id));
  return (
    <>
      <ul class="todos" aria-label={words.todos.list.label} aria-busy={loading.value}>
        {todos.value.map((todo) => (
          <Row
            key={todo.key}
            todo={todo}
            isStep={todo.parent_id !== null && shown.has(todo.parent_id)}
            isMovable={sort === "position" && show === "open"}
            inBin={show === "bin"}
            withList={list === "all"}
          />
        ))}
      </ul>
      {hasMore.value && (
        <button type="button" class="more" onClick={() => stage.store.more()}>
          {words.todos.list.more}
        </button>
      )}
    </>
  );
}

/** Whether the lists that todos are in are on their way: rows would grow when they come. Nobody waits long for it. */
function useListsMissing(): boolean {
  const { todos, lists } = useStage().store;
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const waiting = setTimeout(setLate, PATIENCE, true);
    return () => {
      clearTimeout(waiting);
    };
  }, []);
  return !isLate && lists.value.length === 0 && todos.value.some(({ list_id }) => list_id !== null);
}

/** Something of the same size, until the todos are there. */
function Waiting() {
  return (
    <>
      <p class="sr" role="status">
        {words.todos.list.loading}
      </p>
      <ul class="todos waiting" aria-hidden="true">
        {Array.from({ length: WAITING_ROWS }, (_, number) => (
          <li key={number} class="todo" />
        ))}
      </ul>
    </>
  );
}

function Empty() {
  const stage = useStage();
  const { show, q, tag } = stage.store.view.value;
  const text = words.todos.list;
  const [title, lead] =
    q || tag
      ? [text.emptySearch, text.emptySearchLead]
      : {
          open: [text.emptyOpen, text.emptyOpenLead],
          done: [text.emptyDone, text.emptyDoneLead],
          bin: [text.emptyBin, text.emptyBinLead],
        }[show];
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{lead}</p>
      {(q ?? tag) && (
        <button
          type="button"
          onClick={() => {
            stage.show({ list: "all", q: undefined, tag: undefined });
          }}
        >
          {text.showAll}
        </button>
      )}
    </div>
  );
}
