//! Nothing that can be in a file makes the reader panic, or takes it long.

use std::fmt::Write as _;

use proptest::prelude::*;
use topo_syntax::{format, parse, parse_address, parse_expr};

/// What programs are made of, whole and in halves.
const SOUP: [&str; 92] = [
    "use",
    "project",
    "type",
    "env",
    "topology",
    "component",
    "kind",
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
    "check",
    "objective",
    "output",
    "in",
    "if",
    "then",
    "else",
    "and",
    "or",
    "not",
    "none",
    "true",
    "at",
    "when",
    "from",
    "region",
    "plan",
    "expect",
    "error",
    "T0401",
    "one",
    "of",
    "unique",
    "immutable",
    "by",
    "global",
    "name",
    "x",
    "ec2.Vpc",
    "Map",
    "List",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ",",
    ":",
    "=",
    "==",
    "!=",
    "=>",
    "->",
    "..",
    ".",
    "?.",
    "??",
    "?",
    "|",
    "+",
    "-",
    "*",
    "/",
    "&&",
    "!",
    ";",
    "#",
    "\"",
    "\"\"\"",
    "${",
    "\\",
    "'",
    "// c",
    "/// d",
    "42",
    "30s",
    "99.95%",
    "10.0.0.1/16",
    "ap-east-2",
    "ü",
    "\t",
    "\r",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(SOUP.to_vec()).prop_map(str::to_owned),
        2 => Just("\n".to_owned()),
        1 => any::<char>().prop_map(|c| c.to_string()),
    ];
    let piece = (piece, prop_oneof![3 => Just(" "), 1 => Just("")]);
    prop::collection::vec(piece, 0..60).prop_map(|all| all.into_iter().map(|(a, b)| format!("{a}{b}")).collect())
}

/// Every span lies in the text, on the borders of characters; the findings are in order.
fn check_places(text: &str) {
    const BASE: u32 = 7;
    let parsed = parse(text, BASE);
    for d in &parsed.errors {
        let edit = d.help.iter().filter_map(|h| h.edit.as_ref()).map(|e| e.span);
        for span in d.labels.iter().map(|l| l.span).chain(edit) {
            assert!(BASE <= span.lo && span.lo <= span.hi, "{span:?} in {text:?}: {d:?}");
            let range = (span.lo - BASE) as usize..(span.hi - BASE) as usize;
            assert!(text.get(range).is_some(), "{span:?} is not in {text:?}: {d:?}");
        }
        assert!(!d.message.is_empty() && !d.labels[0].text.is_empty());
        for rule in ["_stmt", "_head", "_item", "kw_", "lone_", "_clause", "ty_", "EOI"] {
            assert!(!d.message.contains(rule) || text.contains(rule), "a rule's name in {:?}", d.message);
        }
    }
    assert!(parsed.errors.is_sorted_by_key(|d| d.span()), "out of order in {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_read_without_panic(text in soup()) {
        check_places(&text);
        check_places(&format!("component A {{\n{text}\n}}\ntopology main {{\n resource x: K {{\n{text}\n}}\n}}"));
    }

    #[test]
    fn soup_after_a_good_start_is_read_without_panic(text in soup(), start in prop::sample::select(vec![
        "let x = ", "let x = [", "let x = \"${", "resource x: K { a = ", "for x in ", "type X = ", "param x: ", "check ",
    ])) {
        check_places(&format!("component A {{\n{start}{text}\n}}"));
        check_places(&format!("{start}{text}"));
    }

    #[test]
    fn lone_soup_is_read_without_panic(text in soup()) {
        for errors in [parse_expr(&text, 7).err(), parse_address(&text, 7).err()].into_iter().flatten() {
            prop_assert!(!errors.is_empty(), "refused without a word: {text:?}");
        }
    }

    #[test]
    fn what_reads_without_errors_can_be_laid_out(text in soup()) {
        if let Ok(once) = format(&text) {
            let twice = format(&once);
            prop_assert_eq!(Ok(once), twice);
        }
    }
}

