import { vi } from "vitest";
import type { List, Todo } from "./types.ts";

type Stored = Omit<Todo, "key" | "unsaved">;
type StoredList = Omit<List, "key" | "unsaved">;

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Record<string, unknown> | undefined;
}

type Reply = (seen: Seen) => Response;

const START = Date.UTC(2026, 10, 20);

/** A service in memory: as much of it as the store has to do with. */
export class FakeService {
  readonly todos = new Map<string, Stored>();
  readonly lists = new Map<string, StoredList>();
  readonly seen: Seen[] = [];
  /** Answers to give instead, one after the other; undefined lets a request through. */
  readonly instead: (Reply | undefined)[] = [];
  /** Whether nobody reaches it. */
  isDown = false;
  /** Whether it does what is asked, and its answers are lost. */
  isMute = false;
  /** Whether changes are told by the stream. */
  tells = true;
  #held: (() => void)[] | undefined;
  readonly #kept = new Map<string, Response>();
  #count = 0;

  todo(fields: Partial<Stored> = {}): Stored {
    const number = ++this.#count;
    const at = new Date(START + number * 1000).toISOString();
    const todo: Stored = {
      id: `01993ea2-7c1e-7b0a-9a55-${String(number).padStart(12, "0")}`,
      ...{ list_id: null, title: `todo ${number}`, notes: null, completed: false, completed_at: null },
      ...{ priority: "none", due_at: null, due_date: null, tags: [], parent_id: null, recurrence: null },
      ...{ remind_at: null, created_at: at, updated_at: at, version: 1 },
      position: `8${String(number).padStart(8, "0")}V`,
      ...fields,
    };
    this.todos.set(todo.id, todo);
    return todo;
  }

  list(fields: Partial<StoredList> = {}): StoredList {
    const { id, position, created_at, updated_at, version } = this.todo();
    this.todos.delete(id);
    const list = { id, position, created_at, updated_at, version, name: "a list", colour: null, ...fields };
    this.lists.set(id, list);
    return list;
  }

  /** Somebody changes it on another device; nobody is told yet. */
  changed(id: string, fields: Partial<Stored>): Stored {
    const todo = { ...this.todos.get(id)!, ...fields, version: this.todos.get(id)!.version + 1 };
    this.todos.set(id, todo);
    return todo;
  }

  /** Keep all answers back until the returned function is called. */
  hold(): () => void {
    const held: (() => void)[] = (this.#held = []);
    return () => {
      if (this.#held === held) this.#held = undefined;
      held.forEach((release) => {
        release();
      });
    };
  }

  asked(method: string, path: RegExp | string = /./): Seen[] {
    return this.seen.filter((one) => one.method === method && (one.path.match(path)?.[0] ?? "") !== "");
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    const seen = {
      method: request.method,
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body,
    };
    this.seen.push(seen);
    const answer = this.isDown ? undefined : (this.instead.shift() ?? this.#answer)(seen);
    const held = this.#held;
    if (held) await new Promise<void>((release) => held.push(release));
    if (!answer || this.isMute) throw new TypeError("Failed to fetch");
    return answer;
  };

  readonly #answer = (seen: Seen): Response => {
    const key = seen.headers.get("idempotency-key");
    const kept = key === null ? undefined : this.#kept.get(key);
    if (kept) return kept.clone();
    const answer = this.#done(seen);
    if (key !== null) this.#kept.set(key, answer.clone());
    return answer;
  };

  #done({ method, path, query, headers, body = {} }: Seen): Response {
    const [thing, id, act] = path.split("/").slice(3);
    if (thing === "tags") return json(200, { items: this.#tags() });
    if (thing === "me") return json(200, {});
    if (thing === "lists") return this.#listDone(method, id, headers, body, query);
    if (id === undefined) return method === "GET" ? this.#page(query) : this.#added(body);
    const todo = this.todos.get(id);
    if (!todo || (act === "restore") !== (todo.deleted_at !== undefined)) return problem(404, "not-found");
    if (method === "GET") return json(200, todo);
    if (act === "restore") {
      this.#steps(id, true).forEach((step) => this.#put({ ...step, deleted_at: undefined }, "added"));
      return json(200, this.#put({ ...todo, deleted_at: undefined }, "added"));
    }
    if (isStale(headers, todo.version)) return problem(412, "precondition-failed");
    if (method === "PATCH") return json(200, this.#edited(todo, body));
    const deleted_at = "2026-11-20T12:00:00Z";
    [todo, ...this.#steps(id)].forEach((gone) => this.#put({ ...gone, deleted_at }, "deleted"));
    return new Response(null, { status: 204 });
  }

  #edited(todo: Stored, body: Partial<Stored>): Stored {
    const isDone = body.completed === true && !todo.completed;
    const completed_at = (body.completed ?? todo.completed) ? "2026-11-20T12:00:00Z" : null;
    const edited = this.#put(
      { ...todo, ...body, completed_at, ...(isDone && { recurrence: null }) },
      "edited",
    );
    if (isDone && todo.recurrence)
      this.#tell("todo", "added", this.todo({ ...todo, id: this.todo().id, version: 1 }));
    return edited;
  }

  #added(body: Partial<Stored>): Response {
    const parent = this.todos.get(body.parent_id ?? "");
    const todo = this.todo({ ...(parent && { list_id: parent.list_id }), ...body });
    this.#tell("todo", "added", todo);
    return json(201, todo);
  }

  #listDone(
    method: string,
    id: string | undefined,
    headers: Headers,
    body: Partial<StoredList>,
    query: URLSearchParams,
  ): Response {
    if (id === undefined) {
      if (method === "GET") return json(200, { items: [...this.lists.values()] });
      const added = this.list(body);
      this.#tell("list", "added", added);
      return json(201, added);
    }
    const list = this.lists.get(id);
    if (!list) return problem(404, "not-found");
    if (method === "GET") return json(200, list);
    if (isStale(headers, list.version)) return problem(412, "precondition-failed");
    if (method === "PATCH") {
      const edited = { ...list, ...body, version: list.version + 1 };
      this.lists.set(id, edited);
      this.#tell("list", "edited", edited);
      return json(200, edited);
    }
    for (const todo of [...this.todos.values()].filter((one) => one.list_id === id && !one.deleted_at)) {
      if (query.get("todos") === "delete")
        this.#put({ ...todo, deleted_at: "2026-11-20T12:00:00Z" }, "deleted");
      else this.#put({ ...todo, list_id: query.get("to") }, "edited");
    }
    this.lists.delete(id);
    this.#tell("list", "deleted", { ...list, version: list.version + 1 });
    return new Response(null, { status: 204 });
  }

  #page(query: URLSearchParams): Response {
    const limit = Number(query.get("limit"));
    const from = Number(query.get("cursor") ?? 0);
    const wants = (name: string, has: unknown) => !query.has(name) || query.get(name) === String(has);
    const fitting = [...this.todos.values()].filter(
      (todo) =>
        (query.get("deleted") === "true") === (todo.deleted_at !== undefined) &&
        (!query.has("tag") || todo.tags.includes(query.get("tag")!)) &&
        (!query.has("q") || todo.title.includes(query.get("q")!)) &&
        wants("completed", todo.completed) &&
        wants("list_id", todo.list_id) &&
        wants("parent_id", todo.parent_id),
    );
    fitting.sort((one, other) => (one.position < other.position ? -1 : 1));
    const next = from + limit < fitting.length ? String(from + limit) : null;
    return json(200, { items: fitting.slice(from, from + limit), next_cursor: next });
  }

  #steps(id: string, isGone = false): Stored[] {
    const isOne = (todo: Stored) => todo.parent_id === id && (todo.deleted_at !== undefined) === isGone;
    return [...this.todos.values()].filter(isOne);
  }

