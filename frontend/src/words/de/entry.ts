import type { Words } from "../en/index.ts";

export const entry: Words["entry"] = {
  email: "E-Mail-Adresse",
  password: "Passwort",
  newPassword: "Neues Passwort",
  passwordHint: "Lang ist stark: ein paar Wörter sind gut. Alle Zeichen sind erlaubt.",
  passwordGood: "Gegen dieses spricht nichts.",
  rules: {
    short: (characters) => `Bitte mindestens ${characters} Zeichen.`,
    named: "Bitte nicht deine Adresse oder den Namen dieses Dienstes, egal was drumherum steht.",
    common: "Das ist eins der häufigsten Passwörter. Die werden zuerst probiert.",
    leaked: "Dieses Passwort ist aus einem Datenleck bekannt. Solche werden zuerst probiert.",
    long: (bytes) => `Das ist zu lang: höchstens ${bytes} Bytes.`,
    email: "Das ist keine E-Mail-Adresse.",
  },
  signUp: {
    title: "Konto anlegen",
    name: "Dein Name (freiwillig)",
    button: "Konto anlegen",
    known: "Du hast schon ein Konto?",
    logIn: "Anmelden",
  },
  logIn: {
    title: "Anmelden",
    button: "Anmelden",
    wrong: "Adresse und Passwort gehören nicht zusammen. Sieh beide noch einmal an, oder",
    choose: "wähle ein neues Passwort",
    unverified:
      "Erst muss deine Adresse bestätigt werden, mit dem Link in der Mail, die nach dem Anlegen kam.",
    resend: "Diese Mail noch einmal schicken",
    forgot: "Passwort vergessen?",
    stranger: "Noch kein Konto?",
    signUp: "Konto anlegen",
  },
  inbox: {
    title: "Schau in dein Postfach",
    lead: "Wenn es zu deiner Adresse ein Konto gibt, ist eine Mail unterwegs. Ihr Link führt dich weiter.",
    spam: "Nach ein, zwei Minuten noch nichts da? Schau auch in den Spam-Ordner.",
    life: "Wie lange der Link gilt, steht in der Mail. Für ein neues Passwort hast du meist eine Stunde.",
    button: "Noch einmal schicken",
    again: "Wenn es zu dieser Adresse ein Konto gibt, ist noch eine Mail unterwegs.",
    back: "Zur Anmeldung",
  },
  forgot: {
    title: "Passwort vergessen?",
    lead: "Sag uns deine Adresse. Wenn es ein Konto gibt, ist gleich ein Link unterwegs, mit dem du ein neues wählst.",
    button: "Link schicken",
    back: "Zurück zur Anmeldung",
  },
  reset: {
    title: "Neues Passwort wählen",
    once: "Dein Link gilt einmal.",
    left: (seconds) =>
      seconds > 90
        ? `Dein Link gilt noch ${Math.round(seconds / 60)} Minuten.`
        : `Dein Link gilt noch ${seconds} ${seconds === 1 ? "Sekunde" : "Sekunden"}.`,
    button: "Passwort setzen",
    dead: "Dieser Link gilt nicht mehr: Er wurde benutzt, ist abgelaufen, oder es kam ein neuerer.",
    another: "Neuen Link schicken",
    done: "Ab jetzt gilt dein neues Passwort. Du bist überall abgemeldet.",
    logIn: "Damit anmelden",
  },
};
