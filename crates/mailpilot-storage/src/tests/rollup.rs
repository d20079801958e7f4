//! Totals and series against plain counting.

use std::{collections::BTreeMap, time::Duration};

use mailpilot_engine::Report;
use proptest::prelude::*;

use super::*;
use crate::{AccountTotals, LatencyCounts, SeriesPoint, SeriesQuery, Totals};

const MINUTE: i64 = 60_000;

fn report(account: &str, emails: u64) -> Report {
    Report {
        account: name(account),
        emails,
        errors: 1,
        classification: vec![Duration::from_millis(20), Duration::from_secs(1_000)],
        status: None,
        last_error: Some("gone".into()),
    }
}

fn failed(account: &str, error: &str) -> Activity {
    Activity {
        error: Some(error.into()),
        actions: vec![action("move")],
        ..mail(account, "m")
    }
}

#[tokio::test]
async fn a_failed_mail_is_a_mail_and_an_error_without_actions() {
    let f = Fixture::new().await;
    let good = Activity {
        actions: vec![action("move"), action("move"), action("flag")],
        duration: Some(Duration::from_millis(10)),
        ..mail("a", "m")
    };
    let bad = Activity {
        duration: Some(Duration::from_millis(11)),
        ..failed("a", "no")
    };
    f.store.append_activity(vec![good, bad]).await.unwrap();
    f.store.record_reports(vec![report("a", 7)]).await.unwrap();
    let mut latency = LatencyCounts::default();
    latency.0[0] = 1;
    latency.0[1] = 2;
    latency.0[15] = 1;
    let expected = AccountTotals {
        emails: 9,
        errors: 2,
        actions: BTreeMap::from([("flag".into(), 1), ("move".into(), 2)]),
        latency,
        last_activity: Some(at(NOW)),
        last_error: Some("gone".into()),
    };
    assert_eq!(f.store.totals()["a"], expected);
    assert_eq!(f.store.period_totals(at(0)).await.unwrap()["a"], expected);
    let f = f.reopened().await;
    assert_eq!(f.store.totals()["a"], expected);
}

#[tokio::test]
async fn an_old_or_future_mail_does_not_move_the_last_activity_past_now() {
    let f = Fixture::new().await;
    let of = |created| Activity {
        created_at: Some(at(created)),
        ..mail("a", "m")
    };
    f.store
        .append_activity(vec![of(NOW - 1_000)])
        .await
        .unwrap();
    assert_eq!(f.store.totals()["a"].last_activity, Some(at(NOW - 1_000)));
    f.store
        .append_activity(vec![of(NOW + MINUTE)])
        .await
        .unwrap();
    assert_eq!(f.store.totals()["a"].last_activity, Some(at(NOW)));
    assert_eq!(
        f.reopened().await.store.totals()["a"].last_activity,
        Some(at(NOW))
    );
}

#[tokio::test]
async fn the_latest_error_is_the_one_that_arrived_last_also_after_a_restart() {
    let mut f = Fixture::new().await;
    for round in 0..4_i64 {
        let entries = (0..12).map(|i| Activity {
            created_at: Some(at(NOW - (i * 7 + round) % 12 * MINUTE)),
            ..failed("a", &format!("error {round} {i}"))
        });
        f.store.append_activity(entries.collect()).await.unwrap();
        let latest = Some(format!("error {round} 11"));
        assert_eq!(f.store.totals()["a"].last_error, latest);
        f = f.reopened().await;
        assert_eq!(f.store.totals()["a"].last_error, latest);
    }
}

#[tokio::test]
async fn counts_stay_at_the_most_a_column_can_hold() {
    let f = Fixture::new().await;
    let most = i64::MAX.unsigned_abs();
    for emails in [most - 1, 7, u64::MAX] {
        f.store
            .record_reports(vec![report("a", emails)])
            .await
            .unwrap();
    }
    f.store.append_activity(vec![mail("a", "m")]).await.unwrap();
    let totals = f.store.totals();
    assert_eq!((totals["a"].emails, totals["a"].errors), (most, 3));
    assert_eq!(f.store.period_totals(at(0)).await.unwrap(), *totals);
    assert_eq!(f.reopened().await.store.totals(), totals);
}

