//! Reads one module: what it imports, what it exports, and its body without comments. Knows of no
//! other module.

use super::scan::{Fault, Kind, Token, tokens};

const ALLOWED: &str = "allowed, at the start of a line, are `import { a, b as c } from \"./x.js\";`, \
    `export function`, `export async function`, `export class` and `export const NAME =`";

/// One module.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<String>,
    /// The code as it goes into the linked file.
    pub(crate) body: Vec<Piece>,
}

/// `import { a, b as c } from "./x.js";`
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) line: usize,
    /// Relative to `ui/`.
    pub(crate) path: String,
    /// The names as they are exported and as they are used.
    pub(crate) names: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Code(String),
    /// The string of `import("…")`, its path relative to `ui/`.
    Dynamic {
        line: usize,
        path: String,
    },
}

impl Module {
    /// Reads the module at `path`, which is relative to `ui/`.
    pub(crate) fn parse(path: &str, source: &str) -> Result<Self, Fault> {
        let all = tokens(source)?;
        let mut reader = Reader {
            path,
            source,
            tokens: &all,
            at: 0,
            awaitable: false,
            module: Self {
                imports: Vec::new(),
                exports: Vec::new(),
                body: Vec::new(),
            },
            line: String::new(),
        };
        while let Some(token) = reader.tokens.get(reader.at) {
            reader.step(*token)?;
        }
        reader.end_line();
        Ok(reader.module)
    }
}

struct Reader<'a> {
    path: &'a str,
    source: &'a str,
    tokens: &'a [Token<'a>],
    at: usize,
    /// Whether the statement at the top level has an `async` in it.
    awaitable: bool,
    module: Module,
    /// What the present line of the body holds so far.
    line: String,
}

impl<'a> Reader<'a> {
    fn step(&mut self, token: Token<'a>) -> Result<(), Fault> {
        if token.depth == 0 && (token.opens_line || token.text == ";") {
            self.awaitable = false;
        }
        match token.kind {
            Kind::Word if !self.follows_a_dot() => return self.word(token),
            Kind::Comment if token.text.contains('\n') => self.end_line(),
            Kind::Comment if self.line.is_empty() || self.line.ends_with(' ') => {}
            Kind::Comment => self.line.push(' '),
            Kind::LineEnd => self.end_line(),
            Kind::Blank if self.line.is_empty() || self.line.ends_with(' ') => {}
            _ => self.line.push_str(token.text),
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, token: Token<'a>) -> Result<(), Fault> {
        let next = self.cursor().next().map_or("", |next| next.text);
        match token.text {
            "import" if next == "(" => return self.dynamic_import(token),
            "import" if next == "." => {
                return fault(token, "found `import.meta`, which a linked module has not");
            }
            "import" if token.depth == 0 => return self.import(token),
            "export" if token.depth == 0 => return self.export(token),
            "await" if token.depth == 0 && !self.awaitable => {
                return fault(
                    token,
                    "found `await` at the top level, which is not allowed",
                );
            }
            "async" if token.depth == 0 => self.awaitable = true,
            word if word.starts_with('$') => {
                let what = format!("found `{word}`; names that begin with `$` are the linker's");
                return fault(token, what);
            }
            _ => {}
        }
        self.line.push_str(token.text);
        self.at += 1;
        Ok(())
    }

    fn import(&mut self, start: Token<'a>) -> Result<(), Fault> {
        let mut cursor = self.cursor();
        let (names, address) = names_and_address(&mut cursor)
            .filter(|_| start.opens_line)
            .ok_or_else(|| self.refused(start))?;
        let path = self.resolve(address)?;
        self.at = cursor.at;
        self.module.imports.push(Import {
            line: start.line,
            path,
            names,
        });
        Ok(())
    }

    /// Notes the name and leaves `export` out of the body.
    fn export(&mut self, start: Token<'a>) -> Result<(), Fault> {
        let name = declared_name(self.cursor())
            .filter(|_| start.opens_line)
            .ok_or_else(|| self.refused(start))?;
        self.module.exports.push(name.to_owned());
        self.at += 1;
        Ok(())
    }

    fn dynamic_import(&mut self, start: Token<'a>) -> Result<(), Fault> {
        let mut cursor = self.cursor();
        cursor.take(Kind::Punct, "(");
        let address = cursor.take(Kind::Text, "");
        let Some(address) = address.filter(|_| cursor.take(Kind::Punct, ")").is_some()) else {
            let what = "`import(…)` takes one literal, such as `import(\"./pages/x.js\")`";
            return fault(start, what);
        };
        let path = self.resolve(address)?;
        self.at = cursor.at;
        self.line.push_str("import(");
        let code = std::mem::take(&mut self.line);
        self.module.body.push(Piece::Code(code));
        let line = start.line;
        self.module.body.push(Piece::Dynamic { line, path });
        self.line.push(')');
        Ok(())
    }

    /// A path in quotes, relative to this module, as one relative to `ui/`.
    fn resolve(&self, token: Token<'_>) -> Result<String, Fault> {
        let quoted = token.text;
        let inner = quoted.trim_matches(['"', '\'']);
        let relative = inner.starts_with("./") || inner.starts_with("../");
        if !relative || !inner.ends_with(".js") || inner.contains('\\') {
            return fault(
                token,
                format!("found the address {quoted}; allowed are `./x.js` and `../x.js`"),
            );
        }
        let mut parts: Vec<&str> = self.path.split('/').collect();
        parts.pop();
        for part in inner.split('/') {
            match part {
                "." => {}
                ".." if parts.pop().is_none() => {
                    return fault(token, format!("{quoted} leads out of ui/"));
                }
                ".." => {}
                part => parts.push(part),
            }
        }
        Ok(parts.join("/"))
    }

    fn cursor(&self) -> Cursor<'a> {
        Cursor {
            tokens: self.tokens,
            at: self.at + 1,
        }
    }

