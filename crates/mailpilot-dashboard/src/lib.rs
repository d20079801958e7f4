//! The dashboard's bytes: path to content type, tag and codings. Knows nothing of HTTP, and holds no
//! data: the pages fetch everything from `/api`.
//!
//! `ui/` is served as it stands, without a bundler: `build.rs` hashes and compresses it.

mod asset;
mod index;

pub use asset::{Asset, Body, lookup};
pub use index::index_html;
