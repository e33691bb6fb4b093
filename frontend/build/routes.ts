import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** The HTML files, one for each route: { todos: "index.html", "log-in": "log-in/index.html", … } */
export const pages: Record<string, string> = Object.fromEntries<string>(
  readdirSync(ROOT, { withFileTypes: true })
    // "dist" is what was built for Vercel before
    .filter((entry) => entry.isDirectory() && entry.name !== "dist")
    .filter((entry) => existsSync(join(ROOT, entry.name, "index.html")))
    .map((entry): [string, string] => [entry.name, `${entry.name}/index.html`])
    .concat([["todos", "index.html"]]),
);
