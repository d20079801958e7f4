//! Entries go in and come out as they were, once each.

use std::time::Duration;

use mailpilot_engine::Action;

use super::*;

fn full() -> Activity {
    Activity {
        message_id: "<1@example.org>".into(),
        account: name("personal"),
        actions: vec![
            Action {
                kind: "move".into(),
                folder: Some("Archive \"2026\"".into()),
                flags: vec!["\\Seen".into(), "x".into()],
                reason: Some("old\n".into()),
            },
            action("flag"),
            action("move"),
        ],
        subject: Some("Grüße, 日本語 \0 '; DROP".into()),
        from: Some("a@b.example".into()),
        llm_provider: Some("local".into()),
        llm_model: Some("m".into()),
        confidence: Some(0.25),
        reasoning: Some("because".into()),
        duration: Some(Duration::from_nanos(1_500_000_001)),
        error: None,
        created_at: Some(at(NOW - 5)),
        idempotency_key: Some("k1".into()),
    }
}

#[tokio::test]
async fn an_entry_comes_out_as_it_went_in() {
    let f = Fixture::new().await;
    let mut bare = mail("work", "m2");
    bare.error = Some("timeout".into());
    let ids = f
        .store
        .append_activity(vec![full(), bare.clone()])
        .await
        .unwrap();
    assert_eq!(ids, [1, 2]);
    let stored = f.store.activity(1).await.unwrap().unwrap();
    assert_eq!(
        (stored.id, stored.created_at, stored.activity),
        (1, at(NOW - 5), full())
    );
    let stored = f.store.activity(2).await.unwrap().unwrap();
    assert_eq!((stored.created_at, stored.activity), (at(NOW), bare));
    assert_eq!(f.store.activity(3).await.unwrap(), None);
    assert_eq!(f.told.texts(), ["activity 1,2"]);
}

#[tokio::test]
async fn subjects_and_senders_are_dropped_unless_they_may_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        audit_subjects: false,
        ..Fixture::settings(&folder)
    };
    let f = Fixture::with(folder, settings).await;
    f.store.append_activity(vec![full()]).await.unwrap();
    let stored = f.store.activity(1).await.unwrap().unwrap().activity;
    assert_eq!((stored.subject, stored.from), (None, None));
    let kept = StorageSettings {
        audit_subjects: true,
        ..StorageSettings::default()
    };
    f.store.reconfigure(kept);
    let again = Activity {
        idempotency_key: None,
        ..full()
    };
    f.store.append_activity(vec![again]).await.unwrap();
    let stored = f.store.activity(2).await.unwrap().unwrap().activity;
    assert_eq!(stored.subject, full().subject);
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_id_and_counts_nothing() {
    let f = Fixture::new().await;
    let other = Activity {
        account: name("work"),
        ..full()
    };
    let ids = f
        .store
        .append_activity(vec![full(), full(), other])
        .await
        .unwrap();
    assert_eq!(ids, [1, 1, 2]);
    assert_eq!(f.store.append_activity(vec![full()]).await.unwrap(), [1]);
    let totals = f.store.totals();
    assert_eq!((totals["personal"].emails, totals["work"].emails), (1, 1));
    assert_eq!(f.told.texts(), ["activity 1,2"]);
    assert_eq!(
        f.store
            .count_activity(&ActivityFilter::default())
            .await
            .unwrap()
            .total,
        2
    );
}

#[tokio::test]
async fn concurrent_writers_of_one_key_store_it_once() {
    let f = Fixture::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = f.store.clone();
        tasks.spawn(async move { store.append_activity(vec![full()]).await.unwrap() });
    }
    while let Some(ids) = tasks.join_next().await {
        assert_eq!(ids.unwrap(), [1]);
    }
    assert_eq!(f.store.totals()["personal"].emails, 1);
}

#[tokio::test]
async fn an_id_is_never_given_twice() {
    let f = Fixture::new().await;
    f.store
        .append_activity(vec![mail("a", "1"), mail("a", "2")])
        .await
        .unwrap();
    assert!(f.store.delete_activity(2).await.unwrap());
    assert!(!f.store.delete_activity(2).await.unwrap());
    let f = f.reopened().await;
    assert_eq!(
        f.store.append_activity(vec![mail("a", "3")]).await.unwrap(),
        [3]
    );
}

#[tokio::test]
async fn deleting_leaves_the_totals_alone() {
    let f = Fixture::new().await;
    let entries = (0..1_200).map(|i| Activity {
        created_at: Some(at(NOW - i)),
        actions: vec![action("move")],
        ..mail("a", "m")
    });
    f.store.append_activity(entries.collect()).await.unwrap();
    assert_eq!(
        f.store.delete_activity_before(at(NOW - 99)).await.unwrap(),
        1_100
    );
    let filters = [
        ActivityFilter::default(),
        ActivityFilter {
            account: Some(name("a")),
            ..ActivityFilter::default()
        },
        ActivityFilter {
            actions: vec!["move".into()],
            ..ActivityFilter::default()
        },
    ];
    for filter in filters {
        assert_eq!(
            f.store.count_activity(&filter).await.unwrap().total,
            100,
            "{filter:?}"
        );
        assert_eq!(all(&f.store, &filter, 30).await.len(), 100);
    }
    assert_eq!(f.store.totals()["a"].emails, 1_200);
    assert_eq!(f.store.totals()["a"].actions["move"], 1_200);
}

#[tokio::test]
async fn the_observer_hears_everything_in_the_order_of_commits() {
    let f = Fixture::new().await;
    for i in 0..5 {
        f.store
            .append_activity(vec![mail("a", &i.to_string())])
            .await
            .unwrap();
    }
    f.store.reset_stats(None).await.unwrap();
    let expected = [
        "activity 1",
        "activity 2",
        "activity 3",
        "activity 4",
        "activity 5",
        "reset None",
    ];
    assert_eq!(f.told.texts(), expected);
}
