//! Credentials: keys and token, passwords, the setup code, and throttles against guessing.
//!
//! Pure: no I/O and no clock. Wall time comes in as `Timestamp`, monotonic time as `Instant`. Must not
//! know of HTTP beyond the text of an `Authorization` header, and keeps digests, never credentials.

mod bearer;
mod error;
mod key;
mod key_ring;
mod password;
mod policy;
mod settings;
mod setup_code;
mod throttle;

pub use bearer::{BearerError, bearer};
pub use error::AuthError;
pub use key::{KeyHashError, format_key_hash, generate_key, key_sha256, parse_key_hash};
pub use key_ring::{KeyRing, KeySource, MadeKey, Match, Rejected};
pub use password::{hash_password, needs_rehash, verify_password};
pub use policy::{InvalidUsername, WeakPassword, check_password, check_username};
pub use settings::{CredentialSettings, KeyCredential, KeySettings};
pub use setup_code::{SetupCode, SetupCodeError};
pub use throttle::{Reservation, RetryAfter, Throttle};
