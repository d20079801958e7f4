//! All metrics of one server, and the text that `/metrics` answers.

use std::{collections::HashSet, sync::Arc};

use metrics::{Gauge, Histogram, Recorder};

use crate::{
    account::{AccountMetrics, AccountTable},
    http::HttpMetrics,
    logins::LoginMetrics,
    process::{append_cpu, refresh},
    registry::{BUILD_INFO, CONFIG_RELOAD, SESSIONS, STORE_SIZE, STORE_WRITE},
    series::Series,
};

/// All metrics of one server. Clones record into the same series; two servers in one process share
/// nothing.
///
/// ```
/// let metrics = mailpilot_metrics::Metrics::new("0.1.0", "unknown");
/// metrics.account("personal").emails.increment(1);
/// let text = metrics.render();
/// assert!(text.contains("mailpilot_emails_processed_total{account=\"personal\"} 1\n"));
/// ```
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Requests, connections, event streams.
    pub http: HttpMetrics,
    /// Attempts to log in.
    pub logins: LoginMetrics,
    /// Sessions that are logged in.
    pub sessions: Gauge,
    /// How long commits to disk took, in seconds.
    pub store_write_duration: Histogram,
    /// The store's size on disk, in bytes.
    pub store_size: Gauge,
    /// 1 after a configuration that loaded, 0 after one that did not. Starts at 1.
    pub config_last_reload_successful: Gauge,
    accounts: Arc<AccountTable>,
    series: Series,
}

impl Metrics {
    /// Metrics of a server of this version and revision, with every series that needs no further
    /// label registered.
    #[must_use]
    pub fn new(version: &str, revision: &str) -> Self {
        let series = Series::new();
        series.gauge(&BUILD_INFO, &[version, revision]).set(1.0);
        let config_last_reload_successful = series.gauge(&CONFIG_RELOAD, &[]);
        config_last_reload_successful.set(1.0);
        Self {
            http: HttpMetrics::new(&series),
            logins: LoginMetrics::new(&series),
            sessions: series.gauge(&SESSIONS, &[]),
            store_write_duration: series.histogram(&STORE_WRITE, &[]),
            store_size: series.gauge(&STORE_SIZE, &[]),
            config_last_reload_successful,
            accounts: Arc::new(AccountTable::new(&series)),
            series,
        }
    }

    /// The handles of one account; its counters stand at 0 from the first call on.
    ///
    /// Only for configured accounts: names from outside must be checked before, as each becomes a
    /// label.
    #[must_use]
    pub fn account(&self, name: &str) -> AccountMetrics {
        self.accounts.get(name)
    }

    /// Takes an account that is no longer configured out of the output.
    ///
    /// The exporter cannot unregister, so its series stay in memory until the process ends, but they
    /// are not rendered: Prometheus sees them end, and an alert on `mailpilot_account_connected == 0`
    /// does not fire for an account that was taken away. If the account comes back, its counters
    /// continue.
    pub fn remove_account(&self, name: &str) {
        self.accounts.hide(name);
    }

    /// The recorder, for a host program that wants its own `metrics` calls in the same output:
    /// `metrics::set_global_recorder(server_metrics.recorder())`. A library must leave that to the
    /// program. A host's histograms get [`HTTP_BOUNDS`](crate::HTTP_BOUNDS).
    #[must_use]
    pub fn recorder(&self) -> impl Recorder + Clone + Send + Sync + 'static + use<> {
        self.series.recorder()
    }

    /// Everything in the Prometheus text format 0.0.4, in no particular order.
    ///
    /// Blocks: it reads `/proc`, and ten thousand histograms take 80 ms. Call it on a blocking pool.
    #[must_use]
    pub fn render(&self) -> String {
        let cpu_seconds = refresh(&self.series);
        let mut text = self.series.handle().render();
        if let Some(seconds) = cpu_seconds {
            append_cpu(&mut text, seconds);
        }
        let hidden = self.accounts.hidden();
        if hidden.is_empty() {
            text
        } else {
            without_accounts(&text, &hidden)
        }
    }

    /// Sorts waiting histogram samples into their buckets. Call it every 5 s: samples take memory
    /// until then. Takes about 6 ms for a million of them.
    pub fn upkeep(&self) {
        self.series.handle().run_upkeep();
    }
}

