//! Lines with their indentation.

use super::atoms::{Atom, Kind};

/// A line to print.
pub(super) struct Line<'t> {
    /// Columns before the first atom.
    pub(super) indent: usize,
    /// The atoms, without the comment at the end.
    pub(super) atoms: Vec<Atom<'t>>,
    /// Spaces before an atom beyond the one it has: (index, count).
    pub(super) pads: Vec<(usize, usize)>,
    /// The comment at the end.
    pub(super) comment: Option<Atom<'t>>,
    /// Spaces before that comment.
    pub(super) gap: usize,
    /// Whether an empty line stands before it.
    pub(super) blank_before: bool,
}

/// The indentation of each line: two columns more than the line of the innermost bracket that
/// is open, and two more for what goes on from the line before.
pub(super) fn indents(atoms: &[Atom<'_>]) -> Vec<usize> {
    let mut indents = Vec::new();
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut joined = false;
    for line in atoms.split_inclusive(Atom::is_newline) {
        let closers = line.iter().take_while(|a| a.kind == Kind::Close).count();
        let indent = if closers > 0 {
            open.get(open.len().saturating_sub(closers)).map_or(0, |o| o.0)
        } else {
            let inner = open.last().map_or(0, |o| o.0 + 2);
            let in_braces = open.last().is_none_or(|o| o.1);
            let goes_on = joined || line.first().is_some_and(|a| matches!(&*a.text, "then" | "else" | "|"));
            if goes_on && in_braces { inner + 2 } else { inner }
        };
        for atom in line {
            match atom.kind {
                Kind::Open => open.push((indent, atom.text == "{")),
                Kind::Close => {
                    open.pop();
                }
                _ => {}
            }
        }
        let last = line.iter().rev().find(|a| !a.is_newline() && a.kind != Kind::Comment);
        // A line of comments alone changes nothing about what goes on.
        if let Some(last) = last {
            joined = joins(last);
        }
        indents.push(indent);
    }
    indents
}

/// Whether a line that ends so goes on in the next; as the scanner has it.
fn joins(last: &Atom<'_>) -> bool {
    match last.kind {
        Kind::Op => {
            matches!(&*last.text, "+" | "-" | "*" | "/" | "??" | ".." | "==" | "!=" | "<=" | ">=" | "->" | "=>" | "|")
        }
        Kind::Word => matches!(&*last.text, "and" | "or" | "not" | "in" | "if" | "then" | "else"),
        _ => false,
    }
}

/// Cuts atoms into lines.
pub(super) fn lines(atoms: Vec<Atom<'_>>) -> Vec<Line<'_>> {
    let mut indents = indents(&atoms).into_iter();
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut blank = false;
    let mut current: Vec<Atom<'_>> = Vec::new();
    let mut rest = atoms.into_iter().peekable();
    while let Some(atom) = rest.next() {
        let newline = if let Kind::Newline { blank } = atom.kind { Some(blank) } else { None };
        if newline.is_none() {
            current.push(atom);
            if rest.peek().is_some() {
                continue;
            }
        }
        let indent = indents.next().unwrap_or(0);
        let comment = current.pop_if(|a| a.kind == Kind::Comment);
        let (atoms, comment) = match comment {
            // A comment alone is the line.
            Some(comment) if current.is_empty() => (vec![comment], None),
            comment => (std::mem::take(&mut current), comment),
        };
        let closes = atoms.first().is_some_and(|a| a.kind == Kind::Close);
        let opened = lines.last().is_some_and(|l| l.atoms.last().is_some_and(|a| a.kind == Kind::Open));
        let blank_before = blank && !lines.is_empty() && !closes && !opened;
        lines.push(Line { indent, atoms, pads: Vec::new(), comment, gap: 3, blank_before });
        blank = newline.unwrap_or(false);
    }
    lines
}

impl Line<'_> {
    /// The columns up to the end of the code.
    pub(super) fn width(&self) -> usize {
        let pads: usize = self.pads.iter().map(|p| p.1).sum();
        self.indent + self.atoms.iter().map(|a| a.width() + usize::from(a.space)).sum::<usize>() + pads
    }

    /// Whether a text over several lines is in it.
    pub(super) fn has_block(&self) -> bool {
        self.atoms.iter().any(|a| a.text.contains('\n'))
    }

    /// Whether it is a comment that documents nothing.
    pub(super) fn is_plain_comment(&self) -> bool {
        self.is_comment() && !self.atoms[0].text.starts_with("///")
    }

    /// Whether it is a comment and nothing else.
    pub(super) fn is_comment(&self) -> bool {
        self.atoms.first().is_some_and(|a| a.kind == Kind::Comment)
    }
}

/// The text of the lines.
pub(super) fn print(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    for line in lines {
        if line.blank_before {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n(' ', line.indent));
        let mut pads = line.pads.iter().peekable();
        for (at, atom) in line.atoms.iter().enumerate() {
            let pad = pads.next_if(|p| p.0 == at).map_or(0, |p| p.1);
            out.extend(std::iter::repeat_n(' ', usize::from(atom.space) + pad));
            out.push_str(&atom.text);
        }
        if let Some(comment) = &line.comment {
            out.extend(std::iter::repeat_n(' ', line.gap));
            out.push_str(&comment.text);
        }
        out.push('\n');
    }
    out
}
