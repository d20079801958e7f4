//! Retention, logs, copies, health.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use mailpilot_engine::{LogLevel, LogRecord};

use super::*;
use crate::{LogEntry, LogFilter, backup_file, erase::What, writer::LOG_LIMIT};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn line(level: LogLevel, message: &str) -> LogRecord {
    LogRecord {
        timestamp: None,
        level,
        target: "mailpilot::Imap".into(),
        message: message.into(),
        account: None,
        fields: serde_json::Map::new(),
    }
}

async fn all_lines(store: &Storage, filter: &LogFilter) -> Vec<LogEntry> {
    let mut request = first(3);
    let mut found = Vec::new();
    loop {
        let page = store.log_page(filter, request).await.unwrap();
        found.extend(page.items);
        match page.next {
            Some(next) => request.start = PageStart::After(next),
            None => {
                assert_eq!(page.total, found.len() as u64, "{filter:?}");
                return found;
            }
        }
    }
}

#[tokio::test]
async fn retention_goes_by_arrival_and_leaves_the_totals_alone() {
    let f = Fixture::new().await;
    let old = |id: &str| Activity {
        created_at: Some(at(5)),
        ..mail("a", id)
    };
    f.store
        .append_activity((0..700).map(|i| old(&i.to_string())).collect())
        .await
        .unwrap();
    f.store
        .append_logs(vec![line(LogLevel::Info, "old")])
        .await
        .unwrap();
    f.store.catch_up().await.unwrap();
    f.clock.advance(DAY * 8);
    f.store.append_activity(vec![old("young")]).await.unwrap();
    f.store
        .append_logs(vec![line(LogLevel::Info, "young")])
        .await
        .unwrap();
    while f.store.retain().await.unwrap() {}
    assert_eq!(
        f.store
            .count_activity(&ActivityFilter::default())
            .await
            .unwrap()
            .total,
        701
    );
    let lines = all_lines(&f.store, &LogFilter::default()).await;
    assert_eq!(
        lines
            .iter()
            .map(|l| l.record.message.as_str())
            .collect::<Vec<_>>(),
        ["young"]
    );
    f.clock.advance(DAY * 23);
    while f.store.retain().await.unwrap() {}
    let left = all(&f.store, &ActivityFilter::default(), 200).await;
    assert_eq!(
        left.iter()
            .map(|e| e.activity.message_id.as_str())
            .collect::<Vec<_>>(),
        ["young"]
    );
    assert_eq!(f.store.totals()["a"].emails, 701);
    f.store.check_integrity().await.unwrap();
    assert_eq!(f.reopened().await.store.totals()["a"].emails, 701);
}

#[tokio::test]
async fn retention_goes_past_rows_from_the_future() {
    let f = Fixture::new().await;
    let append = async |id: &str, count: usize| {
        f.store
            .append_activity(vec![mail("a", id); count])
            .await
            .unwrap();
        f.store
            .append_logs(vec![line(LogLevel::Info, id); count])
            .await
            .unwrap();
    };
    f.clock.advance(DAY * 365);
    append("future", 2_500).await;
    f.clock.set(at(NOW));
    append("old", 100).await;
    f.clock.advance(DAY * 31);
    append("young", 1).await;
    for _ in 0..2 {
        while f.store.retain().await.unwrap() {}
        let left = all(&f.store, &ActivityFilter::default(), 200).await;
        let ids: Vec<&str> = left
            .iter()
            .map(|e| e.activity.message_id.as_str())
            .filter(|id| *id != "future")
            .collect();
        assert_eq!((left.len(), ids), (2_501, vec!["young"]));
        let lines = f.store.log_page(&LogFilter::default(), first(1)).await;
        assert_eq!(lines.unwrap().total, 2_501);
    }
}

#[tokio::test]
async fn a_large_deletion_leaves_what_arrives_later_and_outlives_its_request() {
    let f = Fixture::new().await;
    let old = |id: &str| Activity {
        created_at: Some(at(5)),
        ..mail("a", id)
    };
    f.store
        .append_activity((0..3_000).map(|i| old(&i.to_string())).collect())
        .await
        .unwrap();
    f.store
        .append_logs(vec![line(LogLevel::Info, "old"); 30_000])
        .await
        .unwrap();
    let before = Some(at(NOW + 1));
    for what in [What::Activity, What::Logs] {
        let removed = f
            .store
            .erase("remove", (what, before), Duration::ZERO)
            .await;
        assert!(removed.unwrap() > 0);
    }
    f.store.append_activity(vec![old("later")]).await.unwrap();
    f.store
        .append_logs(vec![line(LogLevel::Info, "later")])
        .await
        .unwrap();
    let f = f.reopened().await;
    while f.store.retain().await.unwrap() {}
    let left = all(&f.store, &ActivityFilter::default(), 200).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].activity.message_id, "later");
    let lines = all_lines(&f.store, &LogFilter::default()).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(f.store.totals()["a"].emails, 3_001);
    assert_eq!(f.store.delete_activity_before(at(NOW)).await.unwrap(), 1);
    f.store.check_integrity().await.unwrap();
}

