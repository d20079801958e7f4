//! The check of the installation: gathers the facts of the server and of this very request.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    answer::{self, Response},
    checks::{Check, Cure, Facts, KeyFacts, ReloadFacts, StoreFacts},
    error::ApiError,
    openapi::schemas,
    service::Call,
};

/// `GET /api/check`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Checks)]
pub(crate) struct ChecksView<'a> {
    checks: Vec<CheckView<'a>>,
}

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
struct CheckView<'a> {
    #[schema(value_type = schemas::CheckName)]
    name: &'static str,
    #[schema(value_type = schemas::Verdict)]
    verdict: &'static str,
    /// What was found, in one word; with `name` it tells findings apart.
    #[schema(pattern = "^[a-z][a-z_]*$")]
    state: &'static str,
    /// The facts behind it; texts, numbers, yes or no.
    #[schema(schema_with = schemas::scalars)]
    found: &'a Map<String, Value>,
    /// For people.
    message: &'a str,
    /// What to write into the configuration; null where it cannot help or need not.
    #[schema(required)]
    cure: Option<CureView<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cure)]
struct CureView<'a> {
    /// The key path.
    key: &'static str,
    /// To be merged into the configuration file.
    yaml: &'a str,
}

impl<'a> From<&'a Check> for CheckView<'a> {
    fn from(check: &'a Check) -> Self {
        Self {
            name: check.name,
            verdict: check.verdict.name(),
            state: check.state,
            found: &check.found,
            message: &check.message,
            cure: check
                .cure
                .as_ref()
                .map(|Cure { key, yaml }| CureView { key, yaml }),
        }
    }
}

pub(super) async fn answer(call: Call) -> Result<Response, ApiError> {
    call.query().finish()?;
    let app = &call.app;
    let storage = app.storage.settings();
    let works = app.pulse.beats(&app.storage).await;
    // A store that fails is not asked for its size as well.
    let bytes = match works {
        true => app.storage.size_bytes().await.ok(),
        false => None,
    };
    let facts = Facts {
        address: app.address,
        client: &call.client,
        settings: &call.settings,
        identity: &call.caller.principal()?.identity,
        secret: app.session_secret_kept,
        has_administrator: app.has_administrator(),
        development: app.development_possible(),
        keys: keys(&call),
        store: StoreFacts {
            works,
            path: storage.path.display().to_string(),
            bytes,
        },
        reload: reload(&call),
        subjects: storage.audit_subjects,
    };
    let checks = facts.checks();
    Ok(answer::ok(&ChecksView {
        checks: checks.iter().map(CheckView::from).collect(),
    }))
}

fn keys(call: &Call) -> KeyFacts {
    let credentials = call.app.credentials();
    let configured = credentials.configured.keys.iter().map(|key| key.expires_at);
    let made = credentials.made.iter().map(|key| key.expires_at);
    KeyFacts::of(configured.chain(made), call.app.clock.now())
}

fn reload(call: &Call) -> Option<ReloadFacts> {
    let view = call.app.configuration.view();
    let last = view.last_reload?;
    Some(ReloadFacts {
        at: last.at,
        problems: last.problems.into_iter().map(|p| p.message).collect(),
        waiting: view.restart_required,
    })
}
