//! What the page asked of the network: how often, for what, how many bytes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Browser;

/// Messages of Chromium's performance log, in their order.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: BTreeMap<String, Fetched>,
    order: Vec<String>,
}

/// One request, redirects counted apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// Address.
    pub url: String,
    /// Status of the answer; 0 while there is none.
    pub status: u64,
    /// Bytes received, heads included, as they were on the wire (compressed).
    pub bytes: u64,
    /// So many of them were the head.
    pub head: u64,
    /// Whether the browser's cache answered.
    pub cached: bool,
    /// Whether the answer is complete. An event stream never is.
    pub complete: bool,
}

/// Requests of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// In the order they were sent.
    pub requests: Vec<Fetched>,
}

impl Traffic {
    /// How many went over the network.
    #[must_use]
    pub fn count(&self) -> usize {
        self.requests.iter().filter(|r| !r.cached).count()
    }

    /// Bytes received in all, heads included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.requests.iter().map(|r| r.bytes).sum()
    }

    /// Bytes of all bodies as they were on the wire (compressed).
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        let bodies = self.requests.iter().map(|r| r.bytes.saturating_sub(r.head));
        bodies.sum()
    }
}

impl Browser {
    /// Everything asked for since the window was opened or since [`forget_traffic`](Self::forget_traffic).
    /// `data:` addresses are no requests.
    pub async fn traffic(&self) -> Traffic {
        self.read_log().await;
        let log = self.log.lock().unwrap();
        let requests = log.order.iter().filter_map(|id| log.requests.get(id));
        Traffic {
            requests: requests.cloned().collect(),
        }
    }

    /// Waits until everything asked for has come, event streams aside, and nothing more was asked for since the
    /// last few looks.
    pub async fn idle(&self) {
        const LOOKS: u32 = 8;
        let (mut quiet, mut asked) = (0, 0);
        self.wait_for("all answers", async || {
            let requests = self.traffic().await.requests;
            let is_done = |r: &Fetched| r.complete || r.url.contains("/api/events");
            let is_quiet = requests.len() == asked && requests.iter().all(is_done);
            asked = requests.len();
            quiet = if is_quiet { quiet + 1 } else { 0 };
            quiet >= LOOKS
        })
        .await;
        self.settled().await;
    }

    /// Counts anew from here.
    pub async fn forget_traffic(&self) {
        self.read_log().await;
        *self.log.lock().unwrap() = Log::default();
    }

    async fn read_log(&self) {
        let entries = self.driver.get_log("performance").await.unwrap();
        let mut log = self.log.lock().unwrap();
        for entry in entries {
            let entry: Value = serde_json::from_str(&entry.message).unwrap();
            let message = &entry["message"];
            if let Some(method) = message["method"].as_str() {
                log.take(method, &message["params"]);
            }
        }
    }
}

impl Log {
    fn take(&mut self, method: &str, parameters: &Value) {
        let id = parameters["requestId"].as_str().unwrap_or_default();
        match method {
            "Network.requestWillBeSent" => self.sent(id, parameters),
            "Network.requestServedFromCache" => {
                if let Some(fetched) = self.requests.get_mut(id) {
                    fetched.cached = true;
                }
            }
            "Network.responseReceived" => {
                if let Some(fetched) = self.requests.get_mut(id) {
                    let response = &parameters["response"];
                    fetched.status = response["status"].as_u64().unwrap_or_default();
                    fetched.bytes = bytes(response);
                    fetched.head = fetched.bytes;
                    fetched.cached |= response["fromDiskCache"] == true;
                }
            }
            "Network.loadingFailed" => {
                if let Some(fetched) = self.requests.get_mut(id) {
                    fetched.complete = true;
                }
            }
            "Network.loadingFinished" => {
                if let Some(fetched) = self.requests.get_mut(id) {
                    fetched.bytes = bytes(parameters);
                    fetched.complete = true;
                }
            }
            _ => {}
        }
    }

    fn sent(&mut self, id: &str, parameters: &Value) {
        let url = parameters["request"]["url"].as_str().unwrap_or_default();
        if !url.starts_with("http") {
            return;
        }
        let redirect = &parameters["redirectResponse"];
        if redirect.is_object()
            && let Some(mut before) = self.requests.remove(id)
        {
            before.status = redirect["status"].as_u64().unwrap_or_default();
            before.bytes = bytes(redirect);
            before.head = before.bytes;
            before.complete = true;
            let key = format!("{id} {}", self.order.len());
            for known in self.order.iter_mut().filter(|known| *known == id) {
                known.clone_from(&key);
            }
            self.requests.insert(key, before);
        }
        // Chromium does not tell the end of what a page asked for that is left meanwhile.
        if parameters["type"] == "Document" {
            for left in self.requests.values_mut() {
                left.complete = true;
            }
        }
        self.order.push(id.to_owned());
        let fetched = Fetched {
            url: url.to_owned(),
            status: 0,
            bytes: 0,
            head: 0,
            cached: false,
            complete: false,
        };
        self.requests.insert(id.to_owned(), fetched);
    }
}

/// Chromium gives it as a floating-point number.
fn bytes(value: &Value) -> u64 {
    let length = value["encodedDataLength"].as_f64().unwrap_or_default();
    length.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_page_asked_for_is_over_when_it_is_left() {
        let mut log = Log::default();
        for (id, kind) in [("1", "Document"), ("2", "Fetch"), ("3", "Document")] {
            let sent =
                json!({"requestId": id, "type": kind, "request": {"url": "http://localhost/"}});
            log.take("Network.requestWillBeSent", &sent);
        }
        let complete = |id: &str| log.requests[id].complete;
        assert_eq!(
            [complete("1"), complete("2"), complete("3")],
            [true, true, false]
        );
    }

    #[test]
    fn a_redirect_is_a_request_of_its_own() {
        let mut log = Log::default();
        let sent = |url: &str| json!({"requestId": "1", "request": {"url": url}});
        log.take("Network.requestWillBeSent", &sent("http://h/"));
        let mut second = sent("http://h/setup");
        second["redirectResponse"] = json!({"status": 303, "encodedDataLength": 100.0});
        log.take("Network.requestWillBeSent", &second);
        let response = json!({"status": 200, "encodedDataLength": 50});
        let answer = json!({"requestId": "1", "response": response});
        log.take("Network.responseReceived", &answer);
        let end = json!({"requestId": "1", "encodedDataLength": 400});
        log.take("Network.loadingFinished", &end);
        let seen: Vec<_> = log.order.iter().map(|id| &log.requests[id]).collect();
        let heads: Vec<_> = seen.iter().map(|r| r.head).collect();
        assert_eq!(heads, [100, 50]);
        let short: Vec<_> = seen
            .iter()
            .map(|r| (r.url.as_str(), r.status, r.bytes))
            .collect();
        assert_eq!(
            short,
            [("http://h/", 303, 100), ("http://h/setup", 200, 400)]
        );
    }
}
