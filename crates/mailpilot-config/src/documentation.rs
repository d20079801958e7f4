//! `docs/CONFIGURATION.md`, generated from the documented keys so that it cannot drift from them.

use crate::{
    reference::{KeyDoc, Reload, reference},
    sections::engine,
};

const INTRODUCTION: &str = "\
# Configuration

Everything has a default: without any configuration the server listens on port 8080.

## Layers

Later ones win.

1. Built-in defaults.
2. A YAML file: `--config PATH`, else `MAILPILOT_CONFIG`, else `./config.yaml` if it exists. A named
   file that is missing is an error.
3. The environment: `MAILPILOT_SERVER__PORT=3000` sets `server.port`; `__` goes one level down. A
   list or a section is written as YAML: `MAILPILOT_SERVER__TRUSTED_PROXIES=[10.0.0.0/8]`. Values
   are taken literally; a token of digits stays a text.
4. The command line: `--port` (`server.port`), `--log-level` (`logging.level`), and `--data-dir DIR`
   (`state.database_path` becomes `DIR/mailpilot.db`).
5. Changes to accounts made through the API.

Sections are merged key by key; a list takes the place of the whole list below it.

## Variables in the file

| written | becomes |
|---|---|
| `${NAME}` | the variable; unset or empty is an error |
| `${NAME:-default}` | the variable, or `default` where it is unset or empty |
| `$$` | `$` |

They work in every value, quoted or not, alone or within a longer text. The file is parsed first, so
a value with `:`, `#`, quotes or line breaks stays one value. A value that is nothing but `${NAME}`
takes the type its key needs: `port: ${PORT}`. A `${` that begins none of these is an error.

## Problems

All problems are reported together, each with file, line and column (or the variable, or the option),
the key, what was found and what is allowed; the program ends with status 2. `mailpilot check-config`
does only that. Values of secret keys and of variables are never repeated.

## Reload

`SIGHUP` and `POST /api/reload-config` read the file again. A file with problems changes nothing and
stays visible until it is mended. Keys marked *restart* below are reported and take effect at the next
start; all others change at once, and a removed key or account stops working at once.

## Keys

Durations are numbers with units, such as `30m`, `24h`, `7d` or `1h 30m`. `[]` stands for each
element of a list.
";

const EXAMPLE: &str = "
## Example

```yaml
server:
  port: 8080
  auth_token: ${AUTH_TOKEN}

dashboard:
  session_secret: ${SESSION_SECRET}
  session_ttl: 24h
  api_keys:
    - name: monitoring
      key: ${MONITORING_KEY}
      permissions: [read:stats, read:activity, read:logs]

accounts:
  - name: personal
    imap:
      host: imap.example.com
      username: me@example.com
      password: ${IMAP_PASSWORD}
    expected_interval: 30m
```
";

/// The whole text of `docs/CONFIGURATION.md`.
#[must_use]
pub fn configuration_md() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut section = "";
    for doc in reference() {
        let own = doc.key.split(['.', '[']).next().unwrap_or_default();
        if own != section {
            section = own;
            page.push_str(&heading(section));
        }
        page.push_str(&row(&doc));
    }
    page.push_str(&engine_sections());
    page.push_str(EXAMPLE);
    page
}

fn heading(section: &str) -> String {
    format!(
        "\n### `{section}`\n\n| key | holds | default | rule | reload |\n|---|---|---|---|---|\n"
    )
}

fn row(doc: &KeyDoc) -> String {
    let default = doc
        .default
        .map_or_else(|| "-".to_owned(), |default| format!("`{default}`"));
    let reload = match doc.reload {
        Reload::AtOnce => "at once",
        Reload::Restart => "*restart*",
    };
    format!(
        "| `{}` | {} | {default} | {} | {reload} |\n",
        doc.key, doc.kind, doc.rule
    )
}

fn engine_sections() -> String {
    let names: Vec<_> = engine::SECTIONS
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    format!(
        "\n### Sections of a mail engine\n\nKept as they are for the program the server is embedded in, \
         and shown nowhere but by name: {}. Any other section is an error.\n",
        names.join(", ")
    )
}
