//! Dashboard sessions: issue, seal, open, expire, revoke.
//!
//! Pure: no I/O and no clock; time comes in as [`Moment`]. The caller stores what the methods return and
//! turns cookies into text and back. Nothing that leaves this crate, but for the cookie's value, lets
//! anybody in.

mod error;
mod keys;
mod moment;
mod policy;
mod session;
mod table;
mod token;

pub use error::SessionError;
pub use keys::SessionKeys;
pub use moment::Moment;
pub use policy::SessionPolicy;
pub use session::{ParseSessionIdError, Session, SessionId};
pub use table::{Issued, SessionTable};
pub use token::SessionToken;
