//! What can fail here that is nobody's mistake.

/// A session could not be made.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The operating system gave no random bytes.
    #[error("the operating system's random generator failed")]
    Random(#[source] ring::error::Unspecified),
    /// A key refused to work, which for the fixed sizes used here means a broken build.
    #[error("the session's cookie could not be sealed")]
    Seal(#[source] ring::error::Unspecified),
}