#[tokio::test]
async fn kinds_of_actions_beyond_the_first_count_together() {
    let f = Fixture::new().await;
    let kinds = |range: std::ops::Range<u32>| -> Vec<Activity> {
        range
            .map(|i| Activity {
                actions: vec![action(&format!("k{i}")), action("k0")],
                ..mail("a", "m")
            })
            .collect()
    };
    f.store.append_activity(kinds(0..40)).await.unwrap();
    f.store.append_activity(kinds(40..90)).await.unwrap();
    let f = f.reopened().await;
    f.store.append_activity(kinds(50..100)).await.unwrap();
    let totals = f.store.totals();
    let actions = &totals["a"].actions;
    assert_eq!(actions.len(), 65);
    assert_eq!((actions["k0"], actions["k63"]), (141, 2));
    assert_eq!(actions["other"], 26 + 36);
    let period = f.store.period_totals(at(0)).await.unwrap();
    assert_eq!(period["a"].actions, *actions);
    let rare = ActivityFilter {
        actions: vec!["k99".into()],
        ..ActivityFilter::default()
    };
    assert_eq!(f.store.count_activity(&rare).await.unwrap().total, 1);
    assert_eq!(f.reopened().await.store.totals(), totals);
}

#[tokio::test]
async fn old_minutes_and_hours_go_away_and_their_days_stay() {
    const DAY: i64 = 1_440 * MINUTE;
    let f = Fixture::new().await;
    for days in [1, 100, 800] {
        let entry = Activity {
            created_at: Some(at(NOW - days * DAY)),
            actions: vec![action("move")],
            ..mail("a", "m")
        };
        f.store.append_activity(vec![entry; 3]).await.unwrap();
    }
    while f.store.retain().await.unwrap() {}
    let sum = async |from: i64, step: i64, to: i64| -> (u64, u64) {
        let query = SeriesQuery {
            from: at(from),
            to: at(to),
            step: Duration::from_millis(step as u64),
            account: None,
        };
        let points = f.store.series(&query).await.unwrap();
        let of = |p: &SeriesPoint| (p.emails, p.actions.get("move").copied().unwrap_or(0));
        points
            .iter()
            .map(of)
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let midnight = NOW - NOW % DAY;
    for (days, by_minute, by_hour) in [(1, 3, 3), (100, 0, 3), (800, 0, 0)] {
        let then = NOW - days * DAY;
        assert_eq!(
            sum(then, MINUTE, then + MINUTE).await,
            (by_minute, by_minute)
        );
        let hour = then + 60 * MINUTE;
        assert_eq!(sum(then, 60 * MINUTE, hour).await, (by_hour, by_hour));
        let day = midnight - days * DAY;
        assert_eq!(sum(day, DAY, day + DAY).await, (3, 3));
        // From within an hour on, over more than a day.
        let from = day - 17 * MINUTE;
        assert_eq!(sum(from, 2 * DAY, from + 2 * DAY).await, (3, 3));
    }
    assert_eq!(f.store.period_totals(at(0)).await.unwrap()["a"].emails, 9);
    assert_eq!(f.store.totals()["a"].emails, 9);
}

#[tokio::test]
async fn a_reset_begins_at_zero_and_keeps_the_entries() {
    let f = Fixture::new().await;
    let entries = vec![mail("a", "1"), failed("a", "x"), mail("b", "2")];
    f.store.append_activity(entries).await.unwrap();
    f.store.reset_stats(Some(name("a"))).await.unwrap();
    assert!(!f.store.totals().contains_key("a"));
    assert_eq!(f.store.totals()["b"].emails, 1);
    f.store.append_activity(vec![mail("a", "3")]).await.unwrap();
    let query = |account| SeriesQuery {
        from: at(NOW - MINUTE),
        to: at(NOW + MINUTE),
        step: Duration::from_secs(60),
        account,
    };
    let points = f.store.series(&query(Some(name("a")))).await.unwrap();
    assert_eq!(
        points
            .iter()
            .map(|p| (p.emails, p.errors))
            .collect::<Vec<_>>(),
        [(0, 0), (1, 0)]
    );
    assert_eq!(f.store.period_totals(at(0)).await.unwrap()["a"].emails, 1);
    while f.store.retain().await.unwrap() {}
    let f = f.reopened().await;
    assert_eq!(
        (f.store.totals()["a"].emails, f.store.totals()["b"].emails),
        (1, 1)
    );
    f.store.reset_stats(None).await.unwrap();
    assert_eq!(*f.store.totals(), Totals::new());
    assert_eq!(
        f.store
            .count_activity(&ActivityFilter::default())
            .await
            .unwrap()
            .total,
        4
    );
    let all: u64 = f
        .store
        .series(&query(None))
        .await
        .unwrap()
        .iter()
        .map(|p| p.emails)
        .sum();
    assert_eq!(all, 0);
}

#[tokio::test]
async fn a_series_that_cannot_be_drawn_is_refused() {
    let f = Fixture::new().await;
    let cases = [
        (0, 60, 0),
        (NOW, 60, NOW - 1),
        (0, 60, 1_501 * MINUTE),
        (0, 59, NOW),
        (0, 90, NOW),
    ];
    for (from, step, to) in cases {
        let query = SeriesQuery {
            from: at(from),
            to: at(to),
            step: Duration::from_secs(step),
            account: None,
        };
        let answer = f.store.series(&query).await;
        assert!(
            matches!(answer, Err(StorageError::BadSeries { .. })),
            "{query:?}"
        );
    }
    let query = SeriesQuery {
        from: at(0),
        to: at(1_500 * MINUTE),
        step: Duration::from_secs(60),
        account: Some(name("nobody")),
    };
    assert_eq!(f.store.series(&query).await.unwrap().len(), 1_500);
}

/// A mail in the model: account, minutes before now, whether it failed, kinds, milliseconds.
type Sample = (u8, i64, bool, Vec<u8>, Option<u64>);

fn sample() -> impl Strategy<Value = Sample> {
    let kinds = prop::collection::vec(0_u8..3, 0..3);
    (
        0_u8..3,
        0_i64..4_000,
        any::<bool>(),
        kinds,
        prop::option::of(0_u64..20_000),
    )
}

fn built(&(account, ago, failed, ref kinds, duration): &Sample) -> Activity {
    Activity {
        created_at: Some(at(NOW - ago * MINUTE)),
        error: failed.then(|| "no".into()),
        actions: kinds.iter().map(|k| action(&format!("k{k}"))).collect(),
        duration: duration.map(Duration::from_millis),
        ..mail(&format!("a{account}"), "m")
    }
}

fn add(point: &mut SeriesPoint, mail: &Activity) {
    point.emails += 1;
    if mail.error.is_some() {
        point.errors += 1;
    } else {
        for action in &mail.actions {
            *point.actions.entry(action.kind.clone()).or_default() += 1;
        }
    }
    if let Some(duration) = mail.duration {
        point.latency.observe(duration);
    }
}

fn expected(mails: &[Activity], query: &SeriesQuery) -> Vec<SeriesPoint> {
    let step = query.step.as_millis() as i64;
    let from = query.from.as_millis() / MINUTE * MINUTE;
    let mut points = Vec::new();
    let mut begin = from;
    while begin < query.to.as_millis() {
        let mut point = SeriesPoint {
            at: at(begin),
            emails: 0,
            errors: 0,
            actions: BTreeMap::new(),
            latency: LatencyCounts::default(),
        };
        for mail in mails {
            let created = mail.created_at.unwrap().as_millis();
            let wanted = query
                .account
                .as_ref()
                .is_none_or(|account| *account == mail.account);
            if wanted && (begin..begin + step).contains(&created) {
                add(&mut point, mail);
            }
        }
        points.push(point);
        begin += step;
    }
    points
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn series_and_periods_agree_with_counting_the_mails(
        samples in prop::collection::vec(sample(), 1..60),
        back in 1_i64..4_500,
        steps in prop::sample::select(vec![1_i64, 7, 60, 120, 130, 1_440, 1_501]),
        aligned in any::<bool>(),
        account in prop::option::of(0_u8..4),
        split in 0_usize..60,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let f = Fixture::new().await;
            let mails: Vec<Activity> = samples.iter().map(built).collect();
            let (one, two) = mails.split_at(split.min(mails.len()));
            f.store.append_activity(one.to_vec()).await.unwrap();
            f.store.append_activity(two.to_vec()).await.unwrap();
            let width = steps * MINUTE;
            let from = NOW - back * MINUTE;
            let from = if aligned { from / width * width } else { from + 17 };
            let points = ((NOW - from) / width + 1).min(1_400);
            let query = SeriesQuery {
                from: at(from),
                to: at(from / MINUTE * MINUTE + points * width),
                step: Duration::from_millis(width as u64),
                account: account.map(|a| name(&format!("a{a}"))),
            };
            assert_eq!(f.store.series(&query).await.unwrap(), expected(&mails, &query));
            let since = f.store.period_totals(at(from)).await.unwrap();
            for account in ["a0", "a1", "a2"] {
                let whole = SeriesQuery {
                    from: at(from),
                    to: at(from / MINUTE * MINUTE + 10_000 * MINUTE),
                    step: Duration::from_millis((10_000 * MINUTE) as u64),
                    account: Some(name(account)),
                };
                let sum = expected(&mails, &whole).remove(0);
                let got = since.get(account).cloned().unwrap_or_default();
                assert_eq!((got.emails, got.errors, got.actions, got.latency),
                    (sum.emails, sum.errors, sum.actions, sum.latency));
            }
        });
    }
}
