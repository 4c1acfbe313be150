//! What is put in for the missing attributes of a kind is what the kind takes.

use std::collections::BTreeMap;
use std::fmt::Write;

use topo_lang::{Memory, Options, load};
use topo_model::{Diagnostic, SourceMap};

/// How many kinds have a stub of literals alone; the others need a resource, or are written by hand.
const WHOLE: usize = 13;

#[test]
fn stubs_pass_the_checks_of_their_kinds() {
    let catalogue = topo_lang::kinds();
    let (mut wrong, mut by_hand, mut whole) = (String::new(), Vec::new(), 0);
    for kind in catalogue.kinds() {
        let text = format!("project p\ntopology main {{\n  resource it: {} at eu-central-1 {{}}\n}}\n", kind.name);
        let (sources, found) = findings(&text);
        let missing: Vec<&Diagnostic> = found.iter().filter(|d| d.code.0 == 103).collect();
        let [one] = missing.as_slice() else {
            if !missing.is_empty() {
                let _ = writeln!(wrong, "{}: said {} times", kind.name, missing.len());
            }
            continue;
        };
        let Some(help) = &one.help else {
            let _ = writeln!(wrong, "{}: no help", kind.name);
            continue;
        };
        let Some(edit) = &help.edit else {
            by_hand.push(kind.name);
            continue;
        };
        let file = sources.file(edit.span).expect("the program's file");
        let mut mended = text.clone();
        mended.replace_range((edit.span.lo - file.base) as usize..(edit.span.hi - file.base) as usize, &edit.text);
        whole += 1;
        for left in findings(&mended).1 {
            let _ = writeln!(wrong, "{}: {} [{}] after\n{mended}", kind.name, left.message, left.code);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(whole >= WHOLE, "{whole} stubs can be put in; by hand are {by_hand:?}");
}

/// What is wrong with a program, expanded where it can be.
fn findings(text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let world = Memory::new(BTreeMap::from([("main.topo".to_owned(), text.to_owned())]));
    let loaded = load(&world, &Options::default());
    let mut found = loaded.diagnostics;
    if let Some(program) = &loaded.program {
        found.extend(program.expand(None).diagnostics);
    }
    (loaded.sources, found)
}
