// All German texts, by the name of the catalogue. Loaded only when German is shown.

import { words as activity } from "./activity.js";
import { words as check } from "./check.js";
import { words as accounts } from "./accounts.js";
import { words as controls } from "./controls.js";
import { words as core } from "./core.js";
import { words as entry } from "./entry.js";
import { words as logs } from "./logs.js";
import { words as now } from "./now.js";
import { words as mail } from "./mail.js";
import { words as strip } from "./strip.js";
import { words as system } from "./system.js";

export const german = { accounts, activity, check, controls, core, entry, logs, mail, now, strip, system };
