// The texts of the list of activity.

import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/activity.js";

export const t = catalogue("activity", words);
