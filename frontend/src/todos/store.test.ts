import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeEventSource, FakeService, problem, quiet, stubBrowser } from "./service.fake.ts";
import { createStore, type Notice, type Store, type View } from "./store.ts";

const stores: Store[] = [];
let service: FakeService;

beforeEach(() => {
  vi.useFakeTimers();
  service = new FakeService();
  stubBrowser(service);
});

afterEach(() => {
  for (const store of stores.splice(0)) store.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const OPEN: View = { list: "all", show: "open", sort: "position" };

/** A store that has loaded and is told of changes. */
async function started(view: View = OPEN): Promise<Store> {
  const store = createStore(view);
  stores.push(store);
  store.start();
  await quiet();
  FakeEventSource.last.open();
  await vi.advanceTimersByTimeAsync(1000);
  await quiet();
  service.seen.length = 0;
  return store;
}

const titles = (store: Store) => store.todos.value.map(({ title }) => title);
const notice = <Kind extends Notice["kind"]>(store: Store, kind: Kind) =>
  store.notices.value.find((one) => one.kind === kind) as Extract<Notice, { kind: Kind }>;

describe("what is shown", () => {
  it("is loading until the first page is there", async () => {
    service.todo();
    const store = createStore();
    stores.push(store);
    expect(store.loading.value).toBe(true);
    store.start();
    await quiet();
    expect(store.loading.value).toBe(false);
    expect(titles(store)).toEqual(["todo 1"]);
  });

  it("has a hundred todos to a page, and the next when it is asked for", async () => {
    for (let number = 0; number < 250; number++) service.todo();
    const store = await started();
    expect(store.todos.value.length).toBe(100);
    expect(store.hasMore.value).toBe(true);
    await Promise.all([store.more(), store.more()]);
    expect(store.todos.value.length).toBe(200);
    await store.more();
    expect([store.todos.value.length, store.hasMore.value]).toEqual([250, false]);
    expect(service.asked("GET", "/todos").length).toBe(2);
  });

  it("shows nothing that lies behind the last page but what was made here", async () => {
    for (let number = 0; number < 150; number++) service.todo();
    const store = await started();
    const { id } = service.todo({ title: "far off" });
    FakeEventSource.tell("change", { thing: "todo", kind: "added", id, version: 1 });
    await quiet();
    expect(titles(store)).not.toContain("far off");
    store.add({ title: "mine" });
    await quiet();
    expect(titles(store).at(-1)).toBe("mine");
  });

  it("puts steps behind their todo", async () => {
    const first = service.todo({ title: "trip" });
    service.todo({ title: "other" });
    service.todo({ title: "tickets", parent_id: first.id });
    const store = await started();
    expect(titles(store)).toEqual(["trip", "tickets", "other"]);
    expect(store.stepsOf(first.id).map(({ title }) => title)).toEqual(["tickets"]);
  });

  it("loads the steps that the view does not show", async () => {
    const { id } = service.todo();
    service.todo({ title: "done step", parent_id: id, completed: true });
    const store = await started();
    expect(store.stepsOf(id)).toEqual([]);
    await store.loadSteps(id);
    expect(store.stepsOf(id).map(({ title }) => title)).toEqual(["done step"]);
    expect(store.todos.value.length).toBe(1);
  });

  it("is asked for as the view says", async () => {
    const { id } = service.list();
    const store = await started();
    store.view.value = { list: id, show: "done", tag: "home", q: " two words ", sort: "-due_at" };
    await quiet();
    const query = Object.fromEntries(service.asked("GET", "/todos")[0]!.query);
    const asked = {
      list_id: id,
      completed: "true",
      tag: "home",
      q: "two words",
      sort: "-due_at",
      limit: "100",
    };
    expect(query).toEqual(asked);
  });

  it("is sifted here at once, and asked for a moment after the last letter of a search", async () => {
    service.todo({ title: "red apple" });
    service.todo({ title: "green pear" });
    const store = await started();
    for (const q of ["p", "pe", "pea"]) store.view.value = { ...OPEN, q };
    expect([titles(store), store.loading.value]).toEqual([["green pear"], true]);
    await quiet();
    expect(service.asked("GET", "/todos")).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await quiet();
    expect(service.asked("GET", "/todos").map(({ query }) => query.get("q"))).toEqual(["pea"]);
    expect(store.loading.value).toBe(false);
  });

  it("is that of the last view, whichever answer comes first", async () => {
    service.todo({ title: "open" });
    service.todo({ title: "done", completed: true });
    const store = await started();
    const answerFirst = service.hold();
    store.view.value = { ...OPEN, show: "done" };
    await quiet();
    const answerSecond = service.hold();
    store.view.value = OPEN;
    await quiet();
    answerSecond();
    await quiet();
    answerFirst();
    await quiet();
    expect([titles(store), store.loading.value]).toEqual([["open"], false]);
  });

  it("has in the inbox what is in no list, from as many pages as that takes", async () => {
    const { id } = service.list();
    for (let number = 0; number < 150; number++) service.todo({ list_id: id });
    service.todo({ title: "loose" });
    const store = await started({ ...OPEN, list: null });
    expect([titles(store), store.hasMore.value]).toEqual([["loose"], false]);
  });

  it("knows lists and tags", async () => {
    const list = service.list({ name: "home" });
    service.todo({ tags: ["b", "a"], list_id: list.id });
    const store = await started();
    expect(store.lists.value.map(({ name }) => name)).toEqual(["home"]);
    expect(store.tags.value).toEqual([
      { tag: "a", todos: 1 },
      { tag: "b", todos: 1 },
    ]);
  });

  it("is told when it cannot be loaded", async () => {
    const store = await started();
    service.instead.push(() => problem(422, "invalid-input"));
    store.view.value = { ...OPEN, tag: "x" };
    await quiet();
    expect(notice(store, "unloaded").problem.slug).toBe("invalid-input");
    expect(store.loading.value).toBe(false);
    store.dismiss(notice(store, "unloaded"));
    expect(store.notices.value).toEqual([]);
  });

  it("is loaded when the network comes back", async () => {
    service.isDown = true;
    service.todo();
    const store = createStore();
    stores.push(store);
    store.start();
    await quiet();
    expect([store.loading.value, store.connection.value]).toEqual([true, "offline"]);
    service.isDown = false;
    await vi.advanceTimersByTimeAsync(1000);
    await quiet();
    expect([store.loading.value, titles(store)]).toEqual([false, ["todo 1"]]);
  });
});

describe("a change", () => {
  it("is seen at once, and saved", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    store.edit(id, { title: "bread" });
    expect(titles(store)).toEqual(["bread"]);
    expect([store.waiting.value, store.todo(id)?.unsaved]).toEqual([1, true]);
    await quiet();
    expect([store.waiting.value, store.todo(id)?.unsaved]).toEqual([0, false]);
    expect(service.todos.get(id)?.title).toBe("bread");
  });

  it("names the version that it is made to, and only the touched fields", async () => {
    const { id } = service.todo({ version: 7 });
    const store = await started();
    store.edit(id, { notes: "n" });
    await quiet();
    const [patch] = service.asked("PATCH");
    expect([patch!.headers.get("if-match"), patch!.body]).toEqual(['"7"', { notes: "n" }]);
  });

  it("waits for the one before it of the same todo, and not for others", async () => {
    const [one, other] = [service.todo(), service.todo()];
    const store = await started();
    const release = service.hold();
    store.edit(one.id, { title: "a" });
    store.edit(one.id, { title: "b" });
    store.edit(other.id, { title: "c" });
    await quiet();
    expect(service.asked("PATCH").map(({ body }) => body)).toEqual([{ title: "a" }, { title: "c" }]);
    release();
    await quiet();
    const last = service.asked("PATCH").at(-1)!;
    expect([last.body, last.headers.get("if-match")]).toEqual([{ title: "b" }, '"2"']);
  });

  it("joins one that was not sent yet", async () => {
    const { id } = service.todo();
    const store = await started();
    const release = service.hold();
    store.edit(id, { title: "a" });
    await quiet();
    store.edit(id, { notes: "b" });
    store.edit(id, { notes: "c", priority: "high" });
    expect(store.waiting.value).toBe(2);
    release();
    await quiet();
    expect(service.asked("PATCH").at(-1)!.body).toEqual({ notes: "c", priority: "high" });
  });

  it("that changes nothing asks nothing", async () => {
    const { id } = service.todo({ title: "same" });
    const store = await started();
    store.edit(id, { title: "same" });
    await quiet();
    expect([service.seen, store.waiting.value]).toEqual([[], 0]);
  });

  it("of one due date clears the other", async () => {
    const { id } = service.todo({ due_at: "2026-11-21T09:00:00Z" });
    const store = await started();
    store.edit(id, { due_date: "2026-11-22" });
    await quiet();
    expect(service.asked("PATCH")[0]!.body).toEqual({ due_at: null, due_date: "2026-11-22" });
  });

  it("of the list takes the steps along", async () => {
    const list = service.list();
    const { id } = service.todo();
    const step = service.todo({ parent_id: id });
    const store = await started();
    store.edit(id, { list_id: list.id });
    expect(store.todo(step.id)?.list_id).toBe(list.id);
  });

  it("by which a todo is done takes it out of the open ones", async () => {
    const { id } = service.todo();
    const store = await started();
    store.complete(id, true);
    expect(store.todos.value).toEqual([]);
    expect(store.todo(id)?.completed_at).not.toBeNull();
    await quiet();
    expect(service.todos.get(id)?.completed).toBe(true);
  });

  it("by which a todo is done that recurs brings the next one", async () => {
    const { id } = service.todo({ title: "water", due_date: "2026-11-20", recurrence: "FREQ=DAILY" });
    const store = await started();
    store.complete(id, true);
    await quiet();
    expect(titles(store)).toEqual(["water"]);
    expect(store.todos.value[0]!.id).not.toBe(id);
  });

  it("by which a todo is done brings the next one also while nobody tells of it", async () => {
    const { id } = service.todo({ title: "water", due_date: "2026-11-20", recurrence: "FREQ=DAILY" });
    const store = await started();
    FakeEventSource.last.cutOff();
    store.complete(id, true);
    await quiet();
    expect(titles(store)).toEqual(["water"]);
  });
});

describe("a new todo", () => {
  it("is seen at once, and keeps its key when it gets its id", async () => {
    service.todo();
    const store = await started();
    const key = store.add({ title: "mine" });
    expect(titles(store)).toEqual(["todo 1", "mine"]);
    const before = store.todos.value[1]!;
    await quiet();
    const after = store.todos.value[1]!;
    expect([before.key, after.key, after.unsaved]).toEqual([key, key, false]);
    expect(after.id).not.toBe(key);
    expect(store.todo(key)).toBe(store.todo(after.id));
  });

  it("keeps its key also when pages bring it before it is answered", async () => {
    const store = await started();
    const release = service.hold();
    const key = store.add({ title: "mine" });
    await quiet();
    service.hold()();
    FakeEventSource.last.say("reset");
    await quiet();
    release();
    await quiet();
    expect(store.todos.value.map((todo) => todo.key)).toEqual([key]);
  });

  it("is made once, however often it is sent", async () => {
    const store = await started();
    service.isMute = true;
    store.add({ title: "once" });
    await quiet();
    service.isMute = false;
    store.retry();
    await quiet();
    const keys = service.asked("POST").map(({ headers }) => headers.get("idempotency-key"));
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
    expect([...service.todos.values()].length).toBe(1);
    expect(titles(store)).toEqual(["once"]);
  });

  it("can be changed before it is saved, without changing what is sent again", async () => {
    const store = await started();
    service.isMute = true;
    const key = store.add({ title: "draft" });
    await quiet();
    store.edit(key, { title: "better" });
    expect(titles(store)).toEqual(["better"]);
    service.isMute = false;
    store.retry();
    await quiet();
    expect(service.asked("POST").map(({ body }) => body)).toEqual([{ title: "draft" }, { title: "draft" }]);
    expect([...service.todos.values()].map(({ title }) => title)).toEqual(["better"]);
  });

  it("can have steps, and be in a list, that are new themselves", async () => {
    const store = await started();
    const list = store.addList({ name: "trip" });
    const todo = store.add({ title: "pack", list_id: list });
    store.add({ title: "socks", parent_id: todo });
    store.view.value = { ...OPEN, list };
    expect(titles(store)).toEqual(["pack", "socks"]);
    await quiet();
    expect(titles(store)).toEqual(["pack", "socks"]);
    const [saved] = service.lists.values();
    const [pack, socks] = [...service.todos.values()];
    expect([pack!.list_id, socks!.parent_id]).toEqual([saved!.id, pack!.id]);
  });

  it("that is dropped before it was sent was never there", async () => {
    const store = await started();
    service.isDown = true;
    store.add({ title: "first" });
    await quiet();
    const key = store.add({ title: "slip" });
    store.remove(key);
    expect([titles(store), store.waiting.value]).toEqual([["first"], 1]);
    notice(store, "deleted").undo();
    expect(titles(store)).toEqual(["first", "slip"]);
    store.remove(key);
    service.isDown = false;
    store.retry();
    await quiet();
    expect([...service.todos.values()].map(({ title }) => title)).toEqual(["first"]);
  });
});

describe("what somebody else changed meanwhile", () => {
  it("is kept where the person touched another field, and not told", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.changed(id, { notes: "theirs" });
    store.edit(id, { title: "mine" });
    await quiet();
    expect(service.todos.get(id)).toMatchObject({ title: "mine", notes: "theirs", version: 3 });
    expect(store.todo(id)).toMatchObject({ title: "mine", notes: "theirs" });
    expect(service.asked("PATCH").map(({ headers }) => headers.get("if-match"))).toEqual(['"1"', '"2"']);
    expect(store.notices.value).toEqual([]);
  });

  it("is written over where it is the same field, told, and can be taken", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.changed(id, { title: "theirs" });
    store.edit(id, { title: "mine", notes: "n" });
    await quiet();
    expect(service.todos.get(id)).toMatchObject({ title: "mine", notes: "n" });
    const { fields, takeTheirs } = notice(store, "conflict");
    expect(fields).toEqual({ title: { yours: "mine", theirs: "theirs" } });
    takeTheirs();
    await quiet();
    expect(service.todos.get(id)?.title).toBe("theirs");
  });

  it("is a conflict too when it was told while the change waited", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.isDown = true;
    store.edit(id, { title: "mine" });
    await quiet();
    service.isDown = false;
    const { version } = service.changed(id, { title: "theirs" });
    FakeEventSource.tell("change", { thing: "todo", kind: "edited", id, version });
    await vi.advanceTimersByTimeAsync(1000);
    await quiet();
    expect(notice(store, "conflict").fields).toEqual({ title: { yours: "mine", theirs: "theirs" } });
  });

  it("is a conflict too when it came while the person was writing", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    const seen = store.todo(id)!;
    const { version } = service.changed(id, { title: "theirs" });
    FakeEventSource.tell("change", { thing: "todo", kind: "edited", id, version });
    await quiet();
    store.edit(id, { title: "mine" }, seen);
    await quiet();
    expect(notice(store, "conflict").fields).toEqual({ title: { yours: "mine", theirs: "theirs" } });
  });

  it("is no conflict when both changed it to the same", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.changed(id, { title: "both" });
    store.edit(id, { title: "both" });
    await quiet();
    expect([store.notices.value, store.waiting.value]).toEqual([[], 0]);
  });

  it("is no conflict when it was one's own change whose answer was lost", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.tells = false;
    service.isMute = true;
    store.edit(id, { title: "b" });
    await quiet();
    store.edit(id, { title: "c" });
    service.isMute = false;
    store.retry();
    await quiet();
    expect(service.todos.get(id)?.title).toBe("c");
    expect(store.notices.value).toEqual([]);
  });

  it("is tried again once only; then the change is undone and told", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    const stale = () => problem(412, "precondition-failed");
    service.instead.push(stale, undefined, stale);
    store.edit(id, { title: "mine" });
    await quiet();
    expect(service.asked("PATCH").length).toBe(2);
    expect([titles(store), notice(store, "failed").problem.status]).toEqual([["milk"], 412]);
  });

  it("is told as a failure when the todo is gone", async () => {
    const { id } = service.todo();
    const store = await started();
    service.todos.delete(id);
    store.edit(id, { title: "mine" });
    await quiet();
    expect([store.todos.value, notice(store, "failed").problem.slug]).toEqual([[], "not-found"]);
  });
});

