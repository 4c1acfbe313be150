//! The program: loaded, its environment chosen, expanded. The only module that talks to
//! `topo-lang`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use topo_lang::{Compared, Entry, Library, Member, Sort, TestFailure, TestOutcome};
use topo_lang::{Disk, Loaded, Program, World};
use topo_model::{Addresses, Catalogue, Code, Desired, Diagnostic, Recorded, SourceMap, Symbol};
use topo_syntax::ast::ItemKind;
use topo_verify::Report;

use crate::args::{ProjectOptions, Reads};
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{diagnostic, listed};
use crate::session::Session;

/// A project as it was read.
pub(crate) struct Project {
    /// Every file.
    pub(crate) sources: SourceMap,
    /// Findings that hold for all environments.
    pub(crate) diagnostics: Vec<Diagnostic>,
    directory: PathBuf,
    program: Option<Program>,
}

/// The program of one environment.
pub(crate) struct Expansion {
    /// What it wants.
    pub(crate) desired: Desired,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The kinds of the standard library.
pub(crate) fn library() -> Arc<Catalogue> {
    Arc::new(topo_lang::kinds())
}

/// What there is to know of kinds, components and functions.
pub(crate) fn reference() -> Library {
    topo_lang::library()
}

/// What can be proved of an environment without asking a cloud.
pub(crate) fn proofs(desired: &Desired) -> Report {
    topo_verify::verify(desired, &topo_verify::Observed::new())
}

/// The kinds of a program, and those that are recorded though the program names them no
/// longer: deleting their objects needs their schemas.
pub(crate) fn with_recorded(catalogue: &Arc<Catalogue>, recorded: &Recorded) -> Arc<Catalogue> {
    let kinds = recorded.resources.values().map(|r| r.kind).chain(recorded.intents.iter().map(|i| i.kind));
    let mut missing: Vec<Symbol> = kinds.filter(|kind| catalogue.find(*kind).is_none()).collect();
    if missing.is_empty() {
        return catalogue.clone();
    }
    missing.sort();
    missing.dedup();
    let library = library();
    let mut all = Catalogue::clone(catalogue);
    for kind in missing.into_iter().filter_map(|kind| library.by_name(kind)) {
        all.add(kind.clone());
    }
    Arc::new(all)
}

/// The directory that a project's relative paths start at: of a file, the one it is in.
pub(crate) fn directory(path: &Path) -> PathBuf {
    let root = Disk::new(path).root().to_owned();
    // Messages name '.topo/…' rather than './.topo/…'.
    if root == Path::new(".") { PathBuf::new() } else { root }
}

/// The values of inputs: from the environment's variables first, so that `--set` wins.
fn inputs(options: &ProjectOptions, world: &Disk) -> Result<topo_lang::Options> {
    let mut sets: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix("TOPO_SET_")?.to_owned();
            Some((name, value.to_str()?.to_owned()))
        })
        .collect();
    sets.sort();
    if !sets.is_empty() {
        // Variables last longer than a project: those meant for another are nothing to this one.
        let declared = declared_inputs(world);
        sets.retain(|(name, _)| declared.iter().any(|input| *input == **name));
    }
    for set in &options.set {
        let Some((name, value)) = set.split_once('=') else {
            return Err(Failure::usage(format!("'--set {set}' sets nothing")).help("write --set NAME=VALUE"));
        };
        sets.push((name.trim().to_owned(), value.to_owned()));
    }
    Ok(topo_lang::Options { sets })
}

/// The names of the project's inputs. What can't be read is reported when the project is.
fn declared_inputs(world: &Disk) -> Vec<Symbol> {
    let mut names = Vec::new();
    for file in world.files("").unwrap_or_default() {
        let text = world.read(&file).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let items = topo_syntax::parse(&text, 1).file.items;
        names.extend(items.into_iter().filter_map(|item| match item.kind {
            ItemKind::Input { name, .. } => Some(name.name),
            _ => None,
        }));
    }
    names
}

impl Project {
    /// Reads a project. What is wrong with the program is among the diagnostics.
    ///
    /// # Errors
    ///
    /// Wrong usage only.
    pub(crate) fn load(reads: &Reads) -> Result<Project> {
        let world = Disk::new(&reads.path);
        let Loaded { sources, program, diagnostics } = topo_lang::load(&world, &inputs(&reads.options, &world)?);
        Ok(Project { directory: directory(&reads.path), sources, diagnostics, program })
    }

    /// Whether the program can be expanded.
    pub(crate) fn usable(&self) -> bool {
        self.program.is_some()
    }

    /// The name, where the program could be read.
    pub(crate) fn name(&self) -> Option<Symbol> {
        self.program.as_ref().map(|p| p.project().name)
    }

    /// The cloud, where the program could be read.
    pub(crate) fn cloud(&self) -> Option<Symbol> {
        self.program.as_ref().map(|p| p.project().cloud)
    }

    /// Every environment; one without a name where the topology takes none.
    pub(crate) fn environments(&self) -> Vec<Option<Symbol>> {
        let named = self.program.as_ref().map(Program::environments).unwrap_or_default();
        if named.is_empty() { vec![None] } else { named.into_iter().map(Some).collect() }
    }

    /// The program, or its errors shown.
    fn program(&self, output: &mut Output) -> Result<&Program> {
        self.program.as_ref().ok_or_else(|| self.show(&self.diagnostics, output))
    }

