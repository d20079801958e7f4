// What the form's fields are as the API takes them. Pure.

/** @typedef {import("../../api-types.js").components["schemas"]} Schemas */

/**
 * A password that is left empty is left out, so that the stored one stays; null takes it away. A pause is
 * sent only where it was changed, so that one set meanwhile holds.
 *
 * @param {Record<string, string>} values of the form, by name
 * @param {{ paused: boolean }} [before] the account that is changed
 */
export function bodyOf(values, before) {
  /** @type {Schemas["NewAccount"]} */
  const body = {};
  if (values.mailbox) {
    /** @type {Schemas["NewImap"]} */
    const imap = {
      host: values["imap.host"].trim(),
      port: Number(values["imap.port"]),
      tls: /** @type {Schemas["ImapTls"]} */ (values["imap.tls"]),
      username: values["imap.username"].trim(),
    };
    if (values.forget) imap.password = null;
    else if (values["imap.password"]) imap.password = values["imap.password"];
    body.imap = imap;
  }
  if (values.expectedInterval.trim() !== "") body.expectedInterval = values.expectedInterval.trim();
  const paused = Boolean(values.paused);
  if (paused !== (before?.paused ?? false)) body.paused = paused;
  return body;
}
