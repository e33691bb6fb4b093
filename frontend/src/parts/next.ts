/** Where to go after logging in: to `?next=` if that is a place of our own, or else to one's todos. */
export function nextPlace(search: string, origin: string): string {
  const home = `${origin}/`;
  const next = new URLSearchParams(search).get("next") ?? "";
  if (!/^\/(?!\/)[^\\]*$/.test(next) || !URL.canParse(next, origin)) return home;
  const place = new URL(next, origin);
  // The whole address, not its path: "/.//elsewhere" has the path "//elsewhere", which alone would lead elsewhere.
  return place.origin === origin ? place.href : home;
}
