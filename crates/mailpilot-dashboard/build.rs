//! Turns `ui/` into a table: path, type, tag and bytes per coding. Downloads nothing, runs no tool.
//!
//! All files go below one folder named by the hash of them all, so modules, styles and images refer
//! to each other by plain relative paths and still may be cached for ever.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

/// The page itself: it has no hash, and no bytes until the base path is known.
const INDEX: &str = "index.html";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=ui");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = BTreeMap::new();
    read_folder(Path::new("ui"), "", &mut files)?;
    let index = files
        .remove(INDEX)
        .ok_or_else(|| io::Error::other("ui/index.html is missing"))?;
    let index = String::from_utf8(index).map_err(io::Error::other)?;

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
    let index = index.replace("{{assets}}", &format!("{{{{base}}}}{folder}"));
    fs::write(out.join(INDEX), index)?;
    fs::write(out.join("assets.rs"), table)
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> io::Result<()> {
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
