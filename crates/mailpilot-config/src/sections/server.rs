//! `server`: where the server listens and whom it believes.

use mailpilot_http_server::{BasePath, HealthAccounts, HttpSettings, MetricsAuth};
use mailpilot_secret::Secret;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::{
    reader::Node,
    reference::{KeyDoc, Kind, Reload},
    settings::Settings,
};

pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "server.port",
        kind: Kind::Integer,
        default: Some("8080"),
        rule: "0 to 65535. 0 takes a free port and prints it.",
        reload: Reload::Restart,
    },
    KeyDoc {
        key: "server.bind",
        kind: Kind::Address,
        default: Some("\"::\""),
        rule: "The address to listen on. `::` takes IPv4 and IPv6, and falls back to `0.0.0.0` where the host has no IPv6.",
        reload: Reload::Restart,
    },
    KeyDoc {
        key: "server.auth_token",
        kind: Kind::Secret,
        default: None,
        rule: "A token with the permission `*`. Set but empty is an error; fewer than 16 characters is a warning.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "server.base_path",
        kind: Kind::Text,
        default: Some("/"),
        rule: "The dashboard and the API live below it, whether a proxy strips it or not. `/` or a path such as `/mail`.",
        reload: Reload::Restart,
    },
    KeyDoc {
        key: "server.trusted_proxies",
        kind: Kind::Words,
        default: Some("[127.0.0.0/8, \"::1/128\"]"),
        rule: "Networks or addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Read from right to left, the first address outside them is the client. `X-Real-IP` never counts.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "server.metrics_auth",
        kind: Kind::Choice(&["open", "required"]),
        default: Some("open"),
        rule: "`required` asks for a credential with `read:stats` on `/metrics`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "server.health_accounts",
        kind: Kind::Choice(&["show", "hide"]),
        default: Some("show"),
        rule: "`hide` leaves the accounts out of `/health` for callers without a credential.",
        reload: Reload::AtOnce,
    },
];

/// Fewer characters than this can be guessed.
pub(super) const MIN_SECRET: usize = 16;

/// The key the documentation uses in its examples.
const SAMPLE_KEY: &str = "mp_1234567890abcdef";

pub(super) fn read(node: &Node<'_>, settings: &mut Settings) {
    if node.map().is_none() {
        return;
    }
    node.refuse_unknown(&[]);
    settings.credentials.auth_token = auth_token(&node.member("auth_token"));
    listening(node, &mut settings.http);
    exposure(node, &mut settings.http);
}

fn listening(node: &Node<'_>, http: &mut HttpSettings) {
    let port = node
        .member("port")
        .parse("a whole number from 0 to 65535", |text| text.parse().ok());
    let bind = node
        .member("bind")
        .parse("an IP address such as 127.0.0.1, 0.0.0.0 or ::", |text| {
            text.parse().ok()
        });
    let base_path = node.member("base_path").parse(
        "/ or a path such as /mail out of letters, digits and - . _ ~ between slashes",
        |text| text.parse::<BasePath>().ok(),
    );
    http.port = port.unwrap_or(http.port);
    http.bind = bind.unwrap_or(http.bind);
    http.base_path = base_path.unwrap_or_default();
}

fn exposure(node: &Node<'_>, http: &mut HttpSettings) {
    if let Some(proxies) = node.member("trusted_proxies").list() {
        http.trusted_proxies = proxies.iter().filter_map(network).collect();
    }
    let metrics = node
        .member("metrics_auth")
        .choice(&[MetricsAuth::Open, MetricsAuth::Required], metrics_name);
    let health = node
        .member("health_accounts")
        .choice(&[HealthAccounts::Show, HealthAccounts::Hide], health_name);
    http.metrics_auth = metrics.unwrap_or_default();
    http.health_accounts = health.unwrap_or_default();
}

pub(crate) const fn metrics_name(value: MetricsAuth) -> &'static str {
    match value {
        MetricsAuth::Open => "open",
        MetricsAuth::Required => "required",
    }
}

pub(crate) const fn health_name(value: HealthAccounts) -> &'static str {
    match value {
        HealthAccounts::Show => "show",
        HealthAccounts::Hide => "hide",
    }
}

fn network(node: &Node<'_>) -> Option<IpNet> {
    let network = node.parse(
        "a network such as 10.0.0.0/8 or an address such as 192.168.1.10",
        |text| {
            text.parse()
                .ok()
                .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        },
    )?;
    if network.prefix_len() == 0 {
        node.warning(
            "this trusts everybody: any client can claim any address; name the proxy alone",
        );
    }
    Some(network)
}

fn auth_token(node: &Node<'_>) -> Option<Secret> {
    if node.is_absent() {
        return None;
    }
    let token = node.secret()?;
    if token.chars() < MIN_SECRET {
        node.warning(format!(
            "the token has {} characters; with fewer than {MIN_SECRET} it can be guessed",
            token.chars()
        ));
    }
    warn_of_weakness(node, &token);
    Some(token)
}

/// What makes a credential weak or useless, whatever it is for.
pub(super) fn warn_of_weakness(node: &Node<'_>, secret: &Secret) {
    if secret.expose() == SAMPLE_KEY {
        node.warning(
            "this is the key of the documentation's examples, which everybody knows; make another",
        );
    }
    if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        node.warning(
            "it holds a space, a line break or a character outside ASCII, which an Authorization header may not carry",
        );
    }
}
