//! What checking a program builds up: resolved types, the catalogue of kinds, the
//! components. Everything is found on demand and once.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use topo_model::{Catalogue, Diagnostic, KindId, SourceMap, Span, Symbol, Type, Value};
use topo_syntax::ast;

use crate::ir::{Component, ComponentId};
use crate::modules::{DeclId, FileId, Modules};
use crate::regions::Regions;
use crate::suggest::Kept;
use crate::world::World;

/// Checks a program.
pub(crate) struct Checker<'w> {
    pub(crate) modules: Modules<'w>,
    /// Named types; `None` while one is being resolved.
    pub(crate) aliases: FxHashMap<DeclId, Option<Type>>,
    /// The named types that are being resolved, one inside the other, and where each is used.
    pub(crate) alias_stack: Vec<(DeclId, Span)>,
    pub(crate) catalogue: Catalogue,
    /// By [`KindId`].
    pub(crate) kinds: Vec<Arc<KindInfo>>,
    /// Kinds whose `check`s are still to be lowered.
    pub(crate) unchecked_kinds: Vec<KindId>,
    pub(crate) signatures: FxHashMap<Symbol, Arc<Signature>>,
    pub(crate) component_ids: FxHashMap<DeclId, ComponentId>,
    /// By [`ComponentId`]; those without a body are still to be checked.
    pub(crate) components: Vec<(DeclId, Option<Component>)>,
    /// Which component makes which, and where.
    pub(crate) component_edges: Vec<(ComponentId, ComponentId, Span)>,
    pub(crate) inputs: IndexMap<Symbol, Input>,
    /// The names of the file in which the last unknown type or kind was met.
    pub(crate) known_here: Kept,
    /// Findings that expansion would make, of programs that are not expanded.
    pub(crate) late: Vec<Diagnostic>,
    pub(crate) regions: Regions,
    /// Files that `file(…)` read: path and text.
    pub(crate) texts: Vec<(String, Arc<str>)>,
}

/// What the checker knows of a kind beside its schema.
#[derive(Debug)]
pub(crate) struct KindInfo {
    pub(crate) id: KindId,
    pub(crate) name: Symbol,
    pub(crate) decl: DeclId,
    pub(crate) attributes: Vec<AttributeInfo>,
    pub(crate) outputs: Vec<(Symbol, Type)>,
    /// The attributes that find an object again.
    pub(crate) identity: Vec<usize>,
}

/// An attribute as a program sees it.
#[derive(Debug)]
pub(crate) struct AttributeInfo {
    pub(crate) name: Symbol,
    /// What a program gives: a resource where the schema has a reference, `T?` where it may
    /// be `none`.
    pub(crate) ty: Type,
    /// Whether the schema's type holds references, so that values are lowered.
    pub(crate) lowers: bool,
    pub(crate) required: bool,
    pub(crate) alternative: Option<u16>,
    pub(crate) span: Span,
}

/// What the users of a component see of it.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) name: Symbol,
    pub(crate) params: Vec<ParamInfo>,
    pub(crate) outputs: Vec<(Symbol, Type)>,
}

/// A parameter as a user sees it.
#[derive(Debug)]
pub(crate) struct ParamInfo {
    pub(crate) name: Symbol,
    pub(crate) ty: Type,
    pub(crate) required: bool,
}

/// An `input` item.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: ast::Ident,
    pub(crate) ty: Type,
    pub(crate) default: Option<Value>,
}

impl Signature {
    /// The type of a name that an instance shows: an output, or else a parameter.
    pub(crate) fn shown(&self, name: Symbol) -> Option<&Type> {
        let output = self.outputs.iter().find(|(n, _)| *n == name).map(|(_, ty)| ty);
        output.or_else(|| self.params.iter().find(|p| p.name == name).map(|p| &p.ty))
    }

    /// The names that an instance shows.
    pub(crate) fn names(&self) -> Vec<Symbol> {
        let mut names: Vec<Symbol> = self.outputs.iter().map(|(n, _)| *n).collect();
        names.extend(self.params.iter().map(|p| p.name).filter(|n| self.outputs.iter().all(|(o, _)| o != n)));
        names
    }
}

impl KindInfo {
    /// The type that reading an attribute or output gives, and the attribute's position.
    pub(crate) fn readable(&self, name: Symbol) -> Option<(Option<usize>, &Type)> {
        if let Some(at) = self.attributes.iter().position(|a| a.name == name) {
            return Some((Some(at), &self.attributes[at].ty));
        }
        self.outputs.iter().find(|(n, _)| *n == name).map(|(_, ty)| (None, ty))
    }

