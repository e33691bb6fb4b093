/** The keys that new things go by until the service gives them an id, and afterwards as well. */
export interface Names {
  /** The id of what goes by this key or id; a key as long as it has none. */
  real: (name: string) => string;
  /** The key of what has this id. */
  key: (id: string) => string;
  /** The same, with `list_id` and `parent_id` that the service knows. */
  meant: (fields: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  settle: (key: string, id: string) => void;
}

const REFERENCES = ["list_id", "parent_id"] as const;
const NEW = "new-";

let count = 0;

/** Keys are in the order in which they were made. */
export const newKey = (): string => `${NEW}${String(++count).padStart(6, "0")}-${crypto.randomUUID()}`;

/** Whether the service does not know this name. */
export const isKey = (name: string): boolean => name.startsWith(NEW);

/** What these fields refer to. */
export const references = (fields: Readonly<Record<string, unknown>>): unknown[] =>
  REFERENCES.map((name) => fields[name]);

export function createNames(): Names {
  const ids = new Map<string, string>();
  const keys = new Map<string, string>();
  const real = (name: string) => ids.get(name) ?? name;
  return {
    real,
    key: (id) => keys.get(id) ?? id,
    meant: (fields) => {
      const meant = { ...fields };
      for (const name of REFERENCES) {
        const value = meant[name];
        if (typeof value === "string") meant[name] = real(value);
      }
      return meant;
    },
    settle: (key, id) => {
      ids.set(key, id);
      keys.set(id, key);
    },
  };
}
