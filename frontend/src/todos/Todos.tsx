import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import "../styles/todos.css";
import { AddTodo } from "./AddTodo.tsx";
import { Head } from "./Head.tsx";
import { remember, remembered } from "./remembered.ts";
import { Over } from "./Over.tsx";
import { Side } from "./Side.tsx";
import { Stage, StageProvider } from "./stage.ts";
import { createStore, type Store } from "./store.ts";
import { TodoList } from "./TodoList.tsx";
import { ViewBar } from "./ViewBar.tsx";

const MINUTE = 60_000; // milliseconds

interface TodosProps {
  /** In the language that is spoken: all is shown anew in another. */
  title: string;
  makeStore?: () => Store;
}

/** The todos' screen. */
export function Todos({ title, makeStore = createStore }: TodosProps) {
  const [stage] = useState(() => new Stage(makeStore()));
  useEffect(() => begin(stage), [stage]);
  return (
    <StageProvider value={stage} key={title}>
      <a class="skip" href="#content">
        {words.common.skip}
      </a>
      <Head />
      <div class="columns">
        <aside class="side">
          <Side />
        </aside>
        <main id="content" tabIndex={-1}>
          <AddTodo />
          <ViewBar />
          <TodoList />
        </main>
      </div>
      <Over />
    </StageProvider>
  );
}

function begin(stage: Stage): () => void {
  stage.show(remembered());
  const forget = remember(stage.store);
  stage.store.start();
  const clock = setInterval(() => {
    stage.tick();
  }, MINUTE);
  return () => {
    clearInterval(clock);
    stage.store.stop();
    forget();
  };
}
