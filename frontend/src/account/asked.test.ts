import { afterEach, expect, test, vi } from "vitest";
import { asked } from "./asked.ts";
import { bringIn, download, LARGEST, nameIn, tryFile } from "./files.ts";

const replace = vi.spyOn(location, "replace").mockImplementation(() => undefined);

afterEach(() => {
  replace.mockClear();
  vi.unstubAllGlobals();
  location.hash = "";
});

/** Whether the promise has come to anything, once all else has. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((after) => setTimeout(after));
  return done;
}

const answered = (status: number) => Promise.resolve({ error: {}, response: new Response(null, { status }) });

test("without a session the page is left for the log-in, and nothing goes on here", async () => {
  location.hash = "#password";
  expect(await settled(asked(answered(401)))).toBe(false);
  expect(replace.mock.calls).toEqual([["/log-in?next=/account%23password"]]);
});

test("any other problem is handed on", async () => {
  expect(await asked(answered(403))).toMatchObject({ ok: false, problem: { status: 403 } });
  expect(replace).not.toHaveBeenCalled();
});

test("a download leaves for the log-in, too, and says when nobody answers", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 401 })));
  expect(await settled(download("/api/v1/me/export"))).toBe(false);
  expect(replace).toHaveBeenCalledOnce();
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  expect(await download("/api/v1/me/export")).toMatchObject({ ok: false, problem: { slug: "unreachable" } });
});

test("a download that breaks off is none", async () => {
  const start = (stream: ReadableStreamDefaultController) => {
    stream.error(new Error("broken off"));
  };
  const broken = () => new Response(new ReadableStream({ start }));
  vi.stubGlobal("fetch", () => Promise.resolve(broken()));
  expect(await download("/api/v1/me/export")).toMatchObject({ ok: false, problem: { slug: "unreachable" } });
});

test("a file is tried without a key, and comes with one", async () => {
  const fetched = vi.fn<typeof fetch>(() =>
    Promise.resolve(Response.json({ todos: 2, lists: 1, dry_run: true })),
  );
  vi.stubGlobal("fetch", fetched);
  expect(await tryFile(new File(["title\n"], "Todos.CSV"))).toMatchObject({ ok: true, data: { todos: 2 } });
  await bringIn(new File(["{}"], "todos.json"), "a key");
  const [[tried, trial], [brought, bringing]] = fetched.mock.calls as [
    [string, RequestInit],
    [string, RequestInit],
  ];
  expect(tried).toBe("/api/v1/todos/import?format=csv&dry_run=true");
  expect(trial.headers).toEqual({ "Content-Type": "text/csv" });
  expect(brought).toBe("/api/v1/todos/import?format=json");
  expect(bringing.headers).toEqual({ "Content-Type": "application/json", "Idempotency-Key": "a key" });
  expect(LARGEST).toBe(10_485_760);
});

test("a file has the name that the service gives it, and never a path", () => {
  expect(nameIn('attachment; filename="todos.csv"')).toBe("todos.csv");
  expect(nameIn('attachment; filename="../todos.csv"')).toBe("todos");
  expect(nameIn(null)).toBe("todos");
});
