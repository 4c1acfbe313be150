//! What holds for every text: shared by the tests and the fuzzing in `fuzz/`.

use topo_syntax::outline::Entry;
use topo_syntax::{format, outline, parse, parse_address, parse_expr};

/// Reading gives findings in order, whose places lie in the text and whose words are plain; the
/// outline's entries lie inside each other.
pub(crate) fn reads(text: &str) {
    const BASE: u32 = 7;
    let parsed = parse(text, BASE);
    let inside = |span: topo_model::Span| {
        assert!(BASE <= span.lo && span.lo <= span.hi, "{span:?} in {text:?}");
        let range = (span.lo - BASE) as usize..(span.hi - BASE) as usize;
        assert!(text.get(range).is_some(), "{span:?} is not in {text:?}");
    };
    for d in &parsed.errors {
        let edit = d.help.iter().filter_map(|h| h.edit.as_ref()).map(|e| e.span);
        d.labels.iter().map(|l| l.span).chain(edit).for_each(inside);
        assert!(!d.message.is_empty() && !d.labels[0].text.is_empty());
        for rule in ["_stmt", "_head", "_item", "kw_", "lone_", "_clause", "ty_", "EOI"] {
            assert!(!d.message.contains(rule) || text.contains(rule), "a rule's name in {:?}", d.message);
        }
    }
    assert!(parsed.errors.is_sorted_by_key(|d| d.span()), "out of order in {text:?}");
    nested(&outline(text, BASE), &inside);
    for errors in [parse_expr(text, BASE).err(), parse_address(text, BASE).err()].into_iter().flatten() {
        assert!(!errors.is_empty(), "refused without a word: {text:?}");
    }
}

fn nested(entries: &[Entry], inside: &impl Fn(topo_model::Span)) {
    let mut end = 0;
    for entry in entries {
        inside(entry.span);
        inside(entry.name_span);
        assert!(end <= entry.span.lo, "entries overlap: {entry:?}");
        assert!(entry.children.iter().all(|c| entry.span.lo <= c.span.lo && c.span.hi <= entry.span.hi));
        nested(&entry.children, inside);
        end = entry.span.hi;
    }
}

/// What can be laid out stays as it is the second time, and keeps its tokens, comments and meaning.
pub(crate) fn lays_out(text: &str) {
    let Ok(once) = format(text) else { return };
    match format(&once) {
        Ok(twice) => assert_eq!(once, twice, "not stable: {text:?}"),
        Err(errors) => panic!("no program any more: {}\n{text:?}\n{once:?}", errors[0].message),
    }
    assert_eq!(squeezed(text), squeezed(&once), "other tokens: {text:?}");
    assert_eq!(tree(text), tree(&once), "another meaning: {text:?}\n{once:?}");
    for line in once.lines().filter(|_| !once.contains("\"\"\"")) {
        assert_eq!(line.trim_end(), line, "space at the end of a line: {once:?}");
    }
    assert!(once.is_empty() || once.ends_with('\n'), "no newline at the end: {once:?}");
}

/// Everything but space and commas.
fn squeezed(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect()
}

/// The tree without places.
fn tree(text: &str) -> String {
    let debug = format!("{:?}", parse(text, 0).file);
    let mut out = String::new();
    let mut rest = debug.as_str();
    while let Some(at) = rest.find("..") {
        let (before, after) = rest.split_at(at);
        out.push_str(before.trim_end_matches(|c: char| c.is_ascii_digit()));
        rest = after[2..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out.push_str(rest);
    out
}
