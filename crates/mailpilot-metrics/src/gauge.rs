//! A gauge of things that are open at the moment.

use metrics::Gauge;

/// One open thing: counted from its making until it is dropped.
#[derive(Debug)]
#[must_use = "dropping the guard ends the counting"]
pub struct GaugeGuard(Gauge);

impl GaugeGuard {
    pub(crate) fn enter(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
