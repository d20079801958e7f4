//! Links of Markdown files to other files of the repository. Addresses elsewhere are not fetched.

use std::path::Path;

/// Every relative link of `file` must lead to a file or folder.
pub(crate) fn check(root: &Path, file: &Path, content: &str, findings: &mut Vec<String>) {
    let folder = file.parent().unwrap_or(Path::new(""));
    for (line, target) in relative_links(content) {
        if !root.join(folder).join(target).exists() {
            findings.push(format!(
                "{}:{line}: link to `{target}`, which does not exist",
                file.display()
            ));
        }
    }
}

fn relative_links(content: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (index, line) in content.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !elsewhere {
                links.push((index + 1, target));
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_targets_outside_code_are_followed() {
        let text =
            "[a](b.md#part) [c](https://x.org/y) [d](#here)\n```\n[e](f)\n```\n![g](h.png \"t\")\n";
        assert_eq!(relative_links(text), [(1, "b.md"), (5, "h.png")]);
    }

    #[test]
    fn a_link_to_nowhere_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("here.md"), "").unwrap();
        let mut findings = Vec::new();
        check(
            folder.path(),
            Path::new("a.md"),
            "[x](here.md)\n[y](gone.md)\n",
            &mut findings,
        );
        assert_eq!(
            findings,
            ["a.md:2: link to `gone.md`, which does not exist"]
        );
    }
}
