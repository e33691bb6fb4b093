import { signal, type ReadonlySignal } from "@preact/signals";
import { outcome, type Outcome } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";

const SECOND = 1000; // milliseconds
const LONGEST_PAUSE = 30 * SECOND;
export const SESSION_OVER = 401;
const PASSING = [408, 429];

/** The way to the service: after a failure that may pass nobody asks until a pause is over. */
export interface Network {
  readonly offline: ReadonlySignal<boolean>;
  /** Whether a pause goes on, or the session is over. */
  rests: () => boolean;
  /** Wait for a request and heed what becomes of it. */
  ask: <Data>(request: Parameters<typeof outcome<Data>>[0]) => Promise<Outcome<Data>>;
  /** End the pause, unless the service asked for it; return whether there is none. */
  retry: () => boolean;
  /** The browser says that there is no network. */
  lose: () => void;
  isOver: () => boolean;
  stop: () => void;
}

/** Whether the same request may succeed later. */
export const mayPass = ({ status }: Problem): boolean =>
  status === 0 || status >= 500 || PASSING.includes(status);

/** How long to wait after so many failures in a row, in milliseconds. */
export const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE, SECOND * 2 ** (failures - 1));

/** *resume* is called when a pause is over. */
export function createNetwork(resume: () => void): Network {
  const offline = signal(false);
  let failures = 0;
  let isAskedFor = false;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wake() {
    clearTimeout(timer);
    timer = undefined;
    resume();
  }

  function rest({ retryAfter }: Problem) {
    // What was on its way at the same time and failed as well counts once.
    if (timer !== undefined && retryAfter === undefined) return;
    clearTimeout(timer);
    isAskedFor = retryAfter !== undefined;
    timer = setTimeout(wake, retryAfter === undefined ? pauseAfter(++failures) : retryAfter * SECOND);
  }

  function heed(problem?: Problem) {
    offline.value = problem?.status === 0;
    if (problem?.status === SESSION_OVER) {
      if (!isOver) logIn();
      isOver = true;
    }
    if (problem && mayPass(problem)) rest(problem);
    else {
      failures = 0;
      if (timer !== undefined && !isAskedFor) wake();
    }
  }

  return {
    offline,
    rests: () => isOver || timer !== undefined,
    ask: async (request) => {
      const answer = await outcome(request);
      heed(answer.ok ? undefined : answer.problem);
      return answer;
    },
    retry: () => {
      const wasNone = timer === undefined;
      if (!wasNone && !isAskedFor) wake();
      return wasNone;
    },
    lose: () => {
      offline.value = true;
    },
    isOver: () => isOver,
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** The session is over. */
function logIn() {
  location.replace(`/log-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}
