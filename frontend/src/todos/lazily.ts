import type * as Later from "./Later.tsx";

/** What is not needed in the first moment. */
export const lazily: { loaded: typeof Later | undefined } = { loaded: undefined };

/** Load it; at once, if it is loaded. */
export async function load(): Promise<typeof Later> {
  return (lazily.loaded ??= await import("./Later.tsx"));
}
