// German: one mail.

/** @type {import("../catalogue.js").Translation<typeof import("../en/mail.js").words>} */
export const words = {
  title: "Mail",
  back: "Zurück zur Liste",
  all: "Alle Mails",
  goneTitle: "Dieser Eintrag ist nicht mehr da",
  goneText: "Er wurde gelöscht oder ist älter, als Einträge aufbewahrt werden (state.audit_retention).",
  copyLink: "Link kopieren",
  delete: "Löschen",
  deleteTitle: "Diesen Eintrag löschen?",
  deleteText:
    "Gelöscht wird nur, was über die Mail festgehalten ist, und zwar endgültig. Die Mail selbst und alle Summen bleiben, wie sie sind.",
  deleteConfirm: "Eintrag löschen",
  deleted: "Der Eintrag ist gelöscht.",

  about: "Mail",
  outcome: "Ergebnis",
  done: "Erledigt",
  failed: "Fehler",
  subject: "Betreff",
  from: "Absender",
  notStored: "nicht festgehalten",
  messageId: "Message-ID",
  account: "Konto",
  time: "Zeit",

  trail: "Wie entschieden wurde",
  modelSaid: "Eingeordnet von {model}",
  classified: "Sie wurde eingeordnet",
  noModel: "Es ist kein Modell festgehalten",
  confidence: "Sicherheit {share}",
  confidenceLabel: "Sicherheit",
  took: "Dauer: {time}",
  flags: "Markierungen:",
  reason: "Grund: {reason}",
  nothingDone: "Keine Aktion wurde ausgeführt",
  error: "Die Verarbeitung ist fehlgeschlagen",
  errorEmpty: "Das Programm hat keinen Grund genannt.",
  errorMeans: "Sie zählt als eine verarbeitete Mail und als ein Fehler.",
  errorActions:
    "Sie zählt als eine verarbeitete Mail und als ein Fehler. Die Aktionen oben zählen nicht: Ob sie ausgeführt wurden, ist hier nicht bekannt.",

  related: "Siehe auch",
  sameAccount: "Andere Mails von {account}",
  sameFailed: "Fehlgeschlagene Mails von {account}",
  sameSender: "Mails mit {sender}",
  sameId: "Mails mit dieser Message-ID",
  logs: "Protokollzeilen um diese Zeit",
  raw: "Alles, was festgehalten ist (JSON)",
  rawLabel: "Eintrag, wie ihn die API gibt",
};
