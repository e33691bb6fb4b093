import { words } from "../words/index.ts";
import { Details } from "./Details.tsx";
import { Help } from "./Help.tsx";
import { ListForm } from "./ListForm.tsx";
import { Sheet } from "./Sheet.tsx";
import { Side } from "./Side.tsx";
import type { Opened } from "./stage.ts";

/** The panel that is open. */
export function Sheets({ opened }: { opened: Opened }) {
  switch (opened.kind) {
    case "todo":
      return <Details key={opened.id} id={opened.id} />;
    case "list":
      return (
        <ListForm key={`list-${opened.id ?? "new"}`} {...(opened.id !== undefined && { id: opened.id })} />
      );
    case "lists":
      return (
        <Sheet key="lists" title={words.todos.head.lists} place="start">
          <Side />
        </Sheet>
      );
    case "help":
      return <Help key="help" />;
  }
}
