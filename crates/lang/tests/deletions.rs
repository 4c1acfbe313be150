//! A program that misses one token, wherever that is: few findings, and the first where it is missing.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use topo_lang::{Memory, Options, load};
use topo_model::{Diagnostic, SourceMap};

/// More findings than this drown the file.
const FEW: usize = 3;

/// Of the tokens each so many is deleted: a run reads the whole library. That every token costs few
/// findings of the text itself is tested where the text is read.
const STEP: usize = 7;

/// How many lines the nearest label of the first finding may be away.
const NEAR: u32 = 2;

/// The words of the language.
const KEYWORDS: [&str; 29] = [
    "use",
    "project",
    "type",
    "env",
    "topology",
    "component",
    "rollout",
    "moved",
    "input",
    "forget",
    "test",
    "param",
    "let",
    "resource",
    "existing",
    "for",
    "in",
    "if",
    "then",
    "else",
    "and",
    "or",
    "not",
    "check",
    "objective",
    "output",
    "at",
    "when",
    "region",
];

/// The places of a text that are deleted, one at a time: words of the language, brackets, quotes,
/// `${`, operators, and the newlines that end no comment.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let run =
        |from: usize, accept: &dyn Fn(u8) -> bool| from + bytes[from..].iter().take_while(|b| accept(**b)).count();
    let mut all = Vec::new();
    let (mut at, mut in_string, mut comment) = (0, false, false);
    while at < bytes.len() {
        let end = match bytes[at] {
            b'\n' => {
                if !std::mem::take(&mut comment) {
                    all.push((at, at + 1));
                }
                at + 1
            }
            b'/' if bytes[at..].starts_with(b"//") && !in_string => {
                comment = true;
                run(at, &|b| b != b'\n')
            }
            b'"' => {
                in_string = !in_string;
                all.push((at, at + 1));
                at + 1
            }
            b'$' if bytes[at..].starts_with(b"${") => {
                let close = at + text[at..].find('}').unwrap_or(0);
                all.extend([(at, at + 2), (close, close + 1)]);
                at + 2
            }
            _ if in_string => at + 1,
            b if b.is_ascii_alphanumeric() || b == b'_' => {
                let end = run(at, &|b| b.is_ascii_alphanumeric() || b == b'_');
                if KEYWORDS.contains(&&text[at..end]) {
                    all.push((at, end));
                }
                end
            }
            b if b.is_ascii_punctuation() => {
                all.push((at, at + 1));
                at + 1
            }
            _ => at + 1,
        };
        at = end;
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn findings(files: &BTreeMap<String, String>) -> (SourceMap, Vec<Diagnostic>) {
    let loaded = load(&Memory::new(files.clone()), &Options::default());
    (loaded.sources, loaded.diagnostics)
}

/// How many lines the nearest label of the first finding is away, empty lines and comments not counted.
fn distance(sources: &SourceMap, first: &Diagnostic, line: u32) -> u32 {
    let labels = first.labels.iter().filter_map(|l| {
        let file = sources.file(l.span).filter(|f| &*f.name == "main.topo")?;
        let at = file.line_column(l.span.lo).line;
        let between = file.text.lines().skip(at.min(line) as usize - 1).take(at.abs_diff(line) as usize);
        Some(between.filter(|l| !l.trim().is_empty() && !l.trim().starts_with("//")).count() as u32)
    });
    labels.min().unwrap_or(u32::MAX)
}

#[track_caller]
fn check(files: &BTreeMap<String, String>) {
    let text = &files["main.topo"];
    assert_eq!(findings(files).1, [], "the program is right as it stands");
    let wrong: String = tokens(text).into_par_iter().step_by(STEP).map(|(lo, hi)| without(files, lo, hi)).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is wrong with the findings where a token is missing.
fn without(files: &BTreeMap<String, String>, lo: usize, hi: usize) -> String {
    let text = &files["main.topo"];
    let mut wrong = String::new();
    let mut edited = files.clone();
    let mut without = text.clone();
    without.replace_range(lo..hi, "");
    let line = text[..lo].matches('\n').count() as u32 + 1;
    edited.insert("main.topo".to_owned(), without);
    let (sources, found) = findings(&edited);
    let Some(first) = found.first() else { return wrong };
    let distance = distance(&sources, first, line);
    if found.len() > FEW || distance > NEAR {
        let column = lo - text[..lo].rfind('\n').map_or(0, |i| i + 1) + 1;
        wrong.push_str(&format!("\n{line}:{column} without {:?}, {distance} lines away:\n", &text[lo..hi]));
        for d in found {
            let at = sources.file(d.span()).map_or(0, |f| f.line_column(d.span().lo).line);
            wrong.push_str(&format!("  {at}: {} {}\n", d.code, d.message));
        }
    }
    wrong
}

fn example(name: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name).join("main.topo");
    BTreeMap::from([("main.topo".to_owned(), std::fs::read_to_string(path).expect("the example can be read"))])
}

#[test]
fn hello_without_a_token() {
    check(&example("hello"));
}

#[test]
fn two_regions_without_a_token() {
    check(&example("two-regions"));
}

#[test]
fn the_sample_without_a_token() {
    let cases = include_str!("cases/sample.topo");
    let (_, case) = cases.split_once("--- the-sample-of-the-design ---\n").expect("the case is there");
    let case = case.split("\n--- ").next().unwrap_or(case);
    let mut files = BTreeMap::new();
    for (at, part) in case.split("//// ").enumerate() {
        let (path, text) = if at == 0 { ("main.topo", part) } else { part.split_once('\n').expect("a path") };
        files.insert(path.to_owned(), text.to_owned());
    }
    check(&files);
}
