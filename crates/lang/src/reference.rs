//! The standard library by itself: every kind of it, and reference texts of kinds,
//! components and functions.

use std::fmt::Write;
use std::sync::Arc;

use topo_model::{Catalogue, Creation, Diagnostic, Func, Kind, KindAttribute, Need, SourceMap, Symbol, Type, Value};
use topo_syntax::ast::{self, StmtKind};

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
    /// The full names of components with their reference texts, sorted.
    components: Vec<(String, String)>,
}

/// Reads and checks the whole standard library.
pub fn library() -> Library {
    let world = Memory::default();
    let mut checker = Checker::new(&world, SourceMap::default());
    for module in crate::library::modules() {
        checker.modules.library_module(&module);
    }
    let mut components = Vec::new();
    for at in 0..checker.modules.decls.len() {
        let decl = DeclId(at as u32);
        match checker.modules.decl(decl).kind {
            DeclKind::Kind => drop(checker.kind(decl)),
            DeclKind::Type => checker.check_alias(decl),
            DeclKind::Component => {
                checker.component(decl);
                components.push((checker.modules.decl(decl).full.to_string(), component_text(&checker, decl)));
            }
        }
    }
    checker.drain();
    components.sort();
    let mut diagnostics = std::mem::take(&mut checker.modules.diagnostics);
    topo_model::diag::sort(&mut diagnostics);
    Library { catalogue: Arc::new(checker.catalogue), sources: checker.modules.sources, diagnostics, components }
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
    /// The full names of everything that has a reference text: kinds, components, then
    /// functions.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.catalogue.kinds().iter().map(|k| k.name.to_string()).collect();
        names.sort();
        names.extend(self.components.iter().map(|(name, _)| name.clone()));
        names.extend(Func::ALL.iter().filter(|f| f.is_function()).map(|f| f.name().to_owned()));
        names
    }

    /// The reference text of a kind, component or function; by its full name, or by the
    /// last part where that is one's own.
    pub fn describe(&self, name: &str) -> Option<String> {
        if let Some(kind) = self.catalogue.by_name(Symbol::new(name)) {
            return Some(self.kind_text(kind));
        }
        if let Some((_, text)) = self.components.iter().find(|(full, _)| full == name) {
            return Some(text.clone());
        }
        if let Some(func) = Func::by_name(name) {
            return Some(format!("{name}\n\n{}\n", func.docs().trim()));
        }
        let ends = |full: &str| full.rsplit('.').next() == Some(name);
        let mut texts: Vec<String> =
            self.catalogue.kinds().iter().filter(|k| ends(k.name.as_str())).map(|k| self.kind_text(k)).collect();
        texts.extend(self.components.iter().filter(|(full, _)| ends(full)).map(|(_, text)| text.clone()));
        if texts.is_empty() { None } else { Some(texts.join("\n")) }
    }

    /// What is nearest to a name that has no reference text.
    pub fn nearest(&self, name: &str) -> Option<String> {
        let names = self.names();
        let last = |full: &str| full.rsplit('.').next().unwrap_or_default().to_owned();
        let by_last: Vec<String> = names.iter().map(|n| last(n)).collect();
        crate::suggest::nearest(name, names.iter().map(String::as_str))
            .or_else(|| crate::suggest::nearest(name, by_last.iter().map(String::as_str)))
            .map(str::to_owned)
    }

    fn kind_text(&self, kind: &Kind) -> String {
        let mut out = String::new();
        let place = if kind.regional { "in region" } else { "global" };
        let _ = writeln!(out, "kind {} {place}\n", kind.name);
        documented(&mut out, "", &kind.docs);
        let _ = writeln!(out, "\nAttributes");
        for attribute in &kind.attributes {
            let _ = writeln!(out, "  {}", attribute_line(kind, attribute));
            documented(&mut out, "      ", &attribute.docs);
        }
        let _ = writeln!(out, "\nOutputs");
        for output in &kind.outputs {
            let _ = writeln!(out, "  {}: {}", output.name, output.ty);
            documented(&mut out, "      ", &output.docs);
        }
        self.rules(&mut out, kind);
        out
    }

    fn rules(&self, out: &mut String, kind: &Kind) {
        let names = |ids: &[topo_model::AttrId]| {
            ids.iter().map(|id| kind.attr(*id).name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let _ = writeln!(out, "\nRules");
        for check in &kind.checks {
            let message = check.message.as_str().map_or_else(|| check.message.to_string(), str::to_owned);
            let _ = writeln!(out, "  {} else {message}", self.sources.text(check.span));
        }
        for unique in &kind.unique {
            let place = if unique.in_any_region { ", in any region" } else { "" };
            let _ = writeln!(out, "  no two have the same {}{place}", names(&unique.attributes));
        }
        if !kind.identity.is_empty() {
            let _ = writeln!(out, "  found again by {}", names(&kind.identity));
        }
        let creation = match &kind.creation {
            Creation::Token => "by a client token".to_owned(),
            Creation::CallerReference => "by a caller reference".to_owned(),
            Creation::Name(of) => format!("by name ({}): creating again changes what is there", names(of)),
            Creation::Key(of) => format!("by key ({}): a second one is refused", names(of)),
            Creation::Nothing => "by nothing but the tag in the create".to_owned(),
        };
        let _ = writeln!(out, "  created once {creation}");
        let _ = writeln!(out, "  settles in {}", Value::Duration(kind.settles));
    }
}

fn attribute_line(kind: &Kind, attribute: &KindAttribute) -> String {
    let optional = matches!(attribute.need, Need::LeftToCloud);
    let ty = if optional { Type::optional(attribute.ty.clone()) } else { attribute.ty.clone() };
    let mut line = format!("{}: {ty}", attribute.name);
    if let Need::Default(value) = &attribute.need {
        let _ = write!(line, " = {value}");
    }
    let modifiers = [
        (attribute.immutable, "immutable"),
        (attribute.secret, "secret"),
        (attribute.write_only, "write_only"),
        (attribute.unordered, "unordered"),
    ];
    for (_, word) in modifiers.iter().filter(|(set, _)| *set) {
        let _ = write!(line, " {word}");
    }
    match (&attribute.need, attribute.alternative) {
        (_, Some(group)) => {
            let others = kind.attributes.iter().filter(|a| a.alternative == Some(group));
            let names: Vec<&str> = others.map(|a| a.name.as_str()).collect();
            let _ = write!(line, "   (one of {})", names.join(", "));
        }
        (Need::Required, None) => line.push_str("   (required)"),
        _ => {}
    }
    line
}

fn documented(out: &mut String, indent: &str, docs: &str) {
    for line in docs.lines() {
        let _ = writeln!(out, "{}", format!("{indent}{}", line.trim()).trim_end());
    }
}

fn component_text(checker: &Checker<'_>, decl: DeclId) -> String {
    let at = checker.modules.decl(decl);
    let item = &checker.modules.file(at.file).ast.items[at.item as usize];
    let ast::ItemKind::Component { body, .. } = &item.kind else { return String::new() };
    let mut out = format!("component {}\n\n", at.full);
    documented(&mut out, "", item.docs.as_deref().unwrap_or_default());
    let mut section = |title: &str, outputs: bool| {
        let mut lines = String::new();
        for stmt in body {
            let (name, ty, default) = match &stmt.kind {
                StmtKind::Param { name, ty, default } if !outputs => (name, ty, default.as_ref()),
                StmtKind::Output { name, ty, .. } if outputs => (name, ty, None),
                _ => continue,
            };
            let _ = write!(lines, "  {}: {}", name.name, checker.text(ty.span));
            match default {
                Some(default) => {
                    let _ = write!(lines, " = {}", checker.text(default.span));
                }
                None if !outputs && !matches!(ty.kind, ast::TypeKind::Optional(_)) => lines.push_str("   (required)"),
                None => {}
            }
            lines.push('\n');
            documented(&mut lines, "      ", stmt.docs.as_deref().unwrap_or_default());
        }
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}\n{lines}");
        }
    };
    section("Parameters", false);
    section("Outputs", true);
    out
}
