//! Prints `docs/CONFIGURATION.md`:
//! `cargo run -p mailpilot-config --example configuration_md > docs/CONFIGURATION.md`

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(mailpilot_config::configuration_md().as_bytes())
}
