import { effect } from "@preact/signals";
import type { Sort, Store, View } from "./types.ts";

const TASTE = "sort";
const INBOX = "inbox";
export const sorts = ["position", "due_at", "-priority", "-created_at"] as const satisfies readonly Sort[];
const SHOWS = ["open", "done", "bin"] as const;

/** The view that the address names; sorted as it was sorted on this device before. */
export function remembered(): Partial<View> {
  const asked = new URLSearchParams(location.search);
  const list = asked.get("list");
  const show = SHOWS.find((one) => one === asked.get("show"));
  const sort = sorts.find((one) => one === taste());
  return {
    ...(list && { list: list === INBOX ? null : list }),
    ...(show && { show }),
    ...(asked.has("tag") && { tag: asked.get("tag")! }),
    ...(sort && { sort }),
  };
}

/** Keep the view in the address, so that it stays after a reload, and its sort on this device. */
export function remember({ view, lists }: Store): () => void {
  return effect(() => {
    const { list: chosen, show, tag, sort } = view.value;
    const list = lists.value.find(({ key }) => key === chosen)?.id ?? chosen;
    const address = new URL(location.href);
    const wanted = { list: list === "all" ? "" : (list ?? INBOX), show: show === "open" ? "" : show, tag };
    for (const [name, value] of Object.entries(wanted)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
    setTaste(sort);
  });
}

function taste(): string | null {
  try {
    return localStorage.getItem(TASTE);
  } catch {
    return null;
  }
}

function setTaste(sort: Sort): void {
  try {
    localStorage.setItem(TASTE, sort);
  } catch {
    // Storage can be forbidden: the sort then lasts as long as the page.
  }
}
