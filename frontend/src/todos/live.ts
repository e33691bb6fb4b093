import type { Happening } from "./feed.ts";
import type { Loader } from "./loader.ts";
import { mayPass, type Network } from "./network.ts";
import type { Pool, Told } from "./pool.ts";
import { requests } from "./requests.ts";
import type { List, Todo, View } from "./types.ts";

const MOST_AT_ONCE = 4;
/** With more that is new than this, the pages are loaded again instead. */
const MOST_ONE_BY_ONE = 20;
const GONE = 404;

/** Takes in what happened elsewhere. */
export interface Live {
  happened: (happening: Happening) => void;
  /** Look at what has waited, for an answer or for the network. */
  look: () => void;
}

export interface Sights {
  todos: Pool<Todo>;
  lists: Pool<List>;
  loader: Loader;
  network: Network;
  /** Called when others changed todos. */
  changed: () => void;
  view: () => View;
  /** Whether answers are awaited, after which what happens may be known. */
  isSending: () => boolean;
}

export function createLive({ todos, lists, loader, network, changed, view, isSending }: Sights): Live {
  const waiting = new Map<string, Happening>();
  let isLoading = false;

  function happened(happening: Happening) {
    const before = waiting.get(happening.id);
    if (!before || before.version < happening.version) waiting.set(happening.id, happening);
    look();
  }

  function look() {
    // One's own changes are told, too, and often before they are answered.
    if (!waiting.size || isLoading || isSending() || network.rests()) return;
    const news = [...waiting.values()].filter(isNews);
    waiting.clear();
    isLoading = true;
    void takeIn(news).finally(() => {
      isLoading = false;
      look();
    });
  }

  const poolOf = ({ thing }: Happening) => (thing === "todo" ? todos : lists);
  const isNews = (one: Happening) => !poolOf(one).knows(one.id, one.version);

  async function takeIn(news: Happening[]) {
    const gone = news.filter(({ kind }) => kind === "deleted");
    for (const one of gone) poolOf(one).drop(one.id, one.version);
    const ofTodos = news.filter(({ thing }) => thing === "todo");
    const toLoad = ofTodos.filter(({ kind }) => kind !== "deleted");
    if (ofTodos.length) changed();
    if (news.some(({ thing, kind }) => thing === "list" && kind !== "deleted")) await loader.loadLists();
    const isBinFuller = view().show === "bin" && ofTodos.length > toLoad.length;
    if (isBinFuller || toLoad.length > MOST_ONE_BY_ONE) await loader.load(true);
    else await Promise.all(Array.from({ length: MOST_AT_ONCE }, () => loadFrom(toLoad)));
  }

  /** Load one after the other, while there are some. */
  async function loadFrom(rest: Happening[]) {
    for (let next = rest.shift(); next; next = rest.shift()) {
      const { id, version } = next;
      const answer = await network.ask(requests.todo.load(id));
      if (answer.ok) todos.put(answer.data as Told<Todo>);
      else if (answer.problem.status === GONE) todos.drop(id, version);
      else if (mayPass(answer.problem)) waiting.set(id, next);
    }
  }

  return { happened, look };
}
