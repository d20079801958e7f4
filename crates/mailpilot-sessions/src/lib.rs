//! Dashboard sessions: issue, seal, open, expire, revoke. Pure: no I/O, takes `now`.

mod policy;

pub use policy::SessionPolicy;
