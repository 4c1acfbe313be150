//! Whatever a file holds, reading it and its outline gives findings that lie in it.

#![no_main]

#[path = "../../crates/syntax/tests/laws/mod.rs"]
#[expect(dead_code, reason = "the other target has the other law")]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| laws::reads(text));
