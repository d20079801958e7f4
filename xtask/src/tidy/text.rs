//! Rules about the lines of one file. Knows nothing of other files.

/// Sources may be longer than this only with a reason.
const MAX_LINES: usize = 700;

/// Sources that are longer, each with the reason.
const LONG: [(&str, &str); 0] = [];

/// Applies every rule to one file.
pub(crate) fn check(name: &str, content: &str, findings: &mut Vec<String>) {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let source = matches!(extension, "rs" | "js" | "css");
    for (index, line) in content.lines().enumerate() {
        let mut found = |what: &str| findings.push(format!("{name}:{}: {what}", index + 1));
        if line.ends_with([' ', '\t']) {
            found("white space at the end of the line");
        }
        if line.contains('\t') {
            found("tab");
        }
        if let Some(word) = leftovers()
            .into_iter()
            .find(|word| line.contains(word.as_str()))
        {
            found(&format!("`{word}` is a leftover"));
        }
        if let Some(path) = machine_path(line) {
            found(&format!("`{path}` is a path of one machine"));
        }
        if extension == "rs"
            && !name.starts_with(STORAGE)
            && let Some(words) = sql(line)
        {
            found(&format!("`{words}`: SQL belongs to {STORAGE} alone"));
        }
    }
    let lines = content.lines().count();
    if extension == "rs" && !content.starts_with("//!") {
        findings.push(format!(
            "{name}:1: a file opens with `//!`: what it is for, what it must not do"
        ));
    }
    if !content.is_empty() && !content.ends_with('\n') {
        findings.push(format!(
            "{name}:{lines}: no line end at the end of the file"
        ));
    }
    if source && lines > MAX_LINES && !LONG.iter().any(|(long, _)| *long == name) {
        findings.push(format!(
            "{name}: {lines} lines, more than {MAX_LINES}: look for a seam"
        ));
    }
}

const STORAGE: &str = "crates/mailpilot-storage";

/// Marks of unfinished work, in pieces.
fn leftovers() -> [String; 5] {
    [
        ("todo", "!"),
        ("unimplemented", "!"),
        ("dbg", "!("),
        ("FIX", "ME"),
        ("XX", "X"),
    ]
    .map(|(head, tail)| format!("{head}{tail}"))
}

/// An absolute path below a folder where people keep their work.
fn machine_path(line: &str) -> Option<String> {
    ["home", "root", "Users", "work"]
        .into_iter()
        .find_map(|folder| {
            let path = format!("/{folder}/");
            let free = |at: &usize| {
                let before = line.get(..*at).and_then(|head| head.chars().next_back());
                !before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.*}$~/-".contains(c))
            };
            line.match_indices(&path)
                .map(|(at, _)| at)
                .any(|at| free(&at))
                .then_some(path)
        })
}

/// The beginning of an SQL statement in a line of Rust.
fn sql(line: &str) -> Option<String> {
    const STATEMENTS: [&str; 6] = [
        "insert into ",
        "delete from ",
        "create table ",
        "create index ",
        "pragma ",
        "select ",
    ];
    let code = line.trim_start();
    if code.starts_with("//") {
        return None;
    }
    STATEMENTS
        .iter()
        .map(|words| words.to_uppercase())
        .find(|words| code.contains(words.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_line(name: &str, line: &str, expected: Option<&str>) {
        let mut findings = Vec::new();
        let head = if name.ends_with(".rs") {
            "//! Head.\n"
        } else {
            ""
        };
        check(name, &format!("{head}{line}\n"), &mut findings);
        match expected {
            None => assert_eq!(findings, Vec::<String>::new()),
            Some(part) => {
                assert!(
                    findings.len() == 1 && findings[0].contains(part),
                    "{line}: {findings:?}"
                );
            }
        }
    }

    #[test]
    fn leftovers_and_stray_white_space_are_found() {
        check_line("a.rs", &format!("    {}!()", "todo"), Some("leftover"));
        check_line("a.md", &format!("{}ME: later", "FIX"), Some("leftover"));
        check_line("a.rs", "let a = 1; ", Some("white space"));
        check_line("a.rs", "let\ta = 1;", Some("tab"));
        check_line("a.rs", "let a = 1;", None);
    }

    #[test]
    fn paths_of_one_machine_are_found_and_routes_are_not() {
        check_line(
            "a.md",
            &format!("see /{}/me/notes", "home"),
            Some("path of one machine"),
        );
        check_line("a.rs", "get(\"/api/home/x\")", None);
        check_line("a.md", "https://example.com/work/x", None);
    }

    #[test]
    fn sql_stays_with_the_store() {
        let line = format!("run(\"{} 1\")", "select".to_uppercase());
        check_line("crates/mailpilot-auth/src/a.rs", &line, Some("SQL belongs"));
        check_line("crates/mailpilot-storage/src/a.rs", &line, None);
        check_line(
            "crates/mailpilot-auth/src/a.rs",
            "// an UPDATE of the wording",
            None,
        );
    }

    #[test]
    fn a_file_has_a_head_an_end_and_a_bounded_length() {
        let found = |name: &str, content: &str| {
            let mut findings = Vec::new();
            check(name, content, &mut findings);
            findings.join("\n")
        };
        assert!(found("a.rs", "fn main() {}\n").contains("opens with"));
        assert!(found("a.toml", "a = 1").contains("no line end"));
        assert!(found("a.js", &"x\n".repeat(MAX_LINES + 1)).contains("look for a seam"));
        assert_eq!(found("a.js", &"x\n".repeat(MAX_LINES)), "");
    }
}
