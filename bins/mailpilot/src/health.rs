//! `healthcheck`: asks the running server, for containers that have no curl.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use mailpilot_server::ServerError;

use crate::{cli::Options, commands::Done};

const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn check(options: &Options) -> Done {
    let settings = options
        .source()
        .load()
        .map_err(ServerError::Config)?
        .settings
        .http;
    let ip = if settings.bind.is_unspecified() {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        settings.bind
    };
    let address = SocketAddr::new(ip, settings.port);
    let status = ask(address)?;
    if status == "200" {
        Ok(())
    } else {
        Err(format!("{address} is not ready: it answers {status}").into())
    }
}

/// One request; the first line of the answer is enough.
fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(64).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    Ok(head
        .split_ascii_whitespace()
        .nth(1)
        .unwrap_or("nothing")
        .to_owned())
}
