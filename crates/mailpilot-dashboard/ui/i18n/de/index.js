// All German texts, by the name of the catalogue. Loaded only when German is shown.

import { words as controls } from "./controls.js";
import { words as core } from "./core.js";
import { words as entry } from "./entry.js";
import { words as strip } from "./strip.js";

export const german = { controls, core, entry, strip };
