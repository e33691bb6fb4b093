import { createFeed, type Feed, type Reader } from "./feed.ts";
import { createLive, type Live, type Sights } from "./live.ts";

/** Follow what happens elsewhere, from now on. This is loaded when the todos are there already. */
export function follow(sights: Sights, reader: Omit<Reader, "changed">): Feed & Live {
  const live = createLive(sights);
  const feed = createFeed({ ...reader, changed: live.happened });
  feed.open();
  return { ...live, ...feed };
}
