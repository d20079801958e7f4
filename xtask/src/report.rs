//! Runs named steps, times them and says at the end which failed. Decides nothing about their content.

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;

/// How a step that did not fail ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran and found nothing.
    Passed,
    /// It ran; the text is its result in a few words.
    Noted(String),
    /// A program it needs is not installed; on the build machine that is a failure.
    Skipped(String),
    /// Data that lie outside the repository are not there; nobody can be blamed for that.
    NoData(String),
}

#[derive(Debug)]
enum Verdict {
    Passed(String),
    Skipped,
    Failed,
}

/// The steps so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<(String, Verdict, Duration)>,
}

/// Whether a missing tool is a failure: on the build machine everything is installed.
pub(crate) fn strict() -> bool {
    env::var("CI").is_ok_and(|value| value == "true")
}

impl Report {
    /// Runs one step. A failure is kept for the end, so that one run shows them all.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) {
        println!("==> {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let verdict = match result {
            Ok(Outcome::Passed) => Verdict::Passed(String::new()),
            Ok(Outcome::Noted(note)) => Verdict::Passed(note),
            Ok(Outcome::Skipped(reason)) if strict() => {
                println!("error: {reason}; with CI=true nothing may be skipped");
                Verdict::Failed
            }
            Ok(Outcome::Skipped(reason) | Outcome::NoData(reason)) => {
                println!("skipped: {reason}");
                Verdict::Skipped
            }
            Err(error) => {
                println!("error: {error:#}");
                Verdict::Failed
            }
        };
        println!(
            "<== {name}: {} ({:.1} s)",
            verdict.word(),
            took.as_secs_f64()
        );
        self.rows.push((name.to_owned(), verdict, took));
    }

    /// Prints the table and turns it into an exit status.
    pub(crate) fn finish(self) -> ExitCode {
        if self.rows.len() > 1 {
            println!();
            for (name, verdict, took) in &self.rows {
                let seconds = took.as_secs_f64();
                println!(
                    "{:<8}{seconds:>8.1} s  {name}{}",
                    verdict.word(),
                    verdict.note()
                );
            }
        }
        let failed: Vec<&str> = self.names(|verdict| matches!(verdict, Verdict::Failed));
        let skipped: Vec<&str> = self.names(|verdict| matches!(verdict, Verdict::Skipped));
        for (word, names) in [("skipped", &skipped), ("FAILED", &failed)] {
            if !names.is_empty() {
                println!("{word}: {}", names.join(", "));
            }
        }
        let passed = self.rows.len() - failed.len() - skipped.len();
        println!(
            "steps: {passed} passed, {} failed, {} skipped",
            failed.len(),
            skipped.len()
        );
        if failed.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn names(&self, wanted: impl Fn(&Verdict) -> bool) -> Vec<&str> {
        self.rows
            .iter()
            .filter(|(_, v, _)| wanted(v))
            .map(|(name, ..)| name.as_str())
            .collect()
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => "passed",
            Self::Skipped => "skipped",
            Self::Failed => "FAILED",
        }
    }

    fn note(&self) -> String {
        match self {
            Self::Passed(note) if !note.is_empty() => format!(": {note}"),
            _ => String::new(),
        }
    }
}
