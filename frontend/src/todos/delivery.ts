import { batch } from "@preact/signals";
import type { Problem } from "../api/problem.ts";
import { withChanges, type Change } from "./changes.ts";
import { clashesOf, same } from "./clashes.ts";
import { references, type Names } from "./names.ts";
import { SESSION_OVER, mayPass, type Network } from "./network.ts";
import type { Pool } from "./pool.ts";
import type { Queue } from "./queue.ts";
import { requests, restoreTodo } from "./requests.ts";
import type { List, Todo } from "./types.ts";

const MOST_FAULTS = 5;
const GONE = 404;
const CHANGED = 412;
/** Not reached, too many requests, not now: to be tried again however often it happens. */
const PATIENT = [0, 429, 503];

export interface Surroundings {
  names: Names;
  todos: Pool<Todo>;
  lists: Pool<List>;
  network: Network;
  queue: Pick<Queue, "changes" | "leave">;
  saved: (change: Change) => void;
  failed: (change: Change, problem: Problem) => void;
}

type Answer = { ok: true; data: unknown } | { ok: false; problem: Problem };

/** Save changes: each is sent, and taken from the queue unless it has to be sent again. */
export function createDelivery({ names, todos, lists, network, queue, ...tell }: Surroundings) {
  const { changes, leave } = queue;
  // What is put into one of them is what the service answered for its kind.
  const pools = { todo: todos, list: lists as unknown as Pool<Todo> };
  const known = ({ thing, key }: Change) => pools[thing].get(names.real(key));

  async function deliver(change: Change): Promise<void> {
    const answer = await answerTo(change);
    batch(() => {
      finish(change, answer);
    });
  }

  async function answerTo(change: Change): Promise<Answer> {
    const ask = requests[change.thing];
    const id = names.real(change.key);
    if (change.what === "add") return network.ask(ask.add(names.meant(change.patch), change));
    const first = await attempt(change, id);
    // What lies in the bin no more was taken out already; what is not there to be removed was removed.
    if (isRefused(first, GONE) && change.what === "restore") return network.ask(ask.load(id));
    if (isRefused(first, GONE) && change.what === "remove") return { ok: true, data: undefined };
    if (!isRefused(first, CHANGED)) return first;
    const fresh = await network.ask(ask.load(id));
    if (!fresh.ok) return fresh;
    pools[change.thing].put(fresh.data as Todo);
    return attempt(change, id);
  }

  async function attempt(change: Change, id: string): Promise<Answer> {
    const { thing, what } = change;
    const now = known(change);
    if (what === "restore") return network.ask(restoreTodo(id));
    if (what === "remove") return network.ask(requests[thing].remove(id, meant(change), now?.version));
    const patch = names.meant(change.patch);
    const fields = { ...now } as Record<string, unknown>;
    Object.assign(change.clashes, clashesOf({ ...change, patch, seen: names.meant(change.seen) }, fields));
    if (now && Object.keys(patch).every((name) => same(patch[name], fields[name])))
      return { ok: true, data: now };
    return network.ask(requests[thing].edit(id, patch, now?.version));
  }

  /** The change with the id of the list that its todos move to. */
  function meant(change: Change): Change {
    const { to } = change.todos;
    return to ? { ...change, todos: { ...change.todos, to: names.real(to) } } : change;
  }

  function finish(change: Change, answer: Answer) {
    if (answer.ok) {
      settle(change, answer.data);
      return;
    }
    const { problem } = answer;
    if (problem.status === SESSION_OVER || PATIENT.includes(problem.status)) return;
    if (mayPass(problem) && ++change.faults < MOST_FAULTS) return;
    if (problem.status === GONE)
      pools[change.thing].drop(names.real(change.key), known(change)?.version ?? 0);
    undo(change);
    tell.failed(change, problem);
  }

  function settle(change: Change, data: unknown) {
    const { thing, what, key } = change;
    if (what === "add") names.settle(key, (data as Todo).id);
    else todos.adopt(withChanges(todos.things.peek(), [change], names));
    if (data) pools[thing].put(data as Todo);
    if (thing === "list" && what === "remove") lists.drop(names.real(key), (known(change)?.version ?? 0) + 1);
    leave([change]);
    tell.saved(change);
  }

  /** Take back a change that was refused, and what hangs on it. */
  function undo(change: Change) {
    const hangsOn = (one: Change) => one.key === change.key || references(one.patch).includes(change.key);
    leave(change.what === "add" ? changes.peek().filter(hangsOn) : [change]);
    for (const later of changes.peek().filter(({ key }) => key === change.key)) {
      const isOurs = (name: string) => name in later.seen && same(later.seen[name], change.patch[name]);
      const before = Object.entries(change.seen).filter(([name]) => isOurs(name));
      later.seen = { ...later.seen, ...Object.fromEntries(before) };
    }
  }

  return deliver;
}

const isRefused = (answer: Answer, status: number): boolean => !answer.ok && answer.problem.status === status;
