import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { Sheet } from "./Sheet.tsx";
import { setSingleKeys, singleKeys } from "./shortcuts.ts";

interface Keys {
  /** Pressed before one of the others. */
  first?: string;
  /** Any of these. */
  keys: string[];
}

/** What each shortcut is pressed by. */
function shortcuts(): Record<keyof typeof words.todos.help.keys, Keys> {
  const { space, enter, remove, control, command } = words.todos.help.names;
  const main = /Mac|iP(hone|ad|od)/.test(navigator.userAgent) ? command : control;
  return {
    add: { keys: ["n"] },
    search: { keys: ["/"] },
    down: { keys: ["j", "↓"] },
    up: { keys: ["k", "↑"] },
    done: { keys: ["x", space] },
    edit: { keys: ["e", enter] },
    details: { keys: ["o"] },
    remove: { keys: [remove] },
    move: { keys: ["Alt ↑", "Alt ↓"] },
    undo: { keys: [`${main} Z`] },
    go: { first: "g", keys: ["a", "i", "o", "d", "b"] },
    help: { keys: ["?"] },
  };
}

/** All shortcuts, and whether single keys are among them. */
export function Help() {
  const text = words.todos.help;
  const [isOn, setOn] = useState(singleKeys);
  return (
    <Sheet title={text.title} place="middle">
      <dl class="keys">
        {Object.entries(shortcuts()).map(([name, { first, keys }]) => (
          <div key={name}>
            <dt>{text.keys[name as keyof typeof text.keys]}</dt>
            <dd>
              {first && (
                <>
                  <kbd>{first}</kbd> {text.then}{" "}
                </>
              )}
              {keys.map((key, number) => (
                <Fragment key={key}>
                  {number > 0 && ` ${number < keys.length - 1 ? "" : text.or} `}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label class="switch">
        <input
          type="checkbox"
          checked={isOn}
          aria-describedby="single-hint"
          onChange={(event) => {
            setSingleKeys(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }}
        />
        {text.single}
      </label>
      <p class="hint" id="single-hint">
        {text.singleHint}
      </p>
    </Sheet>
  );
}
