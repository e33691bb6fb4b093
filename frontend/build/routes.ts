import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** The HTML files, one for each route: { todos: "index.html", "log-in": "log-in/index.html", … } */
export const pages: Record<string, string> = Object.fromEntries<string>(
  readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name, "index.html")))
    .map((entry): [string, string] => [entry.name, `${entry.name}/index.html`])
    .concat([["todos", "index.html"]]),
);
