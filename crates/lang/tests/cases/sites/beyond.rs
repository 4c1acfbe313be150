//! Programs that no case file can hold: without files, too large, too deep, unreadable.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;

use topo_lang::{Memory, Options, World, load};
use topo_model::{Diagnostic, Symbol};

use crate::Outcome;

/// Gives what is found in each.
pub(crate) fn note_all(note: &mut dyn FnMut(&[Diagnostic])) {
    note(&Outcome::of(&BTreeMap::new(), &Options::default()).diagnostics);
    for text in ["project p\0", "project p\ntopology main { let a = 1", "project p\ntopology main { let a = \"\"\"x"] {
        note(&topo_syntax::parse(text, 0).errors);
    }
    let tall = format!("1{}", " + 1".repeat(300));
    let brackets = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    for text in ["", "1 }", "a b", &tall, &brackets] {
        note(&topo_syntax::parse_expr(text, 0).err().unwrap_or_default());
    }
    for text in [nested_components(), nested_types(), wide_type()] {
        let files = BTreeMap::from([("main.topo".to_owned(), text)]);
        note(&Outcome::of(&files, &Options::default()).diagnostics);
    }
    note(&load(&Unreadable, &Options::default()).diagnostics);
    let huge = vec![b' '; topo_model::MAX_SOURCE_BYTES + 1];
    for bytes in [vec![0xff_u8, 0xfe], huge] {
        note(&load(&Memory::new([("main.topo", bytes)]), &Options::default()).diagnostics);
    }
    environments(note);
}

/// Environments that are asked for and that there are not.
fn environments(note: &mut dyn FnMut(&[Diagnostic])) {
    let with = "project p\nenv a: { zone: String } { zone = \"a\" }\ntopology main(env: { zone: String }) { }\n";
    for (text, env) in [(with, None), (with, Some("b")), ("project p\ntopology main { }\n", Some("a"))] {
        let loaded = load(&Memory::new([("main.topo", text)]), &Options::default());
        let program = loaded.program.expect("the program is right");
        note(&program.expand(env.map(Symbol::new)).diagnostics);
    }
}

const DEEP: usize = 120;

fn nested_components() -> String {
    let mut text = "project p\ntopology main { resource c: C0 {} }\n".to_owned();
    for at in 0..DEEP {
        let _ = writeln!(text, "component C{at} {{ resource c: C{} {{}} }}", at + 1);
    }
    let _ = writeln!(text, "component C{DEEP} {{ }}");
    text
}

fn nested_types() -> String {
    let mut text = "project p\ntopology main { }\n".to_owned();
    for at in 0..DEEP {
        let _ = writeln!(text, "type T{at} = List<T{}>", at + 1);
    }
    let _ = writeln!(text, "type T{DEEP} = Int");
    text
}

/// A type that doubles with each name.
fn wide_type() -> String {
    let mut text = "project p\ntopology main { }\ntype T0 = Int\n".to_owned();
    for at in 1..16 {
        let _ = writeln!(text, "type T{at} = (T{0}, T{0})", at - 1);
    }
    text
}

/// A project of which nothing can be read.
struct Unreadable;

impl World for Unreadable {
    fn files(&self, _: &str) -> io::Result<Vec<String>> {
        Ok(vec!["main.topo".to_owned()])
    }

    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "denied"))
    }

    fn name(&self) -> String {
        "the project".to_owned()
    }
}
