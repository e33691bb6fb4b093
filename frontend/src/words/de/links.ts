import type { Words } from "../en/index.ts";

export const links: Words["links"] = {
  dead: "Dieser Link gilt nicht mehr: Er wurde benutzt, ist abgelaufen, oder ein neuerer wurde geschickt.",
  missing: "Hier fehlt der Link. Öffne ihn noch einmal aus der Mail, und wenn du ihn kopierst, dann ganz.",
  tokenless:
    "Ohne JavaScript kann diese Seite deinen Link nicht lesen: Das Wichtige darin steht hinter einem „#“ oder wurde nicht mitkopiert. Erlaube hier JavaScript, oder öffne den Link in einem anderen Browser.",
  logIn: "Anmelden",
  home: "Zu deinen Todos",
  withoutScript: {
    title: "Nicht ohne JavaScript",
    lead: "Deine Todos und dein Konto können ohne JavaScript nicht gezeigt werden. Erlaube es für diese Seite, oder:",
    terminal: "nutze sie in einem Terminal, mit „todo login“ und „todo list“;",
    programs: "nutze ein anderes Programm, das mit diesem Dienst spricht, wie beschrieben unter",
    logOut: "Abmelden",
  },
  verify: {
    title: "Deine Adresse bestätigen",
    lead: "Ein Druck, und dein Konto ist bereit.",
    button: "Ja, das ist meine Adresse",
    done: "Deine Adresse ist bestätigt. Du kannst dich jetzt anmelden.",
    more: "Der Link geht nicht?",
    another: "Neuen Link schicken",
  },
  confirm: {
    title: "Deine neue Adresse bestätigen",
    lead: "Ein Druck, und dein Konto hat diese Adresse.",
    button: "Ja, das ist meine neue Adresse",
    done: "Dein Konto hat seine neue Adresse. Die alte weiß es und kann die Änderung zurücknehmen.",
    next: "In deinem Konto kannst du die Änderung noch einmal verlangen.",
    account: "Zu deinem Konto",
  },
  undoChange: {
    title: "Die Änderung zurücknehmen",
    lead: "Ein Druck, und dein Konto hat wieder seine alte Adresse. Alle werden abgemeldet, und das Passwort gilt nicht mehr.",
    button: "Gib mir meine alte Adresse zurück",
    done: "Dein Konto hat wieder seine alte Adresse. Dorthin ist ein Link unterwegs, mit dem du ein neues Passwort wählst.",
    inbox: "Noch keine Mail?",
    next: "Wenn du die Änderung schon zurückgenommen hast, liegt an deiner alten Adresse eine Mail für dich.",
  },
  undoDeletion: {
    title: "Dein Konto behalten",
    lead: "Ein Druck, und dein Konto bleibt, mit allem darin.",
    button: "Mein Konto behalten",
    done: "Dein Konto bleibt. Du kannst dich jetzt anmelden.",
    next: "Solange dein Konto nicht gelöscht ist, kannst du dich auch anmelden und es dort behalten.",
  },
};