/// `text` without the samples of `hidden` accounts. A host program's own series stay.
fn without_accounts(text: &str, hidden: &HashSet<String>) -> String {
    let is_hidden = |line: &str| {
        let Some((name, rest)) = line.split_once("{account=\"") else {
            return false;
        };
        let account = rest.split_once('"').map_or("", |(account, _)| account);
        name.starts_with("mailpilot_") && hidden.contains(account)
    };
    text.split_inclusive('\n')
        .filter(|line| !is_hidden(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        io::{ErrorKind, Write},
        process::{Command, Stdio},
        time::Duration,
    };

    use super::*;
    use crate::registry::{MetricKind, registry};

    /// Metrics with at least one series of everything.
    fn busy() -> Metrics {
        let metrics = Metrics::new("0.1.0", "abc");
        let account = metrics.account("personal");
        account.actions("move").increment(2);
        account.classification.record(0.4);
        metrics
            .http
            .record("GET", "/health", 200, Duration::from_millis(3));
        metrics.store_write_duration.record(0.0002);
        metrics
    }

    /// The value of the one line that starts with `series` and a blank.
    fn value(metrics: &Metrics, series: &str) -> Option<f64> {
        let text = metrics.render();
        let mut found = text
            .lines()
            .filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let value = found.next().map(|value| value.parse().unwrap());
        assert_eq!(found.next(), None, "{series} is there twice");
        value
    }

    fn types(text: &str) -> BTreeMap<&str, &str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        lines.map(|line| line.split_once(' ').unwrap()).collect()
    }

    /// What `promtool check metrics` says of `text`; nothing when it is not installed.
    fn promtool(text: &str) -> Option<String> {
        let spawned = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            other => other.unwrap(),
        };
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        Some(format!(
            "{}{}",
            String::from_utf8_lossy(&said),
            output.status
        ))
    }

    #[test]
    fn promtool_has_nothing_to_say() {
        let metrics = busy();
        let whole = promtool(&metrics.render());
        metrics.remove_account("personal");
        let without_samples = promtool(&metrics.render());
        let (Some(whole), Some(without_samples)) = (whole, without_samples) else {
            eprintln!("skipped: promtool is not installed");
            return;
        };
        assert_eq!(whole, "exit status: 0");
        assert_eq!(without_samples, "exit status: 0");
    }

    #[test]
    fn what_is_rendered_and_what_is_documented_are_the_same() {
        let text = busy().render();
        let documented: BTreeMap<_, _> = registry()
            .iter()
            .map(|doc| (doc.name, doc.kind.name()))
            .collect();
        assert_eq!(types(&text), documented);
        for doc in registry() {
            assert!(
                text.contains(&format!("# HELP {} {}\n", doc.name, doc.help)),
                "{}",
                doc.name
            );
            let suffix = if doc.kind == MetricKind::Histogram {
                "_count"
            } else {
                ""
            };
            let opening = if doc.labels.is_empty() { ' ' } else { '{' };
            let start = format!("{}{suffix}{opening}", doc.name);
            let line = text.lines().find(|line| line.starts_with(&start));
            let line = line.ok_or(start).unwrap();
            let labels = line
                .split(['{', ','])
                .skip(1)
                .filter_map(|pair| pair.split_once('='));
            let labels: Vec<_> = labels.map(|(name, _)| name).collect();
            assert_eq!(labels, doc.labels, "{line}");
        }
    }

    #[test]
    fn every_bound_of_the_registry_is_a_bucket() {
        let text = busy().render();
        for doc in registry() {
            for bound in doc.bounds {
                let start = format!("{}_bucket{{", doc.name);
                let le = format!("le=\"{bound}\"}}");
                let found = text
                    .lines()
                    .any(|l| l.starts_with(&start) && l.contains(&le));
                assert!(found, "{} lacks {le}", doc.name);
            }
        }
    }

    #[test]
    fn a_new_account_stands_at_zero_before_anything_happens() {
        let metrics = Metrics::new("0.1.0", "abc");
        assert_eq!(
            value(&metrics, r#"mailpilot_errors_total{account="a"}"#),
            None
        );
        let _handles = metrics.account("a");
        for name in [
            "mailpilot_emails_processed_total",
            "mailpilot_errors_total",
            "mailpilot_account_connected",
            "mailpilot_account_last_activity_timestamp_seconds",
            "mailpilot_classification_duration_seconds_count",
        ] {
            assert_eq!(
                value(&metrics, &format!(r#"{name}{{account="a"}}"#)),
                Some(0.0),
                "{name}"
            );
        }
    }

    #[test]
    fn totals_continue_over_a_restart() {
        let metrics = Metrics::new("0.1.0", "abc");
        let account = metrics.account("a");
        account.set_totals(1_000, 7, [("move", 900), ("flag", 50)]);
        metrics.account("a").emails.increment(1);
        account.actions("move").increment(1);
        assert_eq!(
            value(&metrics, r#"mailpilot_emails_processed_total{account="a"}"#),
            Some(1_001.0)
        );
        assert_eq!(
            value(&metrics, r#"mailpilot_errors_total{account="a"}"#),
            Some(7.0)
        );
        let actions = |kind| format!(r#"mailpilot_actions_total{{account="a",action="{kind}"}}"#);
        assert_eq!(value(&metrics, &actions("move")), Some(901.0));
        assert_eq!(value(&metrics, &actions("flag")), Some(50.0));
    }

    #[test]
    fn kinds_of_action_past_the_limit_count_as_other_and_none_is_lost() {
        let metrics = Metrics::new("0.1.0", "abc");
        let kinds: Vec<_> = (0..100).map(|n| format!("kind{n}")).collect();
        metrics
            .account("a")
            .set_totals(0, 0, kinds.iter().map(|kind| (kind.as_str(), 2)));
        for kind in &kinds {
            metrics.account("b").actions(kind).increment(1);
        }
        metrics.account("b").actions("").increment(1);
        let text = metrics.render();
        for (account, other) in [("a", 36.0 * 2.0), ("b", 37.0)] {
            let start = format!("mailpilot_actions_total{{account=\"{account}\"");
            assert_eq!(
                text.lines().filter(|line| line.starts_with(&start)).count(),
                65
            );
            assert_eq!(
                value(&metrics, &format!(r#"{start},action="other"}}"#)),
                Some(other)
            );
        }
    }

    #[test]
    fn a_label_that_the_exporter_would_mangle_is_cleaned() {
        let metrics = Metrics::new("0.1.0", "abc");
        metrics.account("a").actions("mo\\ve\"\n").increment(1);
        let series = r#"mailpilot_actions_total{account="a",action="mo_ve__"}"#;
        assert_eq!(value(&metrics, series), Some(1.0));
    }

    #[test]
    fn a_removed_account_is_not_rendered_and_continues_when_it_comes_back() {
        let metrics = Metrics::new("0.1.0", "abc");
        let gone = metrics.account("gone");
        gone.emails.increment(5);
        gone.connected.set(1.0);
        let _stays = metrics.account("gone2");
        metrics::with_local_recorder(&metrics.recorder(), || {
            metrics::counter!("host_total", "account" => "gone").increment(1);
        });
        metrics.remove_account("gone");
        gone.emails.increment(1);
        let emails = r#"mailpilot_emails_processed_total{account="gone"}"#;
        assert_eq!(value(&metrics, emails), None);
        let left: Vec<_> = metrics.render().lines().map(str::to_owned).collect();
        let left: Vec<_> = left
            .iter()
            .filter(|line| line.contains("\"gone\""))
            .collect();
        assert_eq!(left, ["host_total{account=\"gone\"} 1"]);
        let other = r#"mailpilot_emails_processed_total{account="gone2"}"#;
        assert_eq!(value(&metrics, other), Some(0.0));
        let _back = metrics.account("gone");
        assert_eq!(value(&metrics, emails), Some(6.0));
        assert_eq!(
            value(&metrics, r#"mailpilot_account_connected{account="gone"}"#),
            Some(0.0)
        );
    }

    #[test]
    fn invented_methods_share_one_label() {
        let metrics = Metrics::new("0.1.0", "abc");
        for method in ["BREW", "get", "GET "] {
            metrics.http.requests(method, "unmatched", 405).increment(1);
        }
        metrics
            .http
            .record("GET", "unmatched", 404, Duration::from_millis(20));
        let requests = |method, status| {
            let labels = format!(r#"method="{method}",route="unmatched",status="{status}""#);
            format!("mailpilot_http_requests_total{{{labels}}}")
        };
        assert_eq!(value(&metrics, &requests("other", 405)), Some(3.0));
        assert_eq!(value(&metrics, &requests("GET", 404)), Some(1.0));
        let bucket = |le| {
            format!(
                r#"mailpilot_http_request_duration_seconds_bucket{{route="unmatched",le="{le}"}}"#
            )
        };
        assert_eq!(value(&metrics, &bucket("0.01")), Some(0.0));
        assert_eq!(value(&metrics, &bucket("0.025")), Some(1.0));
    }

    #[test]
    fn a_guard_counts_until_it_is_dropped() {
        let metrics = Metrics::new("0.1.0", "abc");
        let first = metrics.http.event_stream_opened();
        let second = metrics.clone().http.event_stream_opened();
        assert_eq!(value(&metrics, "mailpilot_event_streams"), Some(2.0));
        drop(first);
        assert_eq!(value(&metrics, "mailpilot_event_streams"), Some(1.0));
        drop(second);
        assert_eq!(value(&metrics, "mailpilot_event_streams"), Some(0.0));
        metrics.http.set_connections(7);
        assert_eq!(value(&metrics, "mailpilot_http_connections"), Some(7.0));
    }

    #[test]
    fn two_servers_in_one_process_share_nothing() {
        let (one, two) = (Metrics::new("0.1.0", "abc"), Metrics::new("0.1.0", "abc"));
        one.logins.failed.increment(1);
        let failed = r#"mailpilot_logins_total{outcome="failed"}"#;
        assert_eq!(value(&one, failed), Some(1.0));
        assert_eq!(value(&two, failed), Some(0.0));
    }

    #[test]
    fn the_host_programs_own_metrics_appear_and_its_histograms_have_buckets() {
        let metrics = Metrics::new("0.1.0", "abc");
        metrics::with_local_recorder(&metrics.recorder(), || {
            metrics::describe_counter!("host_jobs_total", "Jobs of the host program");
            metrics::counter!("host_jobs_total").increment(3);
            metrics::histogram!("host_job_seconds").record(0.2);
        });
        metrics.upkeep();
        let text = metrics.render();
        assert!(text.contains("# HELP host_jobs_total Jobs of the host program\n"));
        assert_eq!(types(&text)["host_job_seconds"], "histogram");
        assert_eq!(value(&metrics, "host_jobs_total"), Some(3.0));
        assert_eq!(
            value(&metrics, r#"host_job_seconds_bucket{le="0.25"}"#),
            Some(1.0)
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn process_series_speak_of_this_process() {
        let metrics = Metrics::new("0.1.0", "abc");
        let within = |name, low: f64, high: f64| {
            let value = value(&metrics, name).ok_or(name).unwrap();
            assert!((low..high).contains(&value), "{name} {value}");
        };
        within("process_resident_memory_bytes", 1e5, 1e11);
        within("process_virtual_memory_bytes", 1e6, 1e15);
        within("process_open_fds", 3.0, 1e6);
        within("process_threads", 2.0, 1e4);
        within("process_start_time_seconds", 1.7e9, 1e10);
        within("process_cpu_seconds_total", 0.0, 1_000.0);
    }

    #[test]
    fn process_series_published_by_the_host_are_not_doubled() {
        let metrics = Metrics::new("0.1.0", "abc");
        let ours = value(&metrics, "process_cpu_seconds_total");
        assert!(ours.is_some_and(|seconds| seconds < 1_000.0));
        metrics::with_local_recorder(&metrics.recorder(), || {
            metrics::counter!("process_cpu_seconds_total").absolute(1_000);
        });
        assert_eq!(value(&metrics, "process_cpu_seconds_total"), Some(1_000.0));
    }
}
