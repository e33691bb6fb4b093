import type { Words } from "../en/index.ts";

export const common: Words["common"] = {
  product: "Todo",
  skip: "Zum Inhalt",
  language: "Sprache",
  wait: "Einen Moment …",
  unreachable: "Der Dienst ist nicht erreichbar. Es wurde nichts geändert; versuch es bitte noch einmal.",
  failed: "Das hat bei uns nicht geklappt. Es wurde nichts geändert; versuch es bitte noch einmal.",
  tooMany: (seconds) =>
    seconds < 90
      ? `Zu viele Versuche. Versuch es in ${seconds} Sekunden noch einmal.`
      : `Zu viele Versuche. Versuch es in ${Math.ceil(seconds / 60)} Minuten noch einmal.`,
  showPassword: "Passwort zeigen",
  hidePassword: "Passwort verbergen",
};
