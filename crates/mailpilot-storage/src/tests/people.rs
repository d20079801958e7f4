//! Administrator, sessions, keys, accounts, settings.

use mailpilot_permissions::PermissionSet;
use mailpilot_sessions::{Session, SessionId};

use super::*;
use crate::{AccountOverlay, Administrator, Created, StoredKey};

fn session(id: u8, username: &str) -> Session {
    Session {
        id: id_of(id),
        token_hash: [id; 32],
        username: username.into(),
        created_at: at(NOW),
        expires_at: at(NOW + 1_000),
        last_used_at: at(NOW),
        client_address: "2001:db8::1".into(),
        user_agent: "curl/8 \"x\"".into(),
    }
}

fn id_of(id: u8) -> SessionId {
    format!("{id:016x}").parse().unwrap()
}

async fn ids(store: &Storage) -> Vec<SessionId> {
    store
        .load_sessions()
        .await
        .unwrap()
        .into_iter()
        .map(|s| s.id)
        .collect()
}

#[tokio::test]
async fn of_concurrent_first_visitors_exactly_one_becomes_administrator() {
    for _ in 0..20 {
        let f = Fixture::new().await;
        let mut tasks = tokio::task::JoinSet::new();
        for i in 0..20 {
            let store = f.store.clone();
            tasks.spawn(async move {
                (
                    i,
                    store
                        .create_administrator(format!("user{i}"), "hash".into())
                        .await
                        .unwrap(),
                )
            });
        }
        let mut winners = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (i, created) = done.unwrap();
            if created == Created::Now {
                winners.push(format!("user{i}"));
            }
        }
        let stored = f.store.administrator().await.unwrap().map(|a| a.username);
        assert_eq!(winners, Vec::from_iter(stored));
        assert_eq!(winners.len(), 1);
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let f = Fixture::new().await;
    assert_eq!(f.store.administrator().await.unwrap(), None);
    assert!(
        !f.store
            .set_password("ann".into(), "h".into(), None)
            .await
            .unwrap()
    );
    f.store
        .create_administrator("ann".into(), "h1".into())
        .await
        .unwrap();
    for id in 1..4 {
        f.store.save_session(session(id, "ann")).await.unwrap();
    }
    assert!(
        !f.store
            .set_password("bob".into(), "h2".into(), None)
            .await
            .unwrap()
    );
    assert_eq!(ids(&f.store).await.len(), 3);
    assert!(
        f.store
            .set_password("ann".into(), "h2".into(), Some(id_of(2)))
            .await
            .unwrap()
    );
    assert_eq!(ids(&f.store).await, [id_of(2)]);
    let expected = Administrator {
        username: "ann".into(),
        password_hash: "h2".into(),
    };
    assert_eq!(f.store.administrator().await.unwrap(), Some(expected));
    assert!(
        f.store
            .set_password("ann".into(), "h3".into(), None)
            .await
            .unwrap()
    );
    assert_eq!(ids(&f.store).await, []);
}

#[tokio::test]
async fn sessions_survive_a_restart_and_remember_their_use() {
    let f = Fixture::new().await;
    for id in 1..4 {
        f.store.save_session(session(id, "ann")).await.unwrap();
    }
    let used = vec![
        (id_of(1), at(NOW + 5)),
        (id_of(2), at(NOW - 5)),
        (id_of(9), at(NOW)),
    ];
    f.store.touch_sessions(used).await.unwrap();
    assert_eq!(
        f.store
            .delete_sessions(vec![id_of(3), id_of(9)])
            .await
            .unwrap(),
        1
    );
    let f = f.reopened().await;
    let touched = Session {
        last_used_at: at(NOW + 5),
        ..session(1, "ann")
    };
    assert!(f.store.load_sessions().await.unwrap() == [touched, session(2, "ann")]);
}

