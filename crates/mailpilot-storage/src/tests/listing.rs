//! Pages, filters and search against a plain list.

use proptest::prelude::*;

use super::*;
use crate::{Cursor, Outcome};

/// Texts that are awkward for search: wildcards, quotes, other scripts, cases that change length.
const WORDS: [&str; 16] = [
    "Invoice",
    "INVOICE",
    "in%voice",
    "a_b",
    "\"quoted\"",
    "back\\slash",
    "Straße",
    "STRASSE",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "日本語です",
    "İstanbul",
    "nul\0nul",
    "OR NOT (",
    "\u{1}\u{2}x",
    "🦀🦀🦀",
];

fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

fn matches(entry: &ActivityEntry, filter: &ActivityFilter) -> bool {
    let mail = &entry.activity;
    let holds = |text: &str, part: &str| fold(text).contains(&fold(part));
    let fields = [
        Some(&mail.message_id),
        mail.subject.as_ref(),
        mail.from.as_ref(),
    ];
    filter
        .account
        .as_ref()
        .is_none_or(|account| *account == mail.account)
        && filter
            .outcome
            .is_none_or(|o| (o == Outcome::Failed) == mail.error.is_some())
        && (filter.actions.is_empty()
            || mail
                .actions
                .iter()
                .any(|action| filter.actions.contains(&action.kind)))
        && filter.from.is_none_or(|from| entry.created_at >= from)
        && filter.to.is_none_or(|to| entry.created_at <= to)
        && filter
            .search
            .as_ref()
            .is_none_or(|part| fields.into_iter().flatten().any(|text| holds(text, part)))
}

fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(WORDS.to_vec()).prop_map(String::from);
    prop_oneof![3 => known, 1 => "\\PC{0,6}"]
}

fn entry() -> impl Strategy<Value = Activity> {
    let kinds = prop::collection::vec(0_u8..3, 0..3);
    let text = || prop::option::of((word(), word()).prop_map(|(a, b)| format!("{a} {b}")));
    (
        0_u8..3,
        0_i64..8,
        any::<bool>(),
        kinds,
        word(),
        text(),
        text(),
    )
        .prop_map(
            |(account, ago, failed, kinds, id, subject, from)| Activity {
                created_at: Some(at(NOW - ago)),
                error: failed.then(|| "no".into()),
                actions: kinds.iter().map(|k| action(&format!("k{k}"))).collect(),
                subject,
                from,
                ..mail(&format!("a{account}"), &id)
            },
        )
}

