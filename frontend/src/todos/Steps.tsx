import { words } from "../words/index.ts";
import { TitleForm } from "./AddTodo.tsx";
import { Icon } from "./Icon.tsx";
import { useStage } from "./stage.ts";
import type { Todo } from "./types.ts";

/** The steps of a todo, and a field for more. */
export function Steps({ todo }: { todo: Todo }) {
  const stage = useStage();
  const text = words.todos.details;
  const add = (title: string) => {
    stage.store.add({ title, parent_id: todo.id });
    stage.say(words.todos.add.added(title));
  };
  return (
    <section class="steps">
      <h3>{text.steps}</h3>
      <ul>
        {stage.store.stepsOf(todo.key).map((step) => (
          <li key={step.key}>
            <label class="check">
              <input
                type="checkbox"
                checked={step.completed}
                onChange={(event) => {
                  stage.store.complete(step.key, event.currentTarget.checked);
                }}
              />
              <Icon name="tick" />
              <span>{step.title}</span>
            </label>
          </li>
        ))}
      </ul>
      <TitleForm
        id="new-step"
        label={text.newStep}
        placeholder={text.newStep}
        button={words.todos.add.button}
        add={add}
      />
    </section>
  );
}
