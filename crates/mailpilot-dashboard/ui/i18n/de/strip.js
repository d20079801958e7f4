// German: the health strip of an account.

/** @type {import("../catalogue.js").Translation<typeof import("../en/strip.js").words>} */
export const words = {
  label: "{name}, letzte 24 Stunden: {states}",
  nothing: "nichts bekannt",
};
