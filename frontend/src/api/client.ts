import { callsBy } from "./calls.ts";
import { problemOf, unreachable, type Problem } from "./problem.ts";

const DEADLINE = 20_000; // milliseconds

/** The service, typed by its OpenAPI document; the session is in a cookie that scripts cannot see. */
export const api = callsBy((request) =>
  fetch(request, {
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE)]),
    cache: "no-store",
  }),
);

/** What became of a request: never an exception. */
export type Outcome<Data> =
  { ok: true; data: Data; response: Response } | { ok: false; problem: Problem; response?: Response };

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Wait for a request of `api`. */
export async function outcome<Data>(request: Promise<Answered<Data>>): Promise<Outcome<Data>> {
  try {
    const { data, error, response } = await request;
    return response.ok
      ? { ok: true, data: data as Data, response }
      : { ok: false, problem: problemOf(response, error), response };
  } catch {
    return { ok: false, problem: unreachable() };
  }
}
