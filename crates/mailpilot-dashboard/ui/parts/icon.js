// The few pictures of the dashboard, drawn in the text's colour. Never the only sign of anything.

import { html } from "../vendor/preact.js";

/** Outlines on a grid of 24. */
const OUTLINES = {
  now: "M3 12h4l3-8 4 16 3-8h4",
  activity: "M4 6h16M4 12h16M4 18h10",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  accounts: "M4 13h4l2 3h4l2-3h4M4 13l3-8h10l3 8v6H4z",
  logs: "M5 4h14v16H5zM8 9h8M8 13h8M8 17h5",
  system: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  check: "M5 13l4 4 10-11",
  cross: "M6 6l12 12M18 6L6 18",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l11 7-11 7z",
  plug: "M9 3v5M15 3v5M7 8h10v4a5 5 0 0 1-10 0zM12 17v4",
  refresh: "M20 11A8 8 0 1 0 18 17M20 5v6h-6",
  info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.5",
  lines: "M5 8h14M5 12h9M5 16h11",
  dots: "M12 5.5v.5M12 12v.5M12 18.5v.5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  question: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17.5v.5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  right: "M9 6l6 6-6 6",
  left: "M15 6l-6 6 6 6",
  moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l9-9M16 7l3 3",
  leave: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
};

/** @typedef {keyof typeof OUTLINES} IconName */

/** @param {{ name: IconName }} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${OUTLINES[name]} />
  </svg>`;
}
