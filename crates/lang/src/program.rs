//! A checked program, independent of environments.

use std::sync::Arc;

use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use topo_model::{Catalogue, Desired, Diagnostic, Moved, Pattern, Project, SourceMap, Symbol, Type, Value};

use crate::check::{EnvItem, Items, RolloutItem, TestItem};
use crate::checker::Checker;
use crate::expand::{Expanded, Expander, TestOutcome};
use crate::ir::{Component, ComponentId};
use crate::regions::Regions;
use crate::world::World;

/// A program without errors: parsed, resolved and typed.
#[derive(Debug)]
pub struct Program {
    pub(crate) sources: SourceMap,
    pub(crate) project: Project,
    pub(crate) catalogue: Arc<Catalogue>,
    /// By kind and attribute: whether values are lowered to outputs.
    lowers: Vec<Vec<bool>>,
    pub(crate) components: Vec<Component>,
    pub(crate) topology: Component,
    pub(crate) topology_span: topo_model::Span,
    pub(crate) env_type: Option<Type>,
    pub(crate) envs: Vec<EnvItem>,
    pub(crate) rollouts: Vec<RolloutItem>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) forget: Vec<Pattern>,
    tests: Vec<TestItem>,
    pub(crate) inputs: Vec<(Symbol, Value)>,
    pub(crate) regions: Regions,
    /// Files that the program reads beside its own: path and text.
    texts: Vec<(String, Arc<str>)>,
}

/// What came of reading a project.
#[derive(Debug)]
pub struct Loaded {
    /// Every file that was read, for showing the findings.
    pub sources: SourceMap,
    /// The program; `None` where an error was found.
    pub program: Option<Program>,
    /// What was found, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is given to a program from outside.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of inputs as text, from `--set NAME=VALUE` and `TOPO_SET_NAME`; of several for
    /// one name the last counts.
    pub sets: Vec<(String, String)>,
}

/// What can be proved of an environment, by somebody who knows more than the language does.
pub type Prove<'a> = &'a dyn Fn(&Desired) -> Vec<Diagnostic>;

/// Reads, resolves and types a project: every syntax, name and type error there is.
pub fn load(world: &dyn World, options: &Options) -> Loaded {
    let mut checker = Checker::new(world, SourceMap::default());
    checker.modules.load_project();
    let items = checker.check_items(&options.sets);
    checker.drain();
    checker.report_component_cycles();
    let mut diagnostics = std::mem::take(&mut checker.modules.diagnostics);
    checker.silence_followers(&mut diagnostics);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    if failed {
        diagnostics.append(&mut checker.late);
    }
    topo_model::diag::sort(&mut diagnostics);
    let sources = checker.modules.sources.clone();
    let program = if failed { None } else { program(checker, items) };
    Loaded { sources, program, diagnostics }
}

fn program(checker: Checker<'_>, items: Items) -> Option<Program> {
    let lowers = checker.kinds.iter().map(|k| k.attributes.iter().map(|a| a.lowers).collect()).collect();
    let components: Option<Vec<Component>> = checker.components.into_iter().map(|(_, body)| body).collect();
    let inputs: Option<Vec<(Symbol, Value)>> =
        checker.inputs.into_iter().map(|(name, input)| Some((name, input.default?))).collect();
    Some(Program {
        sources: checker.modules.sources,
        project: items.project?,
        catalogue: Arc::new(checker.catalogue),
        lowers,
        components: components?,
        topology: items.topology?,
        topology_span: items.topology_span,
        env_type: items.env_type,
        envs: items.envs,
        rollouts: items.rollouts,
        moved: items.moved,
        forget: items.forget,
        tests: items.tests,
        inputs: inputs?,
        regions: checker.regions,
        texts: checker.texts,
    })
}

impl Program {
    /// The environments, in source order; empty where the topology takes none.
    pub fn environments(&self) -> Vec<Symbol> {
        if self.env_type.is_none() {
            return Vec::new();
        }
        self.envs.iter().map(|e| e.name.name).collect()
    }

    /// What the `project` item says.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The kinds that the program names.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Every file that was read.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Expands one environment; `None` where the topology takes none. The environment must
    /// be one of [`Program::environments`].
    pub fn expand(&self, env: Option<Symbol>) -> Expanded {
        Expander::new(self, env).expand()
    }

