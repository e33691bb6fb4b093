import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../words/index.ts";
import { Icon } from "./Icon.tsx";
import { useStage } from "./stage.ts";

interface SheetProps {
  title: string;
  /** Where it stands: at the end, at the start, or in the middle. */
  place: "end" | "start" | "middle";
  children: ComponentChildren;
}

/** A panel over the screen. When it is closed the focus goes back to where it came from. */
export function Sheet({ title, place, children }: SheetProps) {
  const stage = useStage();
  const sheet = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = sheet.current!;
    const listening = new AbortController();
    const listen = (name: string, heed: (event: Event) => void) => {
      dialog.addEventListener(name, heed, { signal: listening.signal });
    };
    const close = (event: Event) => {
      event.preventDefault(); // it closes by going away
      stage.open(undefined);
    };
    listen("cancel", close);
    listen("close", close);
    listen("click", (event) => {
      if (event.target === dialog) close(event); // beside it: all of the panel is filled with something else
    });
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      listening.abort();
      dialog.close();
    };
  }, [stage]);
  return (
    <dialog ref={sheet} class={`sheet ${place}`} aria-labelledby="sheet-title">
      <div class="sheet-inside">
        <div class="sheet-head">
          <h2 id="sheet-title">{title}</h2>
          <button
            type="button"
            class="quiet square"
            aria-label={words.todos.details.close}
            onClick={() => {
              stage.open(undefined);
            }}
          >
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
