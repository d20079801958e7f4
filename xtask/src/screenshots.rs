//! Pictures of every page, taken by the crate of the browser tests; this finds the mail to show and the folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{browser::PACKAGE, report::Outcome, tests::run_cargo, tools, workspace::Workspace};

/// Real mail that lies beside the checkout.
const MAILBOXES: [&str; 2] = ["data/mail/ham.mbox.gz", "data/mail/spam.mbox.gz"];
/// Where the README has its pictures.
const README: &str = "docs/images";

/// What was asked for on the command line.
#[derive(Debug, Default)]
struct Wishes {
    out: Option<PathBuf>,
    mailboxes: Vec<PathBuf>,
    only: Option<String>,
    readme: bool,
}

/// `screenshots [--out DIR] [--mbox FILE]… [--only PART] [--readme]`
pub(crate) fn run(workspace: &Workspace, words: &[&str]) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["chromedriver", "chromium"]) {
        return Ok(skipped);
    }
    let mut wishes = read(words)?;
    if wishes.mailboxes.is_empty() {
        let real = MAILBOXES.map(|name| workspace.shared(name));
        wishes.mailboxes = real.into_iter().filter(|path| path.is_file()).collect();
    }
    let usual = if wishes.readme {
        workspace.root().join(README)
    } else {
        workspace.target().join("screenshots")
    };
    let out = wishes.out.as_deref().unwrap_or(&usual);
    let mut arguments = vec![
        "run",
        "--package",
        PACKAGE,
        "--example",
        "screenshots",
        "--",
    ];
    arguments.extend(["--out", text(out)?]);
    for mailbox in &wishes.mailboxes {
        arguments.extend(["--mbox", text(mailbox)?]);
    }
    if let Some(only) = &wishes.only {
        arguments.extend(["--only", only]);
    }
    if wishes.readme {
        arguments.push("--readme");
    }
    run_cargo(workspace, &arguments, &[])
}

fn read(words: &[&str]) -> Result<Wishes> {
    let mut wishes = Wishes::default();
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        if word == "--readme" {
            wishes.readme = true;
            continue;
        }
        let Some(&value) = words.next() else {
            bail!("`{word}` is not known, or its value is missing");
        };
        match word {
            "--out" => wishes.out = Some(value.into()),
            "--mbox" => wishes.mailboxes.push(value.into()),
            "--only" => wishes.only = Some(value.to_owned()),
            _ => bail!("`{word}` is not known: --out DIR, --mbox FILE, --only PART, --readme"),
        }
    }
    Ok(wishes)
}

fn text(path: &Path) -> Result<&str> {
    match path.to_str() {
        Some(text) => Ok(text),
        None => bail!("{} is not UTF-8", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_and_mistakes_named() {
        let wishes = read(&["--out", "a", "--mbox", "b", "--mbox", "c", "--readme"]).unwrap();
        assert_eq!(wishes.out, Some("a".into()));
        assert_eq!(wishes.mailboxes, [PathBuf::from("b"), PathBuf::from("c")]);
        assert!(wishes.readme);
        for wrong in [&["--out"][..], &["--size", "3"], &["now"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
