//! The outline of whole files and of broken ones.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use topo_syntax::outline::{Entry, Sort};
use topo_syntax::{outline, parse};

fn show(entries: &[Entry], depth: usize, out: &mut String) {
    for e in entries {
        out.push_str(&format!("{}{:?} {}\n", "  ".repeat(depth), e.sort, e.name));
        show(&e.children, depth + 1, out);
    }
}

fn lines(text: &str) -> String {
    let mut out = String::new();
    show(&outline(text, 0), 0, &mut out);
    out
}

/// All entries, outer ones first.
fn flat(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().flat_map(|e| std::iter::once(e).chain(flat(&e.children))).collect()
}

#[test]
fn every_piece_has_its_sort_and_name() {
    assert_snapshot!(lines(
        r#"use std.net.{A}
use std.net.{A, B}
use "./parts".{B}
project p {}
type T = Int
env e: T { let z = 1, a = z
 region ap-east-2 { b = 2 } }
topology main(env: T) {
  existing d: K { a = none }
  for (k, v) in xs at k { resource x: K { y = 1 } }
  check a else "b"
}
moved a[*].b -> c
forget d["x"]
test "it holds" { plan e
 known v.id = "v"
 let n = 1 }
kind K in region { v: Int
 unique (v)
 output id: String }
"#
    ), @r#"
    Use std.net
    Use std.net
    Use "./parts"
    Project p
    Type T
    Env e
      Let z
      Field a
      Region ap-east-2
    Topology main
      Resource d
      For 
        Resource x
      Check 
    Moved a[*].b
    Forget d["x"]
    Test it holds
      Step 
      Step 
      Let n
    Kind K
      Attribute v
      Member 
      Output id
    "#);
}

#[test]
fn an_entry_knows_its_places_and_its_documentation() {
    let text = "/// Where.\ncomponent A {\n  /// Who.\n  param n: Int\n}\n";
    let outline = outline(text, 100);
    let param = &outline[0].children[0];
    assert_eq!(outline[0].docs.as_deref(), Some("Where."));
    assert_eq!(param.docs.as_deref(), Some("Who."));
    let piece = |span: topo_model::Span| &text[span.lo as usize - 100..span.hi as usize - 100];
    assert_eq!((piece(param.span), piece(param.name_span)), ("param n: Int", "n"));
    assert!(piece(outline[0].span).ends_with('}'));
}

/// Words, and every other character that is no space; a newline is one, too.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, c) in text.char_indices().filter(|(_, c)| *c == '\n' || !c.is_whitespace()) {
        match all.last_mut() {
            Some((lo, hi)) if *hi == at && word(c) && text[*lo..*hi].chars().all(word) => *hi += 1,
            _ => all.push((at, at + c.len_utf8())),
        }
    }
    all
}

fn counted<'e>(entries: &[&'e Entry]) -> BTreeMap<(String, &'e str), usize> {
    let mut count = BTreeMap::new();
    for e in entries {
        *count.entry((format!("{:?}", e.sort), &*e.name)).or_default() += 1;
    }
    count
}

/// What is wrong with the findings of a text without the token at a byte: few, and one of their places near.
fn findings(text: &str, broken: &str, at: usize) -> String {
    let errors = parse(broken, 0).errors;
    let labels = errors.first().map_or(&[][..], |d| &d.labels);
    let far = |lo: usize| {
        let between = text.get(lo.min(at)..lo.max(at)).unwrap_or("");
        between.lines().skip(1).filter(|l| !l.trim().is_empty() && !l.trim().starts_with("//")).count()
    };
    let distance = labels.iter().map(|l| far(l.span.lo as usize)).min().unwrap_or(0);
    if errors.len() <= 3 && distance <= 2 {
        return String::new();
    }
    let messages: Vec<&str> = errors.iter().map(|d| &*d.message).collect();
    let number = text[..at].matches('\n').count() + 1;
    format!("{number}: {} findings, the first {distance} lines away: {}\n", errors.len(), messages.join("; "))
}

/// Without any one token a file keeps the entries that the token is no part of.
#[track_caller]
fn check(text: &str) {
    let whole = outline(text, 0);
    let whole = flat(&whole);
    let mut wrong = String::new();
    for (lo, hi) in tokens(text) {
        let line = &text[text[..lo].rfind('\n').map_or(0, |n| n + 1)..lo];
        // A comment that loses its newline takes the next line in; a block on one line is one piece.
        let own = whole.iter().rfind(|e| e.span.lo as usize <= lo && hi <= e.span.hi as usize);
        let one_line = |e: &Entry| !text[e.span.lo as usize..e.span.hi as usize].contains('\n');
        let block = own.is_some_and(|e| !e.children.is_empty() && one_line(e));
        if line.contains("//") || &text[lo..hi] == "/" || block {
            continue;
        }
        let broken = format!("{}{}", &text[..lo], &text[hi..]);
        wrong.push_str(&findings(text, &broken, lo));
        let broken = outline(&broken, 0);
        let left = counted(&flat(&broken));
        let is_newline = &text[lo..hi] == "\n";
        let next = whole.iter().find(|e| e.span.lo as usize >= hi).filter(|_| is_newline);
        let before = whole.iter().rfind(|e| e.span.hi as usize <= lo).filter(|_| is_newline);
        let mine = |e: &&&Entry| [own, next, before].into_iter().flatten().any(|o| std::ptr::eq(*o, **e));
        let expected: Vec<&Entry> = whole.iter().filter(|e| !mine(e)).copied().collect();
        for ((sort, name), count) in counted(&expected) {
            let kept = left.get(&(sort.clone(), name)).copied().unwrap_or(0);
            if kept < count {
                let number = text[..lo].matches('\n').count() + 1;
                wrong.push_str(&format!("{number}: without {:?}: no {sort} {name}\n", &text[lo..hi]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_token_is_missing_in_the_sample() {
    check(include_str!("samples/demo.topo"));
}

#[test]
fn a_token_is_missing_in_a_component() {
    check(include_str!("samples/peering.topo"));
}

#[test]
fn a_token_is_missing_in_kinds() {
    check(include_str!("samples/kinds.topo"));
}

#[test]
fn a_token_is_missing_in_the_examples() {
    check(include_str!("../../../examples/hello/main.topo"));
    check(include_str!("../../../examples/two-regions/main.topo"));
}

#[test]
fn a_file_without_sense_has_an_outline() {
    assert_eq!(outline("\0", 0).len(), 1);
    assert!(outline("= ) }", 0).iter().all(|e| e.sort == Sort::Unknown));
    assert!(outline("", 0).is_empty());
}
