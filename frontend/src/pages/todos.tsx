import { open, type Screen } from "../parts/screen.tsx";
import { WithoutScript } from "../parts/WithoutScript.tsx";
import { Todos } from "../todos/Todos.tsx";
import { words } from "../words/index.ts";

function show() {
  return (
    <>
      <WithoutScript />
      <Todos title={words.todos.title} />
    </>
  );
}

export const screen: Screen = { title: () => words.todos.title, show, part: "todos" };

void open(screen);
