//! Finds the programs the checks use. Installs nothing; `.ci/run` does.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::report::Outcome;

/// The program's path, if it is installed. Servers often lie in a folder outside a user's `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .map(|folder| folder.join(program))
        .find(|candidate| is_executable(candidate))
}

/// What to answer when the first of `programs` that is missing is missing.
pub(crate) fn missing(programs: &[&str]) -> Option<Outcome> {
    let absent = programs.iter().find(|program| find(program).is_none())?;
    Some(Outcome::Skipped(format!("{absent} is not installed")))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}