#[tokio::test]
async fn log_lines_are_found_by_level_account_text_and_time() {
    let f = Fixture::new().await;
    let fields = serde_json::json!({"n": 1, "s": "x"})
        .as_object()
        .unwrap()
        .clone();
    let records: Vec<LogRecord> = (0..40_i64)
        .map(|i| LogRecord {
            timestamp: (i % 4 != 0).then_some(at(NOW - i / 2)),
            account: (i % 3 == 0).then(|| name("a")),
            fields: if i % 2 == 0 {
                fields.clone()
            } else {
                serde_json::Map::new()
            },
            ..line(
                LogLevel::ALL[i as usize % 5],
                if i % 7 == 0 { "Über 100%_\"" } else { "plain" },
            )
        })
        .collect();
    let ids = f.store.append_logs(records.clone()).await.unwrap();
    assert_eq!(ids, (1..=40).collect::<Vec<_>>());
    let mut model: Vec<LogEntry> = ids
        .into_iter()
        .zip(records)
        .map(|(id, record)| LogEntry {
            id,
            timestamp: record.timestamp.unwrap_or(at(NOW)),
            record,
        })
        .collect();
    model.sort_by_key(|l| std::cmp::Reverse((l.timestamp, l.id)));
    let levels = [None, Some(LogLevel::Trace), Some(LogLevel::Warn)];
    let searches = [
        None,
        Some("ÜBER 100%_\""),
        Some("imap"),
        Some("100%%"),
        Some("l"),
    ];
    for level in levels {
        for account in [None, Some(name("a")), Some(name("b"))] {
            for search in searches {
                for from in [None, Some(at(NOW - 9))] {
                    let filter = LogFilter {
                        level,
                        account: account.clone(),
                        search: search.map(Into::into),
                        from,
                        to: from.map(|_| at(NOW - 2)),
                    };
                    let holds = |text: &str| {
                        search.is_none_or(|s| text.to_lowercase().contains(&s.to_lowercase()))
                    };
                    let expected: Vec<&LogEntry> = model
                        .iter()
                        .filter(|l| level.is_none_or(|least| l.record.level >= least))
                        .filter(|l| account.is_none() || l.record.account == account)
                        .filter(|l| holds(&l.record.message) || holds(&l.record.target))
                        .filter(|l| from.is_none_or(|from| l.timestamp >= from))
                        .filter(|l| filter.to.is_none_or(|to| l.timestamp <= to))
                        .collect();
                    let found = all_lines(&f.store, &filter).await;
                    assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
                    let counted = f.store.log_levels(&filter).await.unwrap();
                    let of = |level| expected.iter().filter(|l| l.record.level == level).count();
                    for shown in LogLevel::ALL.into_iter().filter(|l| Some(*l) >= level) {
                        assert_eq!(counted.of(shown), of(shown) as u64, "{filter:?} {shown}");
                    }
                    assert!(!counted.cut_short);
                    if let Some(line) = expected.first() {
                        let read = f.store.log_line(line.id).await.unwrap();
                        assert_eq!(read.as_ref(), Some(*line));
                    }
                }
            }
        }
    }
    let old = model.iter().filter(|l| l.timestamp < at(NOW - 9)).count() as u64;
    assert_eq!(f.store.delete_logs(Some(at(NOW - 9))).await.unwrap(), old);
    assert_eq!(f.store.delete_logs(None).await.unwrap(), 40 - old);
    assert_eq!(all_lines(&f.store, &LogFilter::default()).await, []);
    assert_eq!(f.store.log_line(1).await.unwrap(), None);
}