/// Reads a text that would cost a careless reader its stack or its afternoon.
#[track_caller]
fn check_nasty(text: &str, errors: usize) {
    let found = parse(text, 0).errors;
    assert_eq!(found.len(), errors, "{:?}", found.first());
    assert!(found.iter().all(|d| d.code.to_string() == "T0001"), "{:?}", found.first());
}

fn statement(value: &str) -> String {
    format!("topology main {{\n  let x = {value}\n}}\n")
}

fn around(open: &str, middle: &str, close: &str, count: usize) -> String {
    statement(&format!("{}{middle}{}", open.repeat(count), close.repeat(count)))
}

#[test]
fn deep_nesting_is_one_error() {
    check_nasty(&"[".repeat(10_000_000), 1);
    check_nasty(&around("(", "1", ")", 100_000), 1);
    check_nasty(&around("[f({a=", "1", "})]", 100_000), 1);
    check_nasty(&around("\"${", "1", "}\"", 100_000), 1);
    check_nasty(&around("if a then b else ", "1", "", 100_000), 1);
    check_nasty(&around("not ", "1", "", 100_000), 1);
    check_nasty(&around("-", "1", "", 100_000), 1);
    check_nasty(&around("1 + ", "1", "", 100_000), 1);
    check_nasty(&around("", "a", ".b", 100_000), 1);
    check_nasty(&around("", "a", "[1]", 100_000), 1);
    check_nasty(&format!("type X = {}Int{}\n", "List<".repeat(100_000), ">".repeat(100_000)), 1);
    check_nasty(&format!("type X = Int{}\n", "?".repeat(100_000)), 1);
    check_nasty(&format!("topology main {{\n{}{}}}\n", "for a in b {\n".repeat(100_000), "}\n".repeat(100_000)), 1);
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    check_nasty(&around("(", "1", ")", 127), 0);
    check_nasty(&around("[f(", "1", ")]", 63), 0);
    check_nasty(&around("{a=", "1", "}", 127), 0);
    check_nasty(&around("\"${", "1", "}\"", 127), 0);
    check_nasty(&around("if a then b else ", "1", "", 90), 0);
    check_nasty(&around("1 + ", "1", "", 150), 0);
    check_nasty(&format!("type X = {}Int{}\n", "List<".repeat(90), ">".repeat(90)), 0);
    check_nasty(&format!("topology main {{\n{}{}}}\n", "for a in b {\n".repeat(60), "}\n".repeat(60)), 0);
}

#[test]
fn nested_mistakes_cost_no_exponential_time() {
    check_nasty(&around("[a, {b = (c, ", "!", ")}]", 30), 1);
    check_nasty(&format!("type X = {}!{}\n", "{a: (Map<B, ".repeat(30), ">)}".repeat(30)), 1);
    check_nasty(&around("f(a[", "1 2", "])", 60), 1);
}

#[test]
fn long_files_take_linear_time() {
    check_nasty(&format!("topology main {{\n  resource x: K {{{}}}\n}}\n", "\n".repeat(2_000_000)), 0);
    check_nasty(&format!("topology main {{\n  resource x: K {{{}}}\n}}\n", "// a\n".repeat(400_000)), 0);
    check_nasty(&statement(&"\"${".repeat(1_000_000)), 1);
    check_nasty(&statement(&"\"\"\"${".repeat(500_000)), 1);
    check_nasty(&format!("topology main {{\n{}}}\n", "let x = (\n".repeat(20_000)), 20_000);
    check_nasty(&"}".repeat(1_000_000), 1);
    let mut many = String::from("topology main {\n");
    for i in 0..20_000 {
        assert!(writeln!(many, "  resource r{i}: K {{ value = \"v{i}\" }}").is_ok());
    }
    check_nasty(&format!("{many}}}\n"), 0);
}

#[test]
fn files_that_are_no_programs_are_one_error() {
    check_nasty("a\0b", 1);
    check_nasty("\u{1}\u{2}\u{3}", 1);
    check_nasty("", 0);
    check_nasty("\u{feff}", 0);
    check_nasty("\u{feff}project p\r\n\r\ntopology main {\r\n  let x = 1 // c\r\n}\r\n", 0);
}
