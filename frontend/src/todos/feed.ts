import type { Signal } from "@preact/signals";
import { pauseAfter } from "./network.ts";

const PLACE = "/api/v1/events";
const NAME = "todo-events";

/** What the service tells of a change; docs/how-to/follow-changes.md. */
export interface Happening {
  thing: "todo" | "list";
  kind: "added" | "edited" | "deleted";
  id: string;
  version: number;
}

type Message =
  | { type: "change"; happening: Happening }
  | { type: "reset" }
  | { type: "state"; state: "live" | "connecting" }
  | { type: "ask" };

/** Others' changes as they come. The tabs of a browser share one stream: who has the lock reads it to the others. */
export interface Feed {
  open: () => void;
  close: () => void;
  /** Connect at once, if a pause goes on. */
  retry: () => void;
}

export interface Reader {
  /** Kept up to date. */
  state: Signal<"live" | "connecting">;
  changed: (happening: Happening) => void;
  /** All has to be loaded anew. */
  reset: () => void;
  /** Asked when the service refuses the stream: whether it is worth another try. */
  mayConnect: () => Promise<boolean>;
}

export function createFeed({ state, changed, reset, mayConnect }: Reader): Feed {
  let channel: BroadcastChannel | undefined;
  let source: EventSource | undefined;
  let ending: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  function hear(message: Message) {
    if (message.type === "change") changed(message.happening);
    else if (message.type === "reset") reset();
    else if (message.type === "state") state.value = message.state;
    else if (source) tell({ type: "state", state: state.peek() }, false);
  }

  function tell(message: Message, isNewsHere = true) {
    if (isNewsHere) hear(message);
    channel?.postMessage(message);
  }

  function connect() {
    clearTimeout(timer);
    timer = undefined;
    let isFirst = true;
    const stream = new EventSource(PLACE);
    source = stream;
    stream.addEventListener("open", () => {
      failures = 0;
      tell({ type: "state", state: "live" });
      // Cut off, the stream goes on where it was; a new one knows nothing of what was before.
      if (isFirst) tell({ type: "reset" });
      isFirst = false;
    });
    stream.addEventListener("change", ({ data }: MessageEvent<string>) => {
      tell({ type: "change", happening: JSON.parse(data) as Happening });
    });
    stream.addEventListener("reset", () => {
      tell({ type: "reset" });
    });
    stream.addEventListener("error", () => {
      tell({ type: "state", state: "connecting" });
      if (stream.readyState === EventSource.CLOSED) void refused(stream);
    });
  }

  async function refused(stream: EventSource) {
    const isWorthIt = await mayConnect();
    if (isWorthIt && stream === source) timer = setTimeout(connect, pauseAfter(++failures + 1));
  }

  return {
    open: () => {
      ending = new AbortController();
      const { signal } = ending;
      // Without locks (they need HTTPS or localhost) each tab has a stream of its own.
      if (!("locks" in navigator && "BroadcastChannel" in globalThis)) {
        connect();
        return;
      }
      channel = new BroadcastChannel(NAME);
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        hear(data);
      };
      channel.postMessage({ type: "ask" } satisfies Message);
      const held = () => {
        if (signal.aborted) return undefined;
        connect();
        return new Promise<void>((release) => {
          signal.addEventListener("abort", () => {
            release();
          });
        });
      };
      navigator.locks.request(NAME, { signal }, held).catch(() => undefined);
    },
    close: () => {
      ending?.abort();
      clearTimeout(timer);
      timer = undefined;
      source?.close();
      source = undefined;
      channel?.close();
      channel = undefined;
      state.value = "connecting";
    },
    retry: () => {
      if (timer !== undefined) connect();
    },
  };
}
