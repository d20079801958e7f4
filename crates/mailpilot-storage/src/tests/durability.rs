//! What is there after a crash, and what is refused at start.

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::*;
use crate::Created;

/// Everything under `from`, as a power cut would leave it.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_at_once() {
    let f = Fixture::new().await;
    let crashed = tempfile::tempdir().unwrap();
    for i in 0..20 {
        f.store
            .append_activity(vec![mail("a", &i.to_string())])
            .await
            .unwrap();
    }
    f.store
        .create_administrator("ann".into(), "h".into())
        .await
        .unwrap();
    let target = Fixture::settings(&crashed).path;
    copy_files(f.path().parent().unwrap(), target.parent().unwrap());
    let settings = Fixture::settings(&crashed);
    let after = Fixture::with(crashed, settings).await;
    assert_eq!(after.store.totals()["a"].emails, 20);
    assert_eq!(
        all(&after.store, &ActivityFilter::default(), 50)
            .await
            .len(),
        20
    );
    let again = after
        .store
        .create_administrator("eve".into(), "h".into())
        .await
        .unwrap();
    assert_eq!(again, Created::AlreadyThere);
    after.store.check_integrity().await.unwrap();
}

#[tokio::test]
async fn dropping_the_store_without_closing_loses_nothing_and_frees_the_file() {
    let f = Fixture::new().await;
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    let Fixture { folder, store, .. } = f;
    drop(store);
    let settings = Fixture::settings(&folder);
    let f = Fixture::with(folder, settings).await;
    assert_eq!(f.store.totals()["a"].emails, 1);
}

#[tokio::test]
async fn a_closed_store_answers_that_it_is_closed() {
    let f = Fixture::new().await;
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    f.store.close().await.unwrap();
    f.store.close().await.unwrap();
    let answer = f.store.append_activity(vec![mail("a", "2")]).await;
    assert!(matches!(answer, Err(StorageError::ShuttingDown)));
    assert!(matches!(
        f.store.activity(1).await,
        Err(StorageError::ShuttingDown)
    ));
    assert!(matches!(
        f.store.catch_up().await,
        Err(StorageError::ShuttingDown)
    ));
    assert!(!f.path().with_extension("db-wal").exists());
}

#[tokio::test]
async fn closing_answers_every_write_that_was_queued() {
    let f = Fixture::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..200 {
        let store = f.store.clone();
        tasks.spawn(async move { store.append_activity(vec![mail("a", &i.to_string())]).await });
    }
    tokio::task::yield_now().await;
    f.store.close().await.unwrap();
    let mut stored = 0;
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => stored += 1,
            Err(error) => assert!(matches!(error, StorageError::ShuttingDown), "{error}"),
        }
    }
    let settings = Fixture::settings(&f.folder);
    let f = Fixture::with(f.folder, settings).await;
    assert_eq!(f.store.totals().get("a").map_or(0, |t| t.emails), stored);
}

#[tokio::test]
async fn a_second_server_on_the_file_is_refused() {
    let f = Fixture::new().await;
    let error = f.open_error().await;
    assert!(matches!(error, StorageError::InUse { .. }), "{error}");
    assert!(
        error.to_string().contains("another server is using"),
        "{error}"
    );
    f.store.health().await.unwrap();
}

#[tokio::test]
async fn nobody_else_may_read_the_files() {
    let f = Fixture::new().await;
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    let data = f.path();
    let data = data.parent().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(data).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    let expected = [
        "mailpilot.db",
        "mailpilot.db-shm",
        "mailpilot.db-wal",
        "mailpilot.db.created",
        "mailpilot.db.lock",
    ];
    assert_eq!(names, expected);
}

type Spoil = fn(&Path);

