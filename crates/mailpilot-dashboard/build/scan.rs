//! Splits a module of JavaScript into tokens: enough to tell code from strings, templates, regular
//! expressions and comments. Understands no grammar beyond that.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword or a private name (`#x`).
    Word,
    Number,
    /// One character of an operator or a bracket.
    Punct,
    /// A string in quotes.
    Text,
    /// A piece of a template, from a backtick or `}` to `${` or a backtick.
    Template,
    Regex,
    Comment,
    LineEnd,
    /// White space within a line.
    Blank,
}

/// A piece of the source; all pieces together are the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Counted from 1.
    pub(crate) line: usize,
    /// Brackets and template holes around it; 0 is the top level of the module.
    pub(crate) depth: usize,
    /// Whether it is the first of its line, not even indented.
    pub(crate) opens_line: bool,
}

/// What cannot be, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// All tokens of `source`.
///
/// A slash after `)`, `]`, `}`, a name or a value divides; any other opens a regular expression. The
/// rare code that this reads wrongly (`if (x) /'/.test(y)`) ends in an unclosed string, hence a fault.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut scanner = Scanner {
        source,
        at: 0,
        line: 1,
        open: Vec::new(),
        tokens: Vec::new(),
    };
    while scanner.at < source.len() {
        scanner.step()?;
    }
    match scanner.open.pop() {
        None => Ok(scanner.tokens),
        Some((bracket, line)) => Err(Fault {
            line,
            what: format!("`{bracket}` is not closed"),
        }),
    }
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    /// Brackets that are open and the lines they are in; `$` is the hole of a template.
    open: Vec<(char, usize)>,
    tokens: Vec<Token<'a>>,
}

impl<'a> Scanner<'a> {
    fn step(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(());
        };
        let (kind, length) = match first {
            '\n' => (Kind::LineEnd, 1),
            c if c.is_whitespace() => (Kind::Blank, run(rest, |c| c != '\n' && c.is_whitespace())),
            '/' if rest.starts_with("//") => (Kind::Comment, run(rest, |c| c != '\n')),
            '/' if rest.starts_with("/*") => (Kind::Comment, self.comment()?),
            '/' if self.regex_may_follow() => (Kind::Regex, self.regex()?),
            '"' | '\'' => (Kind::Text, self.string(first)?),
            '`' => return self.template(),
            '}' if self.open.last().is_some_and(|(bracket, _)| *bracket == '$') => {
                self.open.pop();
                return self.template();
            }
            c if c.is_ascii_digit() => (Kind::Number, run(rest, |c| c == '.' || is_word(c))),
            c if is_word(c) => (Kind::Word, run(rest, is_word)),
            c => {
                self.push(Kind::Punct, c.len_utf8());
                return self.bracket(c);
            }
        };
        self.push(kind, length);
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn fault<T>(&self, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault {
            line: self.line,
            what: what.into(),
        })
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        let opens_line = self.at == 0 || self.source.as_bytes().get(self.at - 1) == Some(&b'\n');
        self.tokens.push(Token {
            kind,
            text,
            line: self.line,
            depth: self.open.len(),
            opens_line,
        });
        self.line += text.matches('\n').count();
        self.at += text.len();
    }

    fn bracket(&mut self, c: char) -> Result<(), Fault> {
        let opening = match c {
            '(' | '[' | '{' => {
                self.open.push((c, self.line));
                return Ok(());
            }
            ')' => '(',
            ']' => '[',
            '}' => '{',
            _ => return Ok(()),
        };
        match self.open.pop() {
            Some((bracket, _)) if bracket == opening => Ok(()),
            _ => self.fault(format!("`{c}` closes nothing")),
        }
    }

    fn comment(&self) -> Result<usize, Fault> {
        match self.rest().get(2..).and_then(|inner| inner.find("*/")) {
            Some(end) => Ok(end + 4),
            None => self.fault("`/*` is not closed"),
        }
    }

    fn string(&self, quote: char) -> Result<usize, Fault> {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => return Ok(at + 1),
                _ => {}
            }
        }
        self.fault(format!("a string in {quote} is not closed in its line"))
    }

    fn regex(&self) -> Result<usize, Fault> {
        let (mut escaped, mut class) = (false, false);
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => return Ok(at + 1),
                _ => {}
            }
        }
        self.fault("a regular expression is not closed in its line")
    }

    /// From a backtick, or from the `}` of a hole, to the next hole or the end.
    fn template(&mut self) -> Result<(), Fault> {
        let (mut escaped, mut dollar) = (false, false);
        for (at, c) in self.rest().char_indices().skip(1) {
            let literal = std::mem::take(&mut escaped);
            match c {
                _ if literal => {}
                '\\' => escaped = true,
                '`' => {
                    self.push(Kind::Template, at + 1);
                    return Ok(());
                }
                '{' if dollar => {
                    self.push(Kind::Template, at + 1);
                    self.open.push(('$', self.line));
                    return Ok(());
                }
                _ => {}
            }
            dollar = c == '$' && !literal;
        }
        self.fault("a template is not closed")
    }

    fn regex_may_follow(&self) -> bool {
        const BEFORE: [&str; 14] = [
            "return",
            "typeof",
            "case",
            "in",
            "of",
            "delete",
            "void",
            "instanceof",
            "new",
            "throw",
            "else",
            "do",
            "yield",
            "await",
        ];
        let before = self
            .tokens
            .iter()
            .rev()
            .find(|token| !matches!(token.kind, Kind::Blank | Kind::LineEnd | Kind::Comment));
        before.is_none_or(|token| match token.kind {
            Kind::Punct => !matches!(token.text, ")" | "]" | "}"),
            Kind::Word => BEFORE.contains(&token.text),
            Kind::Template => token.text.ends_with("${"),
            _ => false,
        })
    }
}

