import { signal, type ReadonlySignal } from "@preact/signals";
import type { Names } from "./names.ts";

interface Thing {
  id: string;
  key: string;
  unsaved: boolean;
  version: number;
  deleted_at?: string;
}

/** What the service has told of things of a kind: the newest version of each. */
export interface Pool<T extends Thing> {
  readonly things: ReadonlySignal<ReadonlyMap<string, T>>;
  get: (id: string) => T | undefined;
  /** Whether there is nothing new in this version of it. */
  knows: (id: string, version: number) => boolean;
  put: (...told: Told<T>[]) => void;
  drop: (id: string, version: number) => void;
  /** Take this state for what was told. */
  adopt: (things: ReadonlyMap<string, T>) => void;
  /** Begin to load all: what is told from now on is newer than what comes. */
  mark: () => void;
  /** Only these are left of what was there at the mark, and those to keep. */
  replace: (told: readonly Told<T>[], keep: (thing: T) => boolean) => void;
}

export type Told<T extends Thing> = Omit<T, "key" | "unsaved">;

export function createPool<T extends Thing>(names: Names): Pool<T> {
  const things = signal<ReadonlyMap<string, T>>(new Map());
  const gone = new Map<string, number>();
  let fresh = new Set<string>();

  const knows = (id: string, version: number) =>
    Math.max(things.peek().get(id)?.version ?? 0, gone.get(id) ?? 0) >= version;

  function isNews({ id, version, deleted_at }: Told<T>): boolean {
    const known = things.peek().get(id);
    if (known) return version > known.version || (version === known.version && known.key !== names.key(id));
    // What lies in the bin can be shown there at the version at which it went.
    return deleted_at !== undefined || !knows(id, version);
  }

  const named = (told: Told<T>) => ({ ...told, key: names.key(told.id), unsaved: false }) as unknown as T;

  function put(...told: Told<T>[]) {
    const news = told.filter(isNews);
    for (const { id } of told) fresh.add(id);
    if (news.length)
      things.value = new Map([...things.peek(), ...news.map((one) => [one.id, named(one)] as const)]);
  }

  return {
    things,
    get: (id) => things.peek().get(id),
    knows,
    put,
    drop: (id, version) => {
      const known = things.peek().get(id);
      gone.set(id, Math.max(gone.get(id) ?? 0, version));
      fresh.add(id);
      if (!known || known.version > version || (known.deleted_at !== undefined && known.version === version))
        return;
      things.value = new Map([...things.peek()].filter(([one]) => one !== id));
    },
    adopt: (state) => {
      for (const [id, thing] of state) if (thing !== things.peek().get(id)) fresh.add(id);
      things.value = new Map(
        [...state].map(([id, thing]) => [id, thing.unsaved ? { ...thing, unsaved: false } : thing]),
      );
    },
    mark: () => (fresh = new Set()),
    replace: (told, keep) => {
      const ids = new Set(told.map(({ id }) => id));
      const left = [...things.peek()].filter(([id, thing]) => ids.has(id) || fresh.has(id) || keep(thing));
      things.value = new Map([...left, ...told.filter(isNews).map((one) => [one.id, named(one)] as const)]);
    },
  };
}