  #tags() {
    const tags = [...this.todos.values()].filter((todo) => !todo.deleted_at).flatMap((todo) => todo.tags);
    return [...new Set(tags)].sort().map((tag) => ({ tag, todos: tags.filter((one) => one === tag).length }));
  }

  #put(
    { deleted_at, ...todo }: Omit<Stored, "deleted_at"> & { deleted_at?: string | undefined },
    kind: string,
  ): Stored {
    const put = { ...todo, version: todo.version + 1, ...(deleted_at && { deleted_at }) };
    this.todos.set(put.id, put);
    this.#tell("todo", kind, put);
    return put;
  }

  #tell(thing: string, kind: string, { id, version }: { id: string; version: number }): void {
    if (this.tells) FakeEventSource.tell("change", { thing, kind, id, version });
  }
}

const isStale = (headers: Headers, version: number) =>
  !["*", null, `"${version}"`].includes(headers.get("if-match"));

export const json = (status: number, body: unknown, headers = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

export const problem = (status: number, slug: string, headers = {}): Response =>
  json(status, { type: `https://todo.test/problems/${slug}`, title: slug, status }, headers);

/** A stream that is opened, cut off and fed by hand. */
export class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeEventSource[] = [];
  readyState = 0;

  constructor(readonly url: string) {
    super();
    FakeEventSource.all.push(this);
  }

  static get last(): FakeEventSource {
    return FakeEventSource.all.at(-1)!;
  }

  /** Tell it to whoever reads. */
  static tell(type: string, data?: object): void {
    for (const one of FakeEventSource.all) if (one.readyState === 1) one.say(type, data);
  }

  say(type: string, data?: object): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  cutOff(readyState = 0): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }

  close(): void {
    this.readyState = 2;
  }
}

/** Locks of tabs that are all in this process. */
export class FakeLocks {
  readonly #queue: (() => Promise<void>)[] = [];

  request = async (_: string, { signal }: { signal: AbortSignal }, held: () => Promise<void> | undefined) => {
    await new Promise<void>((resolve) => {
      const enter = async () => {
        if (!signal.aborted) await held();
        this.#queue.shift();
        resolve();
        void this.#queue[0]?.();
      };
      this.#queue.push(enter);
      if (this.#queue.length === 1) void enter();
    });
  };
}

/** A channel between tabs that are all in this process. */
export class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(readonly name: string) {
    FakeChannel.all.push(this);
  }

  postMessage(data: unknown): void {
    for (const one of FakeChannel.all) if (one !== this) one.onmessage?.({ data: structuredClone(data) });
  }

  close(): void {
    FakeChannel.all = FakeChannel.all.filter((one) => one !== this);
  }
}

/** Put these in the place of the browser's; `vi.unstubAllGlobals()` takes them away. */
export function stubBrowser(service: FakeService, { shares = true } = {}): void {
  FakeEventSource.all = [];
  FakeChannel.all = [];
  vi.stubGlobal("fetch", service.fetch);
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  const locks = shares ? { locks: new FakeLocks() } : {};
  vi.stubGlobal("navigator", Object.assign(Object.create(null), { languages: ["en"], ...locks }));
}

/** Let everything happen that waits for no time to pass. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await vi.advanceTimersByTimeAsync(0);
  await vi.dynamicImportSettled();
  for (let turn = 0; turn < 20; turn++) await vi.advanceTimersByTimeAsync(0);
}
