//! Long lines, broken where they can be.

use super::WIDTH;
use super::atoms::{Angles, Atom, Kind, is_list, opens_loop, partners};
use super::lines::indents;
use super::space::spaced;

/// Breaks lines that are too long, as far as they can be broken.
pub(super) fn long_lines(mut atoms: Vec<Atom<'_>>) -> Vec<Atom<'_>> {
    // A break changes the indentation of what follows, which may then be too long itself.
    loop {
        let before = atoms.len();
        atoms = spaced(once(atoms));
        if atoms.len() == before {
            return atoms;
        }
    }
}

fn once(atoms: Vec<Atom<'_>>) -> Vec<Atom<'_>> {
    let indents = indents(&atoms);
    let mut out = Vec::with_capacity(atoms.len());
    for (line, indent) in atoms.split_inclusive(Atom::is_newline).zip(indents) {
        broken(line, indent, &mut out);
    }
    out
}

/// The columns of a line, a comment at its end left out.
fn width(line: &[Atom<'_>]) -> usize {
    let code = line.iter().filter(|a| a.kind != Kind::Comment);
    code.map(|a| a.width() + usize::from(a.space)).sum()
}

/// Where a line is broken.
enum Break {
    /// Inside these brackets: an entry a line.
    Inside(usize, usize),
    /// Before each of these atoms.
    Before(Vec<usize>),
}

/// Adds a line, in several lines where it is too long.
fn broken<'t>(line: &[Atom<'t>], indent: usize, out: &mut Vec<Atom<'t>>) {
    let place = if indent + width(line) > WIDTH { place(line) } else { None };
    match place {
        None => out.extend_from_slice(line),
        Some(Break::Inside(open, close)) => inside(line, open, close, indent, out),
        Some(Break::Before(places)) => {
            let mut start = 0;
            for (part, at) in places.iter().chain(&[line.len()]).enumerate() {
                if part > 0 {
                    out.push(Atom::newline());
                }
                broken(&line[start..*at], if part == 0 { indent } else { indent + 2 }, out);
                start = *at;
            }
        }
    }
}

/// The best place to break: the braces that end the line, then the branches of a choice and
/// the `else` of a check, then conditions, then the widest brackets.
fn place(line: &[Atom<'_>]) -> Option<Break> {
    let partners = partners(line);
    let last = line.iter().rposition(|a| !a.is_newline() && a.kind != Kind::Comment)?;
    if let Some(open) = partners[last].filter(|open| last > open + 2 && line[*open].text == "{") {
        return Some(Break::Inside(open, last));
    }
    let words = |accept: &dyn Fn(&str) -> bool, shift: usize| -> Option<Break> {
        let mut depth = 0_usize;
        let mut places = Vec::new();
        for (at, atom) in line.iter().enumerate() {
            match atom.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Word if depth == 0 && at + shift > 0 && at + shift <= last && accept(&atom.text) => {
                    places.push(at + shift);
                }
                _ => {}
            }
        }
        (!places.is_empty()).then_some(Break::Before(places))
    };
    words(&|w| matches!(w, "then" | "else"), 0)
        .or_else(|| words(&|w| w == "or", 1))
        .or_else(|| words(&|w| w == "and", 1))
        .or_else(|| widest_group(line, &partners).map(|(open, close)| Break::Inside(open, close)))
}

fn inside<'t>(line: &[Atom<'t>], open: usize, close: usize, indent: usize, out: &mut Vec<Atom<'t>>) {
    let braces = line[open].text == "{";
    let loops = opens_loop(line, open);
    broken(&line[..=open], indent, out);
    out.push(Atom::newline());
    let mut depth = 0_usize;
    let mut angles = Angles::new();
    let mut start = open + 1;
    for at in open + 1..close {
        angles.takes(line.get(at.wrapping_sub(1)), &line[at]);
        match line[at].kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Op if line[at].text == "," && depth == 0 && !angles.inside() => {
                let end = if braces { at } else { at + 1 };
                entry(&line[start..end], indent + 2, out);
                start = at + 1;
            }
            _ => {}
        }
    }
    entry(&line[start..close], indent + 2, out);
    let before = open.checked_sub(1).and_then(|i| line.get(i));
    if is_list(before, &line[open]) && !loops {
        out.insert(out.len() - 1, Atom::new(Kind::Op, ","));
    }
    broken(&line[close..], indent, out);
}

fn entry<'t>(atoms: &[Atom<'t>], indent: usize, out: &mut Vec<Atom<'t>>) {
    if !atoms.is_empty() {
        broken(atoms, indent, out);
        out.push(Atom::newline());
    }
}

/// The widest brackets of a line that stand in no others and are worth breaking. Of brackets
/// that hold nothing but brackets the inner ones count.
fn widest_group(line: &[Atom<'_>], partners: &[Option<usize>]) -> Option<(usize, usize)> {
    let mut widest: Option<(usize, usize, usize)> = None;
    let mut at = 0;
    while at < line.len() {
        match (line[at].kind, partners[at]) {
            (Kind::Open, Some(end)) => {
                let (mut open, mut close) = (at, end);
                while partners[open + 1] == Some(close - 1) && line[open + 1].kind == Kind::Open {
                    (open, close) = (open + 1, close - 1);
                }
                let width = width(&line[open..=close]);
                let several = line[open].text != "(" || line[open..close].iter().any(|a| a.text == ",");
                if several && width > 30 && widest.is_none_or(|(w, ..)| width > w) {
                    widest = Some((width, open, close));
                }
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    widest.map(|(_, open, close)| (open, close))
}
