//! Registers series by their entry in the registry. Must not keep handles: whoever records does.

use std::{fmt, sync::Arc};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use crate::{
    label,
    registry::{HTTP_BOUNDS, MetricDoc, MetricKind, registry},
};

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// One server's recorder.
#[derive(Clone)]
pub(crate) struct Series(Arc<PrometheusRecorder>);

impl Series {
    /// A recorder that knows buckets and help of every metric, and no series yet.
    pub(crate) fn new() -> Self {
        let recorder = builder().build_recorder();
        for doc in registry() {
            let (name, help) = (doc.name.into(), doc.help.into());
            match doc.kind {
                MetricKind::Counter => recorder.describe_counter(name, doc.unit, help),
                MetricKind::Gauge => recorder.describe_gauge(name, doc.unit, help),
                MetricKind::Histogram => recorder.describe_histogram(name, doc.unit, help),
            }
        }
        Self(Arc::new(recorder))
    }

    pub(crate) fn counter(&self, doc: &MetricDoc, labels: &[&str]) -> Counter {
        self.0.register_counter(&key(doc, labels), &METADATA)
    }

    pub(crate) fn gauge(&self, doc: &MetricDoc, labels: &[&str]) -> Gauge {
        self.0.register_gauge(&key(doc, labels), &METADATA)
    }

    pub(crate) fn histogram(&self, doc: &MetricDoc, labels: &[&str]) -> Histogram {
        self.0.register_histogram(&key(doc, labels), &METADATA)
    }

    pub(crate) fn recorder(&self) -> Arc<PrometheusRecorder> {
        Arc::clone(&self.0)
    }

    pub(crate) fn handle(&self) -> PrometheusHandle {
        self.0.handle()
    }
}

/// The exporter's own `Debug` prints every sample that waits.
impl fmt::Debug for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Series")
    }
}

/// Buckets for every histogram, since the exporter turns one without into a summary.
///
/// Setting them fails for empty bounds alone, which the registry's test rules out.
fn builder() -> PrometheusBuilder {
    let start = PrometheusBuilder::new()
        .set_buckets(&HTTP_BOUNDS)
        .unwrap_or_default();
    registry()
        .iter()
        .filter(|doc| doc.kind == MetricKind::Histogram)
        .fold(start, |builder, doc| {
            let matcher = Matcher::Full(doc.name.to_owned());
            builder
                .set_buckets_for_metric(matcher, doc.bounds)
                .unwrap_or_default()
        })
}

fn key(doc: &MetricDoc, values: &[&str]) -> Key {
    debug_assert_eq!(doc.labels.len(), values.len(), "{}", doc.name);
    let labels: Vec<Label> = doc
        .labels
        .iter()
        .zip(values)
        .map(|(name, value)| Label::new(*name, label::clean(value).into_owned()))
        .collect();
    Key::from_parts(doc.name, labels)
}
