import type { ComponentChildren } from "preact";

/** Something that has happened, said aloud by screen readers; an error can be led to. */
export function Notice({ kind, children }: { kind: "done" | "error"; children: ComponentChildren }) {
  return (
    <p class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"} tabIndex={-1}>
      {children}
    </p>
  );
}