    fn follows_a_dot(&self) -> bool {
        let before = self.tokens.get(..self.at).unwrap_or_default();
        let mut before = before.iter().rev().filter(|token| !is_space(token.kind));
        // `...name` spreads a name; only a single dot takes a member.
        before.next().is_some_and(|token| token.text == ".")
            && before.next().is_none_or(|token| token.text != ".")
    }

    fn refused(&self, token: Token<'_>) -> Fault {
        let line = self.source.lines().nth(token.line - 1).unwrap_or_default();
        let shown: String = line.trim().chars().take(60).collect();
        Fault {
            line: token.line,
            what: format!("found `{shown}`; {ALLOWED}"),
        }
    }

    fn end_line(&mut self) {
        let line = self.line.trim_end();
        if !line.is_empty() {
            let code = format!("{line}\n");
            self.module.body.push(Piece::Code(code));
        }
        self.line.clear();
    }
}

/// Walks over the tokens that mean something.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    tokens: &'a [Token<'a>],
    /// The token after the one taken last.
    at: usize,
}

impl<'a> Cursor<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let token = *self.tokens.get(self.at)?;
            self.at += 1;
            if !is_space(token.kind) {
                return Some(token);
            }
        }
    }

    /// The next token, if it is of this kind and, unless that is empty, of this text.
    fn take(&mut self, kind: Kind, text: &str) -> Option<Token<'a>> {
        let mut ahead = *self;
        let token = ahead.next()?;
        let fits = token.kind == kind && (text.is_empty() || token.text == text);
        fits.then(|| {
            *self = ahead;
            token
        })
    }
}

type Names = Vec<(String, String)>;

/// `{ a, b as c } from "./x.js";`
fn names_and_address<'a>(cursor: &mut Cursor<'a>) -> Option<(Names, Token<'a>)> {
    let mut names = Vec::new();
    cursor.take(Kind::Punct, "{")?;
    loop {
        let exported = cursor.take(Kind::Word, "")?;
        let used = match cursor.take(Kind::Word, "as") {
            Some(_) => cursor.take(Kind::Word, "")?,
            None => exported,
        };
        names.push((exported.text.to_owned(), used.text.to_owned()));
        let comma = cursor.take(Kind::Punct, ",");
        if cursor.take(Kind::Punct, "}").is_some() {
            break;
        }
        comma?;
    }
    cursor.take(Kind::Word, "from")?;
    let address = cursor.take(Kind::Text, "")?;
    cursor.take(Kind::Punct, ";")?;
    Some((names, address))
}

/// The name that an accepted declaration after `export` declares.
fn declared_name(mut cursor: Cursor<'_>) -> Option<&str> {
    let declaration = cursor.take(Kind::Word, "")?.text;
    match declaration {
        "async" => {
            cursor.take(Kind::Word, "function")?;
        }
        "function" | "class" | "const" => {}
        _ => return None,
    }
    let name = cursor.take(Kind::Word, "")?;
    if declaration == "const" {
        cursor.take(Kind::Punct, "=")?;
    }
    Some(name.text)
}

fn is_space(kind: Kind) -> bool {
    matches!(kind, Kind::Blank | Kind::LineEnd | Kind::Comment)
}

