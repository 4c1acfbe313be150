//! Whatever can be laid out keeps its tokens, comments and meaning, and stays as it is.

#![no_main]

#[path = "../../crates/syntax/tests/laws/mod.rs"]
#[expect(dead_code, reason = "the other target has the other law")]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| laws::lays_out(text));
