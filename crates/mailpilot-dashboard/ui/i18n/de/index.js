// All German texts, by the name of the catalogue. Loaded only when German is shown.

import { words as core } from "./core.js";
import { words as entry } from "./entry.js";

export const german = { core, entry };