describe("without the network", () => {
  it("changes stay, and are sent after growing pauses of at most 30 seconds", async () => {
    const { id } = service.todo();
    const store = await started();
    service.isDown = true;
    store.edit(id, { title: "later" });
    await quiet();
    expect([store.connection.value, store.waiting.value, titles(store)]).toEqual(["offline", 1, ["later"]]);
    for (const [index, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(service.seen.length).toBe(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      await quiet();
      expect(service.seen.length).toBe(index + 2);
    }
    service.isDown = false;
    await vi.advanceTimersByTimeAsync(30_000);
    await quiet();
    expect([store.connection.value, store.waiting.value]).toEqual(["live", 0]);
    expect(service.todos.get(id)?.title).toBe("later");
  });

  it.each([
    [
      "asked for",
      (store: Store) => {
        store.retry();
      },
    ],
    ["the browser is online", () => dispatchEvent(new Event("online"))],
    ["the page is seen", () => document.dispatchEvent(new Event("visibilitychange"))],
    ["anything else gets through", (store: Store) => (store.view.value = { ...OPEN, show: "done" })],
  ])("they are sent at once when %s", async (_, happens) => {
    const { id } = service.todo();
    const store = await started();
    service.isDown = true;
    store.edit(id, { title: "later" });
    await quiet();
    service.isDown = false;
    happens(store);
    await quiet();
    expect([store.waiting.value, store.connection.value]).toEqual([0, "live"]);
  });

  it("is said when the browser knows it, and taken back when it is not so", async () => {
    const store = await started();
    dispatchEvent(new Event("offline"));
    expect(store.connection.value).toBe("offline");
    dispatchEvent(new Event("online"));
    await quiet();
    expect(store.connection.value).toBe("live");
  });

  it("the order of the changes stays", async () => {
    const store = await started();
    service.isDown = true;
    const key = store.add({ title: "a" });
    await quiet();
    store.edit(key, { title: "b" });
    store.remove(key);
    service.isDown = false;
    store.retry();
    await quiet();
    expect(service.seen.slice(1).map(({ method }) => method)).toEqual(["POST", "PATCH", "DELETE"]);
  });

  it("the browser asks before the page is left with changes that wait", async () => {
    const { id } = service.todo();
    const store = await started();
    const leave = () => dispatchEvent(new Event("beforeunload", { cancelable: true }));
    expect(leave()).toBe(true);
    service.isDown = true;
    store.edit(id, { title: "later" });
    await quiet();
    expect(leave()).toBe(false);
  });
});

describe("a refusal", () => {
  it("undoes the change and is told; the person can try again", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.instead.push(() => problem(422, "invalid-input"));
    store.edit(id, { title: "bad" });
    await quiet();
    expect([titles(store), store.waiting.value]).toEqual([["milk"], 0]);
    expect(notice(store, "failed")).toMatchObject({ title: "bad", problem: { slug: "invalid-input" } });
    notice(store, "failed").again();
    await quiet();
    expect(titles(store)).toEqual(["bad"]);
  });

  it("of a new todo undoes what hangs on it", async () => {
    const store = await started();
    service.instead.push(() => problem(422, "invalid-input"));
    const key = store.add({ title: "parent" });
    store.add({ title: "step", parent_id: key });
    await quiet();
    expect([titles(store), store.waiting.value, service.seen.length]).toEqual([[], 0, 1]);
  });

  it("of a change is no conflict with the next", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.instead.push(() => problem(422, "invalid-input"));
    store.edit(id, { title: "bad" });
    store.edit(id, { title: "good" });
    await quiet();
    expect(titles(store)).toEqual(["good"]);
    expect(store.notices.value.map(({ kind }) => kind)).toEqual(["failed"]);
  });

  it("for the end of the session leads to the log-in", async () => {
    const { id } = service.todo();
    const store = await started();
    const replace = vi.spyOn(location, "replace").mockImplementation(() => undefined);
    history.replaceState(null, "", "/?tag=a");
    service.instead.push(() => problem(401, "unauthenticated"));
    store.edit(id, { title: "late" });
    await quiet();
    expect(replace.mock.calls).toEqual([["/log-in?next=%2F%3Ftag%3Da"]]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.asked("PATCH").length).toBe(1);
    expect(store.notices.value).toEqual([]);
  });

  it.each([429, 503])("with %i is heeded as long as it says", async (status) => {
    const { id } = service.todo();
    const store = await started();
    service.instead.push(() => problem(status, "not-now", { "Retry-After": "45" }));
    store.edit(id, { title: "patient" });
    await quiet();
    store.retry();
    await vi.advanceTimersByTimeAsync(44_999);
    expect([service.seen.length, store.waiting.value, titles(store)]).toEqual([1, 1, ["patient"]]);
    expect(store.connection.value).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    await quiet();
    expect([store.waiting.value, service.todos.get(id)?.title]).toEqual([0, "patient"]);
  });

  it("for a fault of the service is believed after five times", async () => {
    const { id } = service.todo({ title: "milk" });
    const store = await started();
    service.instead.push(...Array.from({ length: 5 }, () => () => problem(500, "internal")));
    store.edit(id, { title: "poison" });
    await quiet();
    await vi.advanceTimersByTimeAsync(15_000);
    await quiet();
    expect(service.asked("PATCH").length).toBe(5);
    expect([titles(store), notice(store, "failed").problem.status]).toEqual([["milk"], 500]);
  });
});

