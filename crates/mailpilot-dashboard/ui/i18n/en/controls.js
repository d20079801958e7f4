// English: what can be asked of an account.

export const words = {
  pause: "Pause",
  resume: "Resume",
  reconnect: "Reconnect",
  process: "Process now",
  pauseOne: "Pause {name}",
  resumeOne: "Resume {name}",
  reconnectOne: "Reconnect {name}",
  processOne: "Process now: {name}",
  of: "Controls of {name}",
  pauseTitle: "Pause {name}?",
  pauseText: "No mail of this account is processed until somebody resumes it, even after a restart.",
  pauseDone: "{name} is paused.",
  resumeDone: "{name} is resumed.",
  reconnectDone: "{name} was told to reconnect.",
  processDone: "{name} was told to look for mail now.",
  failed: "{name}: {reason}",
};