    /// The names of attributes and outputs.
    pub(crate) fn names(&self) -> Vec<Symbol> {
        self.attributes.iter().map(|a| a.name).chain(self.outputs.iter().map(|(n, _)| *n)).collect()
    }
}

impl<'w> Checker<'w> {
    /// A checker that has read nothing yet.
    pub(crate) fn new(world: &'w dyn World, sources: SourceMap) -> Checker<'w> {
        Checker {
            modules: Modules::new(world, sources),
            aliases: FxHashMap::default(),
            alias_stack: Vec::new(),
            catalogue: Catalogue::default(),
            kinds: Vec::new(),
            unchecked_kinds: Vec::new(),
            signatures: FxHashMap::default(),
            component_ids: FxHashMap::default(),
            components: Vec::new(),
            component_edges: Vec::new(),
            inputs: IndexMap::default(),
            known_here: Kept::default(),
            late: Vec::new(),
            regions: Regions::default(),
            texts: Vec::new(),
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.modules.report(diagnostic);
    }

    /// The text at a place.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.modules.sources.text(span)
    }

    /// The component of a declaration, to be checked if it was not met before.
    pub(crate) fn component(&mut self, decl: DeclId) -> ComponentId {
        if let Some(id) = self.component_ids.get(&decl) {
            return *id;
        }
        let id = ComponentId(self.components.len() as u32);
        self.component_ids.insert(decl, id);
        self.components.push((decl, None));
        id
    }

    /// What a component shows.
    pub(crate) fn signature(&mut self, decl: DeclId) -> Arc<Signature> {
        let full = self.modules.decl(decl).full;
        if let Some(signature) = self.signatures.get(&full) {
            return signature.clone();
        }
        let at = self.modules.decl(decl);
        let ast = self.modules.file(at.file).ast.clone();
        let mut signature = Signature { name: full, params: Vec::new(), outputs: Vec::new() };
        if let ast::ItemKind::Component { body, .. } = &ast.items[at.item as usize].kind {
            self.fill_signature(at.file, body, &mut signature);
        }
        let signature = Arc::new(signature);
        self.signatures.insert(full, signature.clone());
        signature
    }

    fn fill_signature(&mut self, file: FileId, body: &[ast::Stmt], signature: &mut Signature) {
        for stmt in body {
            match &stmt.kind {
                ast::StmtKind::Param { name, ty, default } => {
                    let ty = self.type_of(file, ty);
                    let required = default.is_none() && !matches!(ty, Type::Optional(_));
                    if signature.params.iter().all(|p| p.name != name.name) {
                        signature.params.push(ParamInfo { name: name.name, ty, required });
                    }
                }
                ast::StmtKind::Output { name, ty, .. } => {
                    let ty = self.type_of(file, ty);
                    if signature.outputs.iter().all(|(n, _)| *n != name.name) {
                        signature.outputs.push((name.name, ty));
                    }
                }
                _ => {}
            }
        }
    }

    /// What a component that a type names shows.
    pub(crate) fn signature_by_name(&mut self, full: Symbol) -> Option<Arc<Signature>> {
        if let Some(signature) = self.signatures.get(&full) {
            return Some(signature.clone());
        }
        let decl = self.modules.by_full_name.get(&full).copied()?;
        Some(self.signature(decl))
    }

    /// A kind that a type names.
    pub(crate) fn kind_by_name(&mut self, full: Symbol) -> Option<Arc<KindInfo>> {
        if let Some(id) = self.catalogue.find(full) {
            return self.kinds.get(id.0 as usize).cloned();
        }
        let decl = self.modules.by_full_name.get(&full).copied()?;
        Some(self.kind(decl))
    }

    /// Checks everything that was met and not yet checked, until nothing is left.
    pub(crate) fn drain(&mut self) {
        let mut next = 0;
        loop {
            if let Some(kind) = self.unchecked_kinds.pop() {
                self.lower_kind_checks(kind);
                continue;
            }
            let Some((decl, body)) = self.components.get(next) else { break };
            let (decl, done) = (*decl, body.is_some());
            if !done {
                let component = self.check_component(decl, ComponentId(next as u32));
                self.components[next].1 = Some(component);
            }
            next += 1;
        }
    }
}
