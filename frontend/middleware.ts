/**
 * Where the page is served by Vercel: whatever it asks of the API goes through its own origin, so that the session's
 * cookie is first-party, and no address has to be built into the page. Nothing of this is used elsewhere.
 */
export const config = { matcher: "/api/:path*" };

const DEADLINE = 20_000; // milliseconds until an answer begins; Vercel itself waits for 25 s

/** What concerns one connection only, what the platform adds, and what a client could make up. */
const NOT_PASSED_ON =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|accept-encoding|forwarded|x-real-ip|x-forwarded-(?!for$).*|x-vercel-.*)$/;
const NOT_PASSED_BACK = /^(connection|keep-alive|transfer-encoding|content-encoding|content-length)$/;

export default function middleware(request: Request): Promise<Response> {
  const { VITE_API_URL, NEXT_PUBLIC_API_URL } = process.env;
  return passedOn(request, VITE_API_URL ?? NEXT_PUBLIC_API_URL ?? "");
}

/** The answer of the service at `api`, as it comes. */
export async function passedOn(request: Request, api: string): Promise<Response> {
  const asked = new URL(request.url);
  const fault = faultOf(api, asked);
  if (fault) return told(request, 503, "This page does not know its service yet", fault);
  // AbortSignal.any is not known at the edge.
  const hangUp = new AbortController();
  const abort = (): void => {
    hangUp.abort();
  };
  const late = setTimeout(abort, DEADLINE);
  request.signal.addEventListener("abort", abort);
  try {
    const answer = await fetch(`${api.replace(/\/+$/, "")}${asked.pathname}${asked.search}`, {
      method: request.method,
      headers: without(request.headers, NOT_PASSED_ON),
      body: ["GET", "HEAD"].includes(request.method) ? null : await request.arrayBuffer(),
      redirect: "manual",
      signal: hangUp.signal,
    });
    const { status, body } = answer;
    return new Response(body, { status, headers: without(answer.headers, NOT_PASSED_BACK) });
  } catch {
    return told(request, 503, "The service cannot be reached", "Try again in a moment.");
  } finally {
    clearTimeout(late);
  }
}

function faultOf(api: string, asked: URL): string | undefined {
  if (!api) return "VITE_API_URL, or NEXT_PUBLIC_API_URL, has to be the address of the service.";
  if (!/^https?:$/.test(URL.canParse(api) ? new URL(api).protocol : ""))
    return "VITE_API_URL, or NEXT_PUBLIC_API_URL, is no address such as https://api.example.org.";
  if (new URL(api).host === asked.host)
    return "VITE_API_URL, or NEXT_PUBLIC_API_URL, is the address of this page, not of the service.";
  return undefined;
}

function without(headers: Headers, names: RegExp): Headers {
  const kept = new Headers(headers);
  for (const name of headers.keys()) if (names.test(name)) kept.delete(name);
  return kept;
}

/** A problem as the service tells one (RFC 9457), or a page for whoever sent a form without script. */
function told(request: Request, status: number, title: string, detail: string): Response {
  const forPeople = request.headers.get("accept")?.includes("text/html");
  const headers = {
    "Content-Type": forPeople ? "text/html; charset=utf-8" : "application/problem+json",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Retry-After": "5",
  };
  const page = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><p>${detail}</p>`;
  const problem = JSON.stringify({ type: "about:blank", title, status, detail });
  return new Response(forPeople ? page : problem, { status, headers });
}
