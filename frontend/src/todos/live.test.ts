import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeEventSource, FakeService, problem, quiet, stubBrowser } from "./service.fake.ts";
import { createStore, type Store, type View } from "./store.ts";

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

async function tab(view?: View): Promise<Store> {
  const store = createStore(view);
  stores.push(store);
  store.start();
  await quiet();
  return store;
}

async function started(view?: View): Promise<Store> {
  const store = await tab(view);
  FakeEventSource.last.open();
  await vi.advanceTimersByTimeAsync(1000);
  await quiet();
  service.seen.length = 0;
  return store;
}

const titles = (store: Store) => store.todos.value.map(({ title }) => title);
const tell = (kind: string, { id, version }: { id: string; version: number }) => {
  FakeEventSource.tell("change", { thing: "todo", kind, id, version });
};

describe("what happens elsewhere", () => {
  it("is loaded by its id", async () => {
    const { id } = service.todo();
    const store = await started();
    tell("edited", service.changed(id, { title: "theirs" }));
    tell("added", service.todo({ title: "new" }));
    await quiet();
    expect(titles(store)).toEqual(["theirs", "new"]);
    expect(service.asked("GET").length).toBe(2);
  });

  it("is dropped without asking when it was deleted", async () => {
    const { id } = service.todo();
    const store = await started();
    tell("deleted", { id, version: 2 });
    await quiet();
    expect([store.todos.value, service.seen]).toEqual([[], []]);
  });

  it("is not asked for when that version is known", async () => {
    const { id } = service.todo({ version: 3 });
    await started();
    tell("edited", { id, version: 3 });
    tell("edited", { id, version: 2 });
    await quiet();
    expect(service.seen).toEqual([]);
  });

  it("is not shown where the view does not want it", async () => {
    const { id } = service.todo({ tags: ["a"] });
    const store = await started({ list: "all", show: "open", sort: "position", tag: "a" });
    tell("added", service.todo({ tags: ["b"] }));
    tell("edited", service.changed(id, { completed: true }));
    await quiet();
    expect(titles(store)).toEqual([]);
  });

  it("is asked for four at a time, and as pages when it is much", async () => {
    for (let number = 0; number < 20; number++) service.todo();
    const store = await started();
    const [first, ...rest] = [...service.todos.keys()];
    const answerFirst = service.hold();
    tell("edited", service.changed(first!, { notes: "n" }));
    await quiet();
    const release = service.hold();
    for (const id of rest) tell("edited", service.changed(id, { notes: "n" }));
    answerFirst();
    await quiet();
    expect(service.seen.length).toBe(1 + 4);
    release();
    await quiet();
    expect(service.asked("GET", /todos\/./).length).toBe(20);
    service.seen.length = 0;
    const news = service.todo();
    tell("added", news);
    for (let number = 0; number < 30; number++) tell("added", service.todo());
    await quiet();
    expect(store.todos.value.length).toBe(51);
    expect(service.asked("GET").map(({ path }) => path)).toEqual([
      `/api/v1/todos/${news.id}`,
      "/api/v1/todos",
    ]);
  });

  it("is dropped when it is gone before it is loaded", async () => {
    const { id } = service.todo();
    const store = await started();
    service.todos.delete(id);
    tell("edited", { id, version: 2 });
    await quiet();
    expect([store.todos.value, store.notices.value]).toEqual([[], []]);
  });

  it("is seen in the bin", async () => {
    const { id } = service.todo();
    const store = await started({ list: "all", show: "bin", sort: "position" });
    tell("deleted", service.changed(id, { deleted_at: "2026-11-20T12:00:00Z" }));
    await quiet();
    expect(titles(store)).toEqual(["todo 1"]);
  });

  it("is loaded after the pause when the network is gone", async () => {
    const { id } = service.todo();
    const store = await started();
    service.isDown = true;
    tell("edited", service.changed(id, { title: "theirs" }));
    await quiet();
    expect(titles(store)).toEqual(["todo 1"]);
    service.isDown = false;
    await vi.advanceTimersByTimeAsync(1000);
    await quiet();
    expect(titles(store)).toEqual(["theirs"]);
  });

  it("outlasts pages that were asked for before", async () => {
    const [edited, deleted] = [service.todo(), service.todo()];
    const store = await started();
    const stale = await service.fetch(new Request("http://localhost/api/v1/todos?completed=false&limit=100"));
    service.instead.push(() => stale);
    const release = service.hold();
    FakeEventSource.last.say("reset");
    await quiet();
    service.hold()();
    tell("edited", service.changed(edited.id, { title: "theirs" }));
    tell("deleted", { id: deleted.id, version: 2 });
    tell("added", service.todo({ title: "new" }));
    await quiet();
    release();
    await quiet();
    expect(titles(store)).toEqual(["theirs", "new"]);
  });

  it("costs nothing when it was done here", async () => {
    const { id } = service.todo();
    const store = await started();
    store.edit(id, { title: "mine" });
    const key = store.add({ title: "new" });
    await quiet();
    store.complete(key, true);
    store.remove(id);
    await quiet();
    expect(service.asked("GET")).toEqual([]);
    expect(service.seen.map(({ method }) => method).sort()).toEqual(["DELETE", "PATCH", "PATCH", "POST"]);
  });
});