/// Makes a store, closes it, spoils it, and gives what opening it says.
async fn spoiled(spoil: impl FnOnce(&Path)) -> StorageError {
    let f = Fixture::new().await;
    let entries = (0..2_000).map(|i| mail("a", &i.to_string())).collect();
    f.store.append_activity(entries).await.unwrap();
    f.store.close().await.unwrap();
    spoil(&f.path());
    let before = fs::read(f.path()).ok();
    let error = f.open_error().await;
    assert!(
        fs::read(f.path()).ok() == before,
        "a refused database was changed"
    );
    error
}

fn overwrite(path: &Path, place: u64, bytes: &[u8]) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(place)).unwrap();
    file.write_all(bytes).unwrap();
}

#[tokio::test]
async fn a_lost_or_emptied_database_is_never_made_anew() {
    let error = spoiled(|path| fs::remove_file(path).unwrap()).await;
    assert!(matches!(error, StorageError::Lost { .. }), "{error}");
    let error = spoiled(|path| drop(File::create(path).unwrap())).await;
    assert!(matches!(error, StorageError::Lost { .. }), "{error}");
}

#[tokio::test]
async fn a_database_without_its_tables_is_not_made_anew() {
    let error = spoiled(|path| {
        fs::remove_file(path).unwrap();
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.execute_batch("PRAGMA auto_vacuum = 2; PRAGMA journal_mode = WAL; VACUUM")
            .unwrap();
    })
    .await;
    assert!(matches!(error, StorageError::Lost { .. }), "{error}");
    let error = spoiled(|path| {
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.pragma_update(None, "user_version", 0).unwrap();
    })
    .await;
    assert!(matches!(error, StorageError::Lost { .. }), "{error}");
}

