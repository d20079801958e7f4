//! Where a request comes from: through which proxy, from which address, over which scheme, to which host.
//!
//! Forwarding headers count only from trusted peers; `X-Real-IP` never does, because Apache and Caddy
//! pass on whatever the client sent. Pure: looks at headers, asks nobody.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Uri, Version, header, uri::Authority};
use ipnet::IpNet;

use crate::error::ApiError;

/// More hops than this in `X-Forwarded-For` are no honest chain.
const MAX_HOPS: usize = 20;

/// Headers that tell of a proxy, whoever wrote them.
const FORWARDING: [&str; 8] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-real-ip",
];

/// How the client reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Whether somebody hands the request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// No forwarding header is there.
    None,
    /// One that `server.trusted_proxies` names.
    Trusted,
    /// Forwarding headers come from somebody who is not believed.
    Untrusted,
}

/// What is known of the sender of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The other end of the connection; none when a host program does not tell.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) proxy: Proxy,
    /// The client's address: the peer's, or what a trusted proxy says.
    pub(crate) address: IpAddr,
    /// The client's scheme.
    pub(crate) scheme: Scheme,
    /// The `Host` header.
    pub(crate) host: String,
    /// A process on this machine that speaks to us without a proxy in between, as far as can be known.
    pub(crate) direct_local: bool,
}

impl Client {
    /// Reads head and peer. `peer` is none when a host program mounts the service without telling.
    ///
    /// # Errors
    /// 400 for a missing, double or contradicting `Host` and for an `X-Forwarded-For` that cannot be read.
    pub(crate) fn of(
        peer: Option<SocketAddr>,
        version: Version,
        uri: &Uri,
        headers: &HeaderMap,
        trusted: &[IpNet],
    ) -> Result<Self, ApiError> {
        let host = host(uri, headers)?;
        let peer = peer.map(|p| p.ip().to_canonical());
        let peer_is_loopback = peer.is_some_and(|p| p.is_loopback());
        let forwarded = is_forwarded(headers);
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let believed = peer.is_some_and(is_trusted);
        let address = match peer {
            Some(peer) if believed && forwarded => {
                forwarded_for(headers, &is_trusted)?.unwrap_or(peer)
            }
            Some(peer) => peer,
            None => IpAddr::from([0, 0, 0, 0]),
        };
        let scheme = if believed && forwarded && says_https(headers) {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let direct_local = peer_is_loopback
            && !forwarded
            && version != Version::HTTP_10
            && is_loopback_host(&host);
        let proxy = match (forwarded, believed) {
            (false, _) => Proxy::None,
            (true, true) => Proxy::Trusted,
            (true, false) => Proxy::Untrusted,
        };
        Ok(Self {
            peer,
            proxy,
            address,
            scheme,
            host: host.to_string(),
            direct_local,
        })
    }
}

/// Whether a proxy or a remote peer shows itself, also in a request that is refused for other reasons.
pub(crate) fn shows_outside(peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    is_forwarded(headers)
        || is_behind_bare_proxy(headers)
        || peer.is_some_and(|p| !p.ip().to_canonical().is_loopback())
}

/// A page of ours at another name than loopback: a proxy is in between, although it adds no header.
fn is_behind_bare_proxy(headers: &HeaderMap) -> bool {
    let ours = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin");
    let page = headers
        .get(header::ORIGIN)
        .or_else(|| headers.get(header::REFERER))
        .and_then(|value| Uri::try_from(value.as_bytes()).ok());
    ours && page
        .and_then(|uri| uri.into_parts().authority)
        .is_some_and(|authority| !is_loopback_host(&authority))
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// The one `Host` of a request. RFC 9112 section 3.2 demands the 400.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<Authority, ApiError> {
    let mut values = headers.get_all(header::HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::bad_request(
            "a request has exactly one Host header",
        ));
    };
    let host = Authority::try_from(value.as_bytes())
        .ok()
        .filter(|a| !a.as_str().contains('@') && !a.host().is_empty())
        .ok_or_else(|| {
            ApiError::bad_request("the Host header is not a host name with an optional port")
        })?;
    match uri.authority() {
        Some(authority) if !authority.as_str().eq_ignore_ascii_case(host.as_str()) => Err(
            ApiError::bad_request("the Host header contradicts the address in the request line"),
        ),
        _ => Ok(host),
    }
}

fn is_loopback_host(host: &Authority) -> bool {
    let name = host.host();
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = name
        .strip_prefix('[')
        .and_then(|n| n.strip_suffix(']'))
        .unwrap_or(name);
    bare.parse::<IpAddr>()
        .is_ok_and(|a| a.to_canonical().is_loopback())
}