#[tokio::test]
async fn levels_are_counted_to_ten_thousand_and_say_where_a_look_ended() {
    let f = Fixture::new().await;
    let few = |level, count| vec![line(level, "rare"); count];
    for level in [LogLevel::Error, LogLevel::Warn] {
        f.store.append_logs(few(level, 3)).await.unwrap();
    }
    for _ in 0..2 {
        let many = vec![line(LogLevel::Info, "plain"); 10_001];
        f.store.append_logs(many).await.unwrap();
    }
    let levels = async |search: Option<&str>, account| {
        let filter = LogFilter {
            search: search.map(Into::into),
            account,
            level: Some(LogLevel::Error),
            ..LogFilter::default()
        };
        let counted = f.store.log_levels(&filter).await.unwrap();
        (
            LogLevel::ALL.map(|level| counted.of(level)),
            counted.cut_short,
        )
    };
    assert_eq!(levels(None, None).await, ([0, 0, 10_000, 3, 3], false));
    assert_eq!(
        levels(Some("plain"), None).await,
        ([0, 0, 10_000, 0, 0], false)
    );
    assert_eq!(levels(Some("rare"), None).await, ([0, 0, 0, 3, 3], false));
    assert_eq!(levels(None, Some(name("a"))).await, ([0; 5], false));
    for _ in 0..4 {
        let more = vec![line(LogLevel::Debug, "plain"); 10_000];
        f.store.append_logs(more).await.unwrap();
    }
    assert_eq!(
        levels(Some("rare"), None).await,
        ([0, 0, 0, 3, 3], true),
        "the gravest are looked at first"
    );
}

#[tokio::test]
async fn a_copy_made_in_use_holds_everything_and_opens_by_itself() {
    let f = Fixture::new().await;
    f.store
        .append_activity(vec![mail("a", "1"), mail("a", "2")])
        .await
        .unwrap();
    let other = tempfile::tempdir().unwrap();
    let target = Fixture::settings(&other).path;
    std::fs::create_dir(target.parent().unwrap()).unwrap();
    f.store.backup(&target).await.unwrap();
    // As another process would do it, over an older copy.
    backup_file(&f.path(), &target).unwrap();
    assert_eq!(
        std::fs::metadata(&target).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::read_dir(target.parent().unwrap()).unwrap().count(),
        1
    );
    let settings = Fixture::settings(&other);
    let copy = Fixture::with(other, settings).await;
    assert_eq!(copy.store.totals()["a"].emails, 2);
    copy.store.check_integrity().await.unwrap();
}

#[tokio::test]
async fn there_is_nothing_to_copy_where_no_store_is() {
    let folder = tempfile::tempdir().unwrap();
    let answer = backup_file(
        &folder.path().join("none.db"),
        &folder.path().join("copy.db"),
    );
    assert!(matches!(answer, Err(StorageError::Io { .. })), "{answer:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_copy_of_a_locked_database_fails_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
    let conn = rusqlite::Connection::open(&from).unwrap();
    conn.execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE")
        .unwrap();
    let answer = backup_file(&from, &to);
    assert!(matches!(answer, Err(StorageError::Busy)), "{answer:?}");
    conn.execute_batch("ROLLBACK").unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn health_does_not_wait_behind_queries() {
    let f = Fixture::new().await;
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, wait) = (f.store.clone(), Arc::clone(&wait));
        tasks.spawn(async move {
            store
                .read("wait", move |_| {
                    wait.lock().unwrap().recv().ok();
                    Ok(())
                })
                .await
        });
    }
    tokio::task::yield_now().await;
    f.store.health().await.unwrap();
    assert!(f.store.size_bytes().await.unwrap() > 0);
    drop(release);
    assert_eq!(tasks.join_all().await.len(), 8);
}

#[tokio::test]
async fn the_write_ahead_log_is_emptied_when_readers_let_it() {
    let f = Fixture::new().await;
    let large = || Activity {
        reasoning: Some("x".repeat(3 << 20)),
        ..mail("a", "m")
    };
    let log = || {
        std::fs::metadata(f.path().with_extension("db-wal"))
            .unwrap()
            .len()
    };
    let reader = rusqlite::Connection::open(f.path()).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM activity")
        .unwrap();
    while log() <= LOG_LIMIT {
        f.store.append_activity(vec![large()]).await.unwrap();
    }
    reader.execute_batch("COMMIT").unwrap();
    for _ in 0..3 {
        f.store.append_activity(vec![large()]).await.unwrap();
    }
    assert!(log() < LOG_LIMIT / 2, "{}", log());
}

#[tokio::test]
async fn health_notices_a_database_that_was_taken_away() {
    let f = Fixture::new().await;
    f.store.health().await.unwrap();
    assert!(f.store.size_bytes().await.unwrap() > 0);
    let path = f.path();
    std::fs::rename(&path, path.with_extension("away")).unwrap();
    assert!(matches!(
        f.store.health().await,
        Err(StorageError::Lost { .. })
    ));
    std::fs::rename(path.with_extension("away"), &path).unwrap();
    f.store.health().await.unwrap();
}
