import { account } from "./account.ts";
import { common } from "./common.ts";
import { entry } from "./entry.ts";
import { links } from "./links.ts";
import type { todos } from "./todos.ts";

const en = { common, entry, links, account };

export default en;

/** All texts; every language has each of them. */
export type Words = typeof en & { todos: typeof todos };
