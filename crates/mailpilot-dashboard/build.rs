//! Turns `ui/` into a table: path, type, tag and bytes per coding. Downloads nothing, runs no tool.
//!
//! All files go below one folder named by the hash of them all, so modules, styles and images refer
//! to each other by plain relative paths and still may be cached for ever. The modules are linked into
//! few files (`build/link.rs`), the style sheets are joined, and what is vendored stays as it is.

#[path = "build/css.rs"]
mod css;
#[path = "build/link.rs"]
mod link;

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use flate2::{Compression, write::GzEncoder};

/// The page itself: it has no hash, and no bytes until the base path is known.
const INDEX: &str = "index.html";
/// Small enough to be part of the page.
const ICON: &str = "favicon.svg";
/// The style sheets of the first view in one, and those of all other pages.
const STYLE: &str = "style.css";
const LATER: &str = "later.css";
/// Sheets are named by number; those from this one on are of pages that are loaded later.
const FIRST_LATER: &str = "css/62-";
/// Files of others.
const VENDOR: &str = "vendor/";
/// What is for people and type checkers.
const NOT_SERVED: [&str; 2] = [".d.ts", ".md"];

type Files = BTreeMap<String, Vec<u8>>;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=ui");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=build.rs");
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn build() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = Files::new();
    read_folder(Path::new("ui"), "", &mut files)?;
    files.retain(|name, _| !NOT_SERVED.iter().any(|ending| name.ends_with(ending)));
    let index = take_text(&mut files, INDEX)?;
    let icon = take_text(&mut files, ICON)?;
    link_modules(&mut files)?;
    join_sheets(&mut files)?;

    let folder = format!("/assets/{}", tag(&files));
    let mut table = format!("static ASSETS: [Asset; {}] = [\n", files.len());
    for (number, (name, bytes)) in files.iter().enumerate() {
        let codings = Codings::write(&out, number, bytes)?;
        let path = format!("{folder}/{name}");
        let content_type = content_type(name)?;
        writeln!(
            table,
            "Asset {{ path: {path:?}, content_type: {content_type:?}, {codings}, immutable: true }},"
        )
        .map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    let index = index
        .replace("{{assets}}", &format!("{{{{base}}}}{folder}"))
        .replace("{{icon}}", &data_address(&icon));
    fs::write(out.join(INDEX), index)?;
    fs::write(out.join("assets.rs"), table)
}

fn take_text(files: &mut Files, name: &str) -> io::Result<String> {
    let missing = || io::Error::other(format!("ui/{name} is missing"));
    text(name, files.remove(name).ok_or_else(missing)?)
}

fn text(name: &str, bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::other(format!("ui/{name} is not UTF-8")))
}

/// Replaces the modules by the files they are linked into.
fn link_modules(files: &mut Files) -> io::Result<()> {
    let mut sources = BTreeMap::new();
    for (name, bytes) in files.extract_if(.., |name, _| name.ends_with(".js")) {
        sources.insert(name.clone(), text(&name, bytes)?);
    }
    let linked = link::link(&sources).map_err(|problems| io::Error::other(problems.join("\n")))?;
    for path in linked.unused {
        println!("cargo::warning=ui/{path}: no module imports it, so it is not served");
    }
    let vendored = sources
        .into_iter()
        .filter(|(name, _)| name.starts_with(VENDOR));
    files.extend(
        linked
            .files
            .into_iter()
            .chain(vendored)
            .map(|(name, code)| (name, code.into_bytes())),
    );
    Ok(())
}

/// Replaces the style sheets by two, those of others first, else in the order of their names.
fn join_sheets(files: &mut Files) -> io::Result<()> {
    let sheets = files.extract_if(.., |name, _| name.ends_with(".css"));
    let (vendored, own): (Vec<_>, Vec<_>) = sheets.partition(|(name, _)| name.starts_with(VENDOR));
    let (later, first): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|(name, _)| name.as_str() >= FIRST_LATER);
    let style = join(vendored.into_iter().chain(first))?;
    let later = join(later.into_iter())?;
    files.insert(STYLE.to_owned(), style);
    files.insert(LATER.to_owned(), later);
    Ok(())
}

fn join(sheets: impl Iterator<Item = (String, Vec<u8>)>) -> io::Result<Vec<u8>> {
    let mut joined = String::new();
    for (name, bytes) in sheets {
        let sheet = text(&name, bytes)?;
        let stripped = css::strip(&sheet)
            .map_err(|problem| io::Error::other(format!("ui/{name}:{problem}")))?;
        joined.push_str(&stripped);
    }
    Ok(joined.into_bytes())
}

/// An SVG as an address that needs no request, fit for an attribute in double quotes.
fn data_address(svg: &str) -> String {
    let mut address = "data:image/svg+xml,".to_owned();
    for byte in svg.trim().bytes() {
        match byte {
            b'"' => address.push('\''),
            b' '..=b'~' if !b"%#<>&{}'".contains(&byte) => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            io::Error::other(format!("{} is not UTF-8", Path::new(&name).display()))
        })?;
        let name = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// 64 bits that change with the content. They tell versions apart; nothing trusts them.
fn tag(content: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A type that is missing here is an error of the build: nosniff would make the browser refuse it.
fn content_type(name: &str) -> io::Result<&'static str> {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("json") => Ok("application/json"),
        Some("png") => Ok("image/png"),
        Some("svg") => Ok("image/svg+xml"),
        Some("txt") => Ok("text/plain; charset=utf-8"),
        Some("woff2") => Ok("font/woff2"),
        _ => Err(io::Error::other(format!(
            "ui/{name}: build.rs knows no type for it"
        ))),
    }
}

/// The fields `identity`, `gzip` and `brotli` of an asset, as source text.
struct Codings(String);

impl Codings {
    fn write(out: &Path, number: usize, bytes: &[u8]) -> io::Result<Self> {
        let tag = tag(&bytes);
        let body = |coding: &str, bytes: &[u8]| -> io::Result<String> {
            let file = format!("{number}.{coding}");
            fs::write(out.join(&file), bytes)?;
            let etag = format!("\"{tag}-{coding}\"");
            Ok(format!(
                "Body {{ etag: {etag:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\")) }}"
            ))
        };
        let smaller = |coding: &str, coded: Vec<u8>| -> io::Result<String> {
            // Less than 5 % is not worth unpacking.
            if coded.len() * 20 > bytes.len() * 19 {
                return Ok("None".to_owned());
            }
            Ok(format!("Some({})", body(coding, &coded)?))
        };
        let identity = body("identity", bytes)?;
        let gzip = smaller("gzip", gzip(bytes)?)?;
        let brotli = smaller("br", brotli(bytes)?)?;
        Ok(Self(format!(
            "identity: {identity}, gzip: {gzip}, brotli: {brotli}"
        )))
    }
}

impl std::fmt::Display for Codings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn brotli(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut coded = Vec::new();
    brotli::BrotliCompress(
        &mut bytes,
        &mut coded,
        &brotli::enc::BrotliEncoderParams::default(),
    )?;
    Ok(coded)
}
