//! Links the modules of `ui/` into few files, so that the first view needs few requests. Rewrites
//! imports and exports, drops comments and indentation, and changes no other code.
//!
//! `app.js` and all it imports become one file. What a dynamic import names becomes another, with
//! what it alone imports; modules that two of those share go into `shared.js`, so that their state
//! stays single and the first view does not wait for them. Vendored modules stay apart and are imported
//! by the browser. The modules run unlinked as well: whatever would make a difference is refused.

mod module;
mod scan;

use std::collections::{BTreeMap, BTreeSet};

use module::{Import, Module, Piece};

/// The module the page loads.
const ENTRY: &str = "app.js";
/// The file of what several dynamic imports need; no module is called so.
const SHARED: &str = "shared.js";
/// Modules of others; the browser imports them as they are.
const VENDOR: &str = "vendor/";

/// The files to serve.
#[derive(Debug)]
pub(crate) struct Linked {
    /// Paths relative to `ui/` and their code.
    pub(crate) files: BTreeMap<String, String>,
    /// Modules that nothing imports, hence in no file.
    pub(crate) unused: Vec<String>,
}

/// Links `sources`, paths relative to `ui/` and their code. Says all that is wrong.
pub(crate) fn link(sources: &BTreeMap<String, String>) -> Result<Linked, Vec<String>> {
    let graph = Graph::read(sources)?;
    let parts = graph.parts();
    let mut unused: BTreeSet<&str> = graph.modules.keys().copied().collect();
    let mut files = BTreeMap::new();
    for part in &parts {
        for module in &part.modules {
            unused.remove(module);
        }
        files.insert(part.entry.to_owned(), graph.emit(part, &parts));
    }
    Ok(Linked {
        files,
        unused: unused.into_iter().map(str::to_owned).collect(),
    })
}

/// One file to be: its modules, each after those it imports.
struct Part<'a> {
    entry: &'a str,
    modules: Vec<&'a str>,
}

impl Part<'_> {
    /// Whether other parts may import from this one; a page is imported as a whole.
    fn lends(&self) -> bool {
        [ENTRY, SHARED].contains(&self.entry)
    }
}

/// The modules by path; every import leads somewhere, and never in a circle.
struct Graph<'a> {
    modules: BTreeMap<&'a str, Module>,
}

impl<'a> Graph<'a> {
    fn read(sources: &'a BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut modules = BTreeMap::new();
        let mut vendored = BTreeMap::new();
        let mut problems = Vec::new();
        for (path, source) in sources {
            if path.starts_with(VENDOR) {
                vendored.insert(path.as_str(), vendored_exports(source));
                continue;
            }
            match Module::parse(path, source) {
                Ok(module) => {
                    modules.insert(path.as_str(), module);
                }
                Err(fault) => problems.push(format!("ui/{path}:{}: {}", fault.line, fault.what)),
            }
        }
        if problems.is_empty() {
            let graph = Self { modules };
            graph.check(&vendored, &mut problems);
            if problems.is_empty() {
                return Ok(graph);
            }
        }
        Err(problems)
    }

    fn check(&self, vendored: &BTreeMap<&str, BTreeSet<&str>>, problems: &mut Vec<String>) {
        if !self.modules.contains_key(ENTRY) {
            problems.push(format!("ui/{ENTRY} is missing"));
        }
        if self.modules.contains_key(SHARED) {
            problems.push(format!(
                "ui/{SHARED} is the name of a linked file; take another"
            ));
        }
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for (path, module) in &self.modules {
            if let Some(other) = names.insert(name(path), path) {
                problems.push(format!(
                    "ui/{path} and ui/{other} differ by signs alone; give one another name"
                ));
            }
            let mut problem = |(line, what): (usize, String)| {
                problems.push(format!("ui/{path}:{line}: {what}"));
            };
            for import in &module.imports {
                self.check_static(import, vendored).for_each(&mut problem);
            }
            for (line, target) in module.dynamic() {
                let what = self.check_dynamic(target, vendored);
                what.into_iter().for_each(|what| problem((line, what)));
            }
        }
        if problems.is_empty() {
            let mut done = BTreeSet::new();
            let mut paths = self.modules.keys();
            let circle = paths.find_map(|path| self.circle(path, &mut Vec::new(), &mut done));
            problems.extend(circle.map(|it| format!("modules import each other: {it}")));
        }
    }

