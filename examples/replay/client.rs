//! Speaks to a Mailpilot server over HTTP: files entries, reads counts. Waits where waiting helps, within bounds.

use std::{thread, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use thiserror::Error;
use ureq::{
    Agent,
    http::{Request, header},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How long one request is tried in all, waiting included.
const PATIENCE: Duration = Duration::from_secs(120);
const MAX_ANSWER: u64 = 1 << 20;

/// Why something was not done.
#[derive(Debug, Error)]
pub(crate) enum ClientError {
    /// The server said no, in its own words.
    #[error("the server refused it ({status}): {sentence}\n  {advice}")]
    Refused {
        status: u16,
        code: String,
        sentence: String,
        advice: String,
    },
    /// There was no connection, or the server was busy, for longer than we wait.
    #[error("gave up after {} s: {reason}\n  what was filed stays filed: run the same command again when the server is back", waited.as_secs())]
    GaveUp { waited: Duration, reason: String },
    /// Waiting would not help.
    #[error("cannot speak to {url}: {reason}")]
    Unusable { url: String, reason: String },
    /// It is something else that answers there, or another version.
    #[error("{request} was answered with something else than expected: {reason}")]
    Unexpected { request: String, reason: String },
}

impl ClientError {
    /// Whether the server refused with this status.
    pub(crate) fn is_status(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }
}

/// What the server has counted for an account, and how many entries it lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) processed: u64,
    pub(crate) actions: u64,
    pub(crate) errors: u64,
    /// None where there are more than the server counts exactly.
    pub(crate) listed: Option<u64>,
}

/// A server, as one account's worker sees it.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
    account: String,
    /// Tells the user why nothing moves.
    tell: Box<dyn Fn(&str)>,
    pause: fn(Duration),
}

impl Client {
    /// `base` is the address of the dashboard; `tell` is given a sentence whenever we wait.
    ///
    /// # Errors
    /// When the address is none this program can use.
    pub(crate) fn new(
        base: &str,
        key: Option<&str>,
        account: &str,
        tell: impl Fn(&str) + 'static,
    ) -> Result<Self, ClientError> {
        if !base.starts_with("http://") {
            return Err(ClientError::Unusable {
                url: base.to_owned(),
                reason:
                    "this example speaks plain HTTP only; give an address that begins with http://"
                        .to_owned(),
            });
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(ANSWER_TIMEOUT))
            .build();
        Ok(Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
            authorization: key.map(|key| format!("Bearer {key}")),
            account: account.to_owned(),
            tell: Box::new(tell),
            pause: thread::sleep,
        })
    }

    /// Files entries, given as a JSON list; answers with their numbers in the same order.
    ///
    /// # Errors
    /// Any [`ClientError`]. Sending the same again is always safe, because every entry has its idempotency key.
    pub(crate) fn file(&self, list: &[u8]) -> Result<Vec<i64>, ClientError> {
        #[derive(Deserialize)]
        struct Filed {
            ids: Vec<i64>,
        }
        self.send::<Filed>("POST", "/api/activity", Some(list))
            .map(|filed| filed.ids)
    }

    /// What the server knows about the account.
    ///
    /// # Errors
    /// Any [`ClientError`]; 403 when the key may not read.
    pub(crate) fn counts(&self) -> Result<Counts, ClientError> {
        #[derive(Deserialize)]
        struct Stats {
            totals: Totals,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Totals {
            emails_processed: u64,
            actions_taken: u64,
            errors: u64,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            total: u64,
            total_is_lower_bound: bool,
        }
        let account = &self.account;
        let Stats { totals } = self.send("GET", &format!("/api/stats?account={account}"), None)?;
        let page: Page = self.send(
            "GET",
            &format!("/api/activity?accountName={account}&pageSize=1"),
            None,
        )?;
        Ok(Counts {
            processed: totals.emails_processed,
            actions: totals.actions_taken,
            errors: totals.errors,
            listed: (!page.total_is_lower_bound).then_some(page.total),
        })
    }

    /// Adds the account if the server does not have it; one it has is left as it is. True if it was added.
    ///
    /// # Errors
    /// Any [`ClientError`]; 403 when the key may not change accounts.
    pub(crate) fn create_account(&self) -> Result<bool, ClientError> {
        let path = format!("/api/accounts/{}", self.account);
        match self.send::<serde::de::IgnoredAny>("GET", &path, None) {
            Ok(_) => Ok(false),
            Err(error) if error.is_status(404) => self
                .send::<serde::de::IgnoredAny>("PUT", &path, Some(b"{}"))
                .map(|_| true),
            Err(error) => Err(error),
        }
    }

    fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<T, ClientError> {
        let mut backoff = Backoff::default();
        loop {
            let (reason, asked) = match self.attempt(method, path, body)? {
                Attempt::Done(text) => {
                    return serde_json::from_str(&text).map_err(|error| ClientError::Unexpected {
                        request: format!("{method} {path}"),
                        reason: error.to_string(),
                    });
                }
                Attempt::Later { reason, asked } => (reason, asked),
            };
            let Some(wait) = backoff.next(asked) else {
                return Err(ClientError::GaveUp {
                    waited: backoff.waited,
                    reason,
                });
            };
            (self.tell)(&format!(
                "{reason}; trying again in {:.1} s",
                wait.as_secs_f64()
            ));
            (self.pause)(wait);
        }
    }

    fn attempt(
        &self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Attempt, ClientError> {
        let unusable = |reason: String| ClientError::Unusable {
            url: self.base.clone(),
            reason,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let sent = match body {
            Some(body) => {
                let request = request
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body);
                self.agent
                    .run(request.map_err(|error| unusable(error.to_string()))?)
            }
            None => self.agent.run(
                request
                    .body(())
                    .map_err(|error| unusable(error.to_string()))?,
            ),
        };
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => return self.transport(error),
        };
        let asked = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok())
            .map(Duration::from_secs);
        let status = response.status();
        let text = match response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_string()
        {
            Ok(text) => text,
            Err(error) => return self.transport(error),
        };
        if status.is_success() {
            return Ok(Attempt::Done(text));
        }
        let said = Said::of(&text);
        if matches!(status.as_u16(), 408 | 429 | 500 | 502..=504) {
            return Ok(Attempt::Later {
                reason: format!("the server answered {status}: {}", said.error),
                asked,
            });
        }
        let advice = advice(status.as_u16(), &said.code, &self.account);
        Err(ClientError::Refused {
            status: status.as_u16(),
            code: said.code,
            sentence: said.error,
            advice,
        })
    }

    /// A server that restarts refuses connections or cuts them; a wrong name stays wrong.
    fn transport(&self, error: ureq::Error) -> Result<Attempt, ClientError> {
        match error {
            ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::ConnectionFailed
            | ureq::Error::Protocol(_) => Ok(Attempt::Later {
                reason: format!("no answer from {}: {error}", self.base),
                asked: None,
            }),
            other => Err(ClientError::Unusable {
                url: self.base.clone(),
                reason: other.to_string(),
            }),
        }
    }
}