describe("the stream", () => {
  it("is one, and what was missed before it opened is loaded", async () => {
    const store = await tab();
    expect([store.connection.value, FakeEventSource.all.length]).toEqual(["connecting", 1]);
    service.todo();
    FakeEventSource.last.open();
    await quiet();
    expect([store.connection.value, titles(store)]).toEqual(["live", ["todo 1"]]);
  });

  it("does not throw away the page that is on its way when it opens", async () => {
    const store = await tab();
    service.todo({ completed: true });
    const release = service.hold();
    store.view.value = { list: "all", show: "done", sort: "position" };
    FakeEventSource.last.open();
    await quiet();
    expect(service.asked("GET", /todos$/).length).toBe(2);
    release();
    await quiet();
    expect(service.asked("GET", /todos$/).length).toBe(3);
    expect(titles(store)).toEqual(["todo 1"]);
  });

  it("goes on where it was cut off, without loading all again", async () => {
    const store = await started();
    FakeEventSource.last.cutOff();
    expect(store.connection.value).toBe("connecting");
    FakeEventSource.last.open();
    await quiet();
    expect([store.connection.value, service.seen]).toEqual(["live", []]);
  });

  it("loads all again when it says that something was missed, as many pages as there were", async () => {
    for (let number = 0; number < 150; number++) service.todo();
    const store = await started();
    await store.more();
    service.seen.length = 0;
    const [gone] = service.todos.keys();
    service.todos.delete(gone!);
    FakeEventSource.last.say("reset");
    expect(store.loading.value).toBe(false);
    await quiet();
    expect(store.todos.value.length).toBe(149);
    expect(service.asked("GET", /todos$/).length).toBe(2);
  });

  it("is opened anew after growing pauses when the service refuses it, and then all is loaded again", async () => {
    const store = await started();
    FakeEventSource.last.cutOff(FakeEventSource.CLOSED);
    await quiet();
    expect(service.asked("GET", /me$/).length).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeEventSource.all.length).toBe(2);
    FakeEventSource.last.cutOff(FakeEventSource.CLOSED);
    await quiet();
    await vi.advanceTimersByTimeAsync(3999);
    expect(FakeEventSource.all.length).toBe(2);
    store.retry();
    expect(FakeEventSource.all.length).toBe(3);
    service.todo();
    FakeEventSource.last.open();
    await quiet();
    expect(titles(store)).toEqual(["todo 1"]);
  });

  it("is not opened again when the session is over", async () => {
    await started();
    const replace = vi.spyOn(location, "replace").mockImplementation(() => undefined);
    service.instead.push(() => problem(401, "unauthenticated"));
    FakeEventSource.last.cutOff(FakeEventSource.CLOSED);
    await quiet();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([FakeEventSource.all.length, replace.mock.calls.length]).toEqual([1, 1]);
  });

  it("is closed with the store", async () => {
    const store = await started();
    store.stop();
    expect(FakeEventSource.last.readyState).toBe(FakeEventSource.CLOSED);
    await vi.advanceTimersByTimeAsync(60_000);
    dispatchEvent(new Event("online"));
    expect(service.seen).toEqual([]);
  });

  it("is closed while the page rests in the browser's cache, and opened when it comes back", async () => {
    const store = await started();
    dispatchEvent(new Event("pagehide"));
    expect(FakeEventSource.last.readyState).toBe(FakeEventSource.CLOSED);
    service.todo();
    await quiet();
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await quiet();
    expect([FakeEventSource.all.length, titles(store)]).toEqual([2, ["todo 1"]]);
  });
});

describe("several tabs", () => {
  it("share one stream", async () => {
    const first = await started();
    const second = await tab();
    expect(FakeEventSource.all.length).toBe(1);
    expect([first.connection.value, second.connection.value]).toEqual(["live", "live"]);
    tell("added", service.todo({ title: "news" }));
    await quiet();
    expect([titles(first), titles(second)]).toEqual([["news"], ["news"]]);
    FakeEventSource.last.cutOff();
    expect([first.connection.value, second.connection.value]).toEqual(["connecting", "connecting"]);
  });

  it("see each other's changes", async () => {
    const { id } = service.todo();
    const first = await started();
    const second = await tab();
    second.edit(id, { title: "from the second" });
    await quiet();
    expect([titles(first), titles(second)]).toEqual([["from the second"], ["from the second"]]);
  });

  it("hand the stream on when the one that reads it is closed, and load what was missed", async () => {
    const first = await started();
    const second = await tab();
    const third = await tab();
    first.stop();
    await quiet();
    expect(FakeEventSource.all.length).toBe(2);
    service.todo({ title: "between" });
    FakeEventSource.last.open();
    await quiet();
    expect([titles(second), titles(third)]).toEqual([["between"], ["between"]]);
  });

  it("have a stream each where there are no locks", async () => {
    stubBrowser(service, { shares: false });
    await tab();
    await tab();
    expect(FakeEventSource.all.length).toBe(2);
  });
});