fn fault<T>(token: Token<'_>, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        line: token.line,
        what: what.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Module {
        Module::parse("pages/a.js", source).unwrap()
    }

    fn body(source: &str) -> String {
        let pieces = parse(source).body.into_iter();
        let text = pieces.map(|piece| match piece {
            Piece::Code(code) => code,
            Piece::Dynamic { path, .. } => format!("<{path}>"),
        });
        text.collect()
    }

    fn check_fault(source: &str, line: usize, what: &str) {
        let fault = Module::parse("pages/a.js", source).unwrap_err();
        assert_eq!(fault.line, line, "{source}: {fault:?}");
        assert!(fault.what.contains(what), "{source}: {fault:?}");
    }

    #[test]
    fn imports_are_read_and_leave_the_body() {
        let module = parse(
            "// Head.\nimport { a, b as c } from \"./x.js\";\nimport {\n  d, // why\n  e,\n} from '../core/y.js';\nf();\n",
        );
        let found: Vec<_> = module
            .imports
            .iter()
            .map(|import| (import.line, import.path.as_str(), import.names.len()))
            .collect();
        assert_eq!(found, [(2, "pages/x.js", 2), (3, "core/y.js", 2)]);
        assert_eq!(module.imports[0].names[1], ("b".to_owned(), "c".to_owned()));
        assert_eq!(module.body, [Piece::Code("f();\n".to_owned())]);
    }

    #[test]
    fn exports_are_noted_and_become_plain_declarations() {
        let source = "export function a() {}\nexport async function b() {}\nexport class C {}\nexport const d = 1;\n";
        assert_eq!(parse(source).exports, ["a", "b", "C", "d"]);
        assert_eq!(
            body(source),
            "function a() {}\nasync function b() {}\nclass C {}\nconst d = 1;\n"
        );
    }

    #[test]
    fn comments_and_indentation_go_and_text_stays() {
        assert_eq!(
            body(
                "/** Head.\n * more */\n\n  a(/* b */ 1); // c\n  d = `\n    // not a comment\n  ${ /** @type {X} */ (e) }\n`;\n\tf('// no', /\\/\\//);"
            ),
            "a( 1);\nd = `\n    // not a comment\n  ${ (e) }\n`;\nf('// no', /\\/\\//);\n"
        );
    }

    #[test]
    fn a_comment_over_lines_still_ends_the_line() {
        assert_eq!(body("a = b /* c\n*/ (d)"), "a = b\n(d)\n");
    }

    #[test]
    fn dynamic_imports_are_found_wherever_they_are() {
        assert_eq!(
            body("f(`${() => import(\"./b.js\")}`, { g: () => import( '../core/c.js' ) });"),
            "f(`${() => import(<pages/b.js>)}`, { g: () => import(<core/c.js>) });\n"
        );
        assert_eq!(body("x.import(y); // import(z)\n"), "x.import(y);\n");
    }

    #[test]
    fn other_forms_of_import_and_export_are_refused() {
        for form in [
            "import \"./x.js\";",
            "import x from \"./x.js\";",
            "import * as x from \"./x.js\";",
            "import { x } from \"./x.js\"",
            "import {} from \"./x.js\";",
            "import { x y } from \"./x.js\";",
            "import { x } from \"./x.json\" with { type: \"json\" };",
            "export default f;",
            "export { x };",
            "export * from \"./x.js\";",
            "export let x = 1;",
            "export const { x } = y;",
            "export const [x] = y;",
            "export function* x() {}",
            "export async () => 1;",
            " export const x = 1;",
            "a(); import { x } from \"./x.js\";",
        ] {
            let shown = form.trim();
            check_fault(
                &format!("a();\n{form}\n"),
                2,
                &format!("found `{shown}`; allowed"),
            );
        }
    }

    #[test]
    fn addresses_are_relative_and_stay_inside() {
        for (address, what) in [
            ("x.js", "allowed are"),
            ("preact", "allowed are"),
            ("/x.js", "allowed are"),
            ("https://example.org/x.js", "allowed are"),
            ("./x.css", "allowed are"),
            ("./\\x.js", "allowed are"),
            ("../../x.js", "leads out of ui/"),
        ] {
            check_fault(&format!("import {{ a }} from \"{address}\";"), 1, what);
            check_fault(&format!("f(() => import(\"{address}\"));"), 1, what);
        }
    }

    #[test]
    fn what_cannot_be_linked_is_refused() {
        check_fault("f();\nimport(x);", 2, "takes one literal");
        check_fault("import(`./x.js`);", 1, "takes one literal");
        check_fault("a(import.meta.url);", 1, "import.meta");
        check_fault("const $a = 1;", 1, "`$a`");
        check_fault(
            "const a = 1;\nconst b = await c;",
            2,
            "`await` at the top level",
        );
        check_fault("const a = async () => await b;\nawait c;", 2, "top level");
    }

    #[test]
    fn await_and_words_as_members_are_fine_inside() {
        for source in [
            "const a = async () => await b;\n",
            "async function a() {\nawait b;\n}\n",
            "f(async () => {\nawait b;\n});\n",
            "f({ import: 1, export: 2 }, a.export, b.await);\n",
        ] {
            assert_eq!(body(source), source);
        }
    }
}
