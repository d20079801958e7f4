// The texts of one mail.

import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/mail.js";

export const t = catalogue("mail", words);
