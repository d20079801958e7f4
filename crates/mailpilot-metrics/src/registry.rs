//! The one table of series. Descriptions, buckets and registrations are made from it, and so can be
//! documentation, alert rules and dashboards. Must not hold values.

use metrics::Unit;

/// Upper bounds of the classification latency buckets, in seconds.
///
/// Up to ten minutes, because language models take that long.
pub const LATENCY_BOUNDS: [f64; 15] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];

/// Upper bounds of the request duration buckets, in seconds; also those of a host program's
/// histograms, which would come out as summaries without any.
pub const HTTP_BOUNDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Upper bounds of the store write buckets, in seconds: from a fast disk to one that hangs.
pub const STORE_WRITE_BOUNDS: [f64; 15] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

/// The Prometheus type of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Only goes up while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations by upper bound.
    Histogram,
}

impl MetricKind {
    /// The name on a `# TYPE` line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What there is to know of a metric apart from its values.
#[derive(Clone, Copy, Debug)]
pub struct MetricDoc {
    /// Its full name, unit included.
    pub name: &'static str,
    /// Its type.
    pub kind: MetricKind,
    /// The names of its labels, in the order they are printed.
    pub labels: &'static [&'static str],
    /// The text of its `# HELP` line.
    pub help: &'static str,
    /// The unit of its values; `None` for plain numbers.
    pub unit: Option<Unit>,
    /// The upper bounds of its buckets, in its unit; empty unless it is a histogram.
    pub bounds: &'static [f64],
}

impl MetricDoc {
    const fn new(
        kind: MetricKind,
        name: &'static str,
        labels: &'static [&'static str],
        unit: Option<Unit>,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            labels,
            help,
            unit,
            bounds: &[],
        }
    }

    const fn counter(
        name: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self::new(MetricKind::Counter, name, labels, None, help)
    }

    const fn gauge(
        name: &'static str,
        labels: &'static [&'static str],
        unit: Option<Unit>,
        help: &'static str,
    ) -> Self {
        Self::new(MetricKind::Gauge, name, labels, unit, help)
    }

    const fn seconds(
        name: &'static str,
        labels: &'static [&'static str],
        bounds: &'static [f64],
        help: &'static str,
    ) -> Self {
        let doc = Self::new(
            MetricKind::Histogram,
            name,
            labels,
            Some(Unit::Seconds),
            help,
        );
        Self { bounds, ..doc }
    }
}

pub(crate) const EMAILS: MetricDoc = MetricDoc::counter(
    "mailpilot_emails_processed_total",
    &["account"],
    "Total emails processed",
);
pub(crate) const ACTIONS: MetricDoc = MetricDoc::counter(
    "mailpilot_actions_total",
    &["account", "action"],
    "Total actions taken on emails, by kind of action",
);
pub(crate) const ERRORS: MetricDoc = MetricDoc::counter(
    "mailpilot_errors_total",
    &["account"],
    "Total emails whose processing failed",
);
pub(crate) const CLASSIFICATION: MetricDoc = MetricDoc::seconds(
    "mailpilot_classification_duration_seconds",
    &["account"],
    &LATENCY_BOUNDS,
    "Classification duration",
);
pub(crate) const CONNECTED: MetricDoc = MetricDoc::gauge(
    "mailpilot_account_connected",
    &["account"],
    None,
    "Whether the account is connected to its mail server (1) or not (0)",
);
pub(crate) const LAST_ACTIVITY: MetricDoc = MetricDoc::gauge(
    "mailpilot_account_last_activity_timestamp_seconds",
    &["account"],
    Some(Unit::Seconds),
    "Unix time of the account's last sign of progress, 0 when there was none",
);
pub(crate) const HTTP_REQUESTS: MetricDoc = MetricDoc::counter(
    "mailpilot_http_requests_total",
    &["method", "route", "status"],
    "Total HTTP requests answered",
);
pub(crate) const HTTP_DURATION: MetricDoc = MetricDoc::seconds(
    "mailpilot_http_request_duration_seconds",
    &["route"],
    &HTTP_BOUNDS,
    "Time from a request's head to its answer's head",
);
pub(crate) const HTTP_CONNECTIONS: MetricDoc = MetricDoc::gauge(
    "mailpilot_http_connections",
    &[],
    None,
    "Open HTTP connections",
);
pub(crate) const EVENT_STREAMS: MetricDoc =
    MetricDoc::gauge("mailpilot_event_streams", &[], None, "Open event streams");
