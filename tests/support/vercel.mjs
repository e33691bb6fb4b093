// What Vercel does with the page, as far as it concerns us: files by clean addresses, the headers of vercel.json, and
// the middleware in front of what its matcher names. node vercel.mjs FRONTEND BUILT PORT
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { Readable } from "node:stream";

const [frontend, built, port] = process.argv.slice(2);
process.chdir(frontend);
const { createServer: createVite } = await import(createRequire(join(frontend, "package.json")).resolve("vite"));
const vite = await createVite({
  configFile: false,
  server: { middlewareMode: true, ws: false },
  appType: "custom",
  optimizeDeps: { noDiscovery: true, include: [] },
});
const { default: middleware, config } = await vite.ssrLoadModule("/middleware.ts");
const told = JSON.parse(readFileSync(join(frontend, "vercel.json"), "utf8"));
const KINDS = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
if (config.matcher !== "/api/:path*") throw new Error("this matcher is not understood here");

async function passed(request, response, url) {
  const headers = Object.entries(request.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const hungUp = new AbortController();
  response.on("close", () => hungUp.abort());
  const body = ["GET", "HEAD"].includes(request.method) ? undefined : Readable.toWeb(request);
  const asked = new Request(url, { method: request.method, headers, body, duplex: "half", signal: hungUp.signal });
  asked.headers.set("x-forwarded-for", request.socket.remoteAddress);
  const answer = await middleware(asked);
  const cookies = answer.headers.getSetCookie();
  for (const [name, value] of answer.headers) if (name !== "set-cookie") response.setHeader(name, value);
  if (cookies.length) response.setHeader("set-cookie", cookies);
  response.writeHead(answer.status);
  response.flushHeaders();
  if (answer.body) Readable.fromWeb(answer.body).on("error", () => response.destroy()).pipe(response);
  else response.end();
}

async function served(response, path) {
  for (const { source, headers } of told.headers)
    if (new RegExp(`^${source}$`).test(path)) for (const { key, value } of headers) response.setHeader(key, value);
  const clean = extname(path) ? path : join(path, "index.html");
  try {
    const text = await readFile(join(built, clean));
    response.writeHead(200, { "content-type": KINDS[extname(clean)] ?? "application/octet-stream" });
    response.end(text);
  } catch {
    response.writeHead(404).end();
  }
}

createServer((request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  const work = /^\/api(\/|$)/.test(url.pathname) ? passed(request, response, url) : served(response, url.pathname);
  work.catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
