//! Puts the book's pages about diagnostic codes into the binary, for `topo explain`.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let pages = Path::new(&root).join("../../book/src/codes");
    println!("cargo::rerun-if-changed={}", pages.display());
    let mut names = Vec::new();
    if let Ok(entries) = fs::read_dir(&pages) {
        for entry in entries {
            let path = entry?.path();
            let code = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
            let is_code = code.len() == 5 && code.starts_with('T') && code[1..].bytes().all(|b| b.is_ascii_digit());
            if is_code && path.extension().is_some_and(|e| e == "md") {
                names.push((code, path));
            }
        }
    }
    names.sort();
    let mut table = String::from("&[\n");
    for (code, path) in names {
        // A string takes everything.
        let _ = writeln!(table, "    ({code:?}, include_str!({path:?})),");
    }
    table.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("pages.rs"), table)
}
