//! Timelines from what was watched: kept, read back slice by slice, and forgotten in time.

use std::time::Duration;

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountStatus, AccountStatus::*};

use super::{Fixture, NOW, at, name};
use crate::{Statuses, StorageError, StorageSettings, TimelineQuery, Watch, WatchedMinute};

const MINUTE: Duration = Duration::from_secs(60);
const MINUTE_MS: i64 = 60_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const FIRST: i64 = NOW / MINUTE_MS;

/// The instant this many minutes after the beginning.
fn after(minutes: i64) -> Timestamp {
    at(NOW + minutes * MINUTE_MS)
}

/// A change of an account in a minute: to the last of these states, out of the others.
fn change(account: &str, minute: i64, states: &[AccountStatus]) -> WatchedMinute {
    let mut all = states.iter().map(|status| Statuses::from(*status));
    WatchedMinute {
        account: name(account),
        minute: FIRST + minute,
        held: all.clone().fold(Statuses::NONE, Statuses::and),
        last: all.next_back().unwrap_or_default(),
    }
}

fn watch((from, to): (i64, i64), minutes: Vec<WatchedMinute>) -> Watch {
    Watch {
        began: after(from),
        seen: after(to),
        minutes,
    }
}

/// The states of accounts from the beginning on, in slices of these minutes.
async fn strips(
    fixture: &Fixture,
    accounts: &[&str],
    (step, slices): (u32, i64),
    live: Vec<Watch>,
) -> Vec<Vec<Option<AccountStatus>>> {
    let query = TimelineQuery {
        from: after(0),
        to: after(slices * i64::from(step)),
        step: MINUTE * step,
        accounts: accounts.iter().map(|account| name(account)).collect(),
        live,
    };
    let timeline = fixture.store.timeline(query).await.unwrap();
    assert_eq!(timeline.from, after(0));
    timeline.accounts.into_iter().map(|a| a.statuses).collect()
}

#[tokio::test]
async fn a_state_holds_until_the_next_or_until_the_server_was_last_seen() {
    let fixture = Fixture::new().await;
    let minutes = vec![
        change("a", 1, &[Connected]),
        change("a", 4, &[Connected, Error, Paused]),
        change("b", 3, &[Disconnected]),
        change("b", 5, &[Disconnected, Unknown]),
    ];
    let kept = watch((1, 7), minutes);
    fixture.store.keep_watches(vec![kept]).await.unwrap();
    let later = watch((9, 10), vec![change("a", 9, &[Stalled])]);
    fixture.store.keep_watches(vec![later]).await.unwrap();
    let fixture = fixture.reopened().await;
    let a = [
        None,
        Some(Connected),
        Some(Connected),
        Some(Connected),
        Some(Error),
        Some(Paused),
        Some(Paused),
        None,
        None,
        Some(Stalled),
        None,
    ];
    let b = [3, 4, 5].map(|_| Some(Disconnected));
    let found = strips(&fixture, &["a", "b", "c"], (1, 11), Vec::new()).await;
    assert_eq!(found[0], a);
    assert_eq!(found[1][3..6], b);
    assert_eq!(found[1].iter().flatten().count(), b.len());
    assert_eq!(found[2], [None; 11]);
    assert_eq!(strips(&fixture, &["a"], (1, 11), Vec::new()).await, [a]);
    let wide = strips(&fixture, &["a"], (4, 3), Vec::new()).await;
    assert_eq!(wide, [[Some(Connected), Some(Error), Some(Stalled)]]);
}

#[tokio::test]
async fn what_holds_since_before_the_range_holds_in_it() {
    let fixture = Fixture::new().await;
    let kept = watch((-50, 2), vec![change("a", -50, &[Connecting])]);
    fixture.store.keep_watches(vec![kept]).await.unwrap();
    let found = strips(&fixture, &["a"], (1, 4), Vec::new()).await;
    assert_eq!(found, [[Some(Connecting), Some(Connecting), None, None]]);
}

#[tokio::test]
async fn a_stretch_that_comes_again_is_the_same_one() {
    let fixture = Fixture::new().await;
    let first = watch((0, 1), vec![change("a", 0, &[Error])]);
    let longer = watch((0, 3), vec![change("a", 0, &[Connected])]);
    let shorter = watch((0, 2), Vec::new());
    let expected = [Some(Error), Some(Connected), Some(Connected), None];
    let live = strips(
        &fixture,
        &["a"],
        (1, 4),
        vec![first.clone(), longer.clone()],
    )
    .await;
    fixture.store.keep_watches(vec![first]).await.unwrap();
    let both = strips(&fixture, &["a"], (1, 4), vec![longer.clone()]).await;
    let all = vec![longer, shorter];
    fixture.store.keep_watches(all).await.unwrap();
    let kept = strips(&fixture, &["a"], (1, 4), Vec::new()).await;
    for found in [live, both, kept] {
        assert_eq!(found, [expected]);
    }
}

#[tokio::test]
async fn states_go_away_with_the_activity_of_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        audit_retention: 2 * DAY,
        ..Fixture::settings(&folder)
    };
    let fixture = Fixture::with(folder, settings).await;
    let many: Vec<_> = (0..200)
        .map(|minute| change("a", minute, &[Connected]))
        .collect();
    let young = watch((200, 202), vec![change("a", 200, &[Error])]);
    let all = vec![watch((0, 200), many), young];
    fixture.store.keep_watches(all).await.unwrap();
    fixture.clock.advance(2 * DAY + 201 * MINUTE);
    while fixture.store.retain().await.unwrap() {}
    let found = strips(&fixture, &["a"], (1, 202), Vec::new()).await;
    assert_eq!(found[0][..200], [None; 200]);
    assert_eq!(found[0][200..], [Some(Error), Some(Error)]);
    fixture.clock.advance(2 * MINUTE);
    while fixture.store.retain().await.unwrap() {}
    let found = strips(&fixture, &["a"], (1, 202), Vec::new()).await;
    assert_eq!(found[0], [None; 202]);
}

#[tokio::test]
async fn a_timeline_of_nothing_or_of_too_many_slices_is_refused() {
    let fixture = Fixture::new().await;
    for (to, step) in [(0, MINUTE), (1, Duration::from_secs(30)), (1_501, MINUTE)] {
        let query = TimelineQuery {
            from: after(0),
            to: after(to),
            step,
            accounts: vec![name("a")],
            live: Vec::new(),
        };
        let refused = fixture.store.timeline(query).await;
        assert!(matches!(refused, Err(StorageError::BadSeries { .. })));
    }
}
