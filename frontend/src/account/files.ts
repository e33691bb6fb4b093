import type { Outcome } from "../api/client.ts";
import { problemOf, unreachable, type Problem } from "../api/problem.ts";
import type { components } from "../api/schema.d.ts";
import { heeded } from "./asked.ts";

export type Found = components["schemas"]["ImportAnswer"];

/** Bytes; the service takes no more. */
export const LARGEST = 10 * 1024 * 1024;

const DEADLINE = 120_000; // milliseconds: a file is more than an answer

async function exchanged<Data>(
  path: string,
  request: RequestInit,
  read: (answer: Response) => Promise<Data>,
): Promise<Outcome<Data>> {
  try {
    const signal = AbortSignal.timeout(DEADLINE);
    const response = await fetch(path, { ...request, signal, cache: "no-store" });
    if (response.ok) return { ok: true, data: await read(response), response };
    const body: unknown = await response.json().catch(() => undefined);
    return await heeded<Data>({ ok: false, problem: problemOf(response, body), response });
  } catch {
    return { ok: false, problem: unreachable() };
  }
}

/** Download a file, and keep it under the name that the service gives it, which is told. */
export async function download(path: string): Promise<Outcome<string>> {
  const got = await exchanged(path, {}, (answer) => answer.blob());
  if (!got.ok) return got;
  const name = nameIn(got.response.headers.get("content-disposition"));
  keep(got.data, name);
  return { ...got, data: name };
}

export function nameIn(disposition: string | null): string {
  return /filename="([^"/\\]+)"/.exec(disposition ?? "")?.[1] ?? "todos";
}

function keep(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, DEADLINE);
}

/** Say what a file would bring. */
export const tryFile = (file: File) => sent(file, { dry_run: "true" });

/** Bring a file in; with the same `key`, once only. */
export const bringIn = (file: File, key: string) => sent(file, {}, { "Idempotency-Key": key });

function sent(file: File, query: Record<string, string>, headers: Record<string, string> = {}) {
  const [format, type] = /\.csv$/i.test(file.name) ? ["csv", "text/csv"] : ["json", "application/json"];
  const path = `/api/v1/todos/import?${new URLSearchParams({ format, ...query }).toString()}`;
  const request = { method: "POST", body: file, headers: { "Content-Type": type, ...headers } };
  return exchanged(path, request, (answer) => answer.json() as Promise<Found>);
}

/** What is wrong with a file: where it stands, and the rule it breaks. */
export const faultsOf = ({ fields }: Problem): [string, string][] => Object.entries(fields);
