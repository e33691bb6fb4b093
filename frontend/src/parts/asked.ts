/*
 * Which address a mail was asked for, and why, so that it can be asked for again: an address and no more, in this tab
 * alone, until somebody logs in.
 */
const NAME = "asked";

export interface Asked {
  email: string;
  why: "sign-up" | "reset";
}

export function remember(asked: Asked): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(asked));
  } catch {
    // Storage can be forbidden: then the address has to be typed once more.
  }
}

export function remembered(): Asked | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
    return isAsked(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There is nothing to forget.
  }
}

function isAsked(found: unknown): found is Asked {
  return typeof found === "object" && found !== null && "email" in found && typeof found.email === "string";
}
