//! The least a server on hyper can do: the same 300 bytes of JSON for every request.
//!
//! `cargo xtask bench` measures it beside the real server; it must do no work of its own.

use std::{convert::Infallible, error::Error, net::Ipv4Addr};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

const LENGTH: usize = 300;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "whoever starts it needs the address")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    let filler = "x".repeat(LENGTH - r#"{"filler":""}"#.len());
    let body = Bytes::from(format!(r#"{{"filler":"{filler}"}}"#));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let body = body.clone();
            async move { Ok::<_, Infallible>(answer(body)) }
        });
        tokio::spawn(async move {
            let mut connection = http1::Builder::new();
            // A client that goes away is no news here.
            connection
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

fn answer(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
