//! Lives of sessions under clocks that move together or apart.

use proptest::prelude::*;

use super::*;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// Both clocks, moved together or apart.
struct Clocks(Moment);

impl Clocks {
    fn start() -> Self {
        let wall = Timestamp::from_millis(1_800_000_000_000);
        Self(Moment {
            wall,
            monotonic: Instant::now(),
        })
    }

    fn after(&self, time: Duration) -> Moment {
        let Moment { wall, monotonic } = self.0;
        Moment {
            wall: wall.saturating_add(time),
            monotonic: monotonic + time,
        }
    }
}

fn keys() -> SessionKeys {
    SessionKeys::derive(&Secret::new("0123456789abcdef")).unwrap()
}

fn policy(ttl: Duration, max_per_user: usize) -> SessionPolicy {
    SessionPolicy { ttl, max_per_user }
}

fn table(ttl: Duration, max_per_user: usize, now: Moment) -> SessionTable {
    SessionTable::new(policy(ttl, max_per_user), keys(), [], now)
}

fn login(table: &mut SessionTable, username: &str, now: Moment) -> Issued {
    table.issue(username, "192.0.2.1", "curl/8", now).unwrap()
}

fn is_accepted(table: &mut SessionTable, issued: &Issued, now: Moment) -> bool {
    table
        .verify(issued.cookie_value.expose(), now)
        .is_some_and(|s| s.id == issued.session.id)
}

#[test]
fn a_session_is_found_by_its_cookie_and_by_nothing_that_is_stored() {
    let now = Clocks::start().0;
    let mut table = table(HOUR, 100, now);
    let issued = login(&mut table, "ada", now);
    assert!(is_accepted(&mut table, &issued, now));
    let sealed_hash = keys()
        .seal(&SessionToken::from_bytes(issued.session.token_hash))
        .unwrap();
    for value in [String::new(), issued.session.id.to_string(), sealed_hash] {
        assert!(table.verify(&value, now).is_none(), "{value}");
    }
}

#[test]
fn what_a_login_said_about_itself_is_kept_clean() {
    let now = Clocks::start().0;
    let agent = format!("a\r\nb{}", "x".repeat(400));
    let issued = table(HOUR, 100, now)
        .issue("ada", "192.0.2.1\n", &agent, now)
        .unwrap();
    assert_eq!(issued.session.client_address, "192.0.2.1");
    assert!(issued.session.user_agent.starts_with("abx"));
    assert_eq!(issued.session.user_agent.chars().count(), 256);
}

#[test]
fn use_does_not_extend_a_session() {
    let clocks = Clocks::start();
    let mut table = table(3 * SECOND, 100, clocks.0);
    let issued = login(&mut table, "ada", clocks.0);
    for tenth in 0..30 {
        let now = clocks.after(SECOND / 10 * tenth);
        assert!(is_accepted(&mut table, &issued, now), "{tenth}");
    }
    assert!(!is_accepted(&mut table, &issued, clocks.after(3 * SECOND)));
}

#[test]
fn a_wall_clock_set_back_does_not_prolong_a_session() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 100, clocks.0);
    let issued = login(&mut table, "ada", clocks.0);
    let mut now = clocks.after(HOUR - SECOND);
    now.wall = clocks.0.wall;
    assert!(
        is_accepted(&mut table, &issued, now),
        "a step back alone ends nothing"
    );
    now.monotonic += SECOND;
    assert!(!is_accepted(&mut table, &issued, now));
    assert_eq!(table.expire(now), [issued.session.id]);
}

#[test]
fn a_wall_clock_set_forward_ends_a_session() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 100, clocks.0);
    let issued = login(&mut table, "ada", clocks.0);
    let now = Moment {
        wall: clocks.after(HOUR).wall,
        ..clocks.0
    };
    assert!(!is_accepted(&mut table, &issued, now));
}

#[test]
fn a_session_from_more_than_five_minutes_ahead_is_refused_but_kept() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 100, clocks.0);
    let issued = login(&mut table, "ada", clocks.0);
    let back = |by: Duration| Moment {
        wall: clocks.0.wall.saturating_sub(by),
        ..clocks.0
    };
    assert!(is_accepted(&mut table, &issued, back(5 * MINUTE)));
    let far = back(5 * MINUTE + Duration::from_millis(1));
    assert!(!is_accepted(&mut table, &issued, far));
    assert!(table.list("ada", far).is_empty());
    assert!(table.expire(far).is_empty());
    assert!(
        is_accepted(&mut table, &issued, clocks.after(MINUTE)),
        "the clock was put right"
    );
}

