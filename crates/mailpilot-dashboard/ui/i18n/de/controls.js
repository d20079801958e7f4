// German: what can be asked of an account.

/** @type {import("../catalogue.js").Translation<typeof import("../en/controls.js").words>} */
export const words = {
  pause: "Anhalten",
  resume: "Fortsetzen",
  reconnect: "Neu verbinden",
  process: "Jetzt verarbeiten",
  pauseOne: "{name} anhalten",
  resumeOne: "{name} fortsetzen",
  reconnectOne: "{name} neu verbinden",
  processOne: "{name} jetzt verarbeiten",
  of: "Steuerung von {name}",
  pauseTitle: "{name} anhalten?",
  pauseText:
    "Keine Mail dieses Kontos wird verarbeitet, bis jemand es fortsetzt, auch nach einem Neustart nicht.",
  pauseDone: "{name} ist angehalten.",
  resumeDone: "{name} ist fortgesetzt.",
  reconnectDone: "{name} soll sich neu verbinden.",
  processDone: "{name} soll jetzt nach neuen Mails sehen.",
  failed: "{name}: {reason}",
};
