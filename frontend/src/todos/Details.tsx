import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { LONGEST_TITLE } from "./AddTodo.tsx";
import { Draft } from "./draft.ts";
import { dayOf, inFull, meant, shown, timeOf } from "./due.ts";
import { Icon } from "./Icon.tsx";
import { choiceOf, choices, ruleOf, type Choice } from "./repeat.ts";
import { Sheet } from "./Sheet.tsx";
import { useStage } from "./stage.ts";
import { Steps } from "./Steps.tsx";
import type { Todo, TodoPatch } from "./types.ts";

const PRIORITIES = ["none", "low", "medium", "high"] as const;
const FIRST_DAY = "1970-01-01";
const LAST_DAY = "9998-12-31";

/** All there is to a todo. What is changed is saved a moment later, and when the panel is closed. */
export function Details({ id }: { id: string }) {
  const stage = useStage();
  const todo = stage.store.todo(id);
  useEffect(() => {
    void stage.store.loadSteps(id);
  }, [stage, id]);
  useEffect(() => {
    if (!todo) stage.open(undefined); // it was deleted elsewhere
  }, [stage, todo]);
  if (!todo) return null;
  const isStep = todo.parent_id !== null;
  return (
    <Sheet title={words.todos.details.title} place="end">
      <Fields todo={todo} isStep={isStep} />
      {!isStep && <Steps todo={todo} />}
      <Acts todo={todo} />
      <p class="hint">
        {words.todos.details.saved} {words.todos.details.made(inFull(new Date(todo.created_at)))}.
      </p>
    </Sheet>
  );
}

function Fields({ todo: saved, isStep }: { todo: Todo; isStep: boolean }) {
  const stage = useStage();
  const [draft] = useState(() => new Draft(stage, saved.key));
  useEffect(() => draft.save, [draft]);
  const todo = draft.over(saved);
  const { change } = draft;
  const { lists } = stage.store;
  const text = words.todos.details;
  return (
    <div class="details">
      <div class="field">
        <label for="detail-title">{text.name}</label>
        <input
          id="detail-title"
          value={todo.title}
          maxLength={LONGEST_TITLE}
          required
          onInput={(event) => {
            change({ title: event.currentTarget.value });
          }}
        />
      </div>
      <div class="field">
        <label for="detail-notes">{text.notes}</label>
        <textarea
          id="detail-notes"
          rows={4}
          value={todo.notes ?? ""}
          maxLength={10_000}
          onInput={(event) => {
            change({ notes: event.currentTarget.value || null });
          }}
        />
      </div>
      <Due todo={todo} change={change} />
      {!isStep && <Repeat todo={todo} change={change} />}
      <Remind todo={todo} change={change} />
      <div class="pair">
        <div class="field">
          <label for="detail-priority">{text.priority}</label>
          <select
            id="detail-priority"
            value={todo.priority}
            onChange={(event) => {
              change({ priority: event.currentTarget.value as Todo["priority"] });
            }}
          >
            {PRIORITIES.map((one) => (
              <option key={one} value={one}>
                {words.todos.priority[one]}
              </option>
            ))}
          </select>
        </div>
        {!isStep && (
          <div class="field">
            <label for="detail-list">{text.list}</label>
            <select
              id="detail-list"
              value={todo.list_id ?? ""}
              onChange={(event) => {
                change({ list_id: event.currentTarget.value || null });
              }}
            >
              <option value="">{words.todos.side.inbox}</option>
              {lists.value.map((list) => (
                <option key={list.key} value={list.id}>
                  {list.name}
                </option>
              ))}
            </select>
          </div>
        )}
      </div>
      <Tags todo={todo} change={change} />
    </div>
  );
}

interface PartProps {
  todo: Todo;
  change: (patch: TodoPatch) => void;
}