    fn check_static<'p>(
        &'p self,
        import: &'p Import,
        vendored: &'p BTreeMap<&str, BTreeSet<&str>>,
    ) -> impl Iterator<Item = (usize, String)> + 'p {
        let target = import.path.as_str();
        let (own, other) = (self.modules.get(target), vendored.get(target));
        let missing = own.is_none() && other.is_none();
        let exported = move |name: &str| match own {
            Some(module) => module.exports.iter().any(|export| export == name),
            None => other.is_some_and(|exports| exports.contains(name)),
        };
        let nowhere = missing.then(|| format!("ui/{target} does not exist"));
        let unknown = import
            .names
            .iter()
            .filter(move |(name, _)| !missing && !exported(name));
        let unknown = unknown.map(move |(name, _)| format!("ui/{target} does not export `{name}`"));
        nowhere
            .into_iter()
            .chain(unknown)
            .map(|what| (import.line, what))
    }

    fn check_dynamic(
        &self,
        target: &str,
        vendored: &BTreeMap<&str, BTreeSet<&str>>,
    ) -> Option<String> {
        match self.modules.get(target) {
            _ if target == ENTRY => Some(format!(
                "ui/{ENTRY} is there already; import nothing from it"
            )),
            Some(module) if module.exports.is_empty() => {
                Some(format!("ui/{target} exports nothing"))
            }
            None if !vendored.contains_key(target) => Some(format!("ui/{target} does not exist")),
            _ => None,
        }
    }

    /// The first circle found from `path` on, as `a.js → b.js → a.js`.
    fn circle<'p>(
        &'p self,
        path: &'p str,
        trail: &mut Vec<&'p str>,
        done: &mut BTreeSet<&'p str>,
    ) -> Option<String> {
        if let Some(start) = trail.iter().position(|before| *before == path) {
            trail.push(path);
            return Some(trail.get(start..).unwrap_or_default().join(" → "));
        }
        if done.contains(path) {
            return None;
        }
        trail.push(path);
        for next in self.imported(path) {
            let circle = self.circle(next, trail, done);
            if circle.is_some() {
                return circle;
            }
        }
        trail.pop();
        done.insert(path);
        None
    }

    /// The modules that `path` imports statically, vendored ones left out, in their order.
    fn imported(&self, path: &str) -> impl Iterator<Item = &str> {
        let imports = self.modules.get(path).map(|module| &module.imports);
        imports
            .into_iter()
            .flatten()
            .filter_map(|import| self.key(&import.path))
    }

    fn key(&self, path: &str) -> Option<&str> {
        self.modules.get_key_value(path).map(|(key, _)| *key)
    }

    /// Appends `path` and all it imports to `order`, each after what it imports.
    fn closure<'p>(&'p self, path: &'p str, order: &mut Vec<&'p str>) {
        if order.contains(&path) {
            return;
        }
        for next in self.imported(path) {
            self.closure(next, order);
        }
        order.push(path);
    }

    /// The file of `app.js` first, then what several of the others share, then one for each dynamic
    /// import that can be reached.
    fn parts(&self) -> Vec<Part<'_>> {
        let closure = |entry| {
            let mut order = Vec::new();
            self.closure(entry, &mut order);
            order
        };
        let app = closure(ENTRY);
        let mut chunks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut waiting = app.clone();
        while let Some(path) = waiting.pop() {
            let targets = self.modules.get(path).into_iter().flat_map(Module::dynamic);
            for entry in targets.filter_map(|(_, target)| self.key(target)) {
                if !chunks.contains_key(entry) {
                    let modules = closure(entry);
                    waiting.extend(&modules);
                    chunks.insert(entry, modules);
                }
            }
        }
        let mut seen: BTreeSet<&str> = app.iter().copied().collect();
        let mut shared = Vec::new();
        for module in chunks.values().flatten() {
            if !seen.insert(*module) && !app.contains(module) {
                self.closure(module, &mut shared);
            }
        }
        shared.retain(|module| !app.contains(module));
        for modules in chunks.values_mut() {
            modules.retain(|module| !app.contains(module) && !shared.contains(module));
        }
        let first = Part {
            entry: ENTRY,
            modules: app,
        };
        let second = Part {
            entry: SHARED,
            modules: shared,
        };
        let chunks = chunks
            .into_iter()
            .map(|(entry, modules)| Part { entry, modules });
        [first, second]
            .into_iter()
            .filter(|part| !part.modules.is_empty())
            .chain(chunks)
            .collect()
    }

    fn emit(&self, part: &Part<'_>, parts: &[Part<'_>]) -> String {
        let modules = || {
            part.modules
                .iter()
                .filter_map(|path| self.modules.get(path))
        };
        let vendored: BTreeSet<&str> = modules()
            .flat_map(|module| &module.imports)
            .map(|import| import.path.as_str())
            .filter(|path| path.starts_with(VENDOR))
            .collect();
        let mut code = String::new();
        for path in vendored {
            let address = relative(part.entry, path);
            code.push_str(&format!("import * as {} from \"{address}\";\n", name(path)));
        }
        for lender in parts.iter().filter(|other| other.lends()) {
            let names = list(&self.borrowed(part, lender));
            if !names.is_empty() {
                let address = relative(part.entry, lender.entry);
                code.push_str(&format!("import {{ {names} }} from \"{address}\";\n"));
            }
        }
        for path in &part.modules {
            self.emit_module(path, part.entry, &mut code);
        }
        if part.lends() {
            let lent: BTreeSet<&str> = parts
                .iter()
                .flat_map(|borrower| self.borrowed(borrower, part))
                .collect();
            if !lent.is_empty() {
                code.push_str(&format!("export {{ {} }};\n", list(&lent)));
            }
        } else if let Some(module) = self.modules.get(part.entry) {
            let names = module.exports.join(", ");
            let from = name(part.entry);
            code.push_str(&format!("export const {{ {names} }} = {from};\n"));
        }
        code
    }

    /// The modules of one part that another needs.
    fn borrowed<'p>(&'p self, part: &Part<'p>, lender: &Part<'_>) -> BTreeSet<&'p str> {
        if part.entry == lender.entry {
            return BTreeSet::new();
        }
        let imported = part.modules.iter().flat_map(|path| self.imported(path));
        let entry = Some(part.entry).filter(|_| !part.lends());
        imported
            .chain(entry)
            .filter(|path| lender.modules.contains(path))
            .collect()
    }

    fn emit_module(&self, path: &str, file: &str, code: &mut String) {
        let Some(module) = self.modules.get(path) else {
            return;
        };
        if !module.exports.is_empty() {
            code.push_str(&format!("const {} = ", name(path)));
        }
        code.push_str("(() => {\n");
        for import in &module.imports {
            let names: Vec<String> = import.names.iter().map(binding).collect();
            let from = name(&import.path);
            code.push_str(&format!("const {{ {} }} = {from};\n", names.join(", ")));
        }
        for piece in &module.body {
            match piece {
                Piece::Code(text) => code.push_str(text),
                Piece::Dynamic { path, .. } => {
                    code.push_str(&format!("\"{}\"", relative(file, path)));
                }
            }
        }
        if !module.exports.is_empty() {
            code.push_str(&format!("return {{ {} }};\n", module.exports.join(", ")));
        }
        code.push_str("})();\n");
    }
}

