import type { Words } from "../en/index.ts";

export const todos: Words["todos"] = {};
