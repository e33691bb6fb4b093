import { words } from "../words/index.ts";
import { told } from "./due.ts";
import { Icon } from "./Icon.tsx";
import { Colour } from "./Side.tsx";
import { useStage } from "./stage.ts";
import type { Todo } from "./types.ts";

/** What there is to know of a todo beside its title, in short. */
export function Meta({ todo, withList }: { todo: Todo; withList: boolean }) {
  const stage = useStage();
  const due = told(todo, stage.now.value);
  const steps = stage.store.stepsOf(todo.key);
  const list = withList && stage.store.lists.value.find(({ id }) => id === todo.list_id);
  const text = words.todos.row;
  const late = due?.late && !todo.completed;
  const parts = [
    due && (
      <span key="due" class={late ? "due late" : "due"}>
        {late ? due.text : due.when}
      </span>
    ),
    todo.priority !== "none" && (
      <span key="priority" class={`priority ${todo.priority}`}>
        <Icon name="flag" />
        {words.todos.priority[todo.priority]}
      </span>
    ),
    list && (
      <span key="list">
        <Colour colour={list.colour} />
        {list.name}
      </span>
    ),
    ...todo.tags.map((tag) => (
      <span key={`#${tag}`} class="tag">
        {tag}
      </span>
    )),
    steps.length > 0 && (
      <span key="steps">{text.steps(steps.filter(({ completed }) => completed).length, steps.length)}</span>
    ),
    todo.recurrence && <Mark key="repeat" name="repeat" means={text.repeats} />,
    todo.remind_at && <Mark key="bell" name="bell" means={text.reminds} />,
    todo.notes && <Mark key="notes" name="notes" means={text.notes} />,
    todo.unsaved && <Mark key="unsaved" name="cloud" means={text.unsaved} />,
  ].filter(Boolean);
  return parts.length > 0 ? <p class="meta">{parts}</p> : null;
}

function Mark({ name, means }: { name: Parameters<typeof Icon>[0]["name"]; means: string }) {
  return (
    <span title={means}>
      <Icon name={name} />
      <span class="sr">{means}</span>
    </span>
  );
}
