//! Rules for the dashboard's own modules: a head, a bounded length, no markup or code made from text.

/// Where they are; what is vendored is not looked at.
const FOLDER: &str = "crates/mailpilot-dashboard/ui/";

/// Modules are small: this is several screens.
const MAX_LINES: usize = 400;

const FORBIDDEN: [(&str, &str); 7] = [
    ("innerHTML", "markup made from text"),
    ("outerHTML", "markup made from text"),
    ("insertAdjacentHTML", "markup made from text"),
    ("document.write", "markup made from text"),
    ("eval(", "code made from text"),
    ("new Function", "code made from text"),
    (
        "style=\"",
        "a style in an attribute; style sheets have classes",
    ),
];

/// Applies every rule to one file, if it is such a module.
pub(crate) fn check(name: &str, content: &str, findings: &mut Vec<String>) {
    if !name.starts_with(FOLDER) || !name.ends_with(".js") {
        return;
    }
    if !content.starts_with("//") && !content.starts_with("/*") {
        findings.push(format!(
            "{name}:1: a module opens with a comment: what it is for"
        ));
    }
    let lines = content.lines().count();
    if lines > MAX_LINES {
        findings.push(format!(
            "{name}: {lines} lines, more than {MAX_LINES}: look for a seam"
        ));
    }
    for (index, line) in content.lines().enumerate() {
        for (word, what) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(format!("{name}:{}: `{word}` is {what}", index + 1));
        }
        if let Some(host) = host_elsewhere(line) {
            findings.push(format!(
                "{name}:{}: `{host}` is elsewhere; the dashboard needs its own server alone",
                index + 1
            ));
        }
    }
}

/// The host in an address of a fixed host that is not this machine, such as in examples to copy.
fn host_elsewhere(line: &str) -> Option<&str> {
    let sign = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
    ["http://", "https://"]
        .iter()
        .flat_map(|scheme| line.split(scheme).skip(1))
        .filter_map(|rest| rest.split(sign).next())
        .find(|host| !host.is_empty() && *host != "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, content: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(name, content, &mut findings);
        findings
    }

    #[test]
    fn every_forbidden_word_is_found_with_its_line() {
        for (word, what) in FORBIDDEN {
            assert_eq!(
                found(&format!("{FOLDER}a.js"), &format!("// A.\nf({word}x);\n")),
                [format!("{FOLDER}a.js:2: `{word}` is {what}")]
            );
        }
    }

    #[test]
    fn addresses_of_fixed_hosts_elsewhere_are_found() {
        let at = |line: &str| found(&format!("{FOLDER}a.js"), &format!("// A.\n{line}\n"));
        for line in ["f(`https://example.org/x`);", "a(\"http://10.0.0.1\")"] {
            assert_eq!(at(line).len(), 1, "{line}");
        }
        for line in [
            "`http://localhost:${port}`;",
            "`https://${name}`",
            "without https://",
        ] {
            assert_eq!(at(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_module_has_a_head_and_a_bounded_length() {
        let long = "x\n".repeat(MAX_LINES + 1);
        let findings = found(&format!("{FOLDER}pages/a.js"), &long);
        assert_eq!(findings.len(), 2, "{findings:?}");
        let head = format!("/** A. */\n{}", "x\n".repeat(MAX_LINES - 1));
        assert_eq!(found(&format!("{FOLDER}a.js"), &head), [""; 0]);
    }

    #[test]
    fn other_files_are_left_alone() {
        assert_eq!(found("docs/a.js", "eval(x)"), [""; 0]);
        assert_eq!(found(&format!("{FOLDER}a.css"), "https://"), [""; 0]);
    }
}
