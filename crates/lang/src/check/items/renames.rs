//! Renames: rules that contradict each other are refused; what renames nothing is warned of,
//! since it may be left from an earlier rename.

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Diagnostic, Moved, Pattern, PatternKey, PatternStep, Span, Symbol};
use topo_syntax::ast::{self, ItemKind, StmtKind};

use super::{Items, Placed};
use crate::checker::Checker;
use crate::modules::{DeclKind, FileId};
use crate::suggest;

/// The resources that a pattern's step can name, and where they stand.
pub(super) struct Level<'a> {
    pub(super) file: FileId,
    pub(super) text: String,
    /// By their names; of several with one name the first.
    pub(super) resources: IndexMap<Symbol, &'a ast::Resource>,
}

impl<'a> Level<'a> {
    pub(super) fn new(file: FileId, body: &'a [ast::Stmt], text: String) -> Level<'a> {
        let mut level = Level { file, text, resources: IndexMap::default() };
        level.add(body);
        level
    }

    fn add(&mut self, body: &'a [ast::Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Resource(resource) => {
                    self.resources.entry(resource.name.name).or_insert(resource);
                }
                StmtKind::For { body, .. } => self.add(body),
                _ => {}
            }
        }
    }

    /// The names of its resources.
    pub(super) fn names(&self) -> Vec<Symbol> {
        self.resources.keys().copied().collect()
    }
}

impl Checker<'_> {
    /// Looks at the targets of all renames, in a program without errors.
    pub(super) fn renames(&mut self, placed: &[Placed<'_>], items: &Items) {
        if items.moved.is_empty() || self.modules.diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        let Some(topology) = topology_level(placed) else { return };
        let left = items.moved.iter().map(|moved| &moved.from).chain(&items.forget);
        let passed: FxHashSet<&[PatternStep]> = left.map(|pattern| pattern.steps.as_slice()).collect();
        for (at, (_, item)) in placed.iter().filter(|(_, item)| matches!(item.kind, ItemKind::Moved { .. })).enumerate()
        {
            let ItemKind::Moved { to, .. } = &item.kind else { continue };
            if let Some(moved) = items.moved.get(at)
                && moved.from.steps == moved.to.steps
            {
                let text = self.text(to.span).to_owned();
                let message = format!("`moved` renames `{text}` to itself");
                self.report(Diagnostic::warning(101, item.span, message, "renames nothing").help("remove it"));
            } else if items.moved.get(at).is_some_and(|of| passed.contains(of.to.steps.as_slice())) {
                // Renamed again, where only the last name is the program's; or let go under its new one.
            } else if let Some(found) = self.target(&to.steps, &topology, to.span) {
                self.report(found);
            }
        }
    }

    /// What no set of renames can say, whatever is recorded.
    pub(super) fn rename_rules(&mut self, items: &Items) {
        let moved = &items.moved;
        let mut chains = Chains::default();
        for (at, of) in moved.iter().enumerate() {
            let stars = |pattern: &Pattern| pattern.steps.iter().filter(|s| s.key == PatternKey::Any).count();
            let (from, to) = (stars(&of.from), stars(&of.to));
            if from != to {
                let message = format!("`moved` has {from} `[*]` on the left and {to} on the right");
                let found = Diagnostic::error(201, of.span, message, "each key goes where?");
                self.report(found.help("a `[*]` on the right is the key that stood in the one on the left"));
            }
            if let Some(first) = chains.starts.get(of.from.steps.as_slice()).map(|first| &moved[*first]) {
                let message = format!("`{}` is moved twice", self.text(of.from.span));
                let found = Diagnostic::error(104, of.span, message, "to here");
                let found = found.label(first.span, "and to here");
                self.report(found.help("remove the one that is not meant: what there is goes to one place"));
                continue;
            }
            if chains.closes_ring(&of.from.steps, &of.to.steps) {
                self.rename_ring(moved, at, &chains);
            }
            chains.starts.insert(&of.from.steps, at);
        }
    }

    /// T0105 for renames that lead back to where they began; said at the last of them.
    fn rename_ring(&mut self, moved: &[Moved], last: usize, chains: &Chains<'_>) {
        let mut ring = vec![last];
        let mut at = last;
        while let Some(next) = chains.starts.get(moved[at].to.steps.as_slice()) {
            ring.push(*next);
            at = *next;
        }
        let name = self.text(moved[last].from.span).to_owned();
        let message = format!("these renames lead from `{name}` back to `{name}`");
        let mut found = Diagnostic::error(105, moved[last].span, message, "closes the ring");
        for other in &ring[1..] {
            found = found.label(moved[*other].span, "leads here");
        }
        self.report(found.help("remove the older one: it has done its work"));
    }

    /// T0101 for a target of which a step names nothing.
    fn target(&mut self, steps: &[ast::AddressStep], level: &Level<'_>, whole: Span) -> Option<Diagnostic> {
        let (step, rest) = steps.split_first()?;
        let Some(resource) = level.resources.get(&step.name.name) else {
            let names = level.names();
            let message = format!(
                "`moved` renames to `{}`, and {} has no resource `{}`",
                self.text(whole),
                level.text,
                step.name.name
            );
            let found = Diagnostic::warning(101, step.name.span, message, "not known");
            return Some(match names.is_empty() {
                true => found.help("remove it, or write the resource"),
                false => {
                    let near = self.modules.comparisons.nearest(step.name.name, &names);
                    suggest::with_near(found, step.name, near, &names, "it has")
                }
            });
        };
        let next = rest.first()?;
        let (decl, _) = self.resolve(level.file, &resource.kind, "a kind or component")?;
        let of = self.modules.decl(decl);
        if of.kind != DeclKind::Component {
            let message = format!(
                "`moved` renames to `{}`, and `{}` is a resource of a cloud: there is nothing in it",
                self.text(whole),
                step.name.name
            );
            let found = Diagnostic::warning(101, next.name.span, message, "not known");
            return Some(found.help(format!("end the address at `{}`", step.name.name)));
        }
        let ast = self.modules.file(of.file).ast.clone();
        let ItemKind::Component { body, .. } = &ast.items.get(of.item as usize)?.kind else { return None };
        let inside = Level::new(of.file, body, format!("component `{}`", of.full));
        self.target(rest, &inside, whole)
    }
}

