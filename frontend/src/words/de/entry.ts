import type { Words } from "../en/index.ts";

export const entry: Words["entry"] = {
  email: "E-Mail-Adresse",
  forgot: {
    title: "Passwort vergessen?",
    lead: "Sag uns deine Adresse. Wenn es ein Konto gibt, ist gleich ein Link unterwegs, mit dem du ein neues wählst.",
    button: "Link schicken",
    back: "Zurück zur Anmeldung",
  },
};
