import { useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { Sheet } from "./Sheet.tsx";
import { Colour } from "./Side.tsx";
import { useStage } from "./stage.ts";
import type { List } from "./types.ts";

const LONGEST_NAME = 100;

/** A new list, or one to be changed; from there also the way to be rid of it. */
export function ListForm({ id }: { id?: string }) {
  const { lists } = useStage().store;
  const [list] = useState(() => lists.peek().find(({ key }) => key === id));
  const [isLeaving, setLeaving] = useState(false);
  if (list && isLeaving) return <Removal key="removal" list={list} />;
  return (
    <Edit
      key="edit"
      list={list}
      remove={() => {
        setLeaving(true);
      }}
    />
  );
}

function Edit({ list, remove }: { list: List | undefined; remove: () => void }) {
  const stage = useStage();
  const text = words.todos.listForm;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const { name = "", colour } = values(event);
    if (!name.trim()) return;
    const fields = { name: name.trim(), colour: colour || null }; // eslint-disable-line @typescript-eslint/prefer-nullish-coalescing -- "" is none
    if (list) stage.store.editList(list.key, fields);
    else stage.addList(fields);
    stage.open(undefined);
  };
  return (
    <Sheet title={list ? text.edit : text.add} place="middle">
      <form method="post" onSubmit={onSubmit}>
        <div class="field">
          <label for="list-name">{text.name}</label>
          <input
            id="list-name"
            data-first
            name="name"
            defaultValue={list?.name ?? ""}
            maxLength={LONGEST_NAME}
            autocomplete="off"
            required
          />
        </div>
        <Colours chosen={list?.colour ?? ""} />
        <div class="acts">
          <button class="primary">{text.save}</button>
          {list && (
            <button type="button" class="danger" onClick={remove}>
              {text.remove}
            </button>
          )}
        </div>
      </form>
    </Sheet>
  );
}

function Colours({ chosen }: { chosen: string }) {
  const text = words.todos.listForm;
  const named: Record<string, string> = { "": text.noColour, ...text.colours };
  const all = chosen in named ? named : { ...named, [chosen]: chosen };
  return (
    <fieldset class="colours">
      <legend>{text.colour}</legend>
      {Object.entries(all).map(([colour, name]) => (
        <label key={colour} title={name}>
          <input type="radio" name="colour" value={colour} defaultChecked={colour === chosen} />
          <Colour colour={colour || null} />
          <span class="sr">{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Removal({ list }: { list: List }) {
  const stage = useStage();
  const text = words.todos.listForm;
  const others = stage.store.lists.value.filter(({ key }) => key !== list.key);
  const [to, setTo] = useState("");
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    stage.removeList(list, to === "bin" ? { todos: "delete" } : { todos: "move", ...(to && { to }) });
    stage.open(undefined);
  };
  const choices: [string, string][] = [
    ["", text.toInbox],
    ...others.map((one): [string, string] => [one.id, text.toList(one.name)]),
    ["bin", text.toBin],
  ];
  return (
    <Sheet title={text.removeTitle(list.name)} place="middle">
      <form method="post" onSubmit={onSubmit}>
        <fieldset class="removal">
          <legend>{text.todos}</legend>
          {choices.map(([value, name]) => (
            <label key={value}>
              <input
                type="radio"
                name="to"
                checked={to === value}
                onChange={() => {
                  setTo(value);
                }}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <div class="acts">
          <button class="danger">{text.removeNow}</button>
          <button
            type="button"
            onClick={() => {
              stage.open(undefined);
            }}
          >
            {text.cancel}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

function values(event: SubmitEvent): Record<string, string> {
  return Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
}
