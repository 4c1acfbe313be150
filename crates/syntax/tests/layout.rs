//! The formatter on what an editor leaves behind: comments anywhere, other line ends, tabs.

mod laws;

use topo_syntax::{format, parse};

const SAMPLES: [&str; 3] =
    [include_str!("samples/demo.topo"), include_str!("samples/peering.topo"), include_str!("samples/kinds.topo")];

/// Where a line break or a space stands.
fn gaps(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter(|(_, c)| matches!(c, ' ' | '\n')).map(|(at, _)| at)
}

#[test]
fn a_comment_may_stand_wherever_a_program_lets_it() {
    for text in SAMPLES {
        let mut laid_out = 0;
        for at in gaps(text).step_by(1 + text.len() / 200) {
            for comment in [" // why\n", "\n// above\n", "\n\n\n/// what\n\n"] {
                let edited = format!("{}{comment}{}", &text[..at], &text[at..]);
                laid_out += usize::from(parse(&edited, 0).errors.is_empty());
                laws::lays_out(&edited);
            }
        }
        assert!(laid_out > 10, "only {laid_out} comments could stand somewhere");
    }
}

#[test]
fn spaces_tabs_and_line_ends_of_an_editor_change_nothing() {
    for text in SAMPLES {
        let edits: [(&str, String); 7] = [
            ("CRLF", text.replace('\n', "\r\n")),
            ("a mark of the byte order", format!("\u{feff}{text}")),
            (
                "tabs",
                text.lines()
                    .map(|l| format!("{}{}\n", "\t".repeat((l.len() - l.trim_start().len()) / 2), l.trim_start()))
                    .collect(),
            ),
            ("trailing spaces", text.replace('\n', "  \t\n")),
            ("no indentation", text.lines().map(|l| format!("{}\n", l.trim_start())).collect()),
            ("no final newline", text.trim_end().to_owned()),
            ("many empty lines", text.replace("\n\n", "\n\n\n\n")),
        ];
        for (name, edited) in edits {
            assert_eq!(format(&edited).as_deref(), Ok(text), "{name}");
        }
    }
}

#[test]
fn a_text_without_one_of_its_characters_is_laid_out_by_the_laws() {
    for text in SAMPLES {
        for (at, c) in text.char_indices().step_by(1 + text.len() / 200) {
            laws::lays_out(&format!("{}{}", &text[..at], &text[at + c.len_utf8()..]));
        }
    }
}

#[test]
fn hard_layouts() {
    let hard = [
        "component A {}\n",
        "component A {\n  // nothing but this\n}\n",
        "component A {\n  resource a: K {} // after\n}\n",
        "component A {\n  let a = \"é 漢字 🙂\" // ü\n  let bb = 1 // x\n}\n",
        "component A {\n  let a = [ // first\n    1, // one\n    // two\n    2 // last\n    // end\n  ] // after\n}\n",
        "component A {\n  let a = [for x in xs // why\n    if x > 1 // when\n    : x]\n}\n",
        "component A {\n  let a = { // first\n    b = 1 // one\n\n    // end\n  }\n}\n",
        "component A {\n  let a = if b // why\n    then c // yes\n    else d // no\n}\n",
        "component A {\n  let a = b + // one\n    c * // two\n    d\n}\n",
        "// only a comment",
        "//! file\n\n\n/// a\n/// b\ntype T = Int // c\n// d",
        "component A {\n  let a = \"\"\"\n\ttab\n    two  \n\n  \"\"\"\n}\n",
    ];
    for text in hard {
        assert!(parse(text, 0).errors.is_empty(), "{text}: {:?}", parse(text, 0).errors.first().map(|d| &d.message));
        laws::reads(text);
        laws::lays_out(text);
        laws::lays_out(&text.replace('\n', "\r\n"));
    }
}
