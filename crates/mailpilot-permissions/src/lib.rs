//! Who may do what: the thirteen permissions, sets of them, and the one who asks.
//!
//! Pure and without knowledge of HTTP. Must not decide *how* somebody proves who they are; that is
//! `mailpilot-auth` and `mailpilot-sessions`.

mod permission;
mod principal;
mod set;

pub use permission::{Access, Area, Permission, UnknownPermission};
pub use principal::{Denied, Identity, Principal};
pub use set::PermissionSet;
