//! Rules for the dashboard's own modules: a head, a bounded length, no markup or code made from text.

/// Where they are; what is vendored is not looked at.
const FOLDER: &str = "crates/mailpilot-dashboard/ui/";

/// Modules are small: this is several screens.
const MAX_LINES: usize = 400;

const FORBIDDEN: [(&str, &str); 9] = [
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
    ("http://", "an address elsewhere"),
    ("https://", "an address elsewhere"),
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
    }
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
