//! Every YAML example of the product's documentation loads as it stands.

use std::time::Duration;

use super::{load, load_with};

const HOUR: Duration = Duration::from_secs(60 * 60);

const VARIABLES: &[(&str, &str)] = &[
    ("AUTH_TOKEN", "auth-token-of-the-server"),
    (
        "SESSION_SECRET",
        "c2Vzc2lvbiBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcw==",
    ),
    ("API_KEY", "mp_api_key_of_monitoring"),
    ("AUTOMATION_API_KEY", "mp_api_key_of_automation"),
    ("MONITORING_KEY", "mp_key_of_monitoring"),
    ("AUTOMATION_KEY", "mp_key_of_automation"),
];

fn permissions(loaded: &crate::Loaded) -> Vec<(&str, Vec<&'static str>)> {
    let keys = &loaded.settings.credentials.keys;
    keys.iter()
        .map(|key| (key.name.as_str(), key.permissions.names()))
        .collect()
}

#[test]
fn server_settings() {
    let loaded = load_with(
        "server:\n  port: 8080\n  auth_token: ${AUTH_TOKEN}\n",
        VARIABLES,
    );
    assert_eq!(loaded.settings.http.port, 8080);
    let token = loaded.settings.credentials.auth_token.unwrap();
    assert_eq!(token.expose(), "auth-token-of-the-server");
}

#[test]
fn dashboard_settings() {
    let loaded = load_with(
        "
dashboard:
  enabled: true
  session_secret: ${SESSION_SECRET}
  session_ttl: 24h
  api_keys:
    - name: monitoring
      key: ${API_KEY}
      permissions: [read:stats, read:activity]
",
        VARIABLES,
    );
    assert_eq!(
        permissions(&loaded),
        [("monitoring", vec!["read:stats", "read:activity"])]
    );
    assert_eq!(loaded.settings.sessions.ttl, 24 * HOUR);
    assert_eq!(
        loaded.settings.session_secret.unwrap().expose(),
        VARIABLES[1].1
    );
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn api_keys_with_the_sample_key_load_with_a_warning() {
    let loaded = load_with(
        "
dashboard:
  api_keys:
    - name: monitoring
      key: mp_1234567890abcdef
      permissions:
        - read:stats
        - read:activity
    - name: automation
      key: ${AUTOMATION_API_KEY}
      permissions:
        - read:*
        - write:stats
",
        VARIABLES,
    );
    assert_eq!(
        permissions(&loaded),
        [
            ("monitoring", vec!["read:stats", "read:activity"]),
            ("automation", vec!["read:*", "write:stats"])
        ]
    );
    let keys: Vec<_> = loaded
        .warnings
        .iter()
        .map(|warning| warning.key.as_str())
        .collect();
    assert_eq!(keys, ["dashboard.api_keys[0].key"]);
}

#[test]
fn session_ttl_with_a_comment_and_every_recommended_value() {
    let loaded = load("dashboard:\n  session_ttl: 24h # 24 hours\n");
    assert_eq!(loaded.settings.sessions.ttl, 24 * HOUR);
    for (text, hours) in [("7d", 168), ("30d", 720), ("4h", 4), ("8h", 8), ("1h", 1)] {
        let loaded = load(&format!("dashboard:\n  session_ttl: {text}\n"));
        assert_eq!(loaded.settings.sessions.ttl, hours * HOUR, "{text}");
        assert!(loaded.warnings.is_empty(), "{text}");
    }
    assert_eq!(
        load("dashboard: {session_ttl: 30m}").settings.sessions.ttl,
        HOUR / 2
    );
}

#[test]
fn session_secret() {
    let loaded = load_with(
        "dashboard:\n  session_secret: ${SESSION_SECRET}\n",
        VARIABLES,
    );
    assert!(loaded.settings.session_secret.is_some());
}

#[test]
fn default_and_custom_port() {
    assert_eq!(load("server:\n  port: 8080\n").settings.http.port, 8080);
    assert_eq!(load("server:\n  port: 3000\n").settings.http.port, 3000);
}

#[test]
fn token_based_auth() {
    let loaded = load_with("server:\n  auth_token: ${AUTH_TOKEN}\n", VARIABLES);
    assert!(loaded.settings.credentials.auth_token.is_some());
}

#[test]
fn disabled_authentication() {
    let loaded = load("dashboard:\n  enabled: true\n  # No auth_token or api_keys\n");
    assert!(loaded.settings.http.dashboard.enabled);
    assert!(
        loaded.settings.credentials.auth_token.is_none()
            && loaded.settings.credentials.keys.is_empty()
    );
}

#[test]
fn minimal_dashboard() {
    let loaded = load("server:\n  port: 8080\n\ndashboard:\n  enabled: true\n");
    assert!(loaded.settings.http.dashboard.enabled);
}

#[test]
fn production_setup() {
    let loaded = load_with(
        "
server:
  port: 8080
  auth_token: ${AUTH_TOKEN}

dashboard:
  enabled: true
  session_secret: ${SESSION_SECRET}
  session_ttl: 24h
  api_keys:
    - name: monitoring
      key: ${MONITORING_KEY}
      permissions: [read:stats, read:activity, read:logs]
    - name: automation
      key: ${AUTOMATION_KEY}
      permissions: [read:*, write:stats]
",
        VARIABLES,
    );
    assert_eq!(
        permissions(&loaded),
        [
            (
                "monitoring",
                vec!["read:stats", "read:activity", "read:logs"]
            ),
            ("automation", vec!["read:*", "write:stats"])
        ]
    );
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn development_setup() {
    let loaded = load(
        "
server:
  port: 3000  # Different port to avoid conflicts

dashboard:
  enabled: true
  session_ttl: 7d  # Long session for dev convenience
",
    );
    assert_eq!(
        (loaded.settings.http.port, loaded.settings.sessions.ttl),
        (3000, 7 * 24 * HOUR)
    );
}

#[test]
fn disabled_dashboard() {
    assert!(
        !load("dashboard:\n  enabled: false\n")
            .settings
            .http
            .dashboard
            .enabled
    );
}
