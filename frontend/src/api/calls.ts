import type { Client } from "openapi-fetch";
import type { paths } from "./schema.d.ts";

/**
 * The calls of openapi-fetch that the page makes, with its types: it has as many more as the page has kilobytes to
 * spare for its whole first load.
 */
export type Calls = Pick<Client<paths>, "GET" | "POST" | "PATCH" | "DELETE">;

interface Options {
  params?: { path?: object; query?: object; header?: object };
  body?: unknown;
}

/** Calls that *send* sends. */
export function callsBy(send: (request: Request) => Promise<Response>): Calls {
  const call =
    (method: string) =>
    async (path: string, { params = {}, body }: Options = {}) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = new Headers(said(params.header));
      if (body !== undefined) headers.set("Content-Type", "application/json");
      const response = await send(new Request(addressOf(path, params), { method, headers, ...init }));
      const text = await response.text();
      return response.ok
        ? { response, data: text ? (JSON.parse(text) as unknown) : undefined }
        : { response, error: parsed(text) };
    };
  return { GET: call("GET"), POST: call("POST"), PATCH: call("PATCH"), DELETE: call("DELETE") } as Calls;
}

function addressOf(path: string, { path: parts, query }: NonNullable<Options["params"]>): string {
  const filled = said(parts).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const asked = new URLSearchParams(said(query)).toString();
  return asked ? `${filled}?${asked}` : filled;
}

/** The members that are something, as texts. */
function said(members: object = {}): [string, string][] {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, String(value)]);
}

/** What an answer that failed says, if it is JSON: something between here and the service may have given it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
