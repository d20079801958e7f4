//! Joins style sheets: drops comments and indentation, and changes nothing else.

/// The sheet without comments, indentation and empty lines; or what is wrong, with its line.
pub(crate) fn strip(sheet: &str) -> Result<String, String> {
    let mut stripped = String::new();
    let mut rest = sheet;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("/*") => {
                let end = rest.get(2..).and_then(|inner| inner.find("*/"));
                let end = end.ok_or_else(|| unclosed("`/*`", sheet, rest))?;
                rest = rest.get(end + 4..).unwrap_or_default();
                // Two words must not become one.
                blank(&mut stripped);
                continue;
            }
            '"' | '\'' => text(rest, first).ok_or_else(|| unclosed("a string", sheet, rest))?,
            // An address without quotes may hold what looks like a comment.
            'u' if rest.starts_with("url(") => {
                let end = rest.find(')');
                end.ok_or_else(|| unclosed("`url(`", sheet, rest))? + 1
            }
            '\n' => {
                end_line(&mut stripped);
                1
            }
            c if c.is_whitespace() => {
                blank(&mut stripped);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if first != '\n' {
            stripped.push_str(piece);
        }
        rest = after;
    }
    end_line(&mut stripped);
    Ok(stripped)
}

fn blank(stripped: &mut String) {
    if !stripped.is_empty() && !stripped.ends_with(['\n', ' ']) {
        stripped.push(' ');
    }
}

fn end_line(stripped: &mut String) {
    stripped.truncate(stripped.trim_end().len());
    if !stripped.is_empty() {
        stripped.push('\n');
    }
}

/// The length of the string that begins here.
fn text(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn unclosed(what: &str, sheet: &str, rest: &str) -> String {
    let before = sheet.len() - rest.len();
    let line = sheet
        .get(..before)
        .unwrap_or_default()
        .matches('\n')
        .count()
        + 1;
    format!("{line}: {what} is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        assert_eq!(
            strip("/* head\n */\n\na {\n  b: c; /* d */\n  e:/**/f  g;\n}\n").unwrap(),
            "a {\nb: c;\ne: f g;\n}\n"
        );
    }

    #[test]
    fn strings_and_addresses_stay_as_they_are() {
        let sheet = "a::before { content: \"/*  x */ \\\" \"; }\nb { c: url(data:x/*y); d: url(\"e/*f\"); }\n";
        assert_eq!(strip(sheet).unwrap(), sheet);
    }

    #[test]
    fn what_is_not_closed_is_told_with_its_line() {
        for (sheet, expected) in [
            ("a {}\n/* b", "2: `/*` is not closed"),
            ("a { b: \"c\n\" }", "1: a string is not closed"),
            ("\n\nurl(a", "3: `url(` is not closed"),
        ] {
            assert_eq!(strip(sheet).unwrap_err(), expected, "{sheet}");
        }
    }
}