impl Module {
    /// What dynamic imports name, with their lines.
    fn dynamic(&self) -> impl Iterator<Item = (usize, &str)> {
        self.body.iter().filter_map(|piece| match piece {
            Piece::Dynamic { line, path } => Some((*line, path.as_str())),
            Piece::Code(_) => None,
        })
    }
}

/// What the variable of a module is called: `core/api.js` is `$core_api`.
fn name(path: &str) -> String {
    let stem = path.strip_suffix(".js").unwrap_or(path);
    let sign = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("${}", stem.chars().map(sign).collect::<String>())
}

fn list(paths: &BTreeSet<&str>) -> String {
    let names: Vec<String> = paths.iter().map(|path| name(path)).collect();
    names.join(", ")
}

fn binding((exported, used): &(String, String)) -> String {
    if exported == used {
        used.clone()
    } else {
        format!("{exported}: {used}")
    }
}

/// The address of `to` in the file `from`, both relative to `ui/`.
fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    let mut to: Vec<&str> = to.split('/').collect();
    from.pop();
    while to.len() > 1 && !from.is_empty() && from.first() == to.first() {
        from.remove(0);
        to.remove(0);
    }
    let start = if from.is_empty() { "./" } else { "" };
    format!("{start}{}{}", "../".repeat(from.len()), to.join("/"))
}