    /// Shows why nothing can be done.
    pub(crate) fn show(&self, found: &[Diagnostic], output: &mut Output) -> Failure {
        output.problem(&diagnostic::all(found, &self.sources, output.width()));
        Failure::Shown(Exit::Errors)
    }

    /// The environment that is asked for, which the program has; or the only one.
    pub(crate) fn environment_of_program(
        &self,
        options: &ProjectOptions,
        output: &mut Output,
    ) -> Result<Option<Symbol>> {
        let known = self.program(output)?.environments();
        match (options.env.as_deref().map(Symbol::new), known.as_slice()) {
            (None, []) => Ok(None),
            (None, [only]) => Ok(Some(*only)),
            (None, several) => {
                let names: Vec<&str> = several.iter().map(|e| e.as_str()).collect();
                Err(Failure::usage(format!("the project has several environments: {}", listed(&names)))
                    .help(format!("name one, as in --env {}", names[0])))
            }
            (Some(asked), []) => {
                Err(Failure::usage(format!("the topology takes no environment, so '--env {asked}' names none"))
                    .help("leave out --env"))
            }
            (Some(asked), known) if known.contains(&asked) => Ok(Some(asked)),
            (Some(asked), known) => Err(unknown_environment(asked, known)),
        }
    }

    /// The environment of what is recorded: the program may have it no longer.
    fn environment_of_state(&self, options: &ProjectOptions, output: &mut Output) -> Result<Option<Symbol>> {
        let program = self.program(output)?;
        let asked = options.env.as_deref().map(Symbol::new);
        match asked.filter(|asked| !program.environments().contains(asked)) {
            Some(gone) if self.session_of(Some(gone), options)?.location.directory().is_dir() => Ok(Some(gone)),
            _ => self.environment_of_program(options, output),
        }
    }

    /// One environment, expanded; its findings where it can't be, and where only checks refuse it those of
    /// the proofs too.
    pub(crate) fn expand(&self, env: Option<Symbol>) -> (Option<Desired>, Vec<Diagnostic>) {
        let Some(program) = &self.program else { return (None, self.diagnostics.clone()) };
        let expanded = program.expand(env);
        let mut found = self.diagnostics.clone();
        if let Some(draft) = &expanded.draft {
            let codes: Vec<Code> = expanded.diagnostics.iter().map(|found| found.code).collect();
            found.extend(topo_verify::verify_draft(&draft.desired, &draft.refused, &codes));
        }
        found.extend(expanded.diagnostics);
        topo_model::diag::sort(&mut found);
        let failed = found.iter().any(Diagnostic::is_error);
        (expanded.desired.filter(|_| !failed), found)
    }

    /// The same as a result.
    pub(crate) fn expanded(&self, env: Option<Symbol>) -> std::result::Result<Expansion, Vec<Diagnostic>> {
        match self.expand(env) {
            (Some(desired), diagnostics) => Ok(Expansion { desired, diagnostics }),
            (None, found) => Err(found),
        }
    }

    /// The same with its errors shown.
    pub(crate) fn desired(&self, env: Option<Symbol>, output: &mut Output) -> Result<Expansion> {
        self.expanded(env).map_err(|found| self.show(&found, output))
    }

    /// What is left of an environment to destroy it by: the program's, or, where the
    /// program has it no longer, one without resources.
    pub(crate) fn remains(&self, env: Option<Symbol>, output: &mut Output) -> Result<Expansion> {
        let program = self.program(output)?;
        let gone = env.is_some_and(|env| !program.environments().contains(&env));
        if !gone {
            return self.desired(env, output);
        }
        let desired = Desired {
            project: program.project().clone(),
            env,
            catalogue: program.catalogue().clone(),
            addresses: Addresses::default(),
            resources: Vec::new(),
            outputs: Vec::new(),
            checks: Vec::new(),
            objectives: Vec::new(),
            rollout: None,
            regions: Vec::new(),
            moved: Vec::new(),
            forget: Vec::new(),
            inputs: Vec::new(),
            digest: String::new(),
        };
        Ok(Expansion { desired, diagnostics: Vec::new() })
    }

    /// Where the state and the cloud of an environment are.
    pub(crate) fn session_of(&self, env: Option<Symbol>, options: &ProjectOptions) -> Result<Session> {
        let Some(program) = &self.program else { return Err(Failure::Shown(Exit::Errors)) };
        Session::new(&self.directory, program.project(), env, program.catalogue().clone(), options)
    }

    /// The same for commands that look at what is recorded.
    pub(crate) fn session(&self, options: &ProjectOptions, output: &mut Output) -> Result<Session> {
        let env = self.environment_of_state(options, output)?;
        self.session_of(env, options)
    }

    /// The checked program, for tests.
    pub(crate) fn checked(&self, output: &mut Output) -> Result<&Program> {
        self.program(output)
    }
}

fn unknown_environment(asked: Symbol, known: &[Symbol]) -> Failure {
    let names: Vec<&str> = known.iter().map(|e| e.as_str()).collect();
    let failure = Failure::error(format!("the project has no environment '{asked}'"));
    let limit = (asked.as_str().len() / 3).clamp(1, 4);
    let near = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(asked.as_str(), name), *name))
        .filter(|(distance, _)| *distance <= limit)
        .min();
    match near {
        Some((_, near)) => failure.help(format!("did you mean '{near}'? It has {}", listed(&names))),
        None => failure.help(format!("it has {}", listed(&names))),
    }
}
