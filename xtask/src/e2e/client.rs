//! A plain HTTP client of the server under test: requests, answers, event streams. Judges nothing.

use std::{
    io::{BufRead, BufReader},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::{
    Agent,
    http::{HeaderMap, Request},
};

/// An export of everything is the largest answer here.
const MAX_BODY: u64 = 1 << 30;

/// Speaks to one server, always with the same headers.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    headers: Vec<(&'static str, String)>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    /// A client without a credential; `base` has no slash at its end.
    pub(crate) fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            .build();
        Self {
            agent: config.into(),
            base: base.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same client with a bearer token.
    pub(crate) fn bearer(&self, token: &str) -> Self {
        self.with("Authorization", format!("Bearer {token}"))
    }

    /// The same client with one more header.
    pub(crate) fn with(&self, name: &'static str, value: String) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value));
        client
    }

    /// GET.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, None)
    }

    /// POST of JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, Some(body))
    }

    /// POST without a body.
    pub(crate) fn command(&self, path: &str) -> Result<Answer> {
        self.send("POST", path, None)
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let mut response = self.run(method, path, body)?;
        let body = response.body_mut().with_config().limit(MAX_BODY);
        let text = body
            .read_to_string()
            .with_context(|| format!("{method} {path}: body"))?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text,
        })
    }

    fn run(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ureq::http::Response<ureq::Body>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let sent = match (body, method) {
            (Some(body), _) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string())?)
            }
            (None, "GET") => self.agent.run(request.body(())?),
            (None, _) => self.agent.run(request.body(String::new())?),
        };
        sent.with_context(|| format!("{method} {path}"))
    }

    /// Opens an event stream and waits for its head.
    pub(crate) fn events(&self, query: &str) -> Result<Events> {
        let path = format!("/api/events?{query}");
        let response = self.run("GET", &path, None)?;
        ensure!(
            response.status() == 200,
            "GET {path}: status {}",
            response.status()
        );
        let reader = BufReader::new(response.into_body().into_reader());
        let (sender, lines) = mpsc::channel();
        // The thread ends with the stream: when the server closes it, or when nobody listens any more.
        thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Events { lines })
    }
}

impl Answer {
    /// The body, if the status is the one expected.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        ensure!(
            self.status == status,
            "expected status {status}, got {}: {}",
            self.status,
            self.text
        );
        Ok(self)
    }

    /// The body as JSON, if the status is the one expected.
    pub(crate) fn json(self, status: u16) -> Result<Value> {
        let answer = self.expect(status)?;
        serde_json::from_str(&answer.text).with_context(|| format!("no JSON: {}", answer.text))
    }

    /// A header's value, empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// `name=value` of the cookie that was set, without its attributes.
    pub(crate) fn cookie(&self) -> Result<String> {
        let header = self.header("set-cookie");
        let pair = header.split(';').next().filter(|pair| !pair.is_empty());
        pair.map(str::to_owned)
            .with_context(|| format!("no cookie was set: {}", self.text))
    }
}

/// An open event stream.
#[derive(Debug)]
pub(crate) struct Events {
    lines: Receiver<String>,
}

impl Events {
    /// Waits for the next event of this type and gives its data.
    pub(crate) fn next(&self, kind: &str, patience: Duration) -> Result<Value> {
        let until = Instant::now() + patience;
        let mut current = String::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = match self.lines.recv_timeout(left) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => bail!("no `{kind}` event within {patience:?}"),
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the stream ended before a `{kind}` event")
                }
            };
            if let Some(name) = line.strip_prefix("event:") {
                current = name.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data:")
                && current == kind
            {
                return serde_json::from_str(data).with_context(|| format!("event data: {data}"));
            }
        }
    }

    /// Waits for the end of the stream.
    pub(crate) fn end(&self, patience: Duration) -> Result<()> {
        let until = Instant::now() + patience;
        loop {
            match self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the stream was still open after {patience:?}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    use super::*;

    /// Answers one connection with these bytes, whatever is asked.
    fn answering(bytes: &'static str) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            assert!(socket.read(&mut request).unwrap() > 0);
            socket.write_all(bytes.as_bytes()).unwrap();
        });
        client
    }

    #[test]
    fn errors_and_redirects_are_answers_like_others() {
        let client = answering(
            "HTTP/1.1 303 See Other\r\nLocation: /setup\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}",
        );
        let answer = client.get("/").unwrap();
        assert_eq!((answer.status, answer.header("location")), (303, "/setup"));
        assert_eq!(answer.cookie().unwrap(), "a=b");
        assert_eq!(answer.json(303).unwrap(), serde_json::json!({}));
        let refused =
            answering("HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy").command("/x");
        let error = refused.unwrap().expect(200).unwrap_err().to_string();
        assert!(error.contains("409") && error.contains("busy"), "{error}");
    }

    #[test]
    fn events_are_told_apart_by_type_and_the_end_is_seen() {
        let client = answering(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nretry: 2000\n\nid: 1\nevent: logs\ndata: {\"n\":1}\n\n\
             : heartbeat\n\nid: 2\nevent: accounts\ndata: {\"n\":2}\n\n",
        );
        let events = client.events("types=accounts").unwrap();
        assert_eq!(
            events.next("accounts", Duration::from_secs(5)).unwrap()["n"],
            2
        );
        events.end(Duration::from_secs(5)).unwrap();
        assert!(events.next("accounts", Duration::from_secs(5)).is_err());
    }
}