#[test]
fn sessions_outlive_a_restart_with_the_same_secret_and_end_when_they_would_have() {
    let clocks = Clocks::start();
    let issued = login(&mut table(HOUR, 100, clocks.0), "ada", clocks.0);
    let restart = clocks.after(HOUR / 2);
    let mut table = SessionTable::new(policy(HOUR, 100), keys(), [issued.session.clone()], restart);
    assert!(is_accepted(
        &mut table,
        &issued,
        clocks.after(HOUR - SECOND)
    ));
    assert!(!is_accepted(&mut table, &issued, clocks.after(HOUR)));
    let late = Moment {
        wall: clocks.0.wall,
        ..clocks.after(HOUR)
    };
    assert!(
        !is_accepted(&mut table, &issued, late),
        "the deadline is remembered, too"
    );
}

#[test]
fn stored_sessions_that_have_ended_are_named_for_deletion() {
    let clocks = Clocks::start();
    let issued = login(&mut table(HOUR, 100, clocks.0), "ada", clocks.0);
    let restart = clocks.after(2 * HOUR);
    let mut table = SessionTable::new(policy(HOUR, 100), keys(), [issued.session.clone()], restart);
    assert!(!is_accepted(&mut table, &issued, restart));
    assert_eq!(table.expire(restart), [issued.session.id]);
    assert!(table.is_empty());
}

#[test]
fn a_stored_session_lives_no_longer_than_the_ttl_by_the_monotonic_clock() {
    let clocks = Clocks::start();
    let issued = login(&mut table(HOUR, 100, clocks.0), "ada", clocks.0);
    let early = Moment {
        wall: Timestamp::MIN,
        ..clocks.0
    };
    let mut table = SessionTable::new(policy(HOUR, 100), keys(), [issued.session.clone()], early);
    let now = Moment {
        wall: clocks.0.wall,
        ..clocks.after(HOUR)
    };
    assert!(!is_accepted(&mut table, &issued, now));
}

#[test]
fn one_session_too_many_ends_the_oldest_of_that_user_only() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 3, clocks.0);
    let other = login(&mut table, "grace", clocks.0);
    let ada: Vec<Issued> = (0..3)
        .map(|n| login(&mut table, "ada", clocks.after(n * SECOND)))
        .collect();
    assert!(ada.iter().all(|issued| issued.evicted.is_empty()));
    let now = clocks.after(MINUTE);
    assert!(
        is_accepted(&mut table, &ada[0], now),
        "recent use does not save the oldest"
    );
    let fourth = login(&mut table, "ada", now);
    assert_eq!(fourth.evicted, [ada[0].session.id]);
    assert!(!is_accepted(&mut table, &ada[0], now));
    for issued in [&ada[1], &ada[2], &fourth, &other] {
        assert!(is_accepted(&mut table, issued, now));
    }
    assert_eq!(table.len(), 4);
}

#[test]
fn a_smaller_limit_counts_from_the_next_login_and_zero_means_one() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 5, clocks.0);
    for n in 0..5 {
        login(&mut table, "ada", clocks.after(n * SECOND));
    }
    table.set_policy(policy(HOUR, 0), clocks.0);
    assert_eq!(table.len(), 5);
    let now = clocks.after(MINUTE);
    let last = login(&mut table, "ada", now);
    assert_eq!(last.evicted.len(), 5);
    assert!(is_accepted(&mut table, &last, now));
    assert_eq!(table.len(), 1);
}

#[test]
fn a_shorter_ttl_is_for_everybody_and_a_longer_one_for_new_sessions() {
    let clocks = Clocks::start();
    let mut table = table(4 * HOUR, 100, clocks.0);
    let old = login(&mut table, "ada", clocks.0);
    table.set_policy(policy(2 * HOUR, 100), clocks.0);
    table.set_policy(policy(8 * HOUR, 100), clocks.0);
    let new = login(&mut table, "ada", clocks.0);
    for (issued, life) in [(&old, 2 * HOUR), (&new, 8 * HOUR)] {
        assert!(is_accepted(&mut table, issued, clocks.after(life - SECOND)));
        assert!(!is_accepted(&mut table, issued, clocks.after(life)));
        let stopped = Moment {
            wall: clocks.0.wall,
            ..clocks.after(life)
        };
        assert!(
            !is_accepted(&mut table, issued, stopped),
            "by the monotonic clock, too"
        );
    }
}

