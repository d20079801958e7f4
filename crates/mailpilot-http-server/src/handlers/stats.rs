//! Totals, series, reports.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderValue, StatusCode};
use mailpilot_clock::Timestamp;
use mailpilot_engine::AccountName;
use mailpilot_metrics::LATENCY_BOUNDS;
use mailpilot_storage::{LatencyCounts, SeriesPoint, SeriesQuery, Totals};

use crate::{
    answer::{self, Response},
    app::App,
    body, coding,
    error::ApiError,
    handlers::accounts::require_known,
    service::Call,
    wire::{
        AccountStatsView, ActionCountView, ClassificationView, LatencyView, PointView, ReportIn,
        Rfc3339, SeriesView, StatsView, TotalsView, is_connected,
    },
};

const MAX_REPORTS: usize = 1_000;
const MAX_POINTS: u64 = 1_500;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many points a series has when no step is given.
const USUAL_POINTS: u32 = 240;

pub(super) async fn totals(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let account = query.account("account")?;
    let period = query.one_of(
        "period",
        &[
            ("day", Some(DAY)),
            ("week", Some(7 * DAY)),
            ("month", Some(30 * DAY)),
            ("all", None),
        ],
    )?;
    query.finish()?;
    if let Some(account) = &account {
        require_known(&call, account, "account").await?;
    }
    let body = match period.flatten() {
        None => render(&call.app, &call.app.storage.totals(), account.as_ref()),
        Some(length) => {
            let since = call.app.clock.now().saturating_sub(length);
            render(
                &call.app,
                &call.app.storage.period_totals(since).await?,
                account.as_ref(),
            )
        }
    };
    let body = body.map_err(|_| ApiError::internal())?;
    Ok(answer::typed(
        StatusCode::OK,
        HeaderValue::from_static("application/json"),
        body.into(),
    ))
}

/// The answer to `GET /api/stats`, which is the stats event too.
pub(crate) fn render(
    app: &App,
    totals: &Totals,
    account: Option<&AccountName>,
) -> serde_json::Result<Vec<u8>> {
    let now = app.clock.now();
    let mut sum = TotalsView::default();
    let mut actions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut latency = LatencyCounts::default();
    for (_, one) in totals
        .iter()
        .filter(|(name, _)| account.is_none_or(|wanted| wanted == *name))
    {
        sum.emails_processed += one.emails;
        sum.errors += one.errors;
        for (kind, count) in &one.actions {
            sum.actions_taken += count;
            *actions.entry(kind).or_default() += count;
        }
        for (all, count) in latency.0.iter_mut().zip(one.latency.0) {
            *all += count;
        }
    }
    let book = app.book();
    let accounts = book
        .iter()
        .filter(|(name, _)| account.is_none_or(|wanted| wanted == *name))
        .map(|(name, state)| AccountStatsView {
            name: name.as_str(),
            status: state.status(now).name(),
            connected: is_connected(state),
            paused: state.paused,
            last_error: state.last_error.as_deref(),
            last_activity_at: state.last_activity.map(Rfc3339),
            totals: totals
                .get(name)
                .map_or_else(TotalsView::default, |one| TotalsView {
                    emails_processed: one.emails,
                    actions_taken: one.actions.values().sum(),
                    errors: one.errors,
                }),
        })
        .collect();
    let mut breakdown: Vec<_> = actions
        .into_iter()
        .map(|(r#type, count)| ActionCountView { r#type, count })
        .collect();
    breakdown.sort_by_key(|action| std::cmp::Reverse(action.count));
    serde_json::to_vec(&StatsView {
        version: &app.version,
        uptime: app.uptime().as_secs(),
        totals: sum,
        accounts,
        action_breakdown: breakdown,
        classification: ClassificationView {
            count: latency.0.iter().sum(),
            p50: quantile(&latency, 0.50),
            p90: quantile(&latency, 0.90),
            p99: quantile(&latency, 0.99),
        },
    })
}

/// The quantile in seconds, linear within a bucket as Prometheus' `histogram_quantile` has it; what lies
/// above the last bound counts as that bound. None without observations.
fn quantile(counts: &LatencyCounts, quantile: f64) -> Option<f64> {
    let total: u64 = counts.0.iter().sum();
    if total == 0 {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let as_f64 = |count: u64| count as f64;
    let rank = quantile * as_f64(total);
    let mut below = 0_u64;
    let mut lower = 0.0;
    for (bound, count) in LATENCY_BOUNDS.into_iter().zip(counts.0) {
        if count > 0 && as_f64(below + count) >= rank {
            let within = (rank - as_f64(below)) / as_f64(count);
            // To the microsecond: more digits would only look like knowledge.
            return Some(((lower + (bound - lower) * within) * 1e6).round() / 1e6);
        }
        below += count;
        lower = bound;
    }
    Some(lower)
}

pub(super) async fn series(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let to = query.time("to")?.unwrap_or_else(|| call.app.clock.now());
    let from = query
        .time("from")?
        .unwrap_or_else(|| to.saturating_sub(DAY));
    let step = match query.text("step")? {
        Some(text) => step(&text)?.max(finest_step(from, to, MAX_POINTS)),
        None => usual_step(to.since(from)),
    };
    let account = query.account("account")?;
    query.finish()?;
    if let Some(account) = &account {
        require_known(&call, account, "account").await?;
    }
    if from >= to {
        return Ok(answer::ok(&SeriesView {
            step: step.as_secs(),
            points: Vec::new(),
        }));
    }
    let points = call
        .app
        .storage
        .series(&SeriesQuery {
            from,
            to,
            step,
            account,
        })
        .await?;
    let answer = answer::ok(&SeriesView {
        step: step.as_secs(),
        points: points.iter().map(point).collect(),
    });
    Ok(coding::gzip(&call.parts.headers, answer).await)
}

fn point(point: &SeriesPoint) -> PointView<'_> {
    PointView {
        t: Rfc3339(point.at),
        emails: point.emails,
        actions: &point.actions,
        errors: point.errors,
        latency: LatencyView {
            le: &LATENCY_BOUNDS,
            counts: &point.latency.0,
        },
    }
}

/// `300`, `5m`, `1h`: whole minutes.
pub(super) fn step(text: &str) -> Result<Duration, ApiError> {
    let wrong = || {
        ApiError::invalid(
            "step",
            "`step` is whole minutes, in seconds or as in 5m, 1h, 1d; at most 366d",
        )
    };
    let step = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text).map_err(|_| wrong())?,
    };
    let whole = step.subsec_nanos() == 0 && step.as_secs().is_multiple_of(60);
    if whole && step >= MINUTE && step <= 366 * DAY {
        Ok(step)
    } else {
        Err(wrong())
    }
}