fn filter() -> impl Strategy<Value = ActivityFilter> {
    let outcome = prop::sample::select(vec![None, None, Some(Outcome::Ok), Some(Outcome::Failed)]);
    let part = prop::option::of(
        (word(), 0_usize..4, 3_usize..9).prop_map(|(word, skip, take)| {
            let part: String = word.chars().skip(skip).take(take).collect();
            if part.chars().count() < 3 {
                "oic".into()
            } else {
                part
            }
        }),
    );
    (
        prop::option::of(0_u8..4),
        prop::collection::vec(0_u8..4, 0..3),
        outcome,
        part,
        prop::option::of(0_i64..8),
        prop::option::of(0_i64..8),
    )
        .prop_map(
            |(account, kinds, outcome, search, from, to)| ActivityFilter {
                account: account.map(|a| name(&format!("a{a}"))),
                actions: kinds.iter().map(|k| format!("k{k}")).collect(),
                outcome,
                search,
                from: from.map(|ago| at(NOW - ago)),
                to: to.map(|ago| at(NOW - ago)),
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn pages_hold_every_matching_entry_once_and_in_order(
        entries in prop::collection::vec(entry(), 1..60),
        filters in prop::collection::vec(filter(), 12),
        size in 1_u32..20,
        indexed in any::<bool>(),
        removed in prop::collection::vec(1_i64..60, 0..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let f = Fixture::new().await;
            let ids = f.store.append_activity(entries.clone()).await.unwrap();
            if indexed {
                f.store.catch_up().await.unwrap();
            }
            for id in &removed {
                f.store.delete_activity(*id).await.unwrap();
            }
            let mut model: Vec<ActivityEntry> = ids.into_iter().zip(entries)
                .filter(|(id, _)| !removed.contains(id))
                .map(|(id, activity)| ActivityEntry { id, created_at: activity.created_at.unwrap(), activity })
                .collect();
            model.sort_by_key(|e| std::cmp::Reverse((e.created_at, e.id)));
            for filter in filters {
                let expected: Vec<&ActivityEntry> = model.iter().filter(|e| matches(e, &filter)).collect();
                let found = all(&f.store, &filter, size).await;
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
                for found in f.store.ids_by_way(&filter).await.into_iter().flatten() {
                    assert_eq!(found, expected.iter().map(|e| e.id).collect::<Vec<_>>(), "{filter:?}");
                }
                let page = f.store.activity_page(&filter, PageRequest { size, start: PageStart::Number(2) });
                let page = page.await.unwrap();
                let second: Vec<_> = expected.iter().skip(size as usize).take(size as usize).copied().collect();
                assert_eq!(page.items.iter().collect::<Vec<_>>(), second, "{filter:?}");
                assert_eq!((page.total, page.total_is_lower_bound), (expected.len() as u64, false));
                assert_eq!(f.store.count_all_activity(&filter).await.unwrap(), page.total, "{filter:?}");
                let mut rows = f.store.export_activity(filter.clone(), Some(7));
                let mut exported = Vec::new();
                while let Some(batch) = rows.next().await.unwrap() {
                    exported.extend(batch);
                }
                assert_eq!(exported.iter().collect::<Vec<_>>(), expected.iter().take(7).copied().collect::<Vec<_>>());
            }
        });
    }
}

async fn many(f: &Fixture, count: i64) {
    let entry = |i: i64| Activity {
        created_at: Some(at(NOW - i / 3)),
        subject: Some(format!("common subject {i}")),
        actions: vec![
            action(if i % 2 == 0 { "even" } else { "odd" }),
            action("any"),
        ],
        ..mail(if i % 5 == 0 { "fifth" } else { "rest" }, "m")
    };
    f.store
        .append_activity((0..count).map(entry).collect())
        .await
        .unwrap();
}

#[tokio::test]
async fn totals_are_exact_to_ten_thousand_and_then_say_so() {
    let f = Fixture::new().await;
    many(&f, 12_600).await;
    f.store.catch_up().await.unwrap();
    let search = |text: &str| ActivityFilter {
        search: Some(text.into()),
        ..ActivityFilter::default()
    };
    let actions = |kinds: &[&str]| ActivityFilter {
        actions: kinds.iter().map(ToString::to_string).collect(),
        ..ActivityFilter::default()
    };
    let fifth = ActivityFilter {
        account: Some(name("fifth")),
        ..ActivityFilter::default()
    };
    let cases = [
        (ActivityFilter::default(), 12_600, true),
        (fifth.clone(), 2_520, false),
        (actions(&["even"]), 6_300, false),
        (actions(&["any"]), 12_600, true),
        (actions(&["even", "any"]), 12_600, true),
        (search("common"), 12_600, true),
        (search("JECT 125"), 111, false),
        (search("nowhere"), 0, false),
        (
            ActivityFilter {
                to: Some(at(NOW - 100)),
                ..search("common")
            },
            12_300,
            true,
        ),
        (
            ActivityFilter {
                search: Some("common".into()),
                ..fifth
            },
            2_520,
            false,
        ),
    ];
    for (filter, exact, more) in cases {
        let total = exact.min(10_000);
        for _ in 0..2 {
            let page = f.store.activity_page(&filter, first(200)).await.unwrap();
            assert_eq!(
                (page.total, page.total_is_lower_bound),
                (total, more),
                "{filter:?}"
            );
            let counted = f.store.count_all_activity(&filter).await.unwrap();
            assert_eq!(counted, exact, "{filter:?}");
        }
    }
    for filter in [
        ActivityFilter::default(),
        search("common"),
        actions(&["odd", "even"]),
    ] {
        let mut ids: Vec<i64> = all(&f.store, &filter, 200)
            .await
            .iter()
            .map(|e| e.id)
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=12_600).collect::<Vec<_>>(), "{filter:?}");
        let start = PageStart::Number(63);
        let page = f
            .store
            .activity_page(&filter, PageRequest { size: 200, start })
            .await
            .unwrap();
        assert_eq!((page.items.len(), page.next), (200, None));
        let start = PageStart::Number(10_000);
        let page = f
            .store
            .activity_page(&filter, PageRequest { size: 200, start })
            .await
            .unwrap();
        assert_eq!((page.items.len(), page.next), (0, None));
    }
}

