import type { ComponentChildren } from "preact";
import { words } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { useStage } from "./stage.ts";
import type { List } from "./types.ts";

/** The lists and the tags, to choose what is shown. */
export function Side() {
  const stage = useStage();
  const { lists, tags, view } = stage.store;
  const { list, tag } = view.value;
  const text = words.todos.side;
  return (
    <nav aria-label={text.label}>
      <ul>
        <Choice chosen={list === "all"} choose={{ list: "all" }}>
          <Icon name="layers" />
          {text.all}
        </Choice>
        <Choice chosen={list === null} choose={{ list: null }}>
          <Icon name="inbox" />
          {text.inbox}
        </Choice>
      </ul>
      <div class="heading">
        <h2>{text.lists}</h2>
        <button
          type="button"
          class="quiet square"
          aria-label={text.newList}
          aria-haspopup="dialog"
          onClick={() => {
            stage.open({ kind: "list" });
          }}
        >
          <Icon name="plus" />
        </button>
      </div>
      <ul>
        {lists.value.map((one) => (
          <Choice key={one.key} chosen={stage.list === one} choose={{ list: one.id }} change={one}>
            <Colour colour={one.colour} />
            <span class="name">{one.name}</span>
          </Choice>
        ))}
      </ul>
      {tags.value.length > 0 && (
        <>
          <h2>{text.tags}</h2>
          <ul class="tags">
            {tags.value.map((one) => (
              <li key={one.tag}>
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={tag === one.tag}
                  aria-label={text.tagged(one.tag, one.todos)}
                  onClick={() => {
                    stage.show({ tag: tag === one.tag ? undefined : one.tag });
                  }}
                >
                  {one.tag} <small>{one.todos}</small>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}

interface ChoiceProps {
  chosen: boolean;
  choose: { list: string | null };
  /** The list that can be changed. */
  change?: List;
  children: ComponentChildren;
}

function Choice({ chosen, choose, change, children }: ChoiceProps) {
  const stage = useStage();
  return (
    <li>
      <button
        type="button"
        class="quiet"
        aria-current={chosen && "true"}
        onClick={() => {
          stage.show(choose);
        }}
      >
        {children}
      </button>
      {change && (
        <button
          type="button"
          class="quiet square"
          aria-label={words.todos.side.editList(change.name)}
          aria-haspopup="dialog"
          onClick={() => {
            stage.open({ kind: "list", id: change.key });
          }}
        >
          <Icon name="edit" />
        </button>
      )}
    </li>
  );
}

/** The colour of a list; only an ornament. */
export function Colour({ colour }: { colour: string | null }) {
  return <span class="colour" style={colour ? { "--colour": colour } : {}} />;
}
