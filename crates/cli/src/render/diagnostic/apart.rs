//! Sets places apart that lie within one another, so that each mark stands by itself.
//!
//! A finding about an expression has its parts' values beside it: the whole is marked at
//! its operator then, and what stands there anyway is not said again.

use std::ops::Range;

/// A place of one file, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes of the text, within one line.
    pub(super) range: Range<usize>,
    /// What is said; may be empty.
    pub(super) text: String,
}

/// The places with none inside another; the first stays the first.
pub(super) fn apart(source: &str, places: Vec<Place>) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    let mut literal = Vec::new();
    for (at, place) in places.into_iter().enumerate() {
        if at > 0 && says_itself(source, &place) {
            literal.push(place.range);
            continue;
        }
        match kept.iter_mut().find(|k| k.range == place.range) {
            Some(same) if same.text.is_empty() => same.text = place.text,
            Some(same) if place.text.is_empty() || same.text == place.text => {}
            Some(same) => same.text = format!("{}; {}", same.text, place.text),
            None => kept.push(place),
        }
    }
    let ranges: Vec<Range<usize>> = kept.iter().map(|p| p.range.clone()).collect();
    for place in &mut kept {
        let mut inner: Vec<Range<usize>> = ranges.iter().filter(|r| is_within(r, &place.range)).cloned().collect();
        if inner.is_empty() {
            continue;
        }
        inner.extend(literal.iter().filter(|r| is_within(r, &place.range)).cloned());
        if let Some(mark) = operator(source, &place.range, &inner) {
            place.range = mark;
        }
    }
    kept
}

fn is_within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    !inner.is_empty() && inner != outer && outer.start <= inner.start && inner.end <= outer.end
}

/// `5` needs no `this is 5`.
fn says_itself(source: &str, place: &Place) -> bool {
    let written = source.get(place.range.clone()).unwrap_or_default().trim();
    !written.is_empty() && place.text.strip_prefix("this is ") == Some(written)
}

/// The piece by which an expression is known, outside the ranges: the operator that holds
/// it together, or its first word.
fn operator(source: &str, outer: &Range<usize>, inner: &[Range<usize>]) -> Option<Range<usize>> {
    let mut best: Option<((usize, usize), Range<usize>)> = None;
    let mut depth = 0_usize;
    let mut at = outer.start;
    while at < outer.end {
        if let Some(skipped) = inner.iter().filter(|r| r.contains(&at)).map(|r| r.end).max() {
            at = skipped;
            continue;
        }
        let limit = inner.iter().map(|r| r.start).filter(|start| *start > at).min().unwrap_or(outer.end);
        let piece = piece(source.get(at..limit.min(outer.end))?);
        let range = at..at + piece.len();
        at = range.end;
        match piece {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(rank) = rank(piece)
            && best.as_ref().is_none_or(|(known, _)| (depth, rank) < *known)
        {
            best = Some(((depth, rank), range));
        }
    }
    best.map(|(_, range)| range)
}

/// The first piece of a text that is not empty: a text in quotes, a word, a run of signs.
fn piece(text: &str) -> &str {
    let first = text.chars().next().unwrap_or(' ');
    let sign = |c: char| "=!<>+-*/?.".contains(c);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let end = match first {
        '"' => text[1..].find('"').map(|end| end + 2),
        _ if word(first) => text.find(|c| !word(c) && c != '-' && c != '.'),
        _ if sign(first) => text.find(|c| !sign(c)),
        _ => Some(first.len_utf8()),
    };
    &text[..end.unwrap_or(text.len())]
}

/// How loosely a piece holds its sides together, the loosest first; `None` for what says
/// nothing by itself.
fn rank(piece: &str) -> Option<usize> {
    const LEVELS: [&[&str]; 7] =
        [&["or"], &["and"], &["not"], &["==", "!=", "<", "<=", ">", ">=", "in"], &["??"], &["+", "-"], &["*", "/"]];
    let level = LEVELS.iter().position(|level| level.contains(&piece));
    let speaks = || piece.chars().any(char::is_alphanumeric) && !piece.starts_with('"');
    level.or_else(|| speaks().then_some(LEVELS.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‹…›` marks the places, the outermost first; what comes is marked the same way.
    #[track_caller]
    fn check(source: &str, parts: &[(&str, &str)], expect: &[(&str, &str)]) {
        let place = |(at, (part, text)): (usize, &(&str, &str))| {
            let start = if at == 0 { source.find(part) } else { source.rfind(part) }.expect("the part is there");
            Place { range: start..start + part.len(), text: (*text).to_owned() }
        };
        let places = parts.iter().enumerate().map(place).collect();
        let found = apart(source, places);
        let found: Vec<(&str, &str)> = found.iter().map(|p| (&source[p.range.clone()], p.text.as_str())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn the_whole_is_marked_at_its_operator() {
        check(
            "a + 1 == 5",
            &[("a + 1 == 5", "fails"), ("a + 1", "this is 4")],
            &[("==", "fails"), ("a + 1", "this is 4")],
        );
        check(
            "x != none and (y == z or w)",
            &[("x != none and (y == z or w)", "fails"), ("x", "this is 1"), ("y", "this is 2"), ("z", "this is 3")],
            &[("and", "fails"), ("x", "this is 1"), ("y", "this is 2"), ("z", "this is 3")],
        );
        check("disjoint([p, q])", &[("disjoint([p, q])", "fails"), ("q", "b")], &[("disjoint", "fails"), ("q", "b")]);
    }

    #[test]
    fn literals_are_not_repeated_and_hide_no_operator() {
        check(
            "name == \"this or that\"",
            &[
                ("name == \"this or that\"", "fails"),
                ("\"this or that\"", "this is \"this or that\""),
                ("name", "this is \"x\""),
            ],
            &[("==", "fails"), ("name", "this is \"x\"")],
        );
        check("a == 5", &[("a == 5", "fails"), ("5", "this is 5")], &[("a == 5", "fails")]);
    }

    #[test]
    fn two_words_about_one_place_stand_together() {
        check("a", &[("a", "first"), ("a", "second"), ("a", "first")], &[("a", "first; second; first")]);
    }

    #[test]
    fn places_beside_each_other_stay_as_they_are() {
        check("a b", &[("a", "one"), ("b", "two")], &[("a", "one"), ("b", "two")]);
        check("héé ü", &[("héé ü", "all"), ("ü", "this")], &[("héé", "all"), ("ü", "this")]);
    }
}
