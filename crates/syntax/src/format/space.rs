//! Where a space goes.

use super::atoms::{Angles, Atom, Kind, opens_loop};
use crate::scan::is_reserved;

/// What is known left of an atom.
struct Left {
    /// The open brackets: their text, and whether a `for` follows the bracket.
    open: Vec<(char, Inside)>,
    /// The first word of the line.
    first: String,
}

/// What an open bracket holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Entries,
    /// `{ for … : k => v }`.
    Loop,
    /// `use a.{A, B}`.
    Names,
}

/// Sets [`Atom::space`] everywhere.
pub(super) fn spaced(mut atoms: Vec<Atom<'_>>) -> Vec<Atom<'_>> {
    let mut left = Left { open: Vec::new(), first: String::new() };
    let mut angles = Angles::new();
    let mut after_angle = false;
    let mut after_sign = false;
    for at in 0..atoms.len() {
        let (before, rest) = atoms.split_at(at);
        let before = before.last();
        let atom = &rest[0];
        let angle = angles.takes(before, atom);
        if before.is_none_or(Atom::is_newline) {
            left.first = atom.text.to_string();
        }
        let space = match before {
            None => false,
            Some(before) if before.is_newline() => false,
            Some(_) if angle => false,
            Some(before) if after_angle && before.text == "<" => false,
            Some(_) if after_sign => false,
            Some(before) => wants_space(before, atom, &left),
        };
        after_sign = atom.is(Kind::Op, "-") && is_sign(before);
        after_angle = angle;
        match atom.kind {
            Kind::Open => {
                let inside = match before {
                    Some(b) if b.text == "." => Inside::Names,
                    _ if atom.text == "{" && opens_loop(&atoms, at) => Inside::Loop,
                    _ => Inside::Entries,
                };
                left.open.push((atom.text.chars().next().unwrap_or(' '), inside));
            }
            // The bracket is still needed to know how it closes.
            Kind::Close => {
                left.open.pop();
            }
            _ => {}
        }
        atoms[at].space = space;
    }
    atoms
}

/// Whether a `-` after this is a sign and no subtraction.
fn is_sign(before: Option<&Atom<'_>>) -> bool {
    match before {
        None => true,
        Some(b) => match b.kind {
            Kind::Open | Kind::Op | Kind::Newline { .. } => true,
            Kind::Word => is_reserved(&b.text) && !matches!(&*b.text, "true" | "false" | "none"),
            _ => false,
        },
    }
}

fn wants_space(before: &Atom<'_>, atom: &Atom<'_>, left: &Left) -> bool {
    let inside = left.open.last().map_or(Inside::Entries, |o| o.1);
    match (before.kind, atom.kind) {
        (_, Kind::Comment) => true,
        (Kind::Open, Kind::Close) => false,
        (Kind::Open, _) => before.text == "{" && inside != Inside::Names,
        (_, Kind::Close) => atom.text == "}" && inside != Inside::Names,
        (Kind::Op, _) if matches!(&*before.text, "." | "?." | "..") => false,
        (_, Kind::Op) => match &*atom.text {
            "," | "." | "?." | ".." | "?" => false,
            "??" => !(atom.touches && left.in_type()),
            ":" => inside == Inside::Loop,
            _ => true,
        },
        (_, Kind::Open) if atom.text != "{" => opens_after(before, atom, left),
        _ => true,
    }
}

/// Whether a space goes before `(` or `[`.
fn opens_after(before: &Atom<'_>, atom: &Atom<'_>, left: &Left) -> bool {
    match before.kind {
        Kind::Op | Kind::Newline { .. } => before.text != "?",
        Kind::Word if is_reserved(&before.text) => true,
        Kind::Word if left.open.len() <= 1 && left.lists_names(&before.text) => true,
        Kind::Word if left.first == "topology" && left.open.is_empty() => false,
        _ => !atom.touches,
    }
}

impl Left {
    /// Whether the line is one of a kind's, where names in parentheses follow this word.
    fn lists_names(&self, word: &str) -> bool {
        match &*self.first {
            "unique" | "identity" => word == self.first,
            "creates" => matches!(word, "key" | "name"),
            _ => false,
        }
    }

    /// Whether a `??` that touches can only be two marks of an optional type.
    fn in_type(&self) -> bool {
        matches!(&*self.first, "param" | "type" | "output" | "input") && self.open.is_empty()
    }
}
