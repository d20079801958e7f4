// German: login and first visit.

/** @type {import("../catalogue.js").Translation<typeof import("../en/entry.js").words>} */
export const words = {
  loginTitle: "Anmelden",
  logIn: "Anmelden",
  recover: "Passwort vergessen?",
  recoverText:
    "Wer den Server betreibt, setzt dort bei angehaltenem Server ein neues. USER ist Ihr Benutzername:",
  recoverCommand: "Befehl für ein neues Passwort",
  recoverAfter: "Alle Sitzungen dieses Benutzers enden damit. Starten Sie den Server danach wieder.",
  cookieRefused:
    "Der Browser hat das Sitzungscookie nicht behalten. Erlauben Sie Cookies für diese Adresse und melden Sie sich noch einmal an.",

  setupTitle: "Administrator anlegen",
  setupText: "Dieser Server hat noch keinen Administrator. Wählen Sie, womit Sie sich anmelden werden.",
  create: "Administrator anlegen",
  confirm: "Passwort wiederholen",
  usernameHint: "3 bis 64 Zeichen",
  passwordHint: "8 bis 128 Zeichen, kein gebräuchliches. Einige Wörter hintereinander sind gut.",
  mismatch: "Die beiden Passwörter sind verschieden.",
  code: "Einrichtungscode",
  codeHint:
    "Sie sind nicht am Rechner des Servers selbst, darum fragt er nach dem Code, den er beim Start ausgegeben hat.",
  strength: "Stärke",
  strengthNone: "noch nichts eingegeben",
  strengthShort: "zu kurz",
  strengthWeak: "schwach",
  strengthFair: "brauchbar",
  strengthGood: "gut",
  lookAround: "Erst umsehen",
};
