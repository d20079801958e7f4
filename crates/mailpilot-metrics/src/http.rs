//! Series of the HTTP side. Routes are patterns known at compile time: a raw path never becomes a label.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use metrics::{Counter, Gauge, Histogram};

use crate::{
    gauge::GaugeGuard,
    registry::{EVENT_STREAMS, HTTP_CONNECTIONS, HTTP_DURATION, HTTP_REQUESTS},
    series::Series,
};

/// Methods that become labels; any other counts as `other`, since clients may invent methods.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OTHER: &str = "other";

/// Requests, connections and event streams. Clones record into the same series.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    series: Series,
    routes: Arc<RwLock<HashMap<&'static str, Route>>>,
    connections: Gauge,
    event_streams: Gauge,
}

/// The handles of one route, made once.
#[derive(Debug)]
struct Route {
    pattern: &'static str,
    duration: Histogram,
    requests: RwLock<HashMap<(&'static str, u16), Counter>>,
}

impl HttpMetrics {
    pub(crate) fn new(series: &Series) -> Self {
        Self {
            series: series.clone(),
            routes: Arc::default(),
            connections: series.gauge(&HTTP_CONNECTIONS, &[]),
            event_streams: series.gauge(&EVENT_STREAMS, &[]),
        }
    }

    /// Counts one answered request of `route`, the pattern (`/api/keys/{name}`, or `unmatched`).
    ///
    /// The same as [`Self::requests`] and [`Self::request_duration`] with one look-up less.
    pub fn record(&self, method: &str, route: &'static str, status: u16, took: Duration) {
        self.with_route(route, |route| {
            self.with_counter(route, method, status, |counter| counter.increment(1));
            route.duration.record(took.as_secs_f64());
        });
    }

    /// The counter of requests with this method, route pattern and status.
    pub fn requests(&self, method: &str, route: &'static str, status: u16) -> Counter {
        self.with_route(route, |route| {
            self.with_counter(route, method, status, Counter::clone)
        })
    }

    /// The durations of one route pattern's requests, in seconds.
    pub fn request_duration(&self, route: &'static str) -> Histogram {
        self.with_route(route, |route| route.duration.clone())
    }

    /// Sets the number of open connections.
    pub fn set_connections(&self, open: usize) {
        #[allow(clippy::cast_precision_loss, reason = "a count of sockets")]
        self.connections.set(open as f64);
    }

    /// Counts an event stream as open until the guard is dropped.
    pub fn event_stream_opened(&self) -> GaugeGuard {
        GaugeGuard::enter(&self.event_streams)
    }

    /// Lends the route instead of cloning it: every request passes here, and a count of owners that
    /// all threads change costs more than the look-up.
    fn with_route<T>(&self, pattern: &'static str, with: impl FnOnce(&Route) -> T) -> T {
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = known.get(pattern) {
            return with(route);
        }
        drop(known);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        with(routes.entry(pattern).or_insert_with(|| {
            let duration = self.series.histogram(&HTTP_DURATION, &[pattern]);
            Route {
                pattern,
                duration,
                requests: RwLock::default(),
            }
        }))
    }

    fn with_counter<T>(
        &self,
        route: &Route,
        method: &str,
        status: u16,
        with: impl FnOnce(&Counter) -> T,
    ) -> T {
        let method = METHODS
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or(OTHER);
        let known = route
            .requests
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(&(method, status)) {
            return with(counter);
        }
        drop(known);
        let mut requests = route
            .requests
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        with(requests.entry((method, status)).or_insert_with(|| {
            let labels = [method, route.pattern, &status.to_string()];
            self.series.counter(&HTTP_REQUESTS, &labels)
        }))
    }
}
