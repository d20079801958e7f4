//! The usual `process_*` series of the program this server runs in, read when somebody asks.
//!
//! They come from `/proc`; on other systems than Linux they are left out.

use metrics::Gauge;

use crate::{
    registry::{
        PROCESS_CPU, PROCESS_MAX_FDS, PROCESS_OPEN_FDS, PROCESS_RESIDENT, PROCESS_START,
        PROCESS_THREADS, PROCESS_VIRTUAL,
    },
    series::Series,
};

/// What the system says of this process. A value it does not tell is `None`.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    cpu_seconds: Option<f64>,
    resident_bytes: Option<f64>,
    virtual_bytes: Option<f64>,
    open_fds: Option<f64>,
    max_fds: Option<f64>,
    start_time_seconds: Option<f64>,
    threads: Option<f64>,
}

/// Sets the gauges and returns the CPU seconds, for [`append_cpu`].
///
/// Gauges are registered here and not before, so that a value nobody knows is no series instead of a
/// zero that looks like one.
pub(crate) fn refresh(series: &Series) -> Option<f64> {
    let now = read();
    let gauges = [
        (&PROCESS_RESIDENT, now.resident_bytes),
        (&PROCESS_VIRTUAL, now.virtual_bytes),
        (&PROCESS_OPEN_FDS, now.open_fds),
        (&PROCESS_MAX_FDS, now.max_fds),
        (&PROCESS_START, now.start_time_seconds),
        (&PROCESS_THREADS, now.threads),
    ];
    for (doc, value) in gauges {
        if let Some(value) = value {
            let gauge: Gauge = series.gauge(doc, &[]);
            gauge.set(value);
        }
    }
    now.cpu_seconds
}

#[cfg(target_os = "linux")]
#[allow(
    clippy::cast_precision_loss,
    reason = "the text format has doubles, exact to 9 PB"
)]
fn read() -> Reading {
    use procfs::process::{LimitValue, Process};

    let Ok(process) = Process::myself() else {
        return Reading::default();
    };
    let stat = process.stat().ok();
    let ticks = procfs::ticks_per_second() as f64;
    let max_fds = process
        .limits()
        .ok()
        .and_then(|limits| match limits.max_open_files.soft_limit {
            LimitValue::Value(count) => Some(count as f64),
            LimitValue::Unlimited => None,
        });
    let booted = procfs::boot_time_secs().ok();
    Reading {
        cpu_seconds: stat
            .as_ref()
            .map(|stat| (stat.utime + stat.stime) as f64 / ticks),
        resident_bytes: stat
            .as_ref()
            .map(|stat| (stat.rss * procfs::page_size()) as f64),
        virtual_bytes: stat.as_ref().map(|stat| stat.vsize as f64),
        open_fds: process.fd_count().ok().map(|count| count as f64),
        max_fds,
        start_time_seconds: stat
            .as_ref()
            .zip(booted)
            .map(|(stat, booted)| booted as f64 + stat.starttime as f64 / ticks),
        threads: stat.as_ref().map(|stat| stat.num_threads as f64),
    }
}

#[cfg(not(target_os = "linux"))]
fn read() -> Reading {
    Reading::default()
}

/// Appends the CPU time, unless the host program has published it through the same recorder.
///
/// A counter of the facade holds whole numbers, and whole seconds would make the rate of an idle
/// server a row of spikes; so this one line is written here.
pub(crate) fn append_cpu(text: &mut String, seconds: f64) {
    let name = PROCESS_CPU.name;
    if text.contains(&format!("# TYPE {name} ")) {
        return;
    }
    let (help, kind) = (PROCESS_CPU.help, PROCESS_CPU.kind.name());
    text.push_str(&format!(
        "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {seconds}\n"
    ));
}
