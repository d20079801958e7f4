//! Takes the address the server listens on, and says what to do when it cannot be had.
//!
//! Must not accept connections or read the environment: sockets handed over by a service manager
//! are the host program's business.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

use crate::HttpSettings;

/// Connections the kernel keeps for us until they are accepted.
const BACKLOG: i32 = 1024;

/// The address could not be taken. `Display` names the address and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens there.
    #[error(
        "address already in use {address} (EADDRINUSE)\n  \
         - change `server.port` in the configuration, or\n  \
         - find the process that has the port with `lsof -i :{port}` and end it",
        port = address.port()
    )]
    InUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The port needs a privilege this process does not have.
    #[error(
        "permission denied for {address} (EACCES): ports below 1024 need a privilege\n  \
         - run as root (not recommended), or\n  \
         - allow this program to: sudo setcap 'cap_net_bind_service=+ep' /path/to/mailpilot, or\n  \
         - keep a higher `server.port`, such as 8080, and forward to it: sudo iptables -t nat \
         -A PREROUTING -p tcp --dport {port} -j REDIRECT --to-port 8080",
        port = address.port()
    )]
    Privileged {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address belongs to another host.
    #[error(
        "cannot listen on {address}: this host does not have that address (EADDRNOTAVAIL); \
         give one of its own in `server.bind`, or `::` for all of them"
    )]
    Unavailable {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The system refused for another reason.
    #[error("cannot listen on {address}")]
    Io {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied if address.port() < 1024 => {
                Self::Privileged { address }
            }
            io::ErrorKind::AddrNotAvailable => Self::Unavailable { address },
            _ => Self::Io { address, source },
        }
    }
}

/// Listens on `settings.bind` and `settings.port` without blocking; port 0 takes a free one.
///
/// `::` takes IPv4 as well, and where the host has no IPv6 it is `0.0.0.0` that is taken.
///
/// # Errors
/// [`BindError`], which says whether the port is taken, privileged or not this host's.
pub fn bind(settings: &HttpSettings) -> Result<TcpListener, BindError> {
    let address = SocketAddr::new(settings.bind, settings.port);
    match listen(address) {
        Err(error) if may_lack_ipv6(address, &error) => {
            let all = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
            listen(all).map_err(|error| BindError::new(all, error))
        }
        outcome => outcome.map_err(|error| BindError::new(address, error)),
    }
}

/// Whether `0.0.0.0` is worth a try: without IPv6 the family is unknown to a host, or known but
/// without a single address, and each system has its own errors for that.
fn may_lack_ipv6(address: SocketAddr, error: &io::Error) -> bool {
    address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        && !matches!(
            error.kind(),
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
        )
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Without it a restart fails while connections of the last run linger in TIME_WAIT. On Windows
    // the option means something else: it would let two programs share the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn settings(bind: &str, port: u16) -> HttpSettings {
        HttpSettings {
            bind: bind.parse().unwrap(),
            port,
            ..HttpSettings::default()
        }
    }

    #[test]
    fn all_addresses_take_ipv4_and_ipv6() {
        let listener = bind(&settings("::", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).unwrap();
        if address.is_ipv6() {
            TcpStream::connect((Ipv6Addr::LOCALHOST, address.port())).unwrap();
        }
    }

    #[test]
    fn a_taken_port_names_the_address_and_both_remedies() {
        let taken = bind(&settings("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = bind(&settings("127.0.0.1", port)).unwrap_err();
        assert!(matches!(error, BindError::InUse { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.starts_with(&format!(
                "address already in use 127.0.0.1:{port} (EADDRINUSE)"
            )),
            "{text}"
        );
        assert!(text.contains("server.port"), "{text}");
        assert!(text.contains(&format!("lsof -i :{port}")), "{text}");
    }

    #[test]
    fn every_refusal_of_the_system_is_told_apart() {
        let address: SocketAddr = "[::]:80".parse().unwrap();
        let told = |kind: io::ErrorKind| BindError::new(address, kind.into()).to_string();
        assert!(
            told(io::ErrorKind::AddrInUse)
                .starts_with("address already in use [::]:80 (EADDRINUSE)")
        );
        let privileged = told(io::ErrorKind::PermissionDenied);
        assert!(
            privileged.contains("setcap 'cap_net_bind_service=+ep'"),
            "{privileged}"
        );
        assert!(
            privileged.contains("run as root (not recommended)"),
            "{privileged}"
        );
        assert!(privileged.contains("--dport 80 "), "{privileged}");
        assert!(told(io::ErrorKind::AddrNotAvailable).contains("server.bind"));
        assert_eq!(told(io::ErrorKind::OutOfMemory), "cannot listen on [::]:80");
    }

    #[test]
    fn an_address_of_another_host_is_unavailable() {
        let error = bind(&settings("192.0.2.1", 0)).unwrap_err();
        assert!(matches!(error, BindError::Unavailable { .. }), "{error:?}");
    }
}
