import { expect, test } from "vitest";
import { callsBy } from "./calls.ts";

function answering(status: number, body: string | null = null) {
  const sent: Request[] = [];
  const calls = callsBy((request) => {
    sent.push(request);
    return Promise.resolve(new Response(body, { status }));
  });
  return { calls, sent };
}

test("the parts of a path and of a query are filled in, encoded", async () => {
  const { calls, sent } = answering(200, '{"items":[],"next_cursor":null}');
  await calls.GET("/api/v1/todos", { params: { query: { q: "milk & honey", limit: 5 } } });
  await calls.GET("/api/v1/todos/{todo_id}", { params: { path: { todo_id: "a/b" } } });
  expect(sent.map(({ url }) => new URL(url).pathname + new URL(url).search)).toEqual([
    "/api/v1/todos?q=milk+%26+honey&limit=5",
    "/api/v1/todos/a%2Fb",
  ]);
});

test("a body is JSON, and headers go with it", async () => {
  const { calls, sent } = answering(201, '{"title":"Milk"}');
  const params = { header: { "Idempotency-Key": "once" } };
  const { data } = await calls.POST("/api/v1/todos", { body: { title: "Milk" }, params });
  expect(data).toEqual({ title: "Milk" });
  expect(sent[0]?.method).toBe("POST");
  expect(sent[0]?.headers.get("content-type")).toBe("application/json");
  expect(sent[0]?.headers.get("idempotency-key")).toBe("once");
  expect(await sent[0]?.json()).toEqual({ title: "Milk" });
});

test("without a body nothing is said of its type", async () => {
  const { calls, sent } = answering(204);
  const { data, response } = await calls.POST("/api/v1/auth/logout", {});
  expect([data, response.status]).toEqual([undefined, 204]);
  expect(sent[0]?.headers.has("content-type")).toBe(false);
});

test.each([
  ['{"title":"No."}', { title: "No." }],
  ["<h1>Bad gateway</h1>", "<h1>Bad gateway</h1>"],
])("what failed says why: %s", async (body, error) => {
  const { calls } = answering(502, body);
  expect(await calls.GET("/api/v1/me", {})).toMatchObject({ error });
});
