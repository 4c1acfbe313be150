//! Columns: the `=` of neighbouring fields, the types of neighbouring attributes, their
//! modifiers, and comments at the ends of neighbouring lines.

use super::atoms::{Angles, Atom, Kind};
use super::lines::Line;

/// What stands in a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    /// `name = value`: the index of `=`.
    Field(usize),
    /// `name: Type modifiers`: the index of the type, and of the first modifier.
    Attribute(usize, Option<usize>),
    /// `output name: Type` of a kind: the index of the type.
    Output(usize),
}

/// Types wider than this have no part in the column of modifiers.
const WIDEST_TYPE: usize = 28;

/// Aligns everything.
pub(super) fn columns(lines: &mut [Line<'_>]) {
    let rows: Vec<Option<Row>> = lines.iter().map(row).collect();
    let mut at = 0;
    while at < lines.len() {
        let end = group_end(lines, &rows, at);
        match rows[at] {
            Some(Row::Field(_)) => {
                align(&mut lines[at..end], &rows[at..end], |row| if let Row::Field(i) = row { Some(i) } else { None });
            }
            Some(Row::Attribute(..)) => attributes(&mut lines[at..end], &rows[at..end]),
            Some(Row::Output(_)) => {
                align(&mut lines[at..end], &rows[at..end], |row| if let Row::Output(i) = row { Some(i) } else { None });
            }
            None => {}
        }
        at = end;
    }
    comments(lines);
}

/// One past the last line of the group that starts here: neighbours of the same sort and
/// indentation. A value over several lines ends its group, and so does documentation: what has
/// some stands by itself.
fn group_end(lines: &[Line<'_>], rows: &[Option<Row>], start: usize) -> usize {
    let Some(first) = rows[start] else { return start + 1 };
    let mut end = start + 1;
    while end < lines.len()
        && lines[end].indent == lines[start].indent
        && !lines[end].blank_before
        && (lines[end].is_plain_comment()
            || rows[end].is_some_and(|r| std::mem::discriminant(&r) == std::mem::discriminant(&first)))
    {
        end += 1;
    }
    end
}

fn row(line: &Line<'_>) -> Option<Row> {
    let atoms = &line.atoms;
    let first = atoms.first()?;
    let second = atoms.get(1);
    if first.kind == Kind::Comment || first.kind == Kind::Close || has_comma(atoms) {
        return None;
    }
    let colon = |at: usize| atoms.get(at).is_some_and(|a| a.is(Kind::Op, ":"));
    if first.kind == Kind::Word && colon(1) {
        return atoms.get(2).map(|_| Row::Attribute(2, modifier(atoms)));
    }
    if first.is(Kind::Word, "output") && colon(2) && !atoms.iter().any(|a| a.is(Kind::Op, "=")) {
        return atoms.get(3).map(|_| Row::Output(3));
    }
    if first.kind == Kind::Word && second.is_some_and(|a| a.kind == Kind::Word) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, atom) in atoms.iter().enumerate() {
        match atom.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Op if atom.text == "=" && depth == 0 => return Some(Row::Field(at)),
            _ => {}
        }
    }
    None
}

/// Whether entries stand side by side in the line.
fn has_comma(atoms: &[Atom<'_>]) -> bool {
    let mut depth = 0_usize;
    let mut angles = Angles::new();
    for (at, atom) in atoms.iter().enumerate() {
        angles.takes(at.checked_sub(1).and_then(|i| atoms.get(i)), atom);
        match atom.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Op if atom.text == "," && depth == 0 && !angles.inside() => return true,
            _ => {}
        }
    }
    false
}

/// The first modifier behind an attribute's type.
fn modifier(atoms: &[Atom<'_>]) -> Option<usize> {
    let is_modifier =
        |a: &Atom<'_>| a.kind == Kind::Word && matches!(&*a.text, "immutable" | "secret" | "write_only" | "unordered");
    let at = atoms.iter().skip(3).position(is_modifier)? + 3;
    // Behind a default it is not in the types' column.
    let default = atoms[..at].iter().any(|a| a.is(Kind::Op, "="));
    (!default).then_some(at)
}

/// The columns before an atom of a line.
fn column(line: &Line<'_>, at: usize) -> usize {
    line.atoms[..at].iter().map(|a| a.width() + usize::from(a.space)).sum()
}

/// Aligns one atom of each line.
fn align(lines: &mut [Line<'_>], rows: &[Option<Row>], pick: impl Fn(Row) -> Option<usize>) {
    let cells: Vec<Option<usize>> = rows.iter().map(|r| r.and_then(&pick)).collect();
    let widest = lines.iter().zip(&cells).filter_map(|(l, c)| c.map(|c| column(l, c))).max().unwrap_or(0);
    for (line, cell) in lines.iter_mut().zip(cells) {
        let Some(at) = cell else { continue };
        let pad = widest - column(line, at);
        if pad > 0 {
            line.pads.push((at, pad));
        }
    }
}

/// Aligns the types of attributes, and then their modifiers.
fn attributes(lines: &mut [Line<'_>], rows: &[Option<Row>]) {
    align(lines, rows, |row| if let Row::Attribute(i, _) = row { Some(i) } else { None });
    let type_width = |line: &Line<'_>, from: usize| -> usize {
        let end = modifier(&line.atoms).unwrap_or(line.atoms.len());
        let end = line.atoms.iter().position(|a| a.is(Kind::Op, "=")).unwrap_or(end).min(end);
        column(line, end) - column(line, from)
    };
    let mut widest = 0;
    for (line, row) in lines.iter().zip(rows) {
        if let Some(Row::Attribute(from, _)) = row {
            // A long type would push all modifiers out of sight.
            let width = type_width(line, *from);
            widest = widest.max(if width > WIDEST_TYPE { 0 } else { width });
        }
    }
    for (line, row) in lines.iter_mut().zip(rows) {
        if let Some(Row::Attribute(from, Some(at))) = row {
            let pad = widest.saturating_sub(type_width(line, *from));
            if pad > 0 {
                line.pads.push((*at, pad));
            }
        }
    }
}

/// Comments at the ends of neighbouring lines stand under each other.
fn comments(lines: &mut [Line<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        let start = at;
        while at < lines.len()
            && lines[at].comment.is_some()
            && lines[at].indent == lines[start].indent
            && !lines[at].has_block()
            && lines[at].atoms.first().is_some_and(|a| a.kind != Kind::Close)
            && (at == start || !(lines[at].blank_before || lines[at].is_comment()))
        {
            at += 1;
        }
        let widest = lines[start..at].iter().map(Line::width).max().unwrap_or(0);
        for line in &mut lines[start..at] {
            line.gap = 3 + widest - line.width();
        }
        at = at.max(start + 1);
    }
}
