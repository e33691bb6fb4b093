import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeEventSource, FakeService, quiet, stubBrowser } from "./service.fake.ts";
import { createStore } from "./store.ts";

const network = vi.hoisted(() => ({ isDown: true, asked: 0 }));

vi.mock("./background.ts", async (original) => {
  network.asked++;
  if (network.isDown) throw new TypeError("Failed to fetch dynamically imported module");
  return original();
});

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("what saves changes is loaded again when it could not be, and the changes wait", async () => {
  const service = new FakeService();
  stubBrowser(service);
  const store = createStore();
  store.start();
  await quiet();
  store.add({ title: "early" });
  await quiet();
  expect([store.waiting.value, store.connection.value, service.todos.size]).toEqual([1, "offline", 0]);
  network.isDown = false;
  await vi.advanceTimersByTimeAsync(30_000);
  await quiet();
  expect([store.waiting.value, store.connection.value, service.todos.size]).toEqual([0, "connecting", 1]);
  expect([network.asked, FakeEventSource.all.length]).toEqual([2, 1]);
  store.stop();
});
