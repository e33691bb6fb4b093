import type { Words } from "../en/index.ts";
import { account } from "./account.ts";
import { common } from "./common.ts";
import { entry } from "./entry.ts";
import { links } from "./links.ts";

const de: Omit<Words, "todos"> = { common, entry, links, account };

export default de;