pub(crate) const LOGINS: MetricDoc = MetricDoc::counter(
    "mailpilot_logins_total",
    &["outcome"],
    "Total attempts to log in to the dashboard, by outcome",
);
pub(crate) const SESSIONS: MetricDoc = MetricDoc::gauge(
    "mailpilot_sessions",
    &[],
    None,
    "Dashboard sessions that are logged in",
);
pub(crate) const STORE_WRITE: MetricDoc = MetricDoc::seconds(
    "mailpilot_store_write_duration_seconds",
    &[],
    &STORE_WRITE_BOUNDS,
    "Time to commit a group of writes to disk",
);
pub(crate) const STORE_SIZE: MetricDoc = MetricDoc::gauge(
    "mailpilot_store_size_bytes",
    &[],
    Some(Unit::Bytes),
    "Size of the store on disk",
);
pub(crate) const CONFIG_RELOAD: MetricDoc = MetricDoc::gauge(
    "mailpilot_config_last_reload_successful",
    &[],
    None,
    "Whether the last load of the configuration succeeded (1) or failed (0)",
);
pub(crate) const BUILD_INFO: MetricDoc = MetricDoc::gauge(
    "mailpilot_build_info",
    &["version", "revision"],
    None,
    "Always 1; its labels say which build is running",
);
pub(crate) const PROCESS_CPU: MetricDoc = MetricDoc::new(
    MetricKind::Counter,
    "process_cpu_seconds_total",
    &[],
    Some(Unit::Seconds),
    "Total user and system CPU time spent in seconds",
);
pub(crate) const PROCESS_RESIDENT: MetricDoc = MetricDoc::gauge(
    "process_resident_memory_bytes",
    &[],
    Some(Unit::Bytes),
    "Resident memory size in bytes",
);
pub(crate) const PROCESS_VIRTUAL: MetricDoc = MetricDoc::gauge(
    "process_virtual_memory_bytes",
    &[],
    Some(Unit::Bytes),
    "Virtual memory size in bytes",
);
pub(crate) const PROCESS_OPEN_FDS: MetricDoc = MetricDoc::gauge(
    "process_open_fds",
    &[],
    None,
    "Number of open file descriptors",
);
pub(crate) const PROCESS_MAX_FDS: MetricDoc = MetricDoc::gauge(
    "process_max_fds",
    &[],
    None,
    "Maximum number of open file descriptors",
);
pub(crate) const PROCESS_START: MetricDoc = MetricDoc::gauge(
    "process_start_time_seconds",
    &[],
    Some(Unit::Seconds),
    "Start time of the process since unix epoch in seconds",
);
pub(crate) const PROCESS_THREADS: MetricDoc = MetricDoc::gauge(
    "process_threads",
    &[],
    None,
    "Number of OS threads in the process",
);

static REGISTRY: [MetricDoc; 23] = [
    EMAILS,
    ACTIONS,
    ERRORS,
    CLASSIFICATION,
    CONNECTED,
    LAST_ACTIVITY,
    HTTP_REQUESTS,
    HTTP_DURATION,
    HTTP_CONNECTIONS,
    EVENT_STREAMS,
    LOGINS,
    SESSIONS,
    STORE_WRITE,
    STORE_SIZE,
    CONFIG_RELOAD,
    BUILD_INFO,
    PROCESS_CPU,
    PROCESS_RESIDENT,
    PROCESS_VIRTUAL,
    PROCESS_OPEN_FDS,
    PROCESS_MAX_FDS,
    PROCESS_START,
    PROCESS_THREADS,
];

/// Every metric of the server, in the order of its documentation.
#[must_use]
pub fn registry() -> &'static [MetricDoc] {
    &REGISTRY
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_end_in_their_unit_or_total() {
        let names: BTreeSet<_> = registry().iter().map(|doc| doc.name).collect();
        assert_eq!(names.len(), registry().len());
        for doc in registry() {
            let total = doc.name.ends_with("_total");
            assert_eq!(total, doc.kind == MetricKind::Counter, "{}", doc.name);
            if let Some(unit) = doc.unit {
                let bare = doc.name.trim_end_matches("_total");
                assert!(bare.ends_with(unit.as_str()), "{}", doc.name);
            }
        }
    }

    #[test]
    fn every_histogram_has_rising_bounds_and_nothing_else_has_any() {
        for doc in registry() {
            assert_eq!(
                !doc.bounds.is_empty(),
                doc.kind == MetricKind::Histogram,
                "{}",
                doc.name
            );
            assert!(doc.bounds.is_sorted_by(|a, b| a < b), "{}", doc.name);
        }
    }
}
