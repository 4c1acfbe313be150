//! Laws of the formatter, over random programs in random layouts.

use proptest::prelude::*;

use super::format;
use crate::token::{Tok, tokens};

/// What must survive: every token but newlines and commas, every comment.
fn kept(text: &str) -> Vec<String> {
    let list = tokens(text, 0).list;
    let code = list.iter().filter(|t| t.tok != Tok::Newline && t.text(text) != ",");
    code.map(|t| t.text(text).trim_end().to_owned()).collect()
}

/// The tree without places.
fn tree(text: &str) -> String {
    let debug = format!("{:?}", crate::parse(text, 0).file);
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

#[track_caller]
fn check_laws(text: &str) {
    let once = match format(text) {
        Ok(once) => once,
        Err(errors) => panic!("not a program: {:?}\n{text}", errors[0]),
    };
    let twice = format(&once).unwrap_or_else(|e| panic!("no program any more: {:?}\n{text}\n---\n{once}", e[0]));
    assert_eq!(once, twice, "not stable:\n{text}");
    assert_eq!(kept(text), kept(&once), "tokens differ:\n{text}\n---\n{once}");
    assert_eq!(tree(text), tree(&once), "another meaning:\n{text}\n---\n{once}");
    for line in once.lines() {
        assert_eq!(line.trim_end(), line, "space at the end of a line:\n{once}");
    }
    assert!(!once.contains("\n\n\n"), "empty lines in a row:\n{once}");
    assert!(once.is_empty() || once.ends_with('\n'), "no newline at the end:\n{once}");
}

/// Some space inside a line.
fn gap() -> impl Strategy<Value = String> + Clone {
    prop_oneof![Just(""), Just(" "), Just("   "), Just("\t")].prop_map(str::to_owned)
}

/// What may stand between the entries of braces, and after the opening one.
fn line_break() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\n"),
        Just("\n\n\n"),
        Just(" // why\n"),
        Just("\n// above\n"),
        Just(",\n"),
        Just(" , // both\n"),
        Just("\r\n"),
    ]
    .prop_map(str::to_owned)
}

fn separator() -> impl Strategy<Value = String> {
    prop_oneof![Just(",".to_owned()), Just(" , ".to_owned()), line_break()]
}

/// A newline where it means nothing.
fn free() -> impl Strategy<Value = String> {
    prop_oneof![4 => gap(), 1 => Just("\n".to_owned()), 1 => Just(" // inside\n\n\n".to_owned())]
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z_]{0,12}".prop_filter("a name", |w| !crate::scan::is_reserved(w)),
        Just("42".to_owned()),
        Just("-1m30s".to_owned()),
        Just("99.95%".to_owned()),
        Just("10.2.0.0/16".to_owned()),
        Just("ap-east-2".to_owned()),
        Just("ap-east-2a".to_owned()),
        Just("none".to_owned()),
        Just("\"a ${ b } // c\"".to_owned()),
        Just("\"a text that takes its place on the line, and some more\"".to_owned()),
        Just("\"\"\"\n   two\n     lines\n  \"\"\"".to_owned()),
        Just("xs[0]?.field.other".to_owned()),
        Just("cidr.split(block, 3)".to_owned()),
    ]
}