    /// The names of the `test` items, in source order.
    pub fn test_names(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|test| test.name.as_str())
    }

    /// How many `test` items there are.
    pub fn tests(&self) -> usize {
        self.tests.len()
    }

    /// Runs a `test` item, by its position in source order. What `prove` finds in the plan of an
    /// environment counts as what the plan itself finds.
    pub fn run_test(&self, at: usize, prove: Prove<'_>) -> Option<TestOutcome> {
        self.tests.get(at).map(|test| crate::expand::tests::run(self, test, prove))
    }

    pub(crate) fn lowers(&self, kind: topo_model::KindId, attribute: topo_model::AttrId) -> bool {
        self.lowers[kind.0 as usize][attribute.0 as usize]
    }

    /// SHA-256 over the files, the inputs and the environment, in hexadecimal.
    pub(crate) fn digest(&self, env: Option<Symbol>) -> String {
        let mut digest = Sha256::new();
        let mut part = |text: &str| {
            // Each with its length, so that parts can't run into each other.
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text.as_bytes());
        };
        for file in self.sources.files() {
            part(&file.name);
            part(&file.text);
        }
        for (path, text) in &self.texts {
            part(path);
            part(text);
        }
        for (name, value) in &self.inputs {
            part(name.as_str());
            part(&value.to_string());
            if let Value::Secret(secret) = value {
                part(secret.version.as_deref().unwrap_or_default());
            }
        }
        part(env.map_or("", Symbol::as_str));
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Checker<'_> {
    /// T0105 for components that are made of themselves.
    fn report_component_cycles(&mut self) {
        let count = self.components.len();
        let mut edges: Vec<Vec<(usize, topo_model::Span)>> = vec![Vec::new(); count];
        for (from, to, span) in &self.component_edges {
            edges[from.0 as usize].push((to.0 as usize, *span));
        }
        let mut state = vec![0_u8; count];
        let mut found = Vec::new();
        for start in 0..count {
            if state[start] != 0 {
                continue;
            }
            state[start] = 1;
            let mut stack = vec![(start, 0_usize)];
            while let Some((node, next)) = stack.last_mut() {
                let (node, at) = (*node, *next);
                *next += 1;
                match edges[node].get(at) {
                    None => {
                        state[node] = 2;
                        stack.pop();
                    }
                    Some((to, _)) if state[*to] == 0 => {
                        state[*to] = 1;
                        stack.push((*to, 0));
                    }
                    Some((to, _)) if state[*to] == 1 => found.push(self.component_cycle(&edges, &stack, *to)),
                    Some(_) => {}
                }
            }
        }
        found.into_iter().for_each(|found| self.report(found));
    }

    fn component_cycle(
        &self,
        edges: &[Vec<(usize, topo_model::Span)>],
        stack: &[(usize, usize)],
        to: usize,
    ) -> Diagnostic {
        let name = |at: usize| self.modules.decl(self.components[ComponentId(at as u32).0 as usize].0).name.name;
        let from = stack.iter().position(|(node, _)| *node == to).unwrap_or(0);
        let ring = &stack[from..];
        let edge = |(node, next): &(usize, usize)| {
            let (to, span) = edges[*node][next - 1];
            (format!("`{}` makes a `{}`", name(*node), name(to)), span)
        };
        let (first, span) = edge(&ring[0]);
        let message = match ring {
            [_] => format!("component `{}` is made of itself, so it would never end", name(to)),
            _ => {
                let names: Vec<String> = ring.iter().map(|(node, _)| format!("`{}`", name(*node))).collect();
                format!("components {} are made of each other, so they would never end", names.join(", "))
            }
        };
        let mut found = Diagnostic::error(105, span, message, first);
        for next in &ring[1..] {
            let (text, span) = edge(next);
            found = found.label(span, text);
        }
        found.help("take one of these resources out, or make it beside the component and give it in as a `param`")
    }

    /// Leaves out unknown names whose declaration could not be read. Where declarations lost their
    /// very names, as many unknown names are left out that are used again and again and are
    /// like no other.
    fn silence_followers(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.modules.unread.is_empty() {
            return;
        }
        let name = |found: &Diagnostic| {
            let text = self.text(found.span());
            (found.code.0 == 101).then(|| Symbol::new(text.split('.').next().unwrap_or(text)))
        };
        diagnostics.retain(|found| name(found).is_none_or(|name| !self.modules.unread_names.contains(&name)));
        if self.modules.nameless.is_empty() {
            return;
        }
        let mut uses: IndexMap<Symbol, usize> = IndexMap::new();
        let unlike = |found: &&Diagnostic| found.help.as_ref().is_none_or(|h| h.edit.is_none());
        for name in diagnostics.iter().filter(unlike).filter_map(name) {
            *uses.entry(name).or_default() += 1;
        }
        uses.retain(|_, count| *count > 1);
        uses.sort_by(|_, a, _, b| b.cmp(a));
        uses.truncate(self.modules.nameless.len());
        diagnostics.retain(|found| name(found).is_none_or(|name| !uses.contains_key(&name)));
    }
}
