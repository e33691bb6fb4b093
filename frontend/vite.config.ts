import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { compressed } from "./build/compressed.ts";
import { prerendered } from "./build/prerendered.ts";
import { pages } from "./build/routes.ts";

const onVercel = Boolean(process.env.VERCEL);

export default defineConfig({
  // What a page starts with stands in its HTML, in each language: it is there before any script, and without it.
  plugins: onVercel ? [prerendered()] : [prerendered(), compressed()],
  build: {
    // Beside Vercel's own settings, or into the package that serves it.
    outDir: fileURLToPath(new URL(onVercel ? "dist" : "../src/todo_web/ui", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // The content security policy knows no inline script, and a data: address of a font or a script neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages },
  },
  server: {
    // `npm run dev` beside `uv run todo serve`.
    proxy: { "/api": "http://localhost:8000" },
  },
});
