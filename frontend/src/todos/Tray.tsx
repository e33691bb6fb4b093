import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { inFull } from "./due.ts";
import { Icon } from "./Icon.tsx";
import { useStage, type Stage } from "./stage.ts";
import type { Notice, Todo } from "./types.ts";

const UNDO_LASTS = 10_000; // milliseconds

/** What there is to tell, at the foot of the screen; it covers, and shifts nothing. */
export function Tray() {
  const stage = useStage();
  const { connection, notices, waiting } = stage.store;
  const toast = stage.toast.value;
  return (
    <div class="tray">
      <p class="sr" role="status">
        {stage.said}
      </p>
      <div role="status" class="notes">
        {connection.value === "offline" && (
          <Note kind="warn" text={words.todos.toast.offline}>
            <p>
              {waiting.value > 0 ? words.todos.toast.waiting(waiting.value) : words.todos.toast.offlineLead}
            </p>
            <Act
              text={words.todos.toast.retry}
              act={() => {
                stage.store.retry();
              }}
            />
          </Note>
        )}
        {notices.value.map((notice) => (
          <Told key={notice.key} notice={notice} />
        ))}
        {toast && (
          <Passing
            key={`toast-${toast.key}`}
            text={toast.text}
            undo={() => {
              stage.undo(toast.of);
            }}
            end={() => {
              stage.endToast(toast);
            }}
          />
        )}
      </div>
    </div>
  );
}

function Told({ notice }: { notice: Notice }) {
  const stage = useStage();
  const text = words.todos.toast;
  const end = () => {
    stage.store.dismiss(notice);
  };
  const after = (act: () => void) => () => {
    end();
    act();
  };
  switch (notice.kind) {
    case "deleted": {
      const undo = () => {
        stage.undo(notice.todo.key);
      };
      return <Passing text={text.deleted(notice.todo.title)} undo={undo} end={end} />;
    }
    case "conflict":
      return (
        <Note kind="warn" text={text.conflict(notice.title)}>
          {Object.entries(notice.fields).map(([name, { theirs }]) => (
            <p key={name}>{text.conflictField(nameOf(name), shown(stage, name, theirs))}</p>
          ))}
          <Act text={text.takeTheirs} act={after(notice.takeTheirs)} />
          <Act text={text.keepMine} act={end} />
        </Note>
      );
    case "failed":
      return (
        <Note kind="error" text={text.failed(notice.title)} end={end}>
          <p>{[notice.problem.text, ...Object.values(notice.problem.fields)].join(" ")}</p>
          <Act text={text.retry} act={after(notice.again)} />
        </Note>
      );
    case "unloaded":
      return (
        <Note kind="error" text={text.unloaded} end={end}>
          <p>{notice.problem.text}</p>
          <Act
            text={text.retry}
            act={after(() => {
              stage.show({});
            })}
          />
        </Note>
      );
  }
}

/** Something that was done, and goes away by itself; not while somebody is at it. */
function Passing({ text, undo, end }: { text: string; undo: () => void; end: () => void }) {
  const ending = useRef(end);
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      const { current } = note;
      if (!current?.matches(":hover") && !current?.contains(document.activeElement)) ending.current();
    }, UNDO_LASTS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <div ref={note} class="note passing">
      <p>{text}</p>
      <Act text={words.todos.toast.undo} act={undo} />
      <Close end={end} />
    </div>
  );
}

interface NoteProps {
  kind: "warn" | "error";
  text: string;
  end?: () => void;
  children: ComponentChildren;
}

function Note({ kind, text, end, children }: NoteProps) {
  return (
    <div class={`note ${kind}`}>
      <p>
        <strong>{text}</strong>
      </p>
      {children}
      {end && <Close end={end} />}
    </div>
  );
}

function Act({ text, act }: { text: string; act: () => void }) {
  return (
    <button type="button" onClick={act}>
      {text}
    </button>
  );
}

function Close({ end }: { end: () => void }) {
  return (
    <button type="button" class="quiet square" aria-label={words.todos.toast.close} onClick={end}>
      <Icon name="close" />
    </button>
  );
}

const NAMES: Record<string, () => string> = {
  title: () => words.todos.details.name,
  notes: () => words.todos.details.notes,
  due_date: () => words.todos.details.day,
  due_at: () => words.todos.details.day,
  list_id: () => words.todos.details.list,
  priority: () => words.todos.details.priority,
  tags: () => words.todos.details.tags,
  recurrence: () => words.todos.details.repeat,
  remind_at: () => words.todos.details.remind,
  completed: () => words.todos.show.done,
  name: () => words.todos.listForm.name,
  colour: () => words.todos.listForm.colour,
};

const nameOf = (field: string) => NAMES[field]?.() ?? field;

function shown(stage: Stage, name: string, value: unknown): string {
  if (value === null || value === "") return words.todos.toast.nothing;
  if (name === "completed") return value ? words.todos.show.done : words.todos.show.open;
  if (Array.isArray(value)) return value.join(", ");
  const text = value as string;
  if (name === "priority") return words.todos.priority[text as Todo["priority"]];
  if (name === "list_id") return stage.store.lists.value.find(({ id }) => id === text)?.name ?? text;
  return name.endsWith("_at") ? inFull(new Date(text), true) : text;
}
