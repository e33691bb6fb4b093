/** A moment as people write it, by the clock of this device. */
export function momentText(moment: string | Date): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(document.documentElement.lang, style).format(new Date(moment));
}
