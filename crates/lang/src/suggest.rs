//! What was probably meant: near names, and the findings that several modules share.

use std::cell::Cell;
use std::rc::Rc;

use topo_model::{Diagnostic, Span, Symbol};
use topo_syntax::ast;

use crate::library;

/// How many names a run compares with unknown ones, where a program itself declares them: each of
/// some hundred unknown names with some hundred that are known. Later ones are told what is
/// in scope, and not which of it they are like.
const COMPARED: usize = 100_000;

/// What is left of the names that a run compares.
#[derive(Debug)]
pub(crate) struct Comparisons(Cell<usize>);

impl Default for Comparisons {
    fn default() -> Comparisons {
        Comparisons(Cell::new(COMPARED))
    }
}

impl Comparisons {
    /// [`nearest`] of names that a program declares; none once enough were compared.
    pub(crate) fn nearest(&self, name: Symbol, names: &[Symbol]) -> Option<Symbol> {
        if !self.spend(names.len()) {
            return None;
        }
        nearest(name.as_str(), names.iter().map(|n| n.as_str())).map(Symbol::new)
    }

    /// Whether so many names may still be compared, which then counts them.
    pub(crate) fn spend(&self, names: usize) -> bool {
        let left = self.0.get().checked_sub(names);
        if let Some(left) = left {
            self.0.set(left);
        }
        left.is_some()
    }
}

/// Names in their order, kept from one finding to the next: as long as no more are declared, they are
/// not gathered again.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    of: (u32, usize),
    names: Rc<[Symbol]>,
}

impl Kept {
    /// The names of a scope that has so many; they are gathered where they are not those kept.
    pub(crate) fn sorted(&mut self, scope: u32, count: usize, gather: impl FnOnce() -> Vec<Symbol>) -> Rc<[Symbol]> {
        if self.of != (scope, count) || self.names.is_empty() {
            let mut names = gather();
            names.sort();
            names.dedup();
            *self = Kept { of: (scope, count), names: names.into() };
        }
        self.names.clone()
    }
}

/// The nearest of some names, if one is near enough to be a slip of the keyboard.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_ascii_lowercase();
    let limit = (name.len() / 3).clamp(1, 4);
    let letters = letters(name);
    let mut best: Option<(usize, &str)> = None;
    for candidate in names {
        if candidate == name || candidate.len().abs_diff(name.len()) > limit {
            continue;
        }
        // A slip changes one letter for another at most.
        if (letters ^ self::letters(candidate)).count_ones() as usize > 2 * limit {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase());
        // A name of which nothing would be left is another name.
        if distance <= limit && distance < name.len().min(candidate.len()) && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Which letters a name has, one bit each.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |letters, byte| letters | 1 << (byte.to_ascii_lowercase() & 63))
}

/// How many names of the library are suggested.
const ALIKE: usize = 4;

/// What of the standard library has a name like this one, with the line that brings it. Of
/// several, components stand first: they are what most programs are made of.
pub(crate) fn alike(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let near = nearest(name, library::declared().map(|of| of.name));
    let close = |known: &str| {
        let known = known.to_ascii_lowercase();
        lower.len() > 2 && (known.contains(&lower) || lower.contains(&known)) || starts_alike(&known, &lower)
    };
    let fits = |of: &&library::Declared| near.map_or_else(|| close(of.name), |near| near == of.name);
    let mut fitting: Vec<&library::Declared> = library::declared().filter(fits).collect();
    fitting.sort_by_key(|of| (!of.module.starts_with("std"), of.module.as_str(), of.name));
    fitting.truncate(ALIKE);
    let lines: Vec<String> = fitting.iter().map(|of| format!("`use {}.{{{}}}`", of.module, of.name)).collect();
    (!lines.is_empty()).then(|| format!("the standard library has names like it: {}", lines.join(", ")))
}

/// The kind that a name of another tool runs together with its service: `aws_s3_bucket`, `S3Bucket`.
pub(crate) fn run_together(name: &str) -> Option<String> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let name = plain(name.strip_prefix("aws_").unwrap_or(name));
    library::declared().find_map(|of| {
        let service = of.module.strip_prefix("aws.")?;
        (plain(service) + &plain(of.name) == name).then(|| format!("{}.{}", of.module, of.name))
    })
}

/// Whether two names begin with the same five letters, or all of the second stands at the
/// two ends of the first: `PeerMesh` in `PeeringMesh`.
fn starts_alike(known: &str, name: &str) -> bool {
    let start = known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let end = known.bytes().rev().zip(name.bytes().rev()).take_while(|(a, b)| a == b).count();
    start >= 5 || name.len() > 3 && start > 2 && start + end >= name.len()
}

/// How many modules of the library are named beside one that it does not have.
const NEAR_MODULES: usize = 5;