/// The length of the longest beginning whose characters are all `wanted`.
fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of this kind.
    fn check(source: &str, kind: Kind, expected: &[&str]) {
        let tokens = tokens(source).unwrap();
        let whole: String = tokens.iter().map(|token| token.text).collect();
        assert_eq!(whole, source);
        let found: Vec<_> = tokens
            .iter()
            .filter(|token| token.kind == kind)
            .map(|token| token.text)
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    fn check_fault(source: &str, line: usize, what: &str) {
        let fault = tokens(source).unwrap_err();
        assert_eq!((fault.line, fault.what.as_str()), (line, what), "{source}");
    }

    #[test]
    fn comments_are_told_from_what_only_looks_like_them() {
        check(
            "a(); // b\n/* c\n d */ e(\"// no\", '/* no', `// no\n// no`, /\\/\\*[/*]/)",
            Kind::Comment,
            &["// b", "/* c\n d */"],
        );
    }

    #[test]
    fn templates_nest() {
        check(
            "html`<a b=${x ? `c${{ d: 1 }.d}` : \"}`\"}>$ {no} \\${no} \\``;\n",
            Kind::Template,
            &["`<a b=${", "`c${", "}`", "}>$ {no} \\${no} \\``"],
        );
    }

    #[test]
    fn a_slash_divides_after_a_value_and_opens_a_regular_expression_elsewhere() {
        check(
            "a = b / c / d; e = (f) / 2 / g[0] / 3; h = i.replace(/[/'\"]/g, x) / 1;\nreturn /`/;",
            Kind::Regex,
            &["/[/'\"]/", "/`/"],
        );
    }

    #[test]
    fn escapes_do_not_end_a_string() {
        check(
            r#"a("\"", '\\', "'")"#,
            Kind::Text,
            &[r#""\"""#, r"'\\'", r#""'""#],
        );
    }

    #[test]
    fn words_know_their_depth_and_whether_they_open_a_line() {
        let found: Vec<_> = tokens("a {\nb\n c(`${d}`) }\nö")
            .unwrap()
            .into_iter()
            .filter(|token| token.kind == Kind::Word)
            .map(|token| (token.text, token.line, token.depth, token.opens_line))
            .collect();
        assert_eq!(
            found,
            [
                ("a", 1, 0, true),
                ("b", 2, 1, true),
                ("c", 3, 1, false),
                ("d", 3, 3, false),
                ("ö", 4, 0, true)
            ]
        );
    }

    #[test]
    fn what_is_not_closed_is_named_with_its_line() {
        check_fault("a\n/* b", 2, "`/*` is not closed");
        check_fault("\n\n`a${b}", 3, "a template is not closed");
        check_fault("`a${b", 1, "`$` is not closed");
        check_fault("a('b\n')", 1, "a string in ' is not closed in its line");
        check_fault(
            "a = /b\n/",
            1,
            "a regular expression is not closed in its line",
        );
        check_fault("{\n(\n}", 3, "`}` closes nothing");
        check_fault("a\n{ (b) ", 2, "`{` is not closed");
        check_fault(
            "if (x) /'/.test(y)",
            1,
            "a string in ' is not closed in its line",
        );
    }
}
