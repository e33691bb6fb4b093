/*
 * A mailed link carries its token as ?token= or #token=. Import this first in the page's script: the token leaves the
 * address bar before anything is shown, stays in this module alone, and is sent only in the bodies of POST requests.
 * The form of the page also holds a <TokenField />, for who has no script.
 */
const NAME = "token";

const within = (part: string) => new URLSearchParams(part.slice(1)).get(NAME);

/** The token of the link that led here; empty if there is none. */
export const token: string = taken();

function taken(): string {
  if (typeof location === "undefined") return ""; // only what the page starts with is wanted, for its HTML
  const { hash, search, pathname } = location;
  const found = within(hash) ?? within(search);
  if (found !== null) history.replaceState(null, "", pathname);
  // Another link pasted into this tab differs behind # only, and would not load anything by itself.
  addEventListener("hashchange", () => {
    if (within(location.hash) !== null) location.reload();
  });
  return found ?? "";
}