fn expr() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        let entries = (prop::collection::vec((inner.clone(), separator()), 1..4), any::<bool>(), gap());
        let braces = entries.prop_map(|(entries, open, gap)| {
            let mut out = String::from(if open { "{\n" } else { "{ " });
            let last = entries.len() - 1;
            for (at, (value, separator)) in entries.iter().enumerate() {
                out.push_str(&format!("k{at}{gap}={gap} {value}"));
                out.push_str(if at == last { "" } else { separator });
            }
            out.push_str(if open { "\n}" } else { "}" });
            out
        });
        let list = (prop::collection::vec(inner.clone(), 0..5), free(), any::<bool>(), prop::bool::ANY).prop_map(
            |(items, free, comma, list)| {
                let comma = if comma && !items.is_empty() { "," } else { "" };
                let joined = items.join(&format!(",{free}"));
                if list { format!("[{free}{joined}{comma}{free}]") } else { format!("f({free}{joined}{comma}{free})") }
            },
        );
        let pair = (inner.clone(), inner.clone(), gap());
        prop_oneof![
            3 => braces,
            3 => list,
            2 => (inner.clone(), inner.clone(), gap(), prop::sample::select(vec!["+", "-", "*", "??", "==", "and", "or"]))
                .prop_map(|(a, b, gap, op)| format!("({a} {op}{gap} {b})")),
            1 => (inner.clone(), inner.clone(), inner.clone(), any::<bool>()).prop_map(|(c, a, b, lines)| {
                let n = if lines { "\n" } else { " " };
                format!("(if {c}{n}then {a}{n}else {b})")
            }),
            1 => pair.clone().prop_map(|(a, b, gap)| format!("[for (x,y) in {a}{gap} if x == {b}:{gap}{b}]")),
            1 => pair.prop_map(|(a, b, gap)| format!("{{for x in {a}{gap}:{gap}x => {b}}}")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![
        (expr(), gap()).prop_map(|(e, gap)| format!("let x{gap}={gap}{e}")),
        (expr(), gap()).prop_map(|(e, gap)| format!("param p{gap}:{gap}Map< String,List<Int> >?{gap}={gap}{e}")),
        (expr(), expr()).prop_map(|(a, b)| format!("check ({a}) or {b} else T0401 \"no\"")),
        (prop::collection::vec((expr(), separator()), 0..4), prop::bool::ANY).prop_map(|(fields, doc)| {
            let body: Vec<String> = fields
                .iter()
                .enumerate()
                .map(|(i, (e, s))| format!("name{i} = {e}{}", if i + 1 == fields.len() { "" } else { s }))
                .collect();
            let doc = if doc { "/// What it is.\n" } else { "" };
            format!("{doc}resource r: aws.ec2.Vpc at here when a{{\n{}\n}}  // after", body.concat())
        }),
        (expr(), expr()).prop_map(|(a, b)| format!("for (r,s) in ({a}) at r{{\n\n\nlet y = {b}\n\n\n}}")),
        (expr(),).prop_map(|(a,)| format!("for r in xs{{let y = {a}}}")),
        Just("// a comment".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn layout_is_stable_and_keeps_every_token_and_the_meaning(
        statements in prop::collection::vec((statement(), prop_oneof![Just("\n"), Just("\n\n\n"), Just("\r\n")]), 0..6)
    ) {
        let body: String = statements.iter().map(|(s, n)| format!("{s}{n}")).collect();
        check_laws(&format!("component  X{{\n{body}}}"));
    }
}

#[test]
fn layout_of_items_keeps_every_token_and_the_meaning() {
    check_laws(
        "use a.{B,C\n D}\nproject p{}\ntype T={a:Int in 1..3 = 2,b:(A,B)?\nc:\"x\"|\"y\" immutable}\n\
         env e:T{let b={a=1}\nregion ap-east-2{a=1}, z=2}\nmoved a[*].b->c[(\"k\",1)]\nforget a\ninput i:Secret<String>\n\
         kind K in region{unique(a)\none of {a:Int?,b:Int?}\n/// d\nv:Vpc.id in any region immutable\nt:Int?=3\n\
         output id:String\ncheck a else \"b\"\ncreates by key(a,b)\nsettles in 2s}\ntest \"t\"{plan e\nknown a[ *].b.id=1\n\
         expect error T0401   \"x\"\nexpect a==[\n1]\n}",
    );
}

#[test]
fn steps_of_a_test_have_a_layout() {
    check_same(
        "test \"t\" {\n  plan e\n  known vpc[ap-east-2].id = \"vpc-1\"\n  known vpc[ap-east-2].arn = \"arn\"\n\n  \
         expect error T0401 \"share 10.2.128.0/17\"\n  expect vpc[ap-east-2].id == \"vpc-1\"\n}\n",
    );
}

#[test]
fn the_samples_stay_as_they_are() {
    check_same(include_str!("../../tests/samples/demo.topo"));
    check_same(include_str!("../../tests/samples/peering.topo"));
    check_same(include_str!("../../tests/samples/kinds.topo"));
}

#[track_caller]
fn check_same(text: &str) {
    assert_eq!(format(text).as_deref(), Ok(text));
    check_laws(text);
}

#[test]
fn a_body_that_begins_with_a_loop_is_no_comprehension() {
    check_same(
        "topology main {\n  for r in [ap-east-2] at r {\n    resource a: core.Data { value = \"x\" }\n  }\n  \
         resource b: core.Data { value = \"y\" }\n  let m = { for (k, v) in a : k => v.value }\n}\n",
    );
}

#[test]
fn a_file_with_errors_is_left_alone() {
    assert!(format("let = = 3").is_err());
}

#[test]
fn an_empty_file_stays_empty() {
    assert_eq!(format("").as_deref(), Ok(""));
    assert_eq!(format("\n\n \n").as_deref(), Ok(""));
}