enum Attempt {
    /// The body of a 2xx.
    Done(String),
    /// Worth another try, perhaps after the time the server asked for.
    Later {
        reason: String,
        asked: Option<Duration>,
    },
}

/// An error of the API.
#[derive(Deserialize)]
struct Said {
    error: String,
    code: String,
}

impl Said {
    fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self {
            error: crate::text::shorten(text.trim(), 200),
            code: String::new(),
        })
    }
}

/// What to do about a refusal.
fn advice(status: u16, code: &str, account: &str) -> String {
    match (status, code) {
        (_, "unknown_account") => format!(
            "add it to the server's configuration (`accounts: [{{name: {account}}}]`), or run this again with \
             --create-account; an account without `imap` only takes reports"
        ),
        (401, _) => "give a key with --key or in MAILPILOT_KEY; the dashboard makes keys, and so does `dashboard.api_keys`".to_owned(),
        (403, _) => "use a key with write:activity to file mail, read:stats and read:activity for the closing count, and \
             read:accounts and write:accounts for --create-account"
            .to_owned(),
        (404, _) => "check --url: it is the address of the dashboard, with its base path if it has one".to_owned(),
        (413, _) => "use a smaller --batch".to_owned(),
        (507, _) => "make room on the server's disk and run the same command again".to_owned(),
        _ => "nothing of this batch was filed; what was filed before stays".to_owned(),
    }
}

/// Doubling waits up to a bound each and a bound in all.
#[derive(Debug, Default)]
struct Backoff {
    tries: u32,
    waited: Duration,
}

