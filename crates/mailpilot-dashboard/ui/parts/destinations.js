// The five places of the dashboard, in order of value.

/** @typedef {{ name: "now" | "activity" | "accounts" | "logs" | "system", path: string }} Destination */

export const DESTINATIONS = /** @type {Destination[]} */ ([
  { name: "now", path: "/" },
  { name: "activity", path: "/activity" },
  { name: "accounts", path: "/accounts" },
  { name: "logs", path: "/logs" },
  { name: "system", path: "/system" },
]);
