// English: the health strip of an account.

export const words = {
  label: "{name}, the last 24 hours: {states}",
  nothing: "nothing known",
};
