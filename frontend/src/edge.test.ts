// @vitest-environment node
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import middleware, { passedOn } from "../middleware.ts";

const PAGE = "https://todo.vercel.app";
let service: Server;
let api: string;
let asked: (IncomingMessage & { text: string })[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  answer = (response) => response.end("{}");
  service = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => {
      asked.push(Object.assign(request, { text }));
      answer(response);
    });
  });
  await new Promise<void>((done) => service.listen(0, "127.0.0.1", done));
  api = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  service.closeAllConnections();
  service.close();
});

test("what is asked arrives as it was asked, at the service's own host", async () => {
  await passedOn(
    new Request(`${PAGE}/api/v1/todos?tag=a%2Fb`, {
      method: "POST",
      body: '{"title":"Milk"}',
      headers: {
        "Content-Type": "application/json",
        Host: "todo.vercel.app",
        Cookie: "__Host-session=abc",
        Origin: PAGE,
        "Sec-Fetch-Site": "same-origin",
        "If-Match": '"1"',
        "X-Forwarded-For": "192.0.2.7",
      },
    }),
    `${api}/`,
  );
  const [{ method, url, headers, text }] = asked as [(typeof asked)[0]];
  expect([method, url, text]).toEqual(["POST", "/api/v1/todos?tag=a%2Fb", '{"title":"Milk"}']);
  expect(headers).toMatchObject({
    host: new URL(api).host,
    cookie: "__Host-session=abc",
    origin: PAGE,
    "sec-fetch-site": "same-origin",
    "if-match": '"1"',
    "x-forwarded-for": "192.0.2.7",
    "content-length": "16",
  });
});

test("what a client could make up, and what the platform adds, goes no further", async () => {
  await passedOn(
    new Request(`${PAGE}/api/v1/me`, {
      headers: { Forwarded: "for=1", "X-Forwarded-Host": "evil", "X-Vercel-Id": "1", "X-Real-IP": "1" },
    }),
    api,
  );
  expect(Object.keys(asked[0]!.headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(forwarded|x-forwarded-host|x-vercel-id|x-real-ip)$/)]),
  );
});

test("each cookie comes back, and a redirect is the browser's to follow", async () => {
  answer = (response) => {
    response.writeHead(303, { Location: "/", "Set-Cookie": ["a=1; Secure", "b=2; Path=/"] });
    response.end();
  };
  const got = await passedOn(new Request(`${PAGE}/api/v1/forms/log-in`, { method: "POST" }), api);
  expect([got.status, got.headers.get("location")]).toEqual([303, "/"]);
  expect(got.headers.getSetCookie()).toEqual(["a=1; Secure", "b=2; Path=/"]);
});

test.each([204, 304])("an answer without a body stays one: %i", async (status) => {
  answer = (response) => {
    response.writeHead(status, { ETag: '"1"' });
    response.end();
  };
  const got = await passedOn(new Request(`${PAGE}/api/v1/todos`), api);
  expect([got.status, got.headers.get("etag"), await got.text()]).toEqual([status, '"1"', ""]);
});

test("events come as they happen", async () => {
  let end = (): void => undefined;
  answer = (response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("id: 1\n\n");
    end = () => response.end();
  };
  const got = await passedOn(new Request(`${PAGE}/api/v1/events`), api);
  const reader = got.body!.getReader();
  const { value, done } = await reader.read();
  expect([new TextDecoder().decode(value), done]).toEqual(["id: 1\n\n", false]);
  end();
  expect((await reader.read()).done).toBe(true);
});

test("it uses nothing that older edges do not know", async () => {
  vi.stubGlobal("AbortSignal", { ...AbortSignal, any: undefined, timeout: undefined });
  expect((await passedOn(new Request(`${PAGE}/api/v1/me`), api)).status).toBe(200);
});

test("what was packed on the way is not said to be packed any more", async () => {
  answer = (response) => {
    response.writeHead(200, { "Content-Encoding": "gzip" });
    response.end(gzipSync("{}"));
  };
  const got = await passedOn(new Request(`${PAGE}/api/v1/me`), api);
  expect([got.headers.get("content-encoding"), await got.text()]).toEqual([null, "{}"]);
});

test("whoever hangs up is hung up on", async () => {
  let ended = (): void => undefined;
  const closed = new Promise<void>((done) => (ended = done));
  answer = (response) => {
    response.on("close", ended);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("id: 1\n\n");
  };
  const leaving = new AbortController();
  const got = await passedOn(new Request(`${PAGE}/api/v1/events`, { signal: leaving.signal }), api);
  await got.body!.getReader().read();
  leaving.abort();
  await closed;
});

test.each([
  ["", "has to be the address"],
  ["todo-api.example.org", "is no address"],
  ["javascript:alert(1)", "is no address"],
  [PAGE, "is the address of this page"],
])("a page that does not know its service says what is missing: %s", async (wrong, words) => {
  const got = await passedOn(new Request(`${PAGE}/api/v1/me`), wrong);
  expect([got.status, got.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
  expect(await got.json()).toMatchObject({ status: 503, detail: expect.stringContaining(words) as string });
});

test("whoever sent a form without script gets a page", async () => {
  const form = new Request(`${PAGE}/api/v1/forms/log-in`, {
    method: "POST",
    headers: { Accept: "text/html,*/*" },
  });
  const got = await passedOn(form, "");
  expect(got.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await got.text()).toContain("<h1>This page does not know its service yet</h1>");
});

test("a service that is away is told of", async () => {
  const got = await passedOn(new Request(`${PAGE}/api/v1/me`), "http://127.0.0.1:1");
  expect([got.status, got.headers.get("retry-after")]).toEqual([503, "5"]);
});

test.each(["VITE_API_URL", "NEXT_PUBLIC_API_URL"])("the service is named by %s", async (name) => {
  vi.stubEnv("VITE_API_URL", undefined);
  vi.stubEnv("NEXT_PUBLIC_API_URL", undefined);
  vi.stubEnv(name, api);
  expect((await middleware(new Request(`${PAGE}/api/v1/me`))).status).toBe(200);
});
