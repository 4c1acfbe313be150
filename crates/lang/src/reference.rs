//! The standard library by itself: every kind of it, and what is known of each kind,
//! component and function.
//!
//! An [`Entry`] is the one source of all reference texts: of `topo schema`, of the book's
//! pages ([`pages`]) and of what an editor shows.

mod entry;
mod markdown;
mod pages;

use std::sync::Arc;

use topo_model::{Catalogue, Diagnostic, Func, SourceMap, Symbol};

pub use entry::{Entry, Member, Rule, Sort, Takes};
pub use pages::{Page, pages};

use crate::checker::Checker;
use crate::modules::{DeclId, DeclKind};
use crate::world::Memory;

/// The standard library, all of it read and checked.
#[derive(Debug)]
pub struct Library {
    /// Its files.
    pub sources: SourceMap,
    /// Every kind.
    pub catalogue: Arc<Catalogue>,
    /// What is wrong with it; nothing, as a test sees to.
    pub diagnostics: Vec<Diagnostic>,
    /// Kinds, then components, each sorted by name; then functions, as they are declared.
    pub entries: Vec<Entry>,
}

/// Reads and checks the whole standard library.
pub fn library() -> Library {
    let world = Memory::default();
    let mut checker = Checker::new(&world, SourceMap::default());
    for module in crate::library::modules() {
        checker.modules.library_module(&module);
    }
    let mut entries = Vec::new();
    for at in 0..checker.modules.decls.len() {
        let decl = DeclId(at as u32);
        match checker.modules.decl(decl).kind {
            DeclKind::Kind => drop(checker.kind(decl)),
            DeclKind::Type => checker.check_alias(decl),
            DeclKind::Component => {
                checker.component(decl);
                entries.extend(entry::component(&mut checker, decl));
            }
        }
    }
    checker.drain();
    let mut diagnostics = std::mem::take(&mut checker.modules.diagnostics);
    topo_model::diag::sort(&mut diagnostics);
    let sources = checker.modules.sources;
    entries.extend(checker.catalogue.kinds().iter().map(|kind| entry::kind(kind, &sources)));
    entries.sort_by(|a, b| (a.sort, &a.name).cmp(&(b.sort, &b.name)));
    entries.extend(Func::ALL.iter().filter(|f| f.is_function()).map(|f| entry::function(*f)));
    Library { catalogue: Arc::new(checker.catalogue), sources, diagnostics, entries }
}

/// Every kind of the standard library: a program's own catalogue holds only the kinds that
/// it names.
pub fn kinds() -> Catalogue {
    Arc::unwrap_or_clone(library().catalogue)
}

/// A catalogue with more kinds of the standard library: those that are recorded, though the
/// program names them no longer. Ids stay what they are; unknown names are left out. The
/// files of the kinds are added to `sources`.
pub fn with_kinds(catalogue: &Arc<Catalogue>, sources: &mut SourceMap, names: &[Symbol]) -> Arc<Catalogue> {
    let missing: Vec<Symbol> = names.iter().copied().filter(|name| catalogue.find(*name).is_none()).collect();
    if missing.is_empty() {
        return catalogue.clone();
    }
    let world = Memory::default();
    let mut checker = Checker::new(&world, sources.clone());
    let mut all = (**catalogue).clone();
    for name in missing {
        let Some((module, _)) = name.as_str().rsplit_once('.') else { continue };
        if checker.modules.library_module(module).is_none() || checker.kind_by_name(name).is_none() {
            continue;
        }
        checker.drain();
        if let Some(kind) = checker.catalogue.by_name(name) {
            all.add(kind.clone());
        }
    }
    *sources = checker.modules.sources;
    Arc::new(all)
}

impl Library {
    /// What is known under a name: the full one, or the last part of one.
    pub fn find(&self, name: &str) -> Vec<&Entry> {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => vec![entry],
            None => self.entries.iter().filter(|entry| entry.sort != Sort::Function && entry.last() == name).collect(),
        }
    }

    /// The reference text of what is known under a name, in Markdown.
    pub fn describe(&self, name: &str) -> Option<String> {
        let texts: Vec<String> = self.find(name).into_iter().map(markdown::alone).collect();
        if texts.is_empty() { None } else { Some(texts.join("\n")) }
    }

    /// The full name that is nearest to one that is not known.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let full = || self.entries.iter().map(|entry| entry.name.as_str());
        crate::suggest::nearest(name, full()).or_else(|| {
            let near = crate::suggest::nearest(name, self.entries.iter().map(Entry::last))?;
            self.entries.iter().find(|entry| entry.last() == near).map(|entry| entry.name.as_str())
        })
    }
}