describe("removing", () => {
  it("takes the todo and its steps away, and can be undone", async () => {
    const { id } = service.todo({ title: "trip" });
    service.todo({ title: "tickets", parent_id: id });
    const store = await started();
    store.remove(id);
    expect(store.todos.value).toEqual([]);
    await quiet();
    expect(service.asked("DELETE")[0]!.headers.get("if-match")).toBe('"1"');
    notice(store, "deleted").undo();
    expect(titles(store)).toEqual(["trip", "tickets"]);
    await quiet();
    expect(titles(store)).toEqual(["trip", "tickets"]);
    expect(store.todo(id)?.version).toBe(3);
  });

  it("can be undone after the pages were loaded again", async () => {
    const { id } = service.todo({ title: "trip" });
    const store = await started();
    store.remove(id);
    await quiet();
    FakeEventSource.last.say("reset");
    await quiet();
    store.restore(id);
    expect(titles(store)).toEqual(["trip"]);
    await quiet();
    expect(service.todos.get(id)?.deleted_at).toBeUndefined();
  });

  it("asks nothing when it is undone before it was sent", async () => {
    const { id } = service.todo();
    const store = await started();
    const release = service.hold();
    store.edit(id, { title: "x" });
    await quiet();
    store.remove(id);
    store.restore(id);
    release();
    await quiet();
    expect(service.seen.map(({ method }) => method)).toEqual(["PATCH"]);
    expect(titles(store)).toEqual(["x"]);
  });

  it("is done when the todo is in the bin already", async () => {
    const { id } = service.todo();
    const store = await started();
    service.isMute = true;
    store.remove(id);
    await quiet();
    service.isMute = false;
    store.retry();
    await quiet();
    expect([store.waiting.value, store.todos.value]).toEqual([0, []]);
    expect(store.notices.value.map(({ kind }) => kind)).toEqual(["deleted"]);
  });

  it("removes what was changed elsewhere too", async () => {
    const { id } = service.todo();
    const store = await started();
    service.changed(id, { title: "theirs" });
    store.remove(id);
    await quiet();
    expect(service.todos.get(id)?.deleted_at).toBeDefined();
  });

  it("from the bin, a todo comes back with the steps that went with it", async () => {
    const deleted_at = "2026-11-20T12:00:00Z";
    const { id } = service.todo({ title: "trip", deleted_at });
    service.todo({ title: "tickets", parent_id: id, deleted_at });
    const store = await started({ ...OPEN, show: "bin" });
    expect(titles(store)).toEqual(["trip", "tickets"]);
    store.restore(id);
    expect(store.todos.value).toEqual([]);
    store.view.value = OPEN;
    await quiet();
    expect(titles(store)).toEqual(["trip", "tickets"]);
  });

  it("is done when somebody took it out of the bin before", async () => {
    const deleted_at = "2026-11-20T12:00:00Z";
    const { id } = service.todo({ deleted_at });
    const store = await started({ ...OPEN, show: "bin" });
    const back = service.changed(id, {});
    delete back.deleted_at;
    store.restore(id);
    await quiet();
    expect([store.waiting.value, store.notices.value, store.todo(id)?.version]).toEqual([0, [], 2]);
  });
});

