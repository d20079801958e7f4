//! The files beside the database: the session secret, and the setup code while it is needed. Mode 0600 under
//! any umask, and never half written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use base64ct::{Base64, Encoding};
use mailpilot_http_server::SecretKept;
use mailpilot_secret::Secret;
use ring::rand::{SecureRandom, SystemRandom};

use crate::ServerError;

const SESSION_SECRET: &str = "session_secret";
const SETUP_CODE: &str = "setup_code";
const SECRET_BYTES: usize = 32;

/// The folder of the database.
pub(crate) fn of(database: &Path) -> PathBuf {
    match database.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Where the setup code is left.
pub(crate) fn setup_code_file(dir: &Path) -> PathBuf {
    dir.join(SETUP_CODE)
}

/// The secret kept in `dir`, and whether it is kept; made, once, if there is none.
///
/// # Errors
/// [`ServerError::DamagedSecret`] if the file holds something else; [`ServerError::File`] if it cannot be
/// read. A folder that cannot be written is no error: the secret then lives in memory only.
pub(crate) fn session_secret(dir: &Path) -> Result<(Secret, SecretKept), ServerError> {
    let path = dir.join(SESSION_SECRET);
    if let Some(secret) = read(&path)? {
        return Ok((secret, SecretKept::Persisted));
    }
    let fresh = generate()?;
    let published = publish(dir, &path, fresh.expose());
    // Another process may have been quicker: what stands in the file counts.
    if let (Ok(()), Some(kept)) = (&published, read(&path)?) {
        return Ok((kept, SecretKept::Persisted));
    }
    let error = published.err().map(|error| error.to_string());
    tracing::warn!(
        error = error.as_deref(),
        "the session secret cannot be kept: a restart will log everybody out"
    );
    Ok((fresh, SecretKept::NotPersisted))
}

fn read(path: &Path) -> Result<Option<Secret>, ServerError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(ServerError::File {
                op: "read",
                path: path.to_owned(),
                source,
            });
        }
    };
    let trimmed = text.expose().trim();
    match Base64::decode_vec(trimmed) {
        Ok(bytes) if bytes.len() == SECRET_BYTES => Ok(Some(Secret::new(trimmed))),
        _ => Err(ServerError::DamagedSecret {
            path: path.to_owned(),
        }),
    }
}

fn generate() -> Result<Secret, ServerError> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(mailpilot_auth::AuthError::Random)?;
    Ok(Secret::new(Base64::encode_string(&bytes)))
}

/// Writes aside, then links into place without overwriting: nobody ever reads half a secret.
fn publish(dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    // A name nobody else has: several servers may start at once, also in one process.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let aside = dir.join(format!(".{SESSION_SECRET}.{}.{number}", std::process::id()));
    let written = write_private(&aside, text).and_then(|()| match fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&aside);
    written?;
    removed?;
    File::open(dir)?.sync_all()
}

/// Leaves the setup code for the operator, in place of an older one.
pub(crate) fn write_setup_code(path: &Path, code: &Secret) {
    let removed = fs::remove_file(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    if let Err(error) = removed.and_then(|()| write_private(path, code.expose())) {
        tracing::warn!(error = %error, "the setup code could not be left in the data dir; it is printed only");
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_secret_is_made_once_and_read_ever_after() {
        let dir = folder();
        let (first, kept) = session_secret(dir.path()).unwrap();
        let (second, _) = session_secret(dir.path()).unwrap();
        assert_eq!(first.expose(), second.expose());
        assert_eq!(kept, SecretKept::Persisted);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = folder();
        session_secret(dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join(SESSION_SECRET))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_secret_is_refused_without_being_shown() {
        let dir = folder();
        fs::write(dir.path().join(SESSION_SECRET), "hunter2").unwrap();
        let said = format!("{:?}", session_secret(dir.path()).unwrap_err());
        assert!(
            said.contains("DamagedSecret") && !said.contains("hunter2"),
            "{said}"
        );
    }

    #[test]
    fn two_at_once_agree_on_one_secret() {
        let dir = folder();
        let made: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| session_secret(dir.path())))
                .collect();
            threads
                .into_iter()
                .filter_map(|t| t.join().unwrap().ok())
                .map(|(secret, _)| secret.expose().to_owned())
                .collect()
        });
        let (kept, _) = session_secret(dir.path()).unwrap();
        assert!(made.iter().any(|secret| secret == kept.expose()));
    }
}
