import { useComputed } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { LONGEST_TITLE } from "./AddTodo.tsx";
import { Icon } from "./Icon.tsx";
import { lazily } from "./lazily.ts";
import { Meta } from "./Meta.tsx";
import { useStage } from "./stage.ts";
import type { Todo } from "./types.ts";

export interface RowProps {
  todo: Todo;
  isStep: boolean;
  isMovable: boolean;
  inBin: boolean;
  withList: boolean;
}

/** A todo; shown anew only when it has changed: there may be hundreds. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render(props: RowProps) {
    return props.inBin ? <Binned {...props} /> : <Standing {...props} />;
  }
}

function Line({
  todo,
  isStep,
  children,
}: Pick<RowProps, "todo" | "isStep"> & { children: ComponentChildren }) {
  return (
    <li
      class={`todo${isStep ? " step" : ""}${todo.completed ? " is-done" : ""}`}
      data-key={todo.key}
      tabIndex={-1}
    >
      {children}
    </li>
  );
}

function Standing({ todo, isStep, isMovable, withList }: RowProps) {
  const stage = useStage();
  return (
    <Line todo={todo} isStep={isStep}>
      {isMovable && <Handle todo={todo} />}
      <label class="check">
        <input
          type="checkbox"
          checked={todo.completed}
          aria-label={words.todos.row.done(todo.title)}
          onChange={(event) => {
            stage.complete(todo, event.currentTarget.checked);
          }}
        />
        <Icon name="tick" />
      </label>
      <div class="body">
        <Title todo={todo} />
        <Meta todo={todo} withList={withList && !isStep} />
      </div>
      <button
        type="button"
        class="quiet square only-wide"
        aria-label={words.todos.row.remove(todo.title)}
        onClick={() => {
          stage.remove(todo);
        }}
      >
        <Icon name="bin" />
      </button>
      <button
        type="button"
        class="quiet square"
        aria-label={words.todos.row.details(todo.title)}
        aria-haspopup="dialog"
        onClick={() => {
          stage.open({ kind: "todo", id: todo.key });
        }}
      >
        <Icon name="more" />
      </button>
    </Line>
  );
}

function Binned({ todo, isStep }: RowProps) {
  const stage = useStage();
  return (
    <Line todo={todo} isStep={isStep}>
      <div class="body">
        <p class="title">{todo.title}</p>
        <Meta todo={todo} withList={false} />
      </div>
      <button
        type="button"
        aria-label={`${words.todos.row.restore}: ${todo.title}`}
        onClick={() => {
          stage.restore(todo);
        }}
      >
        {words.todos.row.restore}
      </button>
    </Line>
  );
}

/** Where the row is dragged by; without a pointer there are keys, and buttons among the details. */
function Handle({ todo }: { todo: Todo }) {
  const stage = useStage();
  return (
    <span
      class="handle"
      aria-hidden="true"
      onPointerDown={(event) => {
        if (event.button === 0) lazily.loaded?.drag(stage, todo, event);
      }}
    >
      <Icon name="handle" />
    </span>
  );
}

function Title({ todo }: { todo: Todo }) {
  const stage = useStage();
  const isEdited = useComputed(() => stage.editing.value === todo.key);
  if (isEdited.value) return <TitleField todo={todo} />;
  return (
    <button
      type="button"
      class="title"
      onClick={() => {
        stage.edit(todo.key);
      }}
    >
      <span class="sr">{words.todos.row.edit("")}</span>
      {todo.title}
    </button>
  );
}

function TitleField({ todo }: { todo: Todo }) {
  const stage = useStage();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current!.focus();
    field.current!.select();
  }, []);
  const end = (save: boolean, keepFocus: boolean) => {
    if (stage.editing.peek() !== todo.key) return;
    const title = field.current!.value.trim();
    if (save && title) stage.change(todo, { title });
    stage.edit(undefined);
    if (keepFocus) stage.focus(todo.key);
  };
  return (
    <input
      ref={field}
      class="title-field"
      aria-label={words.todos.row.title}
      defaultValue={todo.title}
      maxLength={LONGEST_TITLE}
      enterkeyhint="done"
      onBlur={() => {
        end(true, false);
      }}
      onKeyDown={(event) => {
        if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
        event.preventDefault();
        end(event.key === "Enter", true);
      }}
    />
  );
}
