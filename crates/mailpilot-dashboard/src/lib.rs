//! The dashboard's bytes: path to content type, tag and codings. Knows nothing of HTTP, and holds no
//! data: the pages fetch everything from `/api`.
//!
//! `ui/` holds plain modules that run as they stand; `build.rs` links them into few files, hashes and
//! compresses them. No other tool takes part in building.

mod asset;
mod index;

// What `build.rs` is made of, here for its tests.
#[cfg(test)]
#[path = "../build/css.rs"]
mod css;
#[cfg(test)]
#[path = "../build/link.rs"]
mod link;

pub use asset::{Asset, Body, lookup};
pub use index::index_html;