impl Backoff {
    /// How long to wait before the next try, at least what the server asked for; None to give up.
    fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let doubled = FIRST_WAIT
            .saturating_mul(2_u32.saturating_pow(self.tries))
            .min(LONGEST_WAIT);
        let wait = doubled.max(asked.unwrap_or_default());
        if self.waited + wait > PATIENCE {
            return None;
        }
        self.tries += 1;
        self.waited += wait;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread::JoinHandle,
    };

    use super::*;

    /// Answers one connection after another with the given answers, then stops; gives what was asked.
    fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let thread = thread::spawn(move || {
            answers
                .into_iter()
                .map(|answer| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let request = read_request(&mut BufReader::new(&stream));
                    stream.write_all(answer.as_bytes()).unwrap();
                    request
                })
                .collect()
        });
        (url, thread)
    }

    fn read_request(reader: &mut impl BufRead) -> String {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        head + std::str::from_utf8(&body).unwrap()
    }

    fn answer(status: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    fn client(url: &str) -> Client {
        let mut client = Client::new(url, Some("mp_key"), "personal", |_| ()).unwrap();
        client.pause = |_| ();
        client
    }

    #[test]
    fn a_batch_goes_out_with_its_key_and_gives_numbers() {
        let (url, thread) = server(vec![answer("201 Created", r#"{"ids":[7,8]}"#)]);
        assert_eq!(client(&url).file(b"[{},{}]").unwrap(), [7, 8]);
        let request = thread.join().unwrap().remove(0);
        assert!(
            request.starts_with("POST /api/activity HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            request
                .to_ascii_lowercase()
                .contains("authorization: bearer mp_key\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\r\n\r\n[{},{}]"), "{request}");
    }

    #[test]
    fn a_busy_server_and_a_cut_connection_are_tried_again() {
        let busy = r#"{"error":"busy","code":"busy"}"#;
        let answers = vec![
            answer("503 Service Unavailable", busy),
            answer("429 Too Many Requests", busy),
            String::new(),
            "HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{\"ids\":".to_owned(),
            answer("201 Created", r#"{"ids":[1]}"#),
        ];
        let (url, thread) = server(answers);
        assert_eq!(client(&url).file(b"[{}]").unwrap(), [1]);
        let requests = thread.join().unwrap();
        assert!(
            requests.iter().all(|request| request.ends_with("[{}]")),
            "{requests:?}"
        );
    }

    #[test]
    fn a_server_that_is_not_there_is_given_up_in_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = client(&url).file(b"[]").unwrap_err();
        assert!(matches!(error, ClientError::GaveUp { .. }), "{error}");
        assert!(
            error.to_string().contains("run the same command again"),
            "{error}"
        );
    }

    #[track_caller]
    fn check_refused(status: &str, code: &str, advice: &str) {
        let (url, thread) = server(vec![answer(
            status,
            &format!(r#"{{"error":"its own words","code":"{code}"}}"#),
        )]);
        let said = client(&url).file(b"[]").unwrap_err().to_string();
        assert!(
            said.contains("its own words") && said.contains(advice),
            "{said}"
        );
        assert_eq!(thread.join().unwrap().len(), 1);
    }

    #[test]
    fn a_refusal_is_not_repeated_and_says_what_to_do() {
        check_refused("401 Unauthorized", "unauthenticated", "MAILPILOT_KEY");
        check_refused("403 Forbidden", "permission_denied", "write:activity");
        check_refused(
            "422 Unprocessable Content",
            "unknown_account",
            "--create-account",
        );
        check_refused(
            "422 Unprocessable Content",
            "invalid_value",
            "nothing of this batch was filed",
        );
        check_refused("413 Content Too Large", "too_large", "--batch");
    }

    #[test]
    fn an_account_that_exists_is_left_alone() {
        let (url, thread) = server(vec![answer("200 OK", r#"{"name":"personal"}"#)]);
        assert!(!client(&url).create_account().unwrap());
        assert_eq!(thread.join().unwrap().len(), 1);
    }

    #[test]
    fn an_account_that_is_missing_is_added() {
        let missing = answer(
            "404 Not Found",
            r#"{"error":"no","code":"unknown_account"}"#,
        );
        let (url, thread) = server(vec![missing, answer("200 OK", r#"{"name":"personal"}"#)]);
        assert!(client(&url).create_account().unwrap());
        let requests = thread.join().unwrap();
        assert!(
            requests[1].starts_with("PUT /api/accounts/personal HTTP/1.1\r\n"),
            "{requests:?}"
        );
        assert!(requests[1].ends_with("\r\n\r\n{}"), "{requests:?}");
    }

    #[test]
    fn counts_come_from_statistics_and_from_the_list() {
        let stats = r#"{"version":"x","totals":{"emailsProcessed":5,"actionsTaken":4,"errors":1}}"#;
        let page = r#"{"entries":[],"total":5,"totalIsLowerBound":false}"#;
        let (url, thread) = server(vec![answer("200 OK", stats), answer("200 OK", page)]);
        let expected = Counts {
            processed: 5,
            actions: 4,
            errors: 1,
            listed: Some(5),
        };
        assert_eq!(client(&url).counts().unwrap(), expected);
        thread.join().unwrap();
    }

    #[test]
    fn waits_double_up_to_their_bounds_and_heed_the_server() {
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        while let Some(wait) = backoff.next(None) {
            waits.push(wait);
        }
        assert_eq!(waits[..3], [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]);
        assert!(
            waits.iter().all(|wait| *wait <= LONGEST_WAIT) && backoff.waited <= PATIENCE,
            "{waits:?}"
        );
        assert!(waits.contains(&LONGEST_WAIT));
        let asked = Some(Duration::from_secs(20));
        assert_eq!(Backoff::default().next(asked), asked);
        assert_eq!(
            Backoff::default().next(Some(Duration::from_secs(900))),
            None
        );
    }

    #[test]
    fn an_address_without_plain_http_is_refused_at_once() {
        for url in ["https://example.org", "localhost:8080", ""] {
            assert!(Client::new(url, None, "personal", |_| ()).is_err(), "{url}");
        }
    }
}
