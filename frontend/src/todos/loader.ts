import { batch, signal, type ReadonlySignal } from "@preact/signals";
import { api } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { isKey } from "./names.ts";
import { mayPass, type Network } from "./network.ts";
import type { Pool, Told } from "./pool.ts";
import type { List, Tag, Todo, View } from "./types.ts";
import { queryOf } from "./view.ts";

const PAGE = 100;
const MOST_PAGES = 20;

/** Brings what the view shows from the service. */
export interface Loader {
  readonly loading: ReadonlySignal<boolean>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly tags: ReadonlySignal<readonly Tag[]>;
  /** The last todo of the last page, if another follows: behind it there are some that nobody knows here. */
  readonly end: ReadonlySignal<Told<Todo> | undefined>;
  /** Load the first page; or *again* as many as are there, when what is on its way has come. *delay*: milliseconds. */
  load: (again?: boolean, delay?: number) => Promise<void>;
  more: () => Promise<void>;
  loadLists: () => Promise<void>;
  loadTags: () => Promise<void>;
  loadSteps: (id: string) => Promise<void>;
  /** Load what could not be loaded before the pause. */
  resume: () => void;
}

export interface Shelves {
  todos: Pool<Todo>;
  lists: Pool<List>;
  network: Network;
  /** The view, with ids that the service knows. */
  view: () => View;
  /** Whether it has changes that are not saved. */
  isChanged: (thing: Todo | List) => boolean;
  unloaded: (problem: Problem) => void;
}

export function createLoader({ todos, lists, network, view, isChanged, unloaded }: Shelves): Loader {
  const loading = signal(true);
  const hasMore = signal(false);
  const tags = signal<readonly Tag[]>([]);
  const end = signal<Told<Todo> | undefined>();
  const missed = new Set<() => Promise<void>>();
  let turn = 0;
  let cursor: string | null = null;
  let pages = 1;
  let isOnItsWay = false;
  let isStale = false;
  let isGoingOn = false;

  /** Wait for a request; when it fails, *anew* is done after the pause. */
  async function asked<Data>(request: Parameters<typeof network.ask<Data>>[0], anew: () => Promise<void>) {
    const answer = await network.ask(request);
    if (answer.ok) return answer.data;
    if (mayPass(answer.problem)) missed.add(anew);
    else unloaded(answer.problem);
    return undefined;
  }

  /** Up to *most* pages of the view from *after* on; of the inbox as many as make one, for it is sifted here. */
  async function pagesOf(shown: View, after: string | null, most: number, anew: () => Promise<void>) {
    const items: Told<Todo>[] = [];
    let next = after;
    let last: Told<Todo> | undefined;
    for (let page = 0; page < (shown.list === null ? MOST_PAGES : most); page++) {
      const query = { ...queryOf(shown), limit: PAGE, ...(next && { cursor: next }) };
      const told = await asked(api.GET("/api/v1/todos", { params: { query } }), anew);
      if (!told) return undefined;
      items.push(
        ...(told.items as Told<Todo>[]).filter((todo) => shown.list !== null || todo.list_id === null),
      );
      next = told.next_cursor;
      last = told.items.at(-1);
      if (!next || (shown.list === null && items.length >= most * PAGE)) break;
    }
    return { items, next, last };
  }

  function turned({ next, last }: { next: string | null; last: Told<Todo> | undefined }) {
    cursor = next;
    end.value = next ? last : undefined;
    hasMore.value = next !== null;
    loading.value = false;
  }

  const wasStale = () => isStale;

  async function load(again = false, delay = 0) {
    if (again && isOnItsWay) {
      isStale = true;
      return;
    }
    const mine = ++turn;
    const isCurrent = () => mine === turn;
    isOnItsWay = true;
    isStale = false;
    const shown = view();
    if (!again) {
      loading.value = true;
      end.value = undefined;
      hasMore.value = false;
      pages = 1;
    }
    if (delay && !(await passed(delay, isCurrent))) return;
    todos.mark();
    if (shown.list !== null && isKey(shown.list)) {
      isOnItsWay = false;
      turned({ next: null, last: undefined });
      return;
    }
    const found = await pagesOf(shown, null, Math.min(pages, MOST_PAGES), loadIfCurrent);
    if (!isCurrent()) return;
    isOnItsWay = false;
    if (!found) {
      loading.value = network.rests();
      return;
    }
    batch(() => {
      todos.replace(found.items, isChanged);
      turned(found);
    });
    if (wasStale()) await load(true);

    async function loadIfCurrent() {
      if (isCurrent()) await load(again);
    }
  }

  async function more() {
    if (!cursor || isGoingOn || loading.peek() || network.rests()) return;
    const mine = turn;
    isGoingOn = true;
    const found = await pagesOf(view(), cursor, 1, more);
    isGoingOn = false;
    if (!found || mine !== turn) return;
    batch(() => {
      todos.put(...found.items);
      turned(found);
    });
    pages++;
  }

  async function loadLists() {
    lists.mark();
    const told = await asked(api.GET("/api/v1/lists"), loadLists);
    if (told) lists.replace(told.items, isChanged);
  }

  async function loadTags() {
    const told = await asked(api.GET("/api/v1/tags"), loadTags);
    if (told) tags.value = told.items;
  }

  async function loadSteps(id: string) {
    const query = { parent_id: id, limit: 200, sort: "position" } as const;
    const told = await asked(api.GET("/api/v1/todos", { params: { query } }), () => loadSteps(id));
    if (told) todos.put(...(told.items as Told<Todo>[]));
  }

  function resume() {
    const again = [...missed];
    missed.clear();
    for (const load of again) void load();
  }

  return { loading, hasMore, tags, end, load, more, loadLists, loadTags, loadSteps, resume };
}

/** Whether it *isStill* so after a while. */
async function passed(milliseconds: number, isStill: () => boolean): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return isStill();
}
