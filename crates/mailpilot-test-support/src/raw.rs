//! Bytes as they are, for requests no client would send.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long a test waits for an answer that must come. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection without a client's manners.
#[derive(Debug)]
pub struct RawConnection(TcpStream);

impl RawConnection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends bytes. A server that has closed already is seen where the answer is read.
    pub async fn send(&mut self, bytes: &[u8]) {
        drop(self.0.write_all(bytes).await);
    }

    /// One answer with its body, as text; what came of it if the server closed first.
    pub async fn answer(&mut self) -> String {
        self.read(true).await
    }

    /// Everything until the server closes, as text.
    pub async fn rest(mut self) -> String {
        self.read(false).await
    }

    async fn read(&mut self, one: bool) -> String {
        let mut bytes = Vec::new();
        let all = async {
            while !(one && is_whole(&bytes)) {
                match self.0.read_u8().await {
                    Ok(byte) => bytes.push(byte),
                    Err(_) => break,
                }
            }
        };
        tokio::time::timeout(PATIENCE, all)
            .await
            .expect("an answer should have come");
        String::from_utf8(bytes).unwrap()
    }
}

/// Whether an answer with a `Content-Length`, or without a body, is there.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0_usize);
    body.len() >= length
}