/// The names in the `export{…}` of a vendored module, as esbuild writes them.
fn vendored_exports(source: &str) -> BTreeSet<&str> {
    let lists = source.split("export{").skip(1);
    lists
        .filter_map(|rest| rest.split('}').next())
        .flat_map(|list| list.split(','))
        .filter_map(|item| item.split_whitespace().last())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let own = |(path, code): &(&str, &str)| ((*path).to_owned(), (*code).to_owned());
        files.iter().map(own).collect()
    }

    fn check(files: &[(&str, &str)], expected: &[(&str, &str)]) {
        assert_eq!(link(&sources(files)).unwrap().files, sources(expected));
    }

    fn check_problems(files: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(link(&sources(files)).unwrap_err(), expected);
    }

    #[test]
    fn the_entry_and_all_it_imports_become_one_file() {
        check(
            &[
                (
                    "app.js",
                    "import { b as c } from \"./core/b.js\";\nimport { d } from \"./d.js\";\nc(d);\n",
                ),
                (
                    "core/b.js",
                    "import { d } from \"../d.js\";\n/** @returns {number} */\nexport function b() {\n  return d;\n}\n",
                ),
                ("d.js", "export const d = 1;\n"),
            ],
            &[(
                "app.js",
                "const $d = (() => {\nconst d = 1;\nreturn { d };\n})();\n\
                 const $core_b = (() => {\nconst { d } = $d;\nfunction b() {\nreturn d;\n}\nreturn { b };\n})();\n\
                 (() => {\nconst { b: c } = $core_b;\nconst { d } = $d;\nc(d);\n})();\n",
            )],
        );
    }

    #[test]
    fn a_dynamic_import_names_a_file_of_its_own_and_shared_modules_are_another() {
        let page = "import { s } from \"../s.js\";\nimport { t } from \"./t.js\";\nexport const Page = s + t;\n";
        check(
            &[
                (
                    "app.js",
                    "import { c } from \"./c.js\";\nf(c, () => import(\"./pages/a.js\"), () => import(\"./pages/b.js\"));\n",
                ),
                ("c.js", "export const c = 3;\n"),
                ("pages/a.js", page),
                (
                    "pages/b.js",
                    "import { c } from \"../c.js\";\nimport { s } from \"../s.js\";\nexport const x = s + c;\nexport const y = () => import(\"./a.js\");\n",
                ),
                ("pages/t.js", "export const t = 2;\n"),
                (
                    "s.js",
                    "import { c } from \"./c.js\";\nexport const s = c;\n",
                ),
            ],
            &[
                (
                    "app.js",
                    "const $c = (() => {\nconst c = 3;\nreturn { c };\n})();\n\
                     (() => {\nconst { c } = $c;\nf(c, () => import(\"./pages/a.js\"), () => import(\"./pages/b.js\"));\n})();\n\
                     export { $c };\n",
                ),
                (
                    "shared.js",
                    "import { $c } from \"./app.js\";\n\
                     const $s = (() => {\nconst { c } = $c;\nconst s = c;\nreturn { s };\n})();\nexport { $s };\n",
                ),
                (
                    "pages/a.js",
                    "import { $s } from \"../shared.js\";\n\
                     const $pages_t = (() => {\nconst t = 2;\nreturn { t };\n})();\n\
                     const $pages_a = (() => {\nconst { s } = $s;\nconst { t } = $pages_t;\nconst Page = s + t;\nreturn { Page };\n})();\n\
                     export const { Page } = $pages_a;\n",
                ),
                (
                    "pages/b.js",
                    "import { $c } from \"../app.js\";\nimport { $s } from \"../shared.js\";\n\
                     const $pages_b = (() => {\nconst { c } = $c;\nconst { s } = $s;\nconst x = s + c;\nconst y = () => import(\"./a.js\");\nreturn { x, y };\n})();\n\
                     export const { x, y } = $pages_b;\n",
                ),
            ],
        );
    }

    #[test]
    fn a_dynamic_import_of_what_is_there_already_gets_it_from_the_first_file() {
        check(
            &[
                (
                    "app.js",
                    "import { a } from \"./a.js\";\na(import(\"./a.js\"));\n",
                ),
                ("a.js", "export class a {}\n"),
            ],
            &[
                (
                    "app.js",
                    "const $a = (() => {\nclass a {}\nreturn { a };\n})();\n\
                     (() => {\nconst { a } = $a;\na(import(\"./a.js\"));\n})();\nexport { $a };\n",
                ),
                (
                    "a.js",
                    "import { $a } from \"./app.js\";\nexport const { a } = $a;\n",
                ),
            ],
        );
    }

    #[test]
    fn addresses_are_those_of_the_file_the_code_ends_in() {
        check(
            &[
                ("app.js", "import { a } from \"./parts/a.js\";\na();\n"),
                (
                    "parts/a.js",
                    "import { html } from \"../vendor/preact.js\";\nexport const a = () => html(import(\"../pages/p.js\"), import(\"../vendor/d3.js\"));\n",
                ),
                (
                    "pages/p.js",
                    "import { html as h } from \"../vendor/preact.js\";\nexport const p = h;\n",
                ),
                (
                    "vendor/preact.js",
                    "var a=1,b=2;export{a as html,b as signal};",
                ),
                ("vendor/d3.js", "export{a as line};"),
            ],
            &[
                (
                    "app.js",
                    "import * as $vendor_preact from \"./vendor/preact.js\";\n\
                     const $parts_a = (() => {\nconst { html } = $vendor_preact;\n\
                     const a = () => html(import(\"./pages/p.js\"), import(\"./vendor/d3.js\"));\nreturn { a };\n})();\n\
                     (() => {\nconst { a } = $parts_a;\na();\n})();\n",
                ),
                (
                    "pages/p.js",
                    "import * as $vendor_preact from \"../vendor/preact.js\";\n\
                     const $pages_p = (() => {\nconst { html: h } = $vendor_preact;\nconst p = h;\nreturn { p };\n})();\n\
                     export const { p } = $pages_p;\n",
                ),
            ],
        );
    }

    #[test]
    fn relative_addresses_climb_only_as_far_as_they_must() {
        for (from, to, expected) in [
            ("app.js", "a.js", "./a.js"),
            ("app.js", "p/a.js", "./p/a.js"),
            ("p/a.js", "app.js", "../app.js"),
            ("p/a.js", "p/b.js", "./b.js"),
            ("p/a.js", "p/q/b.js", "./q/b.js"),
            ("p/q/a.js", "p/b.js", "../b.js"),
            ("p/q/a.js", "r/b.js", "../../r/b.js"),
        ] {
            assert_eq!(relative(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn every_import_must_lead_to_an_exported_name() {
        check_problems(
            &[
                ("a.js", "export const a = 1;\n"),
                (
                    "app.js",
                    "import { b } from \"./a.js\";\nimport { c } from \"./gone.js\";\nimport { d } from \"./vendor/v.js\";\n\
                     f(() => import(\"./lost.js\"), import(\"./app.js\"), import(\"./e.js\"));\n",
                ),
                ("e.js", "1;\n"),
                ("vendor/v.js", "export{x as y};"),
            ],
            &[
                "ui/app.js:1: ui/a.js does not export `b`",
                "ui/app.js:2: ui/gone.js does not exist",
                "ui/app.js:3: ui/vendor/v.js does not export `d`",
                "ui/app.js:4: ui/lost.js does not exist",
                "ui/app.js:4: ui/app.js is there already; import nothing from it",
                "ui/app.js:4: ui/e.js exports nothing",
            ],
        );
    }

    #[test]
    fn all_faults_are_told_with_file_and_line() {
        check_problems(
            &[("app.js", "\nawait 1;\n"), ("b.js", "`")],
            &[
                "ui/app.js:2: found `await` at the top level, which is not allowed",
                "ui/b.js:1: a template is not closed",
            ],
        );
        check_problems(&[("b.js", "1;\n")], &["ui/app.js is missing"]);
        check_problems(
            &[("app.js", "1;\n"), ("shared.js", "1;\n")],
            &["ui/shared.js is the name of a linked file; take another"],
        );
    }

    #[test]
    fn a_circle_is_named() {
        check_problems(
            &[
                ("app.js", "import { a } from \"./a.js\";\na;\n"),
                (
                    "a.js",
                    "import { b } from \"./b.js\";\nexport const a = b;\n",
                ),
                (
                    "b.js",
                    "import { c } from \"./c.js\";\nexport const b = c;\n",
                ),
                (
                    "c.js",
                    "import { a } from \"./a.js\";\nexport const c = a;\n",
                ),
            ],
            &["modules import each other: a.js → b.js → c.js → a.js"],
        );
    }

    #[test]
    fn two_modules_cannot_have_one_name() {
        check_problems(
            &[("app.js", "1;\n"), ("a-b.js", "1;\n"), ("a/b.js", "1;\n")],
            &["ui/a/b.js and ui/a-b.js differ by signs alone; give one another name"],
        );
    }

    #[test]
    fn modules_that_nothing_imports_are_told() {
        let linked = link(&sources(&[("app.js", "1;\n"), ("a.js", "1;\n")])).unwrap();
        assert_eq!(linked.unused, ["a.js"]);
        assert_eq!(linked.files.len(), 1);
    }
}
