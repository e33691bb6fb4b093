import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { useStage } from "./stage.ts";

/** What stands on top: the way to the lists, the search, how things stand, and the menu. */
export function Head() {
  const stage = useStage();
  return (
    <header class="head">
      <button
        type="button"
        class="quiet square only-narrow"
        aria-label={words.todos.head.lists}
        aria-haspopup="dialog"
        onClick={() => {
          stage.open({ kind: "lists" });
        }}
      >
        <Icon name="lists" />
      </button>
      <a class="brand" href="/">
        {words.common.product}
      </a>
      <Search />
      <Connection />
      <button
        type="button"
        class="quiet square"
        aria-label={words.todos.head.menu}
        popovertarget="menu"
        aria-haspopup="true"
      >
        <Icon name="person" />
      </button>
    </header>
  );
}

function Search() {
  const stage = useStage();
  const fieldRef = useRef<HTMLInputElement>(null);
  const typedRef = useRef("");
  const search = () => {
    typedRef.current = fieldRef.current!.value.trim();
    stage.show({ q: typedRef.current || undefined });
  };
  const { q } = stage.store.view.value;
  useEffect(() => {
    const now = stage.store.view.peek().q ?? ""; // more may have been typed since
    if (typedRef.current !== now) fieldRef.current!.value = typedRef.current = now;
  }, [stage, q]);
  return (
    <search>
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          search();
        }}
      >
        <label class="sr" for="search">
          {words.todos.head.search}
        </label>
        <Icon name="search" />
        <input
          ref={fieldRef}
          id="search"
          type="search"
          placeholder={words.todos.head.search}
          maxLength={200}
          autocomplete="off"
          enterkeyhint="search"
          onInput={search}
        />
      </form>
    </search>
  );
}

function Connection() {
  const { connection, waiting } = useStage().store;
  const state = connection.value === "live" && waiting.value > 0 ? "saving" : connection.value;
  return (
    <p class={`connection ${state}`}>
      <span class="dot" />
      <span class="words">{words.todos.connection[state]}</span>
    </p>
  );
}