describe("moving", () => {
  it.each([
    ["before", 0, [2, 0, 1]],
    ["before", 1, [0, 2, 1]],
    ["after", 0, [0, 2, 1]],
  ])("the third %s number %i gives the order %o", async (side, target, order) => {
    const todos = [service.todo(), service.todo(), service.todo()];
    const store = await started();
    store.move(todos[2]!.id, { [side]: todos[target]!.id });
    const wanted = order.map((index) => todos[index]!.title);
    expect(titles(store)).toEqual(wanted);
    await quiet();
    expect(titles(store)).toEqual(wanted);
    expect(Object.keys(service.asked("PATCH")[0]!.body!)).toEqual(["position"]);
  });

  it("to the end leaves room behind for what is added later", async () => {
    const [first] = [service.todo(), service.todo()];
    const store = await started();
    store.move(first.id, { after: store.todos.value[1]!.id });
    await quiet();
    expect(titles(store)).toEqual(["todo 2", "todo 1"]);
    expect(service.todos.get(first.id)!.position < "9").toBe(true);
  });

  it("behind the last of a page stays in front of the next page", async () => {
    for (let number = 0; number < 101; number++) service.todo();
    const store = await started();
    const last = store.todos.value.at(-1)!;
    store.move(store.todos.value[0]!.id, { after: last.id });
    await quiet();
    const next = [...service.todos.values()][100]!;
    const { position } = service.todos.get(store.todos.value.at(-1)!.id)!;
    expect([last.position < position, position < next.position]).toEqual([true, true]);
  });

  it("puts a step among the steps of its todo", async () => {
    const { id } = service.todo({ title: "trip" });
    const [one, other] = [service.todo({ parent_id: id }), service.todo({ parent_id: id })];
    const store = await started();
    store.move(other.id, { before: one.id });
    expect(titles(store)).toEqual(["trip", other.title, one.title]);
    store.move(other.id, { before: id });
    expect(titles(store)).toEqual(["trip", other.title, one.title]);
  });
});

