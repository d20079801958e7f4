//! The configuration in force: read again on demand, laid under what was changed through the API.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use mailpilot_clock::Timestamp;
use mailpilot_config::{
    ConfigError, EffectiveView, Loaded, LoggingSettings, Settings, Source, account_from_json,
    account_to_json_with_secrets, changes,
};
use mailpilot_engine::{AccountName, AccountSettings};
use mailpilot_http_server::{
    AccountSource, ConfigValue, Configuration, ConfigurationView, ConfiguredAccount, LastReload,
    Problem, Reloaded,
};
use mailpilot_storage::AccountOverlay;
use serde_json::Value;

/// What the program around the server wants to hear after a reload.
pub(crate) type OnReload = Box<dyn Fn(&LoggingSettings) + Send + Sync>;

pub(crate) struct LiveConfiguration {
    source: Source,
    /// What the server started with: differences that need a restart are counted from here.
    started_with: Settings,
    on_reload: Option<OnReload>,
    state: Mutex<State>,
}

struct State {
    loaded: Loaded,
    /// Read, but not in force yet.
    candidate: Option<Loaded>,
    last_reload: Option<LastReload>,
    restart_required: Vec<String>,
    accounts: Vec<ConfiguredAccount>,
}

impl fmt::Debug for LiveConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveConfiguration")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl LiveConfiguration {
    pub(crate) fn new(source: Source, loaded: Loaded, on_reload: Option<OnReload>) -> Self {
        let state = State {
            candidate: None,
            last_reload: None,
            restart_required: Vec::new(),
            accounts: Vec::new(),
            loaded,
        };
        Self {
            source,
            started_with: state.loaded.settings.clone(),
            on_reload,
            state: Mutex::new(state),
        }
    }

    /// A panic elsewhere leaves the state whole: it is replaced in single steps.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Configuration for LiveConfiguration {
    fn read(&self, now: Timestamp) -> Result<Reloaded, Vec<Problem>> {
        let loaded = self.source.load().map_err(|error| {
            let problems = problems(&error);
            self.state().last_reload = Some(LastReload {
                at: now,
                problems: problems.clone(),
            });
            problems
        })?;
        for warning in &loaded.warnings {
            tracing::warn!(warning = %warning, "configuration");
        }
        let settings = loaded.settings.clone();
        let mut state = self.state();
        let changed = changes(&state.loaded.settings, &settings).changed;
        state.candidate = Some(loaded);
        Ok(Reloaded {
            restart_required: changes(&self.started_with, &settings).restart_required,
            changed,
            http: settings.http,
            credentials: settings.credentials,
            sessions: settings.sessions,
            storage: settings.storage,
        })
    }

    fn commit(&self, now: Timestamp) {
        let mut state = self.state();
        let Some(loaded) = state.candidate.take() else {
            return;
        };
        state.restart_required = changes(&self.started_with, &loaded.settings).restart_required;
        state.last_reload = Some(LastReload {
            at: now,
            problems: Vec::new(),
        });
        let logging = loaded.settings.logging;
        state.loaded = loaded;
        drop(state);
        if let Some(on_reload) = &self.on_reload {
            on_reload(&logging);
        }
    }

    fn view(&self) -> ConfigurationView {
        let state = self.state();
        let accounts: Vec<AccountSettings> =
            state.accounts.iter().map(|a| a.settings.clone()).collect();
        let changed: BTreeSet<AccountName> = state
            .accounts
            .iter()
            .filter(|account| account.source != AccountSource::File)
            .map(|account| account.settings.name.clone())
            .collect();
        ConfigurationView {
            values: values(state.loaded.view.clone().with_accounts(&accounts, &changed)),
            file: state.loaded.file.clone(),
            warnings: state
                .loaded
                .warnings
                .iter()
                .map(ToString::to_string)
                .collect(),
            last_reload: state.last_reload.clone(),
            restart_required: state.restart_required.clone(),
        }
    }

    fn accounts(&self, overlays: &[AccountOverlay]) -> Vec<ConfiguredAccount> {
        let mut state = self.state();
        let mut accounts: Vec<ConfiguredAccount> = state
            .loaded
            .settings
            .accounts
            .iter()
            .map(|settings| ConfiguredAccount {
                settings: settings.clone(),
                source: AccountSource::File,
            })
            .collect();
        for overlay in overlays {
            let Some(settings) = restore(overlay) else {
                continue;
            };
            match accounts
                .iter_mut()
                .find(|account| account.settings.name == overlay.name)
            {
                Some(account) => {
                    *account = ConfiguredAccount {
                        settings,
                        source: AccountSource::FileAndApi,
                    }
                }
                None => accounts.push(ConfiguredAccount {
                    settings,
                    source: AccountSource::Api,
                }),
            }
        }
        state.accounts.clone_from(&accounts);
        accounts
    }

    fn overlay(
        &self,
        name: &AccountName,
        body: &Value,
        previous: Option<&AccountSettings>,
    ) -> Result<AccountOverlay, Vec<Problem>> {
        let settings = account_from_json(name, body, previous).map_err(|problems| {
            problems
                .into_iter()
                .map(|p| Problem {
                    field: (!p.field.is_empty()).then_some(p.field),
                    message: p.message,
                })
                .collect::<Vec<_>>()
        })?;
        Ok(AccountOverlay {
            name: name.clone(),
            settings: account_to_json_with_secrets(&settings).to_string(),
        })
    }
}

/// An overlay that no longer passes is left out with a warning: one bad row must not take the server down.
fn restore(overlay: &AccountOverlay) -> Option<AccountSettings> {
    let Ok(body) = serde_json::from_str::<Value>(&overlay.settings) else {
        tracing::warn!(account = %overlay.name, "the stored change of an account is no JSON and is left out");
        return None;
    };
    match account_from_json(&overlay.name, &body, None) {
        Ok(settings) => Some(settings),
        Err(problems) => {
            for problem in problems {
                tracing::warn!(account = %overlay.name, field = %problem.field, problem = %problem.message,
                    "the stored change of an account is no longer valid and is left out");
            }
            None
        }
    }
}

fn problems(error: &ConfigError) -> Vec<Problem> {
    error
        .problems()
        .iter()
        .map(|problem| Problem {
            field: (!problem.key().is_empty()).then(|| problem.key().to_owned()),
            message: problem.to_string(),
        })
        .collect()
}

fn values(view: EffectiveView) -> Vec<ConfigValue> {
    view.entries()
        .iter()
        .map(|entry| ConfigValue {
            key: entry.key.clone(),
            value: entry.value.clone(),
            origin: entry.origin.to_string(),
        })
        .collect()
}
