//! The chores of this workspace, one command each; `cargo xtask help` lists them.
//!
//! Runs other programs and reads their answers; no code of the product lives here.

#![allow(
    clippy::print_stdout,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod browser;
mod checks;
mod docs;
mod e2e;
mod layers;
mod node;
mod report;
mod screenshots;
mod tests;
mod tidy;
mod tools;
mod ui;
mod vendor;
mod workspace;

use std::process::ExitCode;

use report::Report;
use workspace::Workspace;

const HELP: &str = "\
usage: cargo xtask <command>

  test     layers, tidy and every test of the workspace; needs nothing but cargo,
           and Chromium for the tests of the dashboard, which are skipped without
  layers   compare the crates' dependencies with the layer table of Cargo.toml
  tidy     house rules that no compiler knows
  docs     write the generated documents; with --check only compare
  vendor   make the dashboard's vendored modules; with --check only compare hashes
  ui       types, format and unit tests of the front end, with Node; --write formats
           it and makes the types of the API anew
  ci       what the build machine runs beyond test: static checks, browser tests, e2e
  e2e      the release binary with real clients, proxies, crashes and signals;
           names after it choose among them, such as `e2e kill9 signals`
  screenshots
           every page in both themes, at a desk and on a phone, into target/screenshots;
           --out DIR, --mbox FILE, --only PART, or --readme for those in docs/images
  bench    requests per second beside a bare hyper server, start, memory, size
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(Some(report)) => report.finish(),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> anyhow::Result<Option<Report>> {
    if matches!(words, [] | ["help" | "--help" | "-h", ..]) {
        print!("{HELP}");
        return Ok(None);
    }
    let workspace = Workspace::load()?;
    let mut report = Report::default();
    match words {
        ["test"] => tests::run(&workspace, &mut report),
        ["layers"] => report.step("layers", || layers::check(&workspace)),
        ["tidy"] => report.step("tidy", || tidy::check(&workspace)),
        ["docs"] => report.step("docs", || docs::run(&workspace, docs::Mode::Write)),
        ["docs", "--check"] => report.step("docs", || docs::run(&workspace, docs::Mode::Check)),
        ["vendor"] => report.step("vendor", || vendor::write(&workspace)),
        ["vendor", "--check"] => report.step("vendor", || vendor::check(&workspace)),
        ["ui"] => ui::check(&workspace, &mut report),
        ["ui", "--write"] => ui::write(&workspace, &mut report),
        ["ci"] => {
            checks::run(&workspace, &mut report);
            report.step("browser tests", || browser::check(&workspace));
            e2e::run(&workspace, &mut report, &[])?;
        }
        ["screenshots", rest @ ..] => {
            report.step("screenshots", || screenshots::run(&workspace, rest));
        }
        ["bench"] => report.step("bench", || bench::run(&workspace)),
        ["e2e", names @ ..] => e2e::run(&workspace, &mut report, names)?,
        _ => anyhow::bail!("unknown command `{}`\n\n{HELP}", words.join(" ")),
    }
    Ok(Some(report))
}
