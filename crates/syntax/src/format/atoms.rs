//! Tokens as the formatter wants them: a string is one, newlines know whether a line is empty.

use std::borrow::Cow;

use crate::token::{Tok, tokens};

/// What an atom is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A number, a region, a string.
    Value,
    Op,
    Open,
    Close,
    Comment,
    /// The end of a line; `blank` when an empty line follows.
    Newline {
        blank: bool,
    },
}

/// The smallest thing that is laid out.
#[derive(Debug, Clone)]
pub(super) struct Atom<'t> {
    pub(super) kind: Kind,
    pub(super) text: Cow<'t, str>,
    /// Whether nothing stood between it and the one before.
    pub(super) touches: bool,
    /// Whether a space goes before it; set by [`super::space`].
    pub(super) space: bool,
}

impl<'t> Atom<'t> {
    pub(super) fn new(kind: Kind, text: impl Into<Cow<'t, str>>) -> Atom<'t> {
        Atom { kind, text: text.into(), touches: false, space: false }
    }

    pub(super) fn newline() -> Atom<'t> {
        Atom::new(Kind::Newline { blank: false }, "")
    }

    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }

    pub(super) fn is_newline(&self) -> bool {
        matches!(self.kind, Kind::Newline { .. })
    }

    /// Columns it takes; of a text over several lines those of the first.
    pub(super) fn width(&self) -> usize {
        self.text.lines().next().unwrap_or("").chars().count()
    }
}

/// The atoms of a text.
pub(super) fn atoms(text: &str) -> Vec<Atom<'_>> {
    let list = tokens(text, 0).list;
    let mut out: Vec<Atom<'_>> = Vec::with_capacity(list.len());
    let mut end = 0;
    let mut at = 0;
    while let Some(token) = list.get(at) {
        let lo = token.lo as usize;
        let touches = lo == end && lo > 0;
        at += 1;
        let (kind, text): (Kind, Cow<'_, str>) = match token.tok {
            Tok::Newline => {
                end = token.hi as usize;
                match out.last_mut() {
                    Some(Atom { kind: Kind::Newline { blank }, .. }) => *blank = true,
                    Some(_) => out.push(Atom::newline()),
                    None => {}
                }
                continue;
            }
            Tok::StrOpen => {
                let mut depth = 1;
                while let Some(token) = list.get(at).filter(|_| depth > 0) {
                    match token.tok {
                        Tok::StrOpen => depth += 1,
                        Tok::StrClose => depth -= 1,
                        _ => {}
                    }
                    at += 1;
                }
                end = list.get(at - 1).map_or(text.len(), |t| t.hi as usize);
                let string = text.get(lo..end).unwrap_or("");
                let string: Cow<'_, str> =
                    if string.contains('\r') { string.replace("\r\n", "\n").into() } else { string.into() };
                out.push(Atom { touches, ..Atom::new(Kind::Value, string) });
                continue;
            }
            Tok::Comment | Tok::Doc | Tok::FileDoc => (Kind::Comment, token.text(text).trim_end().into()),
            Tok::Word => (Kind::Word, token.text(text).into()),
            Tok::Open => (Kind::Open, token.text(text).into()),
            Tok::Close => (Kind::Close, token.text(text).into()),
            Tok::Op => (Kind::Op, token.text(text).into()),
            _ => (Kind::Value, token.text(text).into()),
        };
        end = token.hi as usize;
        out.push(Atom { touches, ..Atom::new(kind, text) });
    }
    out
}

