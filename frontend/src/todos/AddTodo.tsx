import { words } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { useStage } from "./stage.ts";

export const LONGEST_TITLE = 200;

interface TitleFormProps {
  id: string;
  label: string;
  placeholder: string;
  button: string;
  add: (title: string) => void;
}

/** One field: type, and Enter adds it; then the next. */
export function TitleForm({ id, label, placeholder, button, add }: TitleFormProps) {
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = form.elements.namedItem("title") as HTMLInputElement;
    const title = field.value.trim();
    if (title) add(title);
    form.reset();
    field.focus();
  };
  return (
    <form class="add" method="post" onSubmit={onSubmit}>
      <label class="sr" for={id}>
        {label}
      </label>
      <input
        id={id}
        name="title"
        placeholder={placeholder}
        maxLength={LONGEST_TITLE}
        autocomplete="off"
        enterkeyhint="done"
      />
      <button class="primary">
        <Icon name="plus" />
        <span>{button}</span>
      </button>
    </form>
  );
}

/** The field on top of the screen. */
export function AddTodo() {
  const stage = useStage();
  const { label, placeholder, button } = words.todos.add;
  return (
    <TitleForm
      id="new-todo"
      label={label}
      placeholder={placeholder}
      button={button}
      add={(title) => {
        stage.add(title);
      }}
    />
  );
}
