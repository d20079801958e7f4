//! `accounts`: the mail accounts, from the file or from a request alike.

use std::{collections::HashMap, time::Duration};

use mailpilot_engine::{AccountName, AccountSettings, ImapSettings, ImapTls};
use serde_json::Map;

use crate::{
    reader::{Node, nearest},
    reference::{KeyDoc, Kind, Reload, members},
};

pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "accounts",
        kind: Kind::List,
        default: Some("[]"),
        rule: "The mail accounts. Names are unique. Members not listed here are kept for the mail engine and never shown.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].name",
        kind: Kind::Text,
        default: None,
        rule: "Required. 1 to 64 characters out of `A-Z a-z 0-9 . _ @ -`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap",
        kind: Kind::Map,
        default: None,
        rule: "Where the mail lives. Left out for an account that only reports.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap.host",
        kind: Kind::Text,
        default: None,
        rule: "Required within `imap`. Host name or address.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap.port",
        kind: Kind::Integer,
        default: Some("993"),
        rule: "1 to 65535.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap.tls",
        kind: Kind::Choice(&["auto", "tls", "starttls", "insecure"]),
        default: Some("auto"),
        rule: "`auto` is TLS on port 993 and STARTTLS elsewhere; `insecure` sends the password in clear.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap.username",
        kind: Kind::Text,
        default: None,
        rule: "Required within `imap`. The login name.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].imap.password",
        kind: Kind::Secret,
        default: None,
        rule: "Left out where the mail engine gets it elsewhere.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].paused",
        kind: Kind::Flag,
        default: Some("false"),
        rule: "Whether the account starts paused.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "accounts[].expected_interval",
        kind: Kind::Duration,
        default: None,
        rule: "How long an account may be connected without progress before it counts as stalled.",
        reload: Reload::AtOnce,
    },
];

const IMAP_PORT: u16 = 993;

pub(super) fn read(node: &Node<'_>) -> Vec<AccountSettings> {
    let Some(accounts) = node.list() else {
        return Vec::new();
    };
    let settings = accounts.iter().filter_map(account).collect();
    compare_names(&accounts);
    settings
}

/// One account.
pub(crate) fn account(node: &Node<'_>) -> Option<AccountSettings> {
    if node.map().is_none() {
        node.required("name");
        return None;
    }
    let name = node.required("name").parse(
        "a name of 1 to 64 characters out of A-Z a-z 0-9 . _ @ -",
        |text| text.parse::<AccountName>().ok(),
    );
    let imap_node = node.member("imap");
    let imap = imap(&imap_node);
    let paused = node.member("paused").flag();
    let expected_interval: Option<Duration> = node.member("expected_interval").duration();
    let extra = extra(node);
    Some(AccountSettings {
        name: name?,
        imap,
        paused: paused.unwrap_or_default(),
        expected_interval,
        extra,
    })
}

fn imap(node: &Node<'_>) -> Option<ImapSettings> {
    node.map()?;
    node.refuse_unknown(&[]);
    let host = host(&node.required("host"));
    let port = node
        .member("port")
        .parse("a whole number from 1 to 65535", |text| {
            text.parse::<u16>().ok().filter(|port| *port > 0)
        });
    let tls = node.member("tls").choice(&ImapTls::ALL, ImapTls::name);
    let username = node.required("username").text();
    let password = node.member("password").secret();
    Some(ImapSettings {
        host: host?,
        port: port.unwrap_or(IMAP_PORT),
        tls: tls.unwrap_or_default(),
        username: username?,
        password,
    })
}

fn host(node: &Node<'_>) -> Option<String> {
    node.parse("a host name or address, without port or scheme", |text| {
        let clean = !text.is_empty()
            && text.len() <= 255
            && !text
                .contains(|c: char| c.is_control() || c.is_whitespace() || "/@\\\"".contains(c));
        let port = text.matches(':').count() == 1;
        (clean && !port).then(|| text.to_owned())
    })
}

/// Members for the mail engine, as they are.
fn extra(node: &Node<'_>) -> Map<String, serde_json::Value> {
    let known: Vec<_> = members("accounts[]").collect();
    let unknown = node.unknown_members();
    for name in &unknown {
        if let Some(near) = nearest(name, known.iter().copied()) {
            node.member(name)
                .warning(format!("this server does not know `{name}` and keeps it for the mail engine; did you mean `{near}`?"));
        }
    }
    unknown
        .into_iter()
        .filter_map(|name| node.member(&name).json().map(|value| (name, value)))
        .collect()
}

fn compare_names(accounts: &[Node<'_>]) {
    let mut first: HashMap<String, Option<usize>> = HashMap::new();
    for name in accounts.iter().map(|account| account.member("name")) {
        let Some(text) = name
            .known_text()
            .filter(|text| text.parse::<AccountName>().is_ok())
        else {
            continue;
        };
        match first.get(&text) {
            Some(Some(line)) => {
                name.problem_with_help(
                    format!("duplicate account name{}", name.quoted()),
                    format!("first used on line {line}"),
                );
            }
            Some(None) => name.problem(format!("duplicate account name{}", name.quoted())),
            None => {
                first.insert(text, name.line());
            }
        }
    }
}
