//! Twice the text takes no more than about twice the time, whatever the text.
//!
//! Each shape is read at one size and at eight times that size: what is linear takes eight times as
//! long, what is quadratic sixty-four times. The shortest of several runs counts, and a shape
//! has several attempts, so that a busy machine fails nothing.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use topo_syntax::{format, outline, parse};

/// What is measured.
type Work<'w> = &'w dyn Fn(&str);

/// Between eight times and sixty-four times.
const MOST: f64 = 22.0;

/// The piece repeated at the place of `@` in a frame.
const SHAPES: [(&str, &str); 60] = [
    ("topology main {\n  let x = [@]\n}\n", "1, "),
    ("topology main {\n  let x = [\n@]\n}\n", "1,\n "),
    ("topology main {\n  let x = [@]\n}\n", "\"a ${b}\", "),
    ("topology main {\n  let x = \"@\"\n}\n", "ab "),
    ("topology main {\n  let x = \"@\"\n}\n", "a ${b} \\n"),
    ("topology main {\n  let x = \"@\"\n}\n", "\\q"),
    ("topology main {\n  let x = \"@\"\n}\n", "${{}"),
    ("topology main {\n  let x = \"\"\"\n@\"\"\"\n}\n", "  ab ${c}\n"),
    ("topology main {\n  let x = {\n@}\n}\n", "a = 1\n"),
    ("topology main {\n  let x = {@}\n}\n", "a = 1, "),
    ("topology main {\n  let x = f(@1)\n}\n", "g(1), "),
    ("topology main {\n  let x = [@]\n}\n", "f(a, b, [c, d], { x = 1, y = 2 }), "),
    ("topology main {\n  let x = [@]\n}\n", "(a and b or c), "),
    ("topology main {\n  let x = [@]\n}\n", "a < b < c, "),
    ("topology main {\n  let x = @ 1\n}\n", " "),
    ("topology main {\n  let x = @\n}\n", "' "),
    ("topology main {\n  let x = @1\n}\n", "ab-"),
    ("topology main {\n  let x = @\n}\n", "1"),
    ("topology main {\n  let x = @\n}\n", "1s"),
    ("topology main {\n  let x = @1\n}\n", "1."),
    ("topology main {\n  let @ = 1\n}\n", "a"),
    ("@ b\n", "a"),
    ("topology main {\n@}\n", "let x = 1\n"),
    ("topology main {\n@}\n", "let x = 1 "),
    ("topology main {\n@}\n", "let x == 1\n"),
    ("topology main {\n@}\n", "foo bar baz\n"),
    ("topology main {\n@}\n", "let x = (\n"),
    ("topology main {\n@}\n", "let x = \"a\n"),
    ("topology main {\n@}\n", "let x = \"\"\"a\n"),
    ("topology main {\n@}\n", "let x = 1 // a\n"),
    ("topology main {\n@}\n", "// a\n"),
    ("topology main {\n@}\n", "  for x in y\n    let x = 1\n  }\n"),
    ("topology main {\n@}\n", "for a in b {\n for c in d {\n let x = 1\n }\n}\n"),
    ("topology main {\n@", "for a in b {\n"),
    ("topology main {\n for @ in x {\n let y = 1\n}\n}\n", "a "),
    ("topology main {\n zork {\n@}\n}\n", "resource b\n"),
    ("topology main {\n resource x: K @\n}\n", "at r "),
    ("topology main {\n resource x: K {\n@}\n}\n", "a == 1\n"),
    ("topology main {\n resource x: K { @ }\n}\n", "a == 1,"),
    ("topology main {\n resource x: K {\n@}\n}\n", "a = 'x'\n"),
    ("topology main {\n resource x: K { @ }\n}\n", "a = 'x', "),
    ("topology main {\n resource x: K {\n@}\n}\n", "a = (1\n"),
    ("topology main {\n resource x: K {\n@}\n}\n", "a = {1\n"),
    ("topology main {\n resource x: K {\n@}\n}\n", "a =\n  b = 1\n }\n"),
    ("topology main {\n resource x: K {\n@}\n}\n", "a = 1, b = 2 }\n"),
    ("topology main {\n resource x: K {\n@\n}\n}\n", "a = 1, b = 2 }"),
    ("topology main {\n resource x: K {\n  @ }\n  c = 2\n}\n}\n", "a = 1, "),
    ("env e: T {\n@\n}\n", "a = 1, b = 2 }"),
    ("@", "type A = 1 "),
    ("@", "topology main {\n"),
    ("@", "}\n"),
    ("@", "# a\n\n"),
    ("@topology main {\n}\n", "/// a\n"),
    ("type T = {\n@}\n", "a: Map<String, Int in 1..10>?\n"),
    ("type T = {\n@}\n", "a Map<String, Int in 1..10>?\n"),
    ("type T = (@A)\n", "B, "),
    ("use a.{@}\n", "B, "),
    ("moved a@ -> b\n", ".b[1]"),
    ("kind K global {\n@}\n", "a: Int immutable\n"),
    ("kind K global {\na: Int @\n}\n", "immutabl "),
];

/// The shortest of some runs, in seconds.
fn shortest(text: &str, work: &dyn Fn(&str)) -> f64 {
    let run = |_| {
        let start = Instant::now();
        work(text);
        start.elapsed().as_secs_f64()
    };
    (0..3).map(run).fold(f64::MAX, f64::min)
}

/// How many times as long the long text takes; the best of several attempts.
fn ratio(short: &str, long: &str, work: &dyn Fn(&str)) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..6 {
        best = best.min(shortest(long, work) / shortest(short, work).max(1e-5));
        if best < MOST {
            break;
        }
    }
    best
}

#[test]
fn every_shape_is_read_and_laid_out_in_linear_time() {
    let mut wrong = String::new();
    for (frame, piece) in SHAPES {
        let text = |count: usize| frame.replace('@', &piece.repeat(count));
        let (short, long) = (text(200), text(1600));
        let works: [(&str, Work<'_>); 3] = [
            ("parse", &|text| drop(black_box(parse(text, 0)))),
            ("outline", &|text| drop(black_box(outline(text, 0)))),
            ("format", &|text| drop(black_box(format(text)))),
        ];
        for (name, work) in works {
            let ratio = ratio(&short, &long, work);
            if ratio >= MOST {
                let _ =
                    writeln!(wrong, "{name} of {piece:?} in {frame:?}: {ratio:.0} times as long for 8 times as much");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