#[tokio::test]
async fn a_key_name_is_taken_once() {
    let f = Fixture::new().await;
    let key = |name: &str, byte| StoredKey {
        name: name.into(),
        sha256: [byte; 32],
        permissions: ["read:*", "write:stats"]
            .iter()
            .filter_map(|n| n.parse().ok())
            .collect(),
        created_at: at(NOW),
        expires_at: (byte == 1).then_some(at(NOW + 1)),
    };
    let none = StoredKey {
        permissions: PermissionSet::NONE,
        ..key("b", 2)
    };
    assert!(f.store.insert_key(key("a", 1)).await.unwrap());
    assert!(!f.store.insert_key(key("a", 3)).await.unwrap());
    assert!(f.store.insert_key(none.clone()).await.unwrap());
    let used = vec![
        ("a".into(), at(5)),
        ("config".into(), at(6)),
        ("a".into(), at(4)),
    ];
    f.store.touch_keys(used).await.unwrap();
    let f = f.reopened().await;
    assert_eq!(f.store.keys().await.unwrap(), [key("a", 1), none]);
    let uses = f.store.key_uses().await.unwrap();
    assert_eq!(
        uses.into_iter().collect::<Vec<_>>(),
        [("a".into(), at(5)), ("config".into(), at(6))]
    );
    assert!(f.store.delete_key("a".into()).await.unwrap());
    assert!(!f.store.delete_key("a".into()).await.unwrap());
    assert_eq!(f.store.key_uses().await.unwrap().len(), 1);
}

#[tokio::test]
async fn overlays_pauses_and_settings_survive_a_restart() {
    let f = Fixture::new().await;
    let overlay = |settings: &str| AccountOverlay {
        name: name("a"),
        settings: settings.into(),
    };
    f.store.put_overlay(overlay("{}")).await.unwrap();
    f.store.put_overlay(overlay("{\"x\":1}")).await.unwrap();
    for (account, paused) in [
        ("a", true),
        ("a", true),
        ("b", true),
        ("b", false),
        ("c", false),
    ] {
        f.store.set_paused(name(account), paused).await.unwrap();
    }
    f.store.put_setting("k", "1").await.unwrap();
    f.store.put_setting("k", "2").await.unwrap();
    f.store
        .append_activity(vec![mail("known", "m")])
        .await
        .unwrap();
    let f = f.reopened().await;
    assert_eq!(f.store.overlays().await.unwrap(), [overlay("{\"x\":1}")]);
    let decided = f.store.paused().await.unwrap();
    assert_eq!(
        Vec::from_iter(decided),
        [(name("a"), true), (name("b"), false), (name("c"), false)]
    );
    f.store.forget_pause(name("a")).await.unwrap();
    let decided = f.store.paused().await.unwrap();
    assert_eq!(
        Vec::from_iter(decided),
        [(name("b"), false), (name("c"), false)]
    );
    assert_eq!(f.store.setting("k").await.unwrap().as_deref(), Some("2"));
    assert_eq!(f.store.setting("other").await.unwrap(), None);
    assert_eq!(
        Vec::from_iter(f.store.known_accounts().await.unwrap()),
        [name("known")]
    );
    assert!(f.store.delete_overlay(name("a")).await.unwrap());
    assert!(!f.store.delete_overlay(name("a")).await.unwrap());
}

#[test]
fn nothing_secret_is_printed() {
    let texts = [
        format!(
            "{:?}",
            AccountOverlay {
                name: name("a"),
                settings: "secret".into()
            }
        ),
        format!(
            "{:?}",
            Administrator {
                username: "ann".into(),
                password_hash: "secret".into()
            }
        ),
        format!("{:?}", session(0xab, "ann")),
    ];
    for text in texts {
        assert!(
            !text.contains("secret") && !text.contains("171, 171"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_renewed_hash_ends_no_session() {
    let f = Fixture::new().await;
    f.store
        .create_administrator("ann".into(), "h1".into())
        .await
        .unwrap();
    f.store.save_session(session(1, "ann")).await.unwrap();
    for (user, old, renewed) in [
        ("bob", "h1", false),
        ("ann", "h0", false),
        ("ann", "h1", true),
    ] {
        let answer = f
            .store
            .renew_password_hash(user.into(), old.into(), "h2".into())
            .await;
        assert_eq!(answer.unwrap(), renewed);
    }
    let stored = f.store.administrator().await.unwrap();
    assert_eq!(stored.map(|a| a.password_hash).as_deref(), Some("h2"));
    assert_eq!(ids(&f.store).await, [id_of(1)]);
}
