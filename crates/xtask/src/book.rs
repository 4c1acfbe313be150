//! The book: its programs are checked by a test of the command line; its pages are built by
//! mdbook, where there is one.

use std::ffi::OsString;
use std::process::Command;

use crate::Failure;
use crate::bench::tell;

/// Checks the programs and builds the pages.
pub(crate) fn run() -> Result<(), Failure> {
    let tested = Command::new(cargo()).args(["test", "--package", "topo", "--test", "book"]).status();
    if !tested.map_err(|e| format!("cargo: {e}"))?.success() {
        return Err("a program of the book does not do what its page says".to_owned());
    }
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../book");
    match Command::new("mdbook").args(["build", book]).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("mdbook build: {status}")),
        Err(_) => {
            tell("mdbook is not on the PATH: the pages are not built (cargo install mdbook)");
            Ok(())
        }
    }
}

/// Writes the reference: the test that compares it writes it where it is asked to.
pub(crate) fn reference() -> Result<(), Failure> {
    let written = Command::new(cargo())
        .args(["test", "--quiet", "--package", "topo-lang", "--test", "reference"])
        .env("UPDATE_REFERENCE", "1")
        .status();
    if !written.map_err(|e| format!("cargo: {e}"))?.success() {
        return Err("the reference can't be written: see above".to_owned());
    }
    tell("book/src/reference, the summary and the index of codes are as the sources say");
    Ok(())
}

/// The cargo that runs this.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