/// The renames looked at so far: each place is renamed once, so that they form chains.
#[derive(Default)]
struct Chains<'a> {
    /// The rename from a place.
    starts: FxHashMap<&'a [PatternStep], usize>,
    places: FxHashMap<&'a [PatternStep], usize>,
    /// For each place one further on in its chain, or itself at the end.
    further: Vec<usize>,
}

impl<'a> Chains<'a> {
    /// Adds a rename from the end of a chain; whether it leads back there over others, in
    /// which case it is left out.
    fn closes_ring(&mut self, from: &'a [PatternStep], to: &'a [PatternStep]) -> bool {
        let (from, to) = (self.place(from), self.place(to));
        if self.end(to) == from {
            return from != to;
        }
        self.further[from] = to;
        false
    }

    fn place(&mut self, steps: &'a [PatternStep]) -> usize {
        let at = *self.places.entry(steps).or_insert(self.further.len());
        if at == self.further.len() {
            self.further.push(at);
        }
        at
    }

    /// The end of a place's chain; what was walked is shorter the next time.
    fn end(&mut self, mut at: usize) -> usize {
        while self.further[at] != at {
            self.further[at] = self.further[self.further[at]];
            at = self.further[at];
        }
        at
    }
}

/// The topology, as the first step of a pattern sees it.
pub(super) fn topology_level<'a>(placed: &[Placed<'a>]) -> Option<Level<'a>> {
    placed.iter().find_map(|(file, item)| match &item.kind {
        ItemKind::Topology { name, body, .. } => Some(Level::new(*file, body, format!("topology `{}`", name.name))),
        _ => None,
    })
}