/// For each opening bracket the index of its closing one, and back.
pub(super) fn partners(atoms: &[Atom<'_>]) -> Vec<Option<usize>> {
    let mut partners = vec![None; atoms.len()];
    let mut open = Vec::new();
    for (at, atom) in atoms.iter().enumerate() {
        match atom.kind {
            Kind::Open => open.push(at),
            Kind::Close => {
                if let Some(opener) = open.pop() {
                    partners[opener] = Some(at);
                    partners[at] = Some(opener);
                }
            }
            _ => {}
        }
    }
    partners
}

/// Counts how deep in `<>` of types each atom is: those commas separate no entries.
pub(super) struct Angles {
    depth: usize,
}

impl Angles {
    pub(super) fn new() -> Angles {
        Angles { depth: 0 }
    }

    /// Takes the next atom; true when it is a `<` or `>` of a type.
    pub(super) fn takes(&mut self, before: Option<&Atom<'_>>, atom: &Atom<'_>) -> bool {
        match &*atom.text {
            "<" if atom.kind == Kind::Op && before.is_some_and(|b| matches!(&*b.text, "List" | "Map" | "Secret")) => {
                self.depth += 1;
                true
            }
            ">" if atom.kind == Kind::Op && self.depth > 0 => {
                self.depth -= 1;
                true
            }
            _ => false,
        }
    }

    pub(super) fn inside(&self) -> bool {
        self.depth > 0
    }
}

/// Braces hold their entries on one line without a last comma, or each on a line of its own
/// without commas; other brackets that close on their line have no last comma.
pub(super) fn entries_on_lines(atoms: Vec<Atom<'_>>) -> Vec<Atom<'_>> {
    let spread = spread_braces(&atoms);
    let loops: Vec<bool> = (0..atoms.len()).map(|at| opens_loop(&atoms, at)).collect();
    let mut out: Vec<Atom<'_>> = Vec::with_capacity(atoms.len());
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut angles = Angles::new();
    let mut rest = atoms.into_iter().enumerate().peekable();
    while let Some((at, atom)) = rest.next() {
        angles.takes(out.last(), &atom);
        let next = rest.peek().map(|(_, a)| a.kind);
        let ends_line = matches!(next, None | Some(Kind::Newline { .. } | Kind::Comment));
        match atom.kind {
            Kind::Open => {
                open.push((spread[at], is_list(out.last(), &atom) && !loops[at]));
                out.push(atom);
                if spread[at] && !ends_line {
                    out.push(Atom::newline());
                }
            }
            Kind::Close => {
                let (spread, list) = open.pop().unwrap_or((false, false));
                if spread && !out.last().is_some_and(Atom::is_newline) {
                    out.push(Atom::newline());
                }
                if list && out.last().is_some_and(Atom::is_newline) {
                    last_comma(&mut out);
                }
                out.push(atom);
            }
            Kind::Op if atom.text == "," && !angles.inside() => {
                if open.last().is_some_and(|o| o.0) {
                    if !ends_line && !out.last().is_some_and(Atom::is_newline) {
                        out.push(Atom::newline());
                    }
                } else if next != Some(Kind::Close) {
                    out.push(atom);
                }
            }
            Kind::Newline { .. } if out.last().is_some_and(Atom::is_newline) => {}
            _ => out.push(atom),
        }
    }
    out
}

/// Whether a bracket opens a list rather than an index, which touches what it applies to.
pub(super) fn is_list(before: Option<&Atom<'_>>, open: &Atom<'_>) -> bool {
    let operand = before.is_some_and(|b| matches!(b.kind, Kind::Word | Kind::Value | Kind::Close));
    open.text == "[" && !(open.touches && operand)
}

/// Whether a bracket opens a comprehension: it is followed by `for`, and is no body whose
/// first statement is a loop.
pub(super) fn opens_loop(atoms: &[Atom<'_>], open: usize) -> bool {
    if atoms[open].kind != Kind::Open || opens_body(atoms, open) {
        return false;
    }
    let next = atoms[open + 1..].iter().find(|a| !a.is_newline() && a.kind != Kind::Comment);
    next.is_some_and(|a| a.is(Kind::Word, "for"))
}

/// Whether a brace opens a body: what stands before it is a name, a value or a closed
/// bracket, where an expression's brace stands after an operator, a word such as `then`,
/// another bracket or at the start of a line.
fn opens_body(atoms: &[Atom<'_>], open: usize) -> bool {
    let Some(before) = open.checked_sub(1).map(|at| &atoms[at]) else { return false };
    atoms[open].text == "{"
        && match before.kind {
            Kind::Word => !crate::scan::is_reserved(&before.text),
            Kind::Value | Kind::Close => true,
            Kind::Op | Kind::Open | Kind::Comment | Kind::Newline { .. } => false,
        }
}

/// The last element of a list over several lines has a comma, too.
fn last_comma(out: &mut Vec<Atom<'_>>) {
    let Some(last) = out.iter().rposition(|a| !a.is_newline() && a.kind != Kind::Comment) else { return };
    if out[last].kind != Kind::Open && !out[last].is(Kind::Op, ",") {
        out.insert(last + 1, Atom::new(Kind::Op, ","));
    }
}

/// For each `{` whether its entries stand on lines of their own: whether a newline stands
/// between its braces, and in no brackets within.
fn spread_braces(atoms: &[Atom<'_>]) -> Vec<bool> {
    let mut spread = vec![false; atoms.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, atom) in atoms.iter().enumerate() {
        match atom.kind {
            Kind::Open => open.push(at),
            Kind::Close => {
                open.pop();
            }
            Kind::Newline { .. } => {
                if let Some(opener) = open.last().filter(|i| atoms[**i].text == "{") {
                    spread[*opener] = true;
                }
            }
            _ => {}
        }
    }
    spread
}
