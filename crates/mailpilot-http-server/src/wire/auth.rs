//! Setup, login, sessions, keys.

use mailpilot_secret::Secret;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{Rfc3339, TimeIn};
use crate::openapi::schemas;

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn maybe_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.map(Secret::new))
}

/// `POST /api/setup`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Setup)]
pub(crate) struct SetupIn {
    #[schema(value_type = schemas::Username)]
    pub(crate) username: String,
    /// Not the user name, and not among the 3 000 commonest.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    pub(crate) password: Secret,
    /// The password again.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    pub(crate) confirm: Secret,
    #[serde(default, deserialize_with = "maybe_secret")]
    /// Needed unless `setupCodeRequired` of `GET /api/auth` is false; the server prints it at start.
    #[schema(value_type = Option<String>)]
    pub(crate) setup_code: Option<Secret>,
}

/// `POST /api/login`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Login)]
pub(crate) struct LoginIn {
    pub(crate) username: String,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    pub(crate) password: Secret,
}

/// `POST /api/password`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub(crate) struct PasswordIn {
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    pub(crate) current: Secret,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    pub(crate) new: Secret,
}

/// `GET /api/auth`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuthState)]
pub(crate) struct AuthStateView<'a> {
    pub(crate) authenticated: bool,
    pub(crate) needs_setup: bool,
    pub(crate) setup_code_required: bool,
    pub(crate) development_mode: bool,
    pub(crate) version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<UserView<'a>>,
    #[schema(value_type = Vec<schemas::PermissionName>)]
    pub(crate) permissions: Vec<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView<'a> {
    pub(crate) username: &'a str,
}

/// After setup and login.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInView<'a> {
    pub(crate) success: bool,
    pub(crate) user: UserView<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Success)]
pub(crate) struct SuccessView {
    pub(crate) success: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    pub(crate) id: String,
    pub(crate) current: bool,
    pub(crate) created_at: Rfc3339,
    pub(crate) last_used_at: Rfc3339,
    pub(crate) expires_at: Rfc3339,
    pub(crate) client_address: String,
    pub(crate) user_agent: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(crate) struct SessionsView {
    pub(crate) sessions: Vec<SessionView>,
}

/// `POST /api/keys`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewKey)]
pub(crate) struct NewKeyIn {
    #[schema(value_type = schemas::KeyName)]
    pub(crate) name: String,
    /// `read:stats` if left out.
    #[schema(value_type = Option<Vec<schemas::PermissionName>>, min_items = 1)]
    pub(crate) permissions: Option<Vec<String>>,
    /// In the future; never if left out.
    pub(crate) expires_at: Option<TimeIn>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
pub(crate) struct KeyView {
    pub(crate) name: String,
    #[schema(value_type = Vec<schemas::PermissionName>)]
    pub(crate) permissions: Vec<&'static str>,
    #[schema(value_type = schemas::KeySource)]
    pub(crate) source: &'static str,
    #[schema(required)]
    pub(crate) created_at: Option<Rfc3339>,
    #[schema(required)]
    pub(crate) expires_at: Option<Rfc3339>,
    #[schema(required)]
    pub(crate) last_used_at: Option<Rfc3339>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Keys)]
pub(crate) struct KeysView {
    pub(crate) keys: Vec<KeyView>,
}

/// A key that was just made: the only time it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeKey)]
pub(crate) struct MadeKeyView<'a> {
    pub(crate) key: &'a str,
    #[serde(flatten)]
    pub(crate) view: KeyView,
}
