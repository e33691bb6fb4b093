import { common } from "./common.ts";
import { todos } from "./todos.ts";

export default { common, todos };
