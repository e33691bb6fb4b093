import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "preact-render-to-string";
import { createServer, type Plugin, type Rollup, type ViteDevServer } from "vite";
import type * as Speaking from "../src/words/index.ts";
import type { Part } from "../src/words/index.ts";
import type { Screen } from "../src/parts/screen.tsx";

const SCRIPT = /src="(\/src\/pages\/[\w-]+\.tsx)"/;

/**
 * Puts what each page starts with into its HTML, and writes one HTML file for each language:
 * index.en.html, index.de.html, index.es.html. A host that knows no languages serves index.html, which is English.
 */
export function prerendered(): Plugin {
  const screens = new Map<string, string>();
  return {
    name: "prerendered",
    apply: "build",
    transformIndexHtml: {
      order: "pre",
      handler: (html, { path }) => {
        const script = SCRIPT.exec(html)?.[1];
        if (!script) throw new Error(`${path} loads no page`);
        screens.set(path.slice(1), script);
      },
    },
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const server = await createServer({
          configFile: false,
          server: { middlewareMode: true, ws: false },
          appType: "custom",
        });
        try {
          const speaking = (await server.ssrLoadModule("/src/words/index.ts")) as typeof Speaking;
          for (const language of speaking.languages) {
            await speaking.speak(language);
            for (const [path, script] of screens) {
              const empty = String((bundle[path] as Rollup.OutputAsset).source);
              const source = await filled(server, empty, { script, language, bundle });
              this.emitFile({ type: "asset", fileName: path.replace(".html", `.${language}.html`), source });
            }
          }
        } finally {
          await server.close();
        }
      },
    },
    writeBundle: ({ dir = "" }) => {
      for (const path of screens.keys())
        copyFileSync(join(dir, path.replace(".html", ".en.html")), join(dir, path));
    },
  };
}

async function filled(
  server: ViteDevServer,
  html: string,
  { script, language, bundle }: { script: string; language: string; bundle: Rollup.OutputBundle },
): Promise<string> {
  const { screen } = (await server.ssrLoadModule(script)) as { screen: Screen };
  const words = wordsOf(bundle, language, screen.part ?? "others");
  const preloads = words.map((name) => `  <link rel="modulepreload" crossorigin href="/${name}">\n`);
  return html
    .replace('lang="en"', `lang="${language}"`)
    .replace("<title></title>", `<title>${screen.title()} – Todo</title>`)
    .replace("</head>", `${preloads.join("")}  </head>`)
    .replace('<div id="page"></div>', () => `<div id="page">${render(screen.show())}</div>`);
}

/** The files with the words that a page needs, and what they import. */
function wordsOf(bundle: Rollup.OutputBundle, language: string, part: Part): string[] {
  const source = `/src/words/${language}/${part === "todos" ? "of-todos" : "index"}.ts`;
  for (const file of Object.values(bundle)) {
    if (file.type === "chunk" && file.facadeModuleId?.endsWith(source))
      return [file.fileName, ...file.imports];
  }
  throw new Error(`there are no words in ${language}`);
}
