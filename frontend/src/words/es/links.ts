import type { Words } from "../en/index.ts";

export const links: Words["links"] = {};
