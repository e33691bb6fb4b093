import type { Words } from "../en/index.ts";

export const account: Words["account"] = {};
