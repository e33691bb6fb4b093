import { common } from "./common.ts";
import { todos } from "./todos.ts";

/** What the todos' screen says; it has enough to load besides. */
export default { common, todos };