/// A text that begins a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How many names are listed.
const LISTED: usize = 10;

/// Several names as a text, ten at most: "`a`, `b` and `c`".
pub(crate) fn listed(names: &[Symbol]) -> String {
    listed_of(names, names.len())
}

/// Some names together with others that are in order, as [`listed`] in order.
pub(crate) fn listed_with(some: &[Symbol], others: &[Symbol]) -> String {
    let mut first: Vec<Symbol> = some.iter().chain(others.iter().take(LISTED)).copied().collect();
    first.sort();
    first.dedup();
    let behind = others.len().saturating_sub(LISTED);
    let count = first.len() + behind;
    listed_of(&first, count)
}

/// The first of so many names.
fn listed_of(names: &[Symbol], count: usize) -> String {
    let quoted: Vec<String> = names.iter().take(LISTED).map(|n| format!("`{n}`")).collect();
    if count > LISTED {
        return format!("{} and {} more", quoted.join(", "), count - LISTED);
    }
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// T0101 for a name of which the possible ones are known; `has` leads in their list.
pub(crate) fn unknown(name: ast::Ident, message: String, names: &[Symbol], has: &str) -> Diagnostic {
    with_names(Diagnostic::error(101, name.span, message, "not known"), name, names, has)
}

/// Adds what was probably meant, or else the list.
pub(crate) fn with_names(found: Diagnostic, name: ast::Ident, names: &[Symbol], has: &str) -> Diagnostic {
    let near = nearest(name.name.as_str(), names.iter().map(|n| n.as_str())).map(Symbol::new);
    with_near(found, name, near, names, has)
}

/// Adds the name that was probably meant where there is one, or else the list.
pub(crate) fn with_near(
    found: Diagnostic,
    name: ast::Ident,
    near: Option<Symbol>,
    names: &[Symbol],
    has: &str,
) -> Diagnostic {
    match near {
        Some(near) => found.fix(
            format!("did you mean `{near}`? {} {}", sentence(has), listed(names)),
            name.span,
            near.to_string(),
        ),
        None => found.help(format!("{has} {}", listed(names))),
    }
}

/// T0104 for a name that is taken.
pub(crate) fn duplicate(name: ast::Ident, other: Span) -> Diagnostic {
    let message = format!("`{}` is declared twice", name.name);
    let found = Diagnostic::error(104, name.span, message, "declared again here").label(other, "declared first here");
    let renamed = format!("{}_2", name.name);
    found.fix(format!("give one of them another name, for example `{renamed}`"), name.span, renamed)
}

/// T0104 for a name that is brought in and is there already.
pub(crate) fn imported_twice(name: ast::Ident, other: Span) -> Diagnostic {
    let message = format!("`{}` is declared twice", name.name);
    let found = Diagnostic::error(104, name.span, message, "brought in here").label(other, "declared first here");
    found.help("leave it out here, and write its full name where it is meant, for example `aws.ec2.Vpc`")
}

/// T0101 for the module of a full name, `aws.sqs` of `aws.sqs.Queue`, where the library has no such
/// one; none where the name begins as none of its modules do.
pub(crate) fn no_module(path: &ast::Path) -> Option<Diagnostic> {
    let [first, own, _, ..] = path.parts.as_slice() else { return None };
    let above = format!("{}.", first.name);
    let mut modules: Vec<String> = library::modules().into_iter().filter(|of| of.starts_with(&above)).collect();
    if modules.is_empty() {
        return None;
    }
    let name = format!("{above}{}", own.name);
    modules.sort_by_cached_key(|of| (strsim::damerau_levenshtein(of, &name), of.clone()));
    modules.truncate(NEAR_MODULES);
    let near: Vec<Symbol> = modules.iter().map(|of| Symbol::new(of)).collect();
    let found = Diagnostic::error(101, first.span.to(own.span), format!("there is no `{name}`"), "not known");
    Some(found.help(format!("near it are {}", listed(&near))))
}

/// T0101 for a module that the standard library does not have.
pub(crate) fn unknown_module(path: &ast::Path, name: &str) -> Diagnostic {
    let modules = library::modules();
    let message = format!("the standard library has no module `{name}`");
    let found = Diagnostic::error(101, path.span, message, "not known");
    let below: Vec<Symbol> =
        modules.iter().filter(|m| m.starts_with(&format!("{name}."))).map(|m| Symbol::new(m)).collect();
    if !below.is_empty() {
        return found.help(format!("its modules there are {}", listed(&below)));
    }
    match nearest(name, modules.iter().map(String::as_str)) {
        Some(near) => found.fix(format!("did you mean `{near}`?"), path.span, near),
        None => {
            let names: Vec<Symbol> = modules.iter().map(|m| Symbol::new(m)).collect();
            found.help(format!("its modules are {}", listed(&names)))
        }
    }
}