#[tokio::test]
async fn the_main_file_carries_the_tables_and_the_administrator_by_itself() {
    let f = Fixture::new().await;
    let copied = || -> i64 {
        let copy = f.folder.path().join("copy.db");
        fs::copy(f.path(), &copy).unwrap();
        rusqlite::Connection::open(&copy)
            .unwrap()
            .query_row("SELECT count(*) FROM administrator", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(copied(), 0);
    f.store
        .create_administrator("ann".into(), "h".into())
        .await
        .unwrap();
    // The log is emptied right after that answer, before the next write.
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    assert_eq!(copied(), 1);
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_file_is_away() {
    let f = Fixture::new().await;
    let away = f.folder.path().join("away.db");
    fs::rename(f.path(), &away).unwrap();
    let answer = f.store.append_activity(vec![mail("a", "1")]).await;
    assert!(
        matches!(answer, Err(StorageError::Lost { .. })),
        "{answer:?}"
    );
    fs::rename(&away, f.path()).unwrap();
    f.store.append_activity(vec![mail("a", "2")]).await.unwrap();
    assert_eq!(f.store.totals()[&name("a")].emails, 1);
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let spoils: [(&str, Spoil); 6] = [
        ("header", |path| {
            overwrite(path, 0, b"not a database at all")
        }),
        ("text", |path| fs::write(path, "hello").unwrap()),
        ("first page", |path| overwrite(path, 100, &[0xff; 900])),
        ("page", |path| overwrite(path, 8 * 4_096, &[0xff; 4_096])),
        ("cut", |path| {
            OpenOptions::new()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(20 * 4_096)
                .unwrap()
        }),
        ("cut odd", |path| {
            OpenOptions::new()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(5_000)
                .unwrap()
        }),
    ];
    for (what, spoil) in spoils {
        let error = spoiled(spoil).await;
        assert!(
            matches!(error, StorageError::Corrupt { .. }),
            "{what}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_database_of_a_newer_server_or_another_program_is_refused() {
    let change = |sql: &'static str| {
        move |path: &Path| {
            rusqlite::Connection::open(path)
                .unwrap()
                .execute_batch(sql)
                .unwrap()
        }
    };
    let error = spoiled(change("PRAGMA user_version = 99")).await;
    assert!(
        matches!(error, StorageError::TooNew { found: 99, .. }),
        "{error}"
    );
    let error = spoiled(change("PRAGMA application_id = 7")).await;
    assert!(matches!(error, StorageError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_file_without_a_marker_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Fixture::settings(&folder);
    fs::create_dir(settings.path.parent().unwrap()).unwrap();
    drop(File::create(&settings.path).unwrap());
    let f = Fixture::with(folder, settings).await;
    f.store.health().await.unwrap();
}

#[tokio::test]
async fn a_job_that_fails_in_a_batch_fails_alone() {
    let f = Fixture::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..300_i64 {
        let store = f.store.clone();
        tasks.spawn(async move {
            let outcome = store
                .write("try", move |tx| {
                    // A name of its own, so that what is remembered of it has to be forgotten.
                    let account = name(&format!("a{i}"));
                    tx.names.account(tx.conn, &account)?;
                    if i % 3 == 0 {
                        tx.conn.execute(
                            "INSERT INTO account (id, name, series) VALUES (1, NULL, 0)",
                            [],
                        )?;
                    }
                    Ok(())
                })
                .await;
            assert_eq!(outcome.is_err(), i % 3 == 0, "{outcome:?}");
            if outcome.is_err() {
                let ids = store
                    .append_activity(vec![mail(&format!("a{i}"), "m")])
                    .await
                    .unwrap();
                assert_eq!(ids.len(), 1);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(f.store.known_accounts().await.unwrap().len(), 300);
    assert_eq!(f.store.totals().len(), 100);
    f.store.health().await.unwrap();
}

#[tokio::test]
async fn large_jobs_do_not_all_wait_for_one_commit() {
    let f = Fixture::new().await;
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let mut tasks = tokio::task::JoinSet::new();
    let store = f.store.clone();
    tasks.spawn(async move {
        let wait = store.write("wait", move |_| {
            wait.recv().ok();
            Ok(Vec::new())
        });
        wait.await
    });
    tokio::task::yield_now().await;
    for _ in 0..12 {
        let store = f.store.clone();
        tasks.spawn(async move { store.append_activity(vec![mail("a", "m"); 1_000]).await });
    }
    tokio::task::yield_now().await;
    drop(release);
    for ids in tasks.join_all().await {
        ids.unwrap();
    }
    assert_eq!(f.store.totals()["a"].emails, 12_000);
    let batches = f.told.batches.lock().unwrap().clone();
    assert_eq!(batches.iter().sum::<usize>(), 13);
    assert!(batches.iter().all(|jobs| *jobs <= 6), "{batches:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_and_writing_works_again_when_there_is_space() {
    let f = Fixture::new().await;
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    let limit = |pages: i64| {
        f.store.write("limit", move |tx| {
            tx.conn
                .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.unwrap();
    let large = Activity {
        reasoning: Some("x".repeat(3_000_000)),
        ..mail("a", "2")
    };
    let answer = f.store.append_activity(vec![large.clone()]).await;
    assert!(matches!(answer, Err(StorageError::Full)), "{answer:?}");
    assert!(matches!(f.store.health().await, Err(StorageError::Full)));
    assert_eq!(all(&f.store, &ActivityFilter::default(), 10).await.len(), 1);
    assert_eq!(f.store.totals()["a"].emails, 1);
    limit(1_000_000).await.unwrap();
    assert_eq!(f.store.append_activity(vec![large]).await.unwrap(), [2]);
    f.store.health().await.unwrap();
    assert_eq!(f.store.totals()["a"].emails, 2);
}

#[tokio::test]
async fn damage_found_while_running_is_told_until_the_next_start() {
    let f = Fixture::new().await;
    f.store.append_activity(vec![mail("a", "1")]).await.unwrap();
    let error = StorageError::Corrupt {
        path: f.path(),
        what: "a page".into(),
    };
    let answer = f
        .store
        .read("read", move |_| Err::<(), _>(error.into()))
        .await;
    assert!(matches!(answer, Err(StorageError::Corrupt { .. })));
    f.store.append_activity(vec![mail("a", "2")]).await.unwrap();
    assert!(matches!(
        f.store.health().await,
        Err(StorageError::Corrupt { .. })
    ));
    f.reopened().await.store.health().await.unwrap();
}