#[test]
fn revoking_ends_one_or_all_but_one() {
    let now = Clocks::start().0;
    let mut table = table(HOUR, 100, now);
    let [a, b, c] = std::array::from_fn(|_| login(&mut table, "ada", now));
    let other = login(&mut table, "grace", now);
    assert!(table.revoke(a.session.id));
    assert!(!table.revoke(a.session.id), "it is gone");
    assert!(!is_accepted(&mut table, &a, now) && !table.is_live(a.session.id, now));
    assert!(table.is_live(b.session.id, now));
    assert_eq!(
        table.revoke_all_except("ada", Some(b.session.id)),
        [c.session.id]
    );
    assert!(is_accepted(&mut table, &b, now) && !is_accepted(&mut table, &c, now));
    assert_eq!(table.revoke_all_except("ada", None), [b.session.id]);
    assert!(is_accepted(&mut table, &other, now));
}

#[test]
fn another_secret_ends_every_session() {
    let now = Clocks::start().0;
    let mut table = table(HOUR, 100, now);
    let issued = login(&mut table, "ada", now);
    let other = SessionKeys::derive(&Secret::new("another secret..")).unwrap();
    assert_eq!(table.set_keys(other), [issued.session.id]);
    assert!(!is_accepted(&mut table, &issued, now));
    table.set_keys(keys());
    assert!(
        !is_accepted(&mut table, &issued, now),
        "not even when the old one comes back"
    );
}

#[test]
fn uses_are_noted_once_until_taken() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 100, clocks.0);
    let (used, _unused) = (
        login(&mut table, "ada", clocks.0),
        login(&mut table, "ada", clocks.0),
    );
    assert!(table.take_touched().is_empty());
    for n in 1..=3 {
        assert!(is_accepted(&mut table, &used, clocks.after(n * SECOND)));
    }
    let last = clocks.after(3 * SECOND).wall;
    assert_eq!(table.take_touched(), [(used.session.id, last)]);
    assert!(table.take_touched().is_empty());
    assert!(!is_accepted(&mut table, &used, clocks.after(HOUR)));
    assert!(table.take_touched().is_empty(), "a refusal is no use");
}

#[test]
fn the_list_has_the_users_live_sessions_the_last_used_first() {
    let clocks = Clocks::start();
    let mut table = table(HOUR, 100, clocks.0);
    let first = login(&mut table, "ada", clocks.0);
    let second = login(&mut table, "ada", clocks.after(MINUTE));
    login(&mut table, "grace", clocks.0);
    let ids = |table: &SessionTable, now| -> Vec<SessionId> {
        table.list("ada", now).iter().map(|s| s.id).collect()
    };
    let (a, b) = (first.session.id, second.session.id);
    assert_eq!(ids(&table, clocks.after(2 * MINUTE)), [b, a]);
    assert!(is_accepted(&mut table, &first, clocks.after(2 * MINUTE)));
    assert_eq!(ids(&table, clocks.after(2 * MINUTE)), [a, b]);
    assert_eq!(ids(&table, clocks.after(HOUR)), [b]);
}

#[test]
fn debug_output_shows_no_token_hash_and_no_cookie() {
    let now = Clocks::start().0;
    let mut table = table(HOUR, 100, now);
    let issued = login(&mut table, "ada", now);
    let shown = format!("{issued:?}");
    assert!(
        shown.contains("ada") && !shown.contains("token_hash"),
        "{shown}"
    );
    assert!(!shown.contains(issued.cookie_value.expose()));
    let hash = format!("{:?}", issued.session.token_hash);
    assert!(!format!("{table:?}").contains(&hash[1..hash.len() - 1]));
}

proptest! {
    #[test]
    fn no_session_outlives_its_ttl_whatever_the_wall_clock_does(
        ttl_ms in 1..100_000u64,
        steps in prop::collection::vec((0..20_000u64, -50_000..50_000i64), 1..20),
    ) {
        let clocks = Clocks::start();
        let ttl = Duration::from_millis(ttl_ms);
        let mut table = table(ttl, 100, clocks.0);
        let issued = login(&mut table, "ada", clocks.0);
        let mut now = clocks.0;
        for (passed, step) in steps {
            now.monotonic += Duration::from_millis(passed);
            let wall = now.wall.as_millis() + i64::try_from(passed).unwrap() + step;
            now.wall = Timestamp::from_millis(wall);
            if is_accepted(&mut table, &issued, now) {
                prop_assert!(now.monotonic - clocks.0.monotonic < ttl);
                prop_assert!(now.wall < issued.session.expires_at);
            }
        }
    }
}
