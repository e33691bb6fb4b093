/** The row of the todo of that key, if it is shown. */
export function todoRow(key: string): HTMLElement | null {
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

/** The row that has the focus, or holds what has it. */
export function focusedRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-key]") ?? null;
}

/** Move the focus by so many rows; from outside of them, to the first or the last. */
export function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-key]")];
  const from = focusedRow();
  const to = from ? rows.indexOf(from) + by : by > 0 ? 0 : rows.length - 1;
  rows[to]?.focus();
}
