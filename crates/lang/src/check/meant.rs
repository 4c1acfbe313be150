//! Which of the names that may be given an unknown one stands for: slips of the keyboard, and the
//! names that other tools have for the same thing. Knows names only, neither types nor values.

use std::borrow::Cow;

use topo_model::{Symbol, Type};
use topo_syntax::ast;

use super::braces::Owner;
use crate::suggest;

/// What an unknown name was probably meant to be.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Meant {
    /// Nothing that is there.
    Nothing,
    /// One of the names allowed, by position.
    One(usize),
    /// Any of several, by position.
    Any(Vec<usize>),
}

impl Meant {
    /// The positions of what may be meant.
    pub(super) fn positions(&self) -> Vec<usize> {
        match self {
            Meant::Nothing => Vec::new(),
            Meant::One(at) => vec![*at],
            Meant::Any(several) => several.clone(),
        }
    }
}

/// The unknown names that are fields of one record, which is an attribute itself.
pub(super) struct Inside {
    /// The position of the attribute.
    pub(super) at: usize,
    /// What each name is called there.
    pub(super) fields: Vec<Symbol>,
}

/// How one name stands for another, the surest first.
const WAYS: [fn(&str, &str) -> bool; 4] = [slip, same_thing, holds, shares_an_end];

/// What each unknown name was meant to be. A name is meant once, first by what is most like it; what
/// is needed goes before what may be left out.
pub(super) fn meant(owner: &Owner<'_>, unknown: &[ast::Ident], needed: &[usize], open: &[usize]) -> Vec<Meant> {
    let mut meant = vec![Meant::Nothing; unknown.len()];
    let mut taken: Vec<usize> = Vec::new();
    for (way, of) in WAYS.iter().enumerate() {
        for (among, required) in [(needed, true), (open, false)] {
            // That names end alike says something only where one is missing.
            if !required && way + 1 == WAYS.len() {
                continue;
            }
            for (name, meant) in unknown.iter().zip(&mut meant) {
                if *meant != Meant::Nothing {
                    continue;
                }
                let like = |at: &usize| of(name.name.as_str(), owner.allowed[*at].name.as_str());
                let mut found: Vec<usize> =
                    among.iter().copied().filter(|at| !taken.contains(at)).filter(like).collect();
                if way == 0 {
                    found = nearest(owner, *name, &found);
                }
                *meant = match found.as_slice() {
                    [] => continue,
                    [one] => Meant::One(*one),
                    _ => Meant::Any(found.clone()),
                };
                taken.extend(found);
            }
        }
    }
    meant
}

/// The one of several near names that is nearest.
fn nearest(owner: &Owner<'_>, name: ast::Ident, of: &[usize]) -> Vec<usize> {
    let text = |at: &usize| owner.allowed[*at].name.as_str();
    let near = suggest::nearest(name.name.as_str(), of.iter().map(text));
    of.iter().copied().find(|at| near == Some(text(at))).into_iter().collect()
}

/// The record among the names still open whose fields all the unknown ones are, one of them by its
/// very name.
pub(super) fn inside(owner: &Owner<'_>, unknown: &[ast::Ident], open: &[usize]) -> Option<Inside> {
    if unknown.is_empty() {
        return None;
    }
    open.iter().find_map(|at| {
        let Type::Record(record) = owner.allowed[*at].ty.narrowed() else { return None };
        let names: Vec<Symbol> = record.fields.iter().map(|field| field.name).collect();
        let exact = unknown.iter().any(|name| names.contains(&name.name));
        let fields: Option<Vec<Symbol>> = unknown.iter().map(|name| field(name.name, &names)).collect();
        Some(Inside { at: *at, fields: fields.filter(|_| exact)? })
    })
}

/// What a name is called among some fields: of several that it may be, the first.
fn field(name: Symbol, fields: &[Symbol]) -> Option<Symbol> {
    let like = |way: &fn(&str, &str) -> bool| fields.iter().copied().find(|of| way(name.as_str(), of.as_str()));
    if fields.contains(&name) { Some(name) } else { WAYS[..3].iter().find_map(like) }
}

/// Whether a name that is set is what an unknown one stands for.
pub(super) fn is_set_as(name: &str, set: &str) -> bool {
    slip(name, set) || same_thing(name, set)
}

/// A slip of the keyboard.
fn slip(name: &str, known: &str) -> bool {
    suggest::nearest(name, [known]).is_some()
}

/// `vpc_id` for `vpc`, `minimum` for `min`, `az` for `availability_zone`.
fn same_thing(name: &str, known: &str) -> bool {
    let (name, known) = (plain(name), plain(known));
    let (ours, theirs) = (words(&name), words(&known));
    let initials = || theirs.iter().filter_map(|word| word.chars().next()).eq(name.chars());
    alike(&ours, &theirs) || theirs.len() > 1 && initials()
}

/// `name` for `topic_name`, `zone` for `hosted_zone`.
fn holds(name: &str, known: &str) -> bool {
    let (name, known) = (plain(name), plain(known));
    let (ours, theirs) = (words(&name), words(&known));
    let (short, long) = if ours.len() < theirs.len() { (ours, theirs) } else { (theirs, ours) };
    !short.is_empty() && long.windows(short.len()).any(|part| alike(part, &short))
}

/// `queue_name` for `topic_name`, `topic_title` for `topic_name`.
fn shares_an_end(name: &str, known: &str) -> bool {
    let (name, known) = (plain(name), plain(known));
    let (ours, theirs) = (words(&name), words(&known));
    let same = |a: Option<&&str>, b: Option<&&str>| matches!((a, b), (Some(a), Some(b)) if a == b);
    same(ours.first(), theirs.first()) || same(ours.last(), theirs.last())
}

/// A name in small letters with `_` between its words: `vpcId` as `vpc_id`.
fn plain(name: &str) -> Cow<'_, str> {
    if !name.contains(|c: char| c.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut plain = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && plain.ends_with(|before: char| before != '_');
        plain.extend(begins.then_some('_'));
        plain.push(c.to_ascii_lowercase());
    }
    Cow::Owned(plain)
}

/// The words of a name, without what only says that an identifier is meant.
fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && matches!(words.last(), Some(&("id" | "ids" | "arn" | "arns"))) {
        words.pop();
    }
    words
}

fn alike(ours: &[&str], theirs: &[&str]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same_word(a, b))
}

/// Whether two words are one: in the singular and the plural, or the one cut short.
fn same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| matches!(rest, "" | "s") || short.len() > 2)
}
