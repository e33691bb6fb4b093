import { api } from "../api/client.ts";
import type { Change, Fields } from "./changes.ts";
import type { NewList, NewTodo } from "./types.ts";

type Asked = Promise<{ data?: unknown; error?: unknown; response: Response }>;

interface Requests {
  load(id: string): Asked;
  add(body: Fields, change: Change): Asked;
  /** *version* is the one that the change is made to. */
  edit(id: string, body: Fields, version?: number): Asked;
  remove(id: string, change: Change, version?: number): Asked;
}

const TODO = "/api/v1/todos/{todo_id}";
const LIST = "/api/v1/lists/{list_id}";

const todo = (id: string) => ({ todo_id: id });
const list = (id: string) => ({ list_id: id });
const seen = (version?: number) => ({ "If-Match": version === undefined ? "*" : `"${version}"` });
const once = ({ retryKey }: Change) => ({ header: { "Idempotency-Key": retryKey } });

/** What to ask of the service for each kind of change. */
export const requests: Record<Change["thing"], Requests> = {
  todo: {
    load: (id) => api.GET(TODO, { params: { path: todo(id) } }),
    add: (body, change) => api.POST("/api/v1/todos", { body: body as NewTodo, params: once(change) }),
    edit: (id, body, version) => api.PATCH(TODO, { body, params: { path: todo(id), header: seen(version) } }),
    remove: (id, _, version) => api.DELETE(TODO, { params: { path: todo(id), header: seen(version) } }),
  },
  list: {
    load: (id) => api.GET(LIST, { params: { path: list(id) } }),
    add: (body, change) => api.POST("/api/v1/lists", { body: body as NewList, params: once(change) }),
    edit: (id, body, version) => api.PATCH(LIST, { body, params: { path: list(id), header: seen(version) } }),
    remove: (id, { todos }, version) =>
      api.DELETE(LIST, { params: { path: list(id), header: seen(version), query: todos } }),
  },
};

export const restoreTodo = (id: string): Asked =>
  api.POST("/api/v1/todos/{todo_id}/restore", { params: { path: todo(id) } });
