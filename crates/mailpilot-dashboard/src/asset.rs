//! The table of assets that `build.rs` made, and the look-up in it.

/// One file of the dashboard.
#[derive(Debug)]
pub struct Asset {
    /// Its path below the base path, with the hash of all assets in it: `/assets/<hash>/app.js`.
    pub path: &'static str,
    /// The value for `Content-Type`.
    pub content_type: &'static str,
    /// The bytes as they are.
    pub identity: Body,
    /// The bytes as gzip, if that saves at least 5 %.
    pub gzip: Option<Body>,
    /// The bytes as brotli, if that saves at least 5 %.
    pub brotli: Option<Body>,
    /// Whether the path changes with the bytes, so that they may be cached for ever.
    pub immutable: bool,
}

/// The bytes of an asset in one coding.
#[derive(Debug)]
pub struct Body {
    /// The value for `ETag`, quotes included; each coding has its own (RFC 9110, 8.8.3).
    pub etag: &'static str,
    /// What to send.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The asset at exactly this path, base path stripped.
///
/// Nothing is decoded, normalised or searched on a disk, so `..`, `%2e`, `//` and the like are paths
/// that no asset has.
#[must_use]
pub fn lookup(path: &str) -> Option<&'static Asset> {
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, io::Read};

    use super::*;

    fn named(name: &str) -> &'static Asset {
        ASSETS
            .iter()
            .find(|asset| asset.path.ends_with(name))
            .unwrap()
    }

    #[test]
    fn every_asset_is_found_by_its_path() {
        for asset in &ASSETS {
            assert!(
                std::ptr::eq(lookup(asset.path).unwrap(), asset),
                "{}",
                asset.path
            );
        }
    }

    #[test]
    fn only_the_exact_path_is_found() {
        let good = named("/app.js").path;
        for bad in [
            "",
            "/",
            "/assets/app.js",
            "/assets/../assets/app.js",
            &good[1..],
            &format!("/{good}"),
            &format!("{good}/"),
            &format!("{good}\0"),
            &format!("{good}?x"),
            &good.replace("/app", "/./app"),
            &good.replace("/app", "//app"),
            &good.replace("/app", "%2fapp"),
            &good.replace("/app", "\\app"),
            &good.to_uppercase(),
        ] {
            assert!(lookup(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_coding_unpacks_to_the_same_bytes_and_saves_five_percent() {
        for asset in &ASSETS {
            let plain = asset.identity.bytes;
            if let Some(gzip) = &asset.gzip {
                let mut unpacked = Vec::new();
                flate2::read::GzDecoder::new(gzip.bytes)
                    .read_to_end(&mut unpacked)
                    .unwrap();
                assert_eq!(unpacked, plain, "{}", asset.path);
                assert!(gzip.bytes.len() * 100 <= plain.len() * 95, "{}", asset.path);
            }
            if let Some(brotli) = &asset.brotli {
                let mut unpacked = Vec::new();
                brotli::BrotliDecompress(&mut &*brotli.bytes, &mut unpacked).unwrap();
                assert_eq!(unpacked, plain, "{}", asset.path);
                assert!(
                    brotli.bytes.len() * 100 <= plain.len() * 95,
                    "{}",
                    asset.path
                );
            }
        }
        assert!(named("/app.js").gzip.is_some() && named("/style.css").brotli.is_some());
    }

    #[test]
    fn tags_are_quoted_and_differ_by_file_and_coding() {
        let bodies = ASSETS.iter().flat_map(|asset| {
            [
                Some(&asset.identity),
                asset.gzip.as_ref(),
                asset.brotli.as_ref(),
            ]
            .into_iter()
            .flatten()
        });
        let tags: Vec<_> = bodies.map(|body| body.etag).collect();
        for tag in &tags {
            let inner = tag
                .strip_prefix('"')
                .and_then(|tag| tag.strip_suffix('"'))
                .unwrap();
            assert!(!inner.is_empty() && !inner.contains('"'), "{tag}");
        }
        assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), tags.len());
    }

    /// The content security policy forbids them, and a page that needs them would stay blank.
    #[test]
    fn no_script_of_ours_makes_markup_from_text_or_runs_text() {
        let ours = |asset: &&Asset| asset.path.ends_with(".js") && !asset.path.contains("/vendor/");
        for asset in ASSETS.iter().filter(ours) {
            let source = std::str::from_utf8(asset.identity.bytes).unwrap();
            for bad in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(!source.contains(bad), "{}: {bad}", asset.path);
            }
        }
    }

    /// The path that an address in `from` means.
    fn resolved(from: &str, address: &str) -> String {
        let mut parts: Vec<&str> = from.split('/').collect();
        parts.pop();
        for part in address.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                name => parts.push(name),
            }
        }
        parts.join("/")
    }

    /// Static and dynamic imports as the linker writes them.
    #[test]
    fn every_import_leads_to_an_asset() {
        for asset in ASSETS.iter().filter(|asset| asset.path.ends_with(".js")) {
            let source = std::str::from_utf8(asset.identity.bytes).unwrap();
            let starts = [" from \"./", "import(\"./", " from \"../", "import(\"../"];
            for start in starts {
                let dots = start.rsplit('"').next().unwrap();
                for rest in source.split(start).skip(1) {
                    let address = format!("{dots}{}", rest.split('"').next().unwrap());
                    let path = resolved(asset.path, &address);
                    assert!(lookup(&path).is_some(), "{}: {address}", asset.path);
                }
            }
        }
    }

    /// The first view may weigh 60 kB with the answers of the API; browsers take brotli only from a
    /// secure origin, so gzip counts.
    #[test]
    fn the_first_view_is_light() {
        let files = ["/style.css", "/app.js", "/preact.js", "/d3.js"];
        let sizes = files.map(|name| named(name).gzip.as_ref().unwrap().bytes.len());
        assert!(sizes.iter().sum::<usize>() <= 56_000, "{sizes:?}");
    }

    /// A module that no file holds is dead, or was forgotten.
    #[test]
    fn no_module_is_left_out() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
        let mut sources = std::collections::BTreeMap::new();
        let mut waiting = vec![folder.clone()];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|ending| ending == "js") {
                let name = path.strip_prefix(&folder).unwrap();
                let code = std::fs::read_to_string(&path).unwrap();
                sources.insert(name.to_str().unwrap().to_owned(), code);
            }
        }
        assert_eq!(crate::link::link(&sources).unwrap().unused, [""; 0]);
    }
}
