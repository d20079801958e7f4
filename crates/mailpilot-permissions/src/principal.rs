//! The one who asks, after they have proven who they are.

use crate::{Permission, PermissionSet};

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The administrator, by a session cookie.
    Administrator {
        /// User name.
        username: String,
        /// Which session.
        session: String,
    },
    /// The holder of the configured auth token.
    Token,
    /// The holder of an API key.
    Key {
        /// The key's name.
        name: String,
    },
    /// A local process while no credential of any kind exists.
    Development,
}

/// Somebody known, with what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub identity: Identity,
    /// What they may do.
    pub permissions: PermissionSet,
}

/// The principal lacks a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission `{required}`")]
pub struct Denied {
    /// What would have been needed.
    pub required: Permission,
}

impl Principal {
    /// Lets the principal through if they hold `required`.
    ///
    /// # Errors
    /// [`Denied`], naming what is missing.
    pub fn require(&self, required: Permission) -> Result<(), Denied> {
        if self.permissions.allows(required) {
            Ok(())
        } else {
            Err(Denied { required })
        }
    }

    /// A name for logs: never a credential.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.identity {
            Identity::Administrator { username, .. } => format!("user:{username}"),
            Identity::Token => "token".to_owned(),
            Identity::Key { name } => format!("key:{name}"),
            Identity::Development => "development".to_owned(),
        }
    }
}
