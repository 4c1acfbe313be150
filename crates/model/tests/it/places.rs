//! Spans, files, lines and columns.

use topo_model::{MAX_SOURCE_BYTES, SourceMap, Span};

/// Line and column of every character of a text, and of its end.
fn check(text: &str) -> String {
    let mut files = SourceMap::default();
    files.add("before.topo", "x".into(), false);
    let base = files.add("main.topo", text.into(), false).expect("room").base;
    let mut out = String::new();
    for (at, c) in text.char_indices().map(|(at, c)| (at, format!("{c:?}"))).chain([(text.len(), "end".to_owned())]) {
        let at = base + at as u32;
        let (start, _) = files.lines(Span::new(at, at)).expect("in the file");
        out.push_str(&format!("{c} {}:{}\n", start.line, start.column));
    }
    out
}

#[test]
fn columns_count_characters() {
    insta::assert_snapshot!(check("aé\n漢b"), @r"
    'a' 1:1
    'é' 1:2
    '\n' 1:3
    '漢' 2:1
    'b' 2:2
    end 2:3
    ");
}

#[test]
fn a_carriage_return_belongs_to_its_line() {
    insta::assert_snapshot!(check("a\r\n\r\nb"), @r"
    'a' 1:1
    '\r' 1:2
    '\n' 1:3
    '\r' 2:1
    '\n' 2:2
    'b' 3:1
    end 3:2
    ");
}

#[test]
fn an_empty_file_has_a_place() {
    insta::assert_snapshot!(check(""), @"end 1:1");
}

#[test]
fn a_position_inside_a_character_is_that_characters() {
    let mut files = SourceMap::default();
    let base = files.add("main.topo", "漢b".into(), false).expect("room").base;
    let (inside, after) = files.lines(Span::new(base + 1, base + 3)).expect("in the file");
    assert_eq!((inside.column, after.column), (1, 2));
    assert_eq!(files.text(Span::new(base + 1, base + 3)), "");
}

#[test]
fn every_span_finds_its_file() {
    let mut files = SourceMap::default();
    assert!(files.file(Span::new(5, 6)).is_none());
    let a = files.add("a.topo", "one".into(), false).expect("room").span();
    let b = files.add("b.topo", "".into(), true).expect("room").span();
    let c = files.add("c.topo", "two".into(), false).expect("room").span();
    let name = |span| files.file(span).map(|file| &*file.name);
    assert_eq!([a, a.end(), b, c, c.end()].map(name), ["a.topo", "a.topo", "b.topo", "c.topo", "c.topo"].map(Some));
    assert_eq!([a, b, c].map(|span| files.text(span)), ["one", "", "two"]);
    assert_eq!(name(Span::NONE), None);
    assert_eq!(files.text(Span::NONE), "");
    assert_eq!(files.text(Span::new(c.lo, c.hi + 10)), "");
    assert_eq!(files.text(Span::new(c.hi, a.lo)), "");
}

#[test]
fn spans_join() {
    let (a, b) = (Span::new(3, 5), Span::new(9, 12));
    assert_eq!(a.to(b), Span::new(3, 12));
    assert_eq!(b.to(a), Span::new(3, 12));
    assert_eq!(a.to(Span::NONE), a);
    assert_eq!(Span::NONE.to(a), a);
    assert_eq!((a.start(), a.end()), (Span::new(3, 3), Span::new(5, 5)));
}

#[test]
fn more_text_than_fits_is_refused() {
    let mut files = SourceMap::default();
    // One page of text, shared by all files.
    let page: std::sync::Arc<str> = "x".repeat(1 << 24).into();
    let mut taken = 0;
    while files.add("page.topo", page.clone(), false).is_some() {
        taken += page.len() + 1;
    }
    assert!(taken <= MAX_SOURCE_BYTES && taken + page.len() + 1 > MAX_SOURCE_BYTES);
}