describe("lists", () => {
  it("are added, changed, put in order and removed", async () => {
    const home = service.list({ name: "home" });
    const store = await started();
    const key = store.addList({ name: "work" });
    store.editList(home.id, { colour: "#00aa00" });
    store.moveList(key, { before: home.id });
    expect(store.lists.value.map(({ name }) => name)).toEqual(["work", "home"]);
    await quiet();
    expect(store.lists.value.map(({ name, colour }) => [name, colour])).toEqual([
      ["work", null],
      ["home", "#00aa00"],
    ]);
    store.removeList(home.id, { todos: "move" });
    expect(store.lists.value.map(({ name }) => name)).toEqual(["work"]);
    await quiet();
    expect([...service.lists.values()].map(({ name }) => name)).toEqual(["work"]);
  });

  it.each([
    ["move", undefined, ["a todo"]],
    ["move", "other", ["a todo"]],
    ["delete", undefined, []],
  ] as const)("removed with %s to %s leave %o", async (todos, to, left) => {
    const [home, other] = [service.list(), service.list()];
    const { id } = service.todo({ title: "a todo", list_id: home.id });
    const store = await started();
    service.tells = false;
    store.removeList(home.id, { todos, ...(to && { to: other.id }) });
    expect(titles(store)).toEqual(left);
    await quiet();
    expect(titles(store)).toEqual(left);
    expect(store.todo(id)?.list_id ?? null).toBe(todos === "delete" ? home.id : to ? other.id : null);
  });

  it("are removed after what was changed before", async () => {
    const home = service.list();
    const { id } = service.todo({ list_id: home.id });
    const store = await started();
    store.edit(id, { list_id: null });
    store.removeList(home.id, { todos: "delete" });
    await quiet();
    expect(service.todos.get(id)?.deleted_at).toBeUndefined();
  });

  it("changed elsewhere are loaded again, those removed are dropped", async () => {
    const home = service.list({ name: "home" });
    const store = await started();
    const work = service.list({ name: "work" });
    FakeEventSource.tell("change", { thing: "list", kind: "added", id: work.id, version: 1 });
    await quiet();
    expect(store.lists.value.map(({ name }) => name)).toEqual(["home", "work"]);
    service.lists.delete(home.id);
    FakeEventSource.tell("change", { thing: "list", kind: "deleted", id: home.id, version: 2 });
    await quiet();
    expect(store.lists.value.map(({ name }) => name)).toEqual(["work"]);
    expect(service.asked("GET", /lists$/).length).toBe(1);
  });
});

describe("tags", () => {
  it("are counted anew some time after they changed", async () => {
    const { id } = service.todo();
    const store = await started();
    store.edit(id, { tags: [" new ", "new"] });
    expect(store.todo(id)?.tags).toEqual(["new"]);
    await quiet();
    await vi.advanceTimersByTimeAsync(1000);
    await quiet();
    expect(store.tags.value).toEqual([{ tag: "new", todos: 1 }]);
  });
});