/// The first address from the right that no trusted proxy speaks for.
fn forwarded_for(
    headers: &HeaderMap,
    is_trusted: &dyn Fn(IpAddr) -> bool,
) -> Result<Option<IpAddr>, ApiError> {
    let unreadable =
        || ApiError::bad_request("the X-Forwarded-For header is not a list of addresses");
    let mut hops = Vec::new();
    for value in headers.get_all("x-forwarded-for") {
        let text = value.to_str().map_err(|_| unreadable())?;
        for hop in text.split(',') {
            if hops.len() == MAX_HOPS {
                return Err(ApiError::bad_request(
                    "the X-Forwarded-For header names too many hops",
                ));
            }
            hops.push(address(hop.trim()).ok_or_else(unreadable)?);
        }
    }
    let first_untrusted = hops.iter().rev().find(|hop| !is_trusted(**hop));
    Ok(first_untrusted.or(hops.first()).copied())
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))?;
    Some(address.to_canonical())
}

/// The last word of the nearest proxy.
fn says_https(headers: &HeaderMap) -> bool {
    headers
        .get_all("x-forwarded-proto")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.rsplit(',').next())
        .is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loopback_networks;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> Result<Client, ApiError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        Client::of(
            Some(peer),
            Version::HTTP_11,
            &Uri::from_static("/api/stats"),
            &map,
            &loopback_networks(),
        )
    }

    #[test]
    fn the_first_untrusted_hop_from_the_right_is_the_client() {
        for (chain, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 127.0.0.1", "203.0.113.9"),
            ("203.0.113.9:1234", "203.0.113.9"),
            ("[2001:db8::1]:99", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("127.0.0.5", "127.0.0.5"),
        ] {
            let client = client(
                "::ffff:127.0.0.1",
                &[("host", "x"), ("x-forwarded-for", chain)],
            )
            .unwrap();
            assert_eq!(client.address.to_string(), expected, "{chain}");
        }
    }

    #[test]
    fn an_untrusted_peer_cannot_say_who_it_is() {
        let forged = [
            ("host", "x"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
        ];
        let client = client("192.0.2.7", &forged).unwrap();
        assert_eq!(client.address.to_string(), "192.0.2.7");
        assert_eq!(client.scheme, Scheme::Http);
        assert!(!client.direct_local);
    }

    #[test]
    fn a_remote_peer_and_any_forwarding_header_show_the_outside() {
        let shows = |peer: &str, names: &[&'static str]| {
            let headers = names
                .iter()
                .map(|name| (name.parse().unwrap(), "?".parse().unwrap()))
                .collect();
            shows_outside(Some(SocketAddr::new(peer.parse().unwrap(), 1)), &headers)
        };
        assert!(!shows("127.0.0.1", &["host", "origin"]));
        assert!(!shows("::ffff:127.0.0.1", &[]));
        assert!(shows("192.0.2.7", &[]));
        assert!(shows("fe80::1", &[]));
        for name in FORWARDING {
            assert!(shows("::1", &[name]), "{name}");
        }
    }

    #[test]
    fn x_real_ip_never_counts() {
        let client = client("127.0.0.1", &[("host", "x"), ("x-real-ip", "203.0.113.9")]).unwrap();
        assert_eq!(client.address.to_string(), "127.0.0.1");
        assert!(!client.direct_local);
    }

    #[test]
    fn only_a_bare_loopback_request_is_local() {
        for (headers, local) in [
            (&[("host", "localhost:8080")][..], true),
            (&[("host", "127.3.4.5")], true),
            (&[("host", "[::1]:80")], true),
            (&[("host", "evil.example")], false),
            (&[("host", "localhost.evil.example")], false),
            (&[("host", "localhost"), ("via", "1.1 x")], false),
            (
                &[("host", "localhost"), ("forwarded", "for=1.2.3.4")],
                false,
            ),
        ] {
            assert_eq!(
                client("127.0.0.1", headers).unwrap().direct_local,
                local,
                "{headers:?}"
            );
        }
        assert!(
            !client("192.0.2.7", &[("host", "localhost")])
                .unwrap()
                .direct_local
        );
    }

    #[test]
    fn a_host_that_is_missing_double_or_strange_is_a_400() {
        for headers in [
            &[][..],
            &[("host", "a"), ("host", "a")],
            &[("host", "a b")],
            &[("host", "u@h")],
            &[("host", "")],
        ] {
            assert!(client("127.0.0.1", headers).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn a_chain_that_cannot_be_read_is_a_400() {
        let long = vec!["127.0.0.1"; 21].join(",");
        for chain in [
            "unknown",
            "",
            "1.2.3.4,,5.6.7.8",
            "1.2.3.4, <script>",
            &long,
        ] {
            assert!(
                client("127.0.0.1", &[("host", "x"), ("x-forwarded-for", chain)]).is_err(),
                "{chain}"
            );
        }
    }
}
