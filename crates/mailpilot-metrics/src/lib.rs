//! Series names, help texts, buckets and handles. To be completed.

/// Upper bounds of the classification latency buckets, in seconds.
///
/// Up to ten minutes, because language models take that long.
pub const LATENCY_BOUNDS: [f64; 15] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