function Due({ todo, change }: PartProps) {
  const { day, time } = shown(todo);
  const set = (field: HTMLInputElement, newDay: string, newTime: string) => {
    if (!field.validity.valid) return; // half a date
    change({ ...meant(newDay, newTime), ...(!newDay && { recurrence: null }) });
  };
  return (
    <div class="pair">
      <div class="field">
        <label for="detail-day">{words.todos.details.day}</label>
        <input
          id="detail-day"
          type="date"
          min={FIRST_DAY}
          max={LAST_DAY}
          value={day}
          onInput={({ currentTarget }) => {
            set(currentTarget, currentTarget.value, currentTarget.value && time);
          }}
        />
      </div>
      <div class="field">
        <label for="detail-time">{words.todos.details.time}</label>
        <input
          id="detail-time"
          type="time"
          value={time}
          onInput={({ currentTarget }) => {
            set(currentTarget, day || dayOf(new Date()), currentTarget.value);
          }}
        />
      </div>
    </div>
  );
}

function Repeat({ todo, change }: PartProps) {
  const choice = choiceOf(todo.recurrence);
  const choose = (chosen: Choice) => {
    if (chosen === "other") return;
    const isDue = todo.due_date !== null || todo.due_at !== null;
    const rule = ruleOf(chosen);
    change({ recurrence: rule, ...(rule && !isDue && meant(dayOf(new Date()), "")) });
  };
  return (
    <div class="field">
      <label for="detail-repeat">{words.todos.details.repeat}</label>
      <select
        id="detail-repeat"
        value={choice}
        onChange={(event) => {
          choose(event.currentTarget.value as Choice);
        }}
      >
        {[...choices, ...(choice === "other" ? [choice] : [])].map((one) => (
          <option key={one} value={one}>
            {words.todos.repeat[one]}
          </option>
        ))}
      </select>
    </div>
  );
}

function Remind({ todo, change }: PartProps) {
  const moment = todo.remind_at === null ? undefined : new Date(todo.remind_at);
  return (
    <div class="field">
      <label for="detail-remind">{words.todos.details.remind}</label>
      <input
        id="detail-remind"
        type="datetime-local"
        min={`${FIRST_DAY}T00:00`}
        max={`${LAST_DAY}T23:59`}
        value={moment ? `${dayOf(moment)}T${timeOf(moment)}` : ""}
        onInput={({ currentTarget: { value, validity } }) => {
          if (validity.valid) change({ remind_at: value ? new Date(value).toISOString() : null });
        }}
      />
    </div>
  );
}

function Tags({ todo, change }: PartProps) {
  const { tags } = useStage().store;
  const [typed, setTyped] = useState<string>();
  return (
    <div class="field">
      <label for="detail-tags">{words.todos.details.tags}</label>
      <input
        id="detail-tags"
        list="all-tags"
        autocomplete="off"
        aria-describedby="detail-tags-hint"
        value={typed ?? todo.tags.join(", ")}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          change({ tags: tagsOf(value) });
        }}
        onBlur={() => {
          setTyped(undefined);
        }}
      />
      <datalist id="all-tags">
        {tags.value.map(({ tag }) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      <div class="hint" id="detail-tags-hint">
        {words.todos.details.tagsHint}
      </div>
    </div>
  );
}

function tagsOf(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.normalize("NFC").trim());
  return [...new Set(tags)].filter(Boolean);
}

function Acts({ todo }: { todo: Todo }) {
  const stage = useStage();
  const isMovable = stage.store.view.value.sort === "position" && stage.like(todo).length > 1;
  return (
    <div class="acts">
      {isMovable &&
        ([-1, 1] as const).map((by) => (
          <button
            key={by}
            type="button"
            onClick={() => {
              stage.move(todo, by);
            }}
          >
            <Icon name={by < 0 ? "up" : "down"} />
            {by < 0 ? words.todos.move.up : words.todos.move.down}
          </button>
        ))}
      <button
        type="button"
        class="danger"
        onClick={() => {
          stage.open(undefined);
          stage.remove(todo);
        }}
      >
        <Icon name="bin" />
        {words.todos.details.remove}
      </button>
    </div>
  );
}
