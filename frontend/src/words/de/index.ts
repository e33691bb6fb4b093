import type { Words } from "../en/index.ts";
import { account } from "./account.ts";
import { common } from "./common.ts";
import { entry } from "./entry.ts";
import { links } from "./links.ts";
import { todos } from "./todos.ts";

const de: Words = { common, entry, links, todos, account };

export default de;
