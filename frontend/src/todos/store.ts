import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { api, type Outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { newChange, tidied, withChanges, withListChanges, type Change } from "./changes.ts";
import type { createDelivery, follow } from "./background.ts";
import { createLoader } from "./loader.ts";
import { createNames, newKey, references } from "./names.ts";
import { createNetwork } from "./network.ts";
import { createPool } from "./pool.ts";
import { placed } from "./position.ts";
import { createQueue } from "./queue.ts";
import type { Connection, List, Notice, Store, Todo, View } from "./types.ts";
import { arranged, compared } from "./view.ts";

export type * from "./types.ts";

const TYPING = 200; // milliseconds until a search is asked for
const GATHERING = 1000; // milliseconds in which tags may change further
const MOST_NOTICES = 20;
const START: View = { list: "all", show: "open", sort: "position" };

type Background = { deliver: ReturnType<typeof createDelivery> } & ReturnType<typeof follow>;
type Telling<One = Notice> = One extends Notice ? Omit<One, "key"> : never;

/** A store that shows *start* first; nothing happens before `start()`. */
export function createStore(start: View = START): Store {
  const view = signal(start);
  const streaming = signal<"live" | "connecting">("connecting");
  const notices = signal<readonly Notice[]>([]);
  const names = createNames();
  const todos = createPool<Todo>(names);
  const lists = createPool<List>(names);
  /** How to take a removal back, by the todo's key. */
  const removals = new Map<string, () => void>();
  /** The keys of what was changed here since the view was. */
  const touched = new Set<string>();
  let told = 0;
  let tagsTimer: ReturnType<typeof setTimeout> | undefined;
  let ending = new AbortController();
  let coming: Promise<Outcome<typeof import("./background.ts")>> | undefined;
  let behind: Background | undefined;

  const network = createNetwork(resume);
  const queue = createQueue({
    network,
    deliver: async (change) => (await background())?.deliver(change),
    answered: () => {
      behind?.look();
    },
  });
  const meantView = computed(() => {
    const { list } = view.value;
    // With them a new list gets its id.
    const isThere = list !== null && lists.things.value.has(names.real(list));
    return { ...view.value, list: isThere ? names.real(list) : list };
  });
  const isChanged = ({ key }: { key: string }) => queue.changes.peek().some((change) => change.key === key);
  const unloaded = (problem: Problem) => {
    tell({ kind: "unloaded", problem });
  };
  const shownView = () => meantView.peek();
  const loader = createLoader({ todos, lists, network, view: shownView, isChanged, unloaded });
  const all = computed(() => withChanges(todos.things.value, queue.changes.value, names));
  const shown = computed(() => arranged(all.value.values(), meantView.value, touched, loader.end.value));
  const allLists = computed(() => {
    const known = [...withListChanges(lists.things.value, queue.changes.value, names).values()];
    return known.sort(byPosition);
  });
  const steps = computed(() => stepsIn(all.value.values()));
  const connection: ReadonlySignal<Connection> = computed(() =>
    network.offline.value ? "offline" : streaming.value,
  );
  const todo = (id: string) => all.value.get(names.real(id));
  const list = (id: string) => allLists.value.find((one) => one.id === names.real(id));

  function resume() {
    queue.send();
    loader.resume();
    behind?.look();
  }

  function loadAgain() {
    void loader.load(true);
    void loader.loadLists();
    loadTagsSoon();
  }

  function loadTagsSoon() {
    tagsTimer ??= setTimeout(() => {
      tagsTimer = undefined;
      void loader.loadTags();
    }, GATHERING);
  }

  function tell(notice: Telling) {
    notices.value = [...notices.peek(), { ...notice, key: ++told }].slice(-MOST_NOTICES);
  }

  function saved(change: Change) {
    const { what, patch, clashes, title, key, thing } = change;
    if (what === "remove" || what === "restore" || "tags" in patch) loadTagsSoon();
    // What the service did besides is told by the feed; without it one has to look.
    const hasMore = what === "restore" || patch.completed === true || (thing === "list" && what === "remove");
    if (hasMore && streaming.peek() !== "live") void loader.load(true);
    if (!Object.keys(clashes).length) return;
    const theirs = Object.fromEntries(Object.entries(clashes).map(([name, clash]) => [name, clash.theirs]));
    const takeTheirs = () => {
      if (thing === "todo") edit(key, theirs);
      else editList(key, theirs);
    };
    tell({ kind: "conflict", title, fields: clashes, takeTheirs });
  }

  function failed(change: Change, problem: Problem) {
    const again = () => {
      push(newChange({ ...change, clashes: {}, retryKey: newKey(), tries: 0, faults: 0 }));
    };
    tell({ kind: "failed", title: change.title, problem, again });
  }

  function push(change: Change) {
    touched.add(change.key);
    queue.push(change);
  }

  function add(fields: Parameters<Store["add"]>[0]) {
    const key = newKey();
    push(newChange({ thing: "todo", what: "add", key, title: fields.title, patch: tidied(fields) }));
    return key;
  }

  function edit(...[id, patch, seen = todo(id)]: Parameters<Store["edit"]>) {
    const now = todo(id);
    if (now) push(edition("todo", now, tidied(patch, now), seen ?? now, patch.title ?? now.title));
  }

  function editList(...[id, patch]: Parameters<Store["editList"]>) {
    const now = list(id);
    if (now) push(edition("list", now, patch, now, patch.name ?? now.name));
  }

  function remove(id: string) {
    const gone = todo(id);
    if (!gone) return;
    const { key } = gone;
    const hangsOn = (one: Change) => one.key === key || references(one.patch).includes(key);
    const own = queue.changes.peek().filter(hangsOn);
    const isUnknown = own.some(({ what }) => what === "add") && queue.takeBack(...own);
    const removal = newChange({ thing: "todo", what: "remove", key, title: gone.title });
    removals.set(key, () => {
      if (isUnknown) own.forEach(push);
      else if (!queue.takeBack(removal)) pushRestore(gone, removal.at);
    });
    if (!isUnknown) push(removal);
    tell({
      kind: "deleted",
      todo: gone,
      undo: () => {
        restore(key);
      },
    });
  }

  function restore(id: string) {
    const key = names.key(names.real(id));
    const takeBack = removals.get(key);
    removals.delete(key);
    const binned = todo(id);
    if (takeBack) takeBack();
    else if (binned?.deleted_at) pushRestore(binned, binned.deleted_at);
  }

  /** Take a todo out of the bin, and the steps that went there with it. */
  function pushRestore(binned: Todo, at: string) {
    const isWithIt = (one: Todo) => one.parent_id === binned.id && one.deleted_at === at;
    const kept = [todo(binned.id) ?? binned, ...[...all.peek().values()].filter(isWithIt)];
    push(newChange({ thing: "todo", what: "restore", key: binned.key, title: binned.title, kept }));
  }

  function move(...[id, to]: Parameters<Store["move"]>) {
    const moved = todo(id);
    if (!moved) return;
    const isShown = (parent: string | null) => shown.value.some((one) => one.id === parent);
    const above = (one: Todo) => (isShown(one.parent_id) ? one.parent_id : null);
    const like = shown.value.filter((one) => above(one) === above(moved)).sort(byPosition);
    const position = placed(
      like,
      moved,
      todo(to.before ?? to.after ?? ""),
      to.before !== undefined,
      loader.hasMore.peek(),
    );
    if (position) edit(id, { position });
  }

  function moveList(...[id, to]: Parameters<Store["moveList"]>) {
    const moved = list(id);
    const position =
      moved && placed(allLists.value, moved, list(to.before ?? to.after ?? ""), to.before !== undefined);
    if (position) editList(id, { position });
  }

  function addList(fields: Parameters<Store["addList"]>[0]) {
    const key = newKey();
    push(newChange({ thing: "list", what: "add", key, title: fields.name, patch: fields }));
    return key;
  }

  function removeList(...[id, options]: Parameters<Store["removeList"]>) {
    const gone = list(id);
    if (gone)
      push(newChange({ thing: "list", what: "remove", key: gone.key, title: gone.name, todos: options }));
  }

  function retry() {
    if (behind) behind.retry();
    else if (!loader.loading.peek()) void background();
    if (network.retry() && network.offline.peek()) loadAgain();
  }

  const isThere = () => behind !== undefined;

  /** What saves changes and follows those of others; it is loaded when it is needed, or the todos are there. */
  async function background(): Promise<Background | undefined> {
    if (behind) return behind;
    coming ??= network.ask(import("./background.ts").then((data) => ({ data, response: new Response() })));
    const come = await coming;
    coming = undefined;
    if (!come.ok || isThere()) return behind;
    const { createDelivery, follow } = come.data;
    const sights = { todos, lists, loader, network, view: shownView, isSending: queue.isSending };
    const reader = { state: streaming, reset: loadAgain, mayConnect };
    behind = {
      deliver: createDelivery({ names, todos, lists, network, queue, saved, failed }),
      ...follow({ ...sights, changed: loadTagsSoon }, reader),
    };
    if (ending.signal.aborted) behind.close();
    return behind;
  }

  const mayConnect = async () => (await network.ask(api.GET("/api/v1/me"))).ok || !network.isOver();

  function begin() {
    ending = new AbortController();
    const { signal } = ending;
    let before: View | undefined;
    const unfollow = effect(() => {
      const now = view.value;
      const isTyping =
        before !== undefined && JSON.stringify({ ...now, q: before.q }) === JSON.stringify(before);
      before = now;
      touched.clear();
      untracked(() => void loader.load(false, isTyping ? TYPING : 0));
    });
    const unawait = effect(() => {
      if (!loader.loading.value) void untracked(background);
    });
    signal.addEventListener("abort", () => {
      unfollow();
      unawait();
    });
    void loader.loadLists();
    void loader.loadTags();
    behind?.open();
    addEventListener("online", retry, { signal });
    addEventListener("offline", network.lose, { signal });
    addEventListener("pagehide", () => behind?.close(), { signal });
    addEventListener(
      "pageshow",
      ({ persisted }) => {
        if (persisted) {
          behind?.open();
          loadAgain();
        }
      },
      { signal },
    );
    addEventListener("beforeunload", askToStay, { signal });
    const whenSeen = () => {
      if (document.visibilityState === "visible") retry();
    };
    document.addEventListener("visibilitychange", whenSeen, { signal });
  }

  /** What waits for the network would be lost. */
  function askToStay(event: Event) {
    if (queue.changes.peek().length && network.rests() && !network.isOver()) event.preventDefault();
  }

  return {
    ...{ todos: shown, lists: allLists, tags: loader.tags, view, notices, connection },
    ...{ loading: loader.loading, hasMore: loader.hasMore, more: loader.more },
    ...{ add, edit, remove, restore, move, addList, editList, moveList, removeList, retry, todo },
    waiting: computed(() => queue.changes.value.length),
    start: begin,
    stop: () => {
      ending.abort();
      behind?.close();
      network.stop();
      clearTimeout(tagsTimer);
      tagsTimer = undefined;
    },
    dismiss: (notice) => (notices.value = notices.peek().filter(({ key }) => key !== notice.key)),
    complete: (id, done) => {
      edit(id, { completed: done });
    },
    stepsOf: (id) => steps.value.get(names.real(id)) ?? [],
    loadSteps: (id) => loader.loadSteps(names.real(id)),
  };
}

const byPosition = (one: Todo | List, other: Todo | List) =>
  compared(one.position, other.position) || compared(one.id, other.id);

function edition(
  thing: Change["thing"],
  { key }: { key: string },
  patch: object,
  seen: object,
  title: string,
): Change {
  const before = seen as Record<string, unknown>;
  const touched = Object.fromEntries(Object.keys(patch).map((name) => [name, before[name]]));
  return newChange({ thing, what: "edit", key, title, patch: { ...patch }, seen: touched });
}

/** The steps of each todo, by its id. */
function stepsIn(todos: Iterable<Todo>): ReadonlyMap<string, readonly Todo[]> {
  const steps = new Map<string, Todo[]>();
  for (const todo of todos) {
    if (todo.parent_id === null || todo.deleted_at) continue;
    steps.set(todo.parent_id, [...(steps.get(todo.parent_id) ?? []), todo]);
  }
  for (const some of steps.values()) some.sort(byPosition);
  return steps;
}