#[tokio::test]
async fn a_search_is_exact_where_the_index_proposes_much_that_the_dates_leave_out() {
    let f = Fixture::new().await;
    // More proposals outside the range than are looked at in the index's order; few inside.
    let entry = |i: i64| Activity {
        created_at: Some(at(NOW - i)),
        subject: Some(
            if i > 10_500 || i % 1_000 == 0 {
                "common"
            } else {
                "other"
            }
            .into(),
        ),
        ..mail("a", "m")
    };
    let entries: Vec<Activity> = (0..63_000).rev().map(entry).collect();
    for some in entries.chunks(8_000) {
        f.store.append_activity(some.to_vec()).await.unwrap();
    }
    f.store.catch_up().await.unwrap();
    let filter = ActivityFilter {
        search: Some("COMMON".into()),
        from: Some(at(NOW - 10_500)),
        ..ActivityFilter::default()
    };
    for size in [3, 200] {
        let page = f.store.activity_page(&filter, first(size)).await.unwrap();
        assert_eq!((page.total, page.total_is_lower_bound), (11, false));
        assert_eq!(all(&f.store, &filter, size).await.len(), 11);
    }
    let [proposed, walked] = f.store.ids_by_way(&filter).await;
    assert_eq!((proposed, walked.unwrap().len()), (None, 11));
}

#[tokio::test]
async fn counts_that_are_remembered_follow_what_is_added_and_removed() {
    let f = Fixture::new().await;
    let filter = ActivityFilter {
        search: Some("sub".into()),
        ..ActivityFilter::default()
    };
    for i in 1..4_u64 {
        let entry = Activity {
            subject: Some("subject".into()),
            ..mail("a", "m")
        };
        f.store.append_activity(vec![entry]).await.unwrap();
        assert_eq!(f.store.count_activity(&filter).await.unwrap().total, i);
    }
    f.store.delete_activity(2).await.unwrap();
    assert_eq!(f.store.count_activity(&filter).await.unwrap().total, 2);
}

#[tokio::test]
async fn a_search_of_fewer_than_three_characters_is_refused() {
    let f = Fixture::new().await;
    for text in ["", "a", "日本"] {
        let filter = ActivityFilter {
            search: Some(text.into()),
            ..ActivityFilter::default()
        };
        let answer = f.store.activity_page(&filter, first(10)).await;
        assert!(
            matches!(answer, Err(StorageError::SearchTooShort)),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_cursor_needs_no_row_at_its_place() {
    let f = Fixture::new().await;
    many(&f, 10).await;
    let start = PageStart::After(Cursor {
        at: at(NOW - 1),
        id: i64::MAX,
    });
    let page = f
        .store
        .activity_page(&ActivityFilter::default(), PageRequest { size: 2, start })
        .await
        .unwrap();
    assert_eq!(page.items.iter().map(|e| e.id).collect::<Vec<_>>(), [6, 5]);
}

#[tokio::test]
async fn a_query_whose_caller_went_away_does_not_keep_a_reader() {
    let f = Fixture::new().await;
    many(&f, 2_000).await;
    for _ in 0..200 {
        let store = f.store.clone();
        let task = tokio::spawn(async move { all(&store, &ActivityFilter::default(), 1).await });
        tokio::task::yield_now().await;
        task.abort();
    }
    assert_eq!(
        all(&f.store, &ActivityFilter::default(), 200).await.len(),
        2_000
    );
}