/// The smallest whole number of minutes that makes no more than the usual number of points.
fn usual_step(range: Duration) -> Duration {
    let minutes = (range / USUAL_POINTS).as_secs().div_ceil(60);
    Duration::from_secs(60 * minutes.max(1))
}

/// The shortest step that makes no more than `most` points of the range.
pub(super) fn finest_step(from: Timestamp, to: Timestamp, most: u64) -> Duration {
    // The store begins at the minute of `from`; one more makes up for that.
    let minutes = to.since(from).as_secs() / 60 + 2;
    MINUTE * u32::try_from(minutes.div_ceil(most)).unwrap_or(u32::MAX)
}

pub(super) async fn report(call: Call) -> Result<Response, ApiError> {
    let input: Vec<ReportIn> = body::parse_one_or_list(&call.body, MAX_REPORTS)?;
    let mut reports = Vec::with_capacity(input.len());
    for (at, report) in input.into_iter().enumerate() {
        let report = report.into_report(at)?;
        if !call.app.is_account(&report.account) {
            return Err(ApiError::unconfigured_account(
                "account",
                report.account.as_str(),
            ));
        }
        reports.push(report);
    }
    call.app.storage.record_reports(reports).await?;
    Ok(answer::no_content())
}

pub(super) async fn reset(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let account = query.account("account")?;
    query.finish()?;
    if let Some(account) = &account {
        require_known(&call, account, "account").await?;
    }
    call.app.storage.reset_stats(account).await?;
    tracing::info!(principal = %call.caller.label(), "totals and series start again from zero");
    Ok(answer::no_content())
}

#[cfg(test)]
mod tests {
    use mailpilot_storage::LATENCY_BUCKETS;

    use super::*;

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let mut counts = [0; LATENCY_BUCKETS];
        assert_eq!(quantile(&LatencyCounts(counts), 0.5), None);
        counts[4] = 10; // 0.1 to 0.25 s
        assert_eq!(quantile(&LatencyCounts(counts), 0.5), Some(0.175));
        counts = [0; LATENCY_BUCKETS];
        counts[LATENCY_BUCKETS - 1] = 1;
        assert_eq!(quantile(&LatencyCounts(counts), 0.5), Some(600.0));
    }

    #[test]
    fn a_step_is_whole_minutes() {
        assert_eq!(step("300").unwrap(), Duration::from_secs(300));
        assert_eq!(step("1h").unwrap(), Duration::from_secs(3600));
        for bad in [
            "",
            "0",
            "59",
            "90s",
            "-60",
            "1.5m",
            "400d",
            "99999999999999999999",
        ] {
            assert!(step(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_step_too_fine_for_its_range_is_widened() {
        let from = Timestamp::from_millis(59_999);
        for range in [
            Duration::ZERO,
            MINUTE,
            DAY,
            30 * DAY,
            3_650 * DAY,
            Duration::MAX,
        ] {
            let to = from.saturating_add(range);
            let minutes = to.as_millis().unsigned_abs().div_ceil(60_000)
                - from.as_millis().unsigned_abs() / 60_000;
            for most in [400, MAX_POINTS] {
                let step = finest_step(from, to, most);
                assert!(
                    step >= MINUTE && minutes.div_ceil(step.as_secs() / 60) <= most,
                    "{range:?}"
                );
            }
        }
        let day = from.saturating_add(DAY);
        assert_eq!(finest_step(from, day, MAX_POINTS), MINUTE);
    }

    #[test]
    fn the_usual_step_keeps_to_the_usual_number_of_points() {
        for range in [Duration::ZERO, MINUTE, DAY, 30 * DAY] {
            let step = usual_step(range);
            assert!(
                step >= MINUTE
                    && range.as_secs().div_ceil(step.as_secs()) <= u64::from(USUAL_POINTS)
            );
        }
    }
}
