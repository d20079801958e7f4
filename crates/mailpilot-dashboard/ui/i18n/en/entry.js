// English: login and first visit.

export const words = {
  loginTitle: "Log in",
  logIn: "Log in",
  recover: "Password forgotten?",
  recoverText:
    "Whoever runs the server sets a new one there, with the server stopped. USER is your user name:",
  recoverCommand: "Command for a new password",
  recoverAfter: "It ends all sessions of this user. Then start the server again.",
  cookieRefused:
    "The browser did not keep the session cookie. Allow cookies for this address and log in again.",

  setupTitle: "Create the administrator",
  setupText: "This server has no administrator yet. Choose the credentials you will log in with.",
  create: "Create administrator",
  confirm: "Confirm password",
  usernameHint: "3 to 64 characters",
  passwordHint: "8 to 128 characters, not a common one. A few words in a row are good.",
  mismatch: "The two passwords differ.",
  code: "Setup code",
  codeHint:
    "You are not on the server's own machine, so it asks for the code that it printed when it started.",
  strength: "Strength",
  strengthNone: "nothing typed yet",
  strengthShort: "too short",
  strengthWeak: "weak",
  strengthFair: "fair",
  strengthGood: "good",
  lookAround: "Look around first",
};
