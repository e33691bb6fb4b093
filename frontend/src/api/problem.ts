import { words } from "../words/index.ts";
import type { components } from "./schema.d.ts";

type Document = components["schemas"]["ProblemDocument"];

/** Why a request failed: what the service said (RFC 9457), or that it could not be reached ("unreachable"). */
export interface Problem {
  slug: string;
  status: number;
  /** A sentence for people. */
  text: string;
  /** What is wrong with which field, by the field's name; "" is the whole. */
  fields: Record<string, string>;
  /** How many seconds to wait before it is worth trying again. */
  retryAfter?: number;
}

export const unreachable = (): Problem => ({
  slug: "unreachable",
  status: 0,
  text: words.common.unreachable,
  fields: {},
});

/** Read a failed answer. */
export function problemOf(answer: Response, body: unknown): Problem {
  const { type = "", title, errors } = (body ?? {}) as Partial<Document>;
  const retryAfter = Number(answer.headers.get("retry-after"));
  return {
    slug: type.split("/").at(-1) ?? "",
    status: answer.status,
    text: sentence(answer.status, retryAfter) ?? title ?? words.common.failed,
    fields: Object.fromEntries((errors ?? []).map(({ pointer, detail }) => [pointer.slice(1), detail])),
    ...(retryAfter > 0 && { retryAfter }),
  };
}

function sentence(status: number, retryAfter: number): string | undefined {
  if (status === 429) return words.common.tooMany(retryAfter);
  if (status >= 500) return words.common.failed;
  return undefined;
}
