// The texts of the account pages.

import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/accounts.js";

export const t = catalogue("accounts", words);
