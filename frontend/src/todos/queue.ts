import { signal, type ReadonlySignal } from "@preact/signals";
import type { Change } from "./changes.ts";
import { references } from "./names.ts";
import type { Network } from "./network.ts";

const MOST_AT_ONCE = 4;

/** What was changed here and is not saved yet. */
export interface Queue {
  readonly changes: ReadonlySignal<readonly Change[]>;
  push: (change: Change) => void;
  leave: (gone: readonly Change[]) => void;
  /** Take these back; false if the service may know of one. */
  takeBack: (...changes: Change[]) => boolean;
  /** Send what can be sent. */
  send: () => void;
  isSending: () => boolean;
}

export interface Ways {
  network: Network;
  /** Done when the change is saved, or was refused; it stays if neither is so. */
  deliver: (change: Change) => Promise<void>;
  /** Called after each delivery. */
  answered: () => void;
}

export function createQueue({ network, deliver, answered }: Ways): Queue {
  const changes = signal<readonly Change[]>([]);
  const sending = new Set<Change>();

  const isUntried = (change: Change) => change.tries === 0 && changes.peek().includes(change);
  const leave = (gone: readonly Change[]) => {
    changes.value = changes.peek().filter((one) => !gone.includes(one));
  };

  function push(change: Change) {
    const last = changes.peek().findLast(({ key }) => key === change.key);
    const isSame = change.what === "edit" && (last?.what === "edit" || last?.what === "add");
    if (isSame && isUntried(last)) {
      const patch = { ...last.patch, ...change.patch };
      const joined = { ...last, patch, seen: { ...change.seen, ...last.seen }, at: change.at };
      changes.value = changes.peek().map((one) => (one === last ? joined : one));
    } else {
      changes.value = [...changes.peek(), change];
    }
    send();
  }

  function takeBack(...back: Change[]) {
    const isPossible = back.every(isUntried);
    if (isPossible) leave(back);
    return isPossible;
  }

  /** The changes of one thing are saved in their order, and each after what it refers to was added. */
  function isFree(change: Change, earlier: readonly Change[]) {
    if (change.what === "remove") return !earlier.length;
    const refers = references(change.patch);
    const isBefore = (one: Change) =>
      one.key === change.key || (one.thing === "list" && one.what === "remove");
    const isNeeded = (one: Change) => one.what === "add" && one !== change && refers.includes(one.key);
    return !earlier.some(isBefore) && !changes.peek().some(isNeeded);
  }

  function send() {
    const isNext = (one: Change, index: number, all: readonly Change[]) =>
      !sending.has(one) && isFree(one, all.slice(0, index));
    for (const change of changes.peek().filter(isNext)) {
      if (network.rests() || sending.size >= MOST_AT_ONCE) return;
      change.tries++;
      sending.add(change);
      void deliver(change).finally(() => {
        sending.delete(change);
        answered();
        send();
      });
    }
  }

  return { changes, leave, push, takeBack, send, isSending: () => sending.size > 0 };
}
