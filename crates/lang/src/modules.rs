//! Modules: which files there are, what they declare, what `use` brings into each.
//!
//! A directory is one module. The project's files are read first; then, wave by wave, what
//! their `use` lines name, each wave parsed in parallel. A module of the standard library
//! that is only written in full (`aws.ec2.Vpc`) is read when it is met.

use std::rc::Rc;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Diagnostic, SourceMap, Span, Symbol};
use topo_syntax::ast;

use crate::library;
use crate::suggest::{self, Comparisons, Kept};
use crate::world::World;

/// A module's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub(crate) u32);

/// A file's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileId(pub(crate) u32);

/// A declaration's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DeclId(pub(crate) u32);

/// The project's own module.
pub(crate) const PROJECT: ModuleId = ModuleId(0);

/// A directory of files that see each other.
#[derive(Debug)]
pub(crate) struct Module {
    /// `aws.ec2`, `./parts/app`, or nothing for the project.
    pub(crate) name: String,
    pub(crate) library: bool,
    pub(crate) files: Vec<FileId>,
    pub(crate) items: FxHashMap<Symbol, DeclId>,
    /// Types of the language that it tried to declare again: reported, and silent from then on.
    refused: Vec<Symbol>,
    /// The modules that its files `use`, and where.
    uses: Vec<(ModuleId, Span)>,
}

/// A file, parsed.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) module: ModuleId,
    pub(crate) ast: Arc<ast::File>,
    pub(crate) span: Span,
    /// Relative to the project.
    pub(crate) directory: String,
    pub(crate) scope: FxHashMap<Symbol, Import>,
}

/// A name that `use` brings into a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Import {
    pub(crate) what: Imported,
    pub(crate) span: Span,
}

/// What a `use` brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imported {
    Decl(DeclId),
    Module(ModuleId),
    /// Reported already.
    Failed,
}

/// A type, kind or component that has a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decl {
    /// The full name, `std.net.Network`; in the project's own module the bare one.
    pub(crate) full: Symbol,
    pub(crate) name: ast::Ident,
    pub(crate) file: FileId,
    /// The position among the file's items.
    pub(crate) item: u32,
    pub(crate) kind: DeclKind,
}

/// What a declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeclKind {
    Type,
    Kind,
    Component,
}

/// All modules of a run.
pub(crate) struct Modules<'w> {
    world: &'w dyn World,
    pub(crate) sources: SourceMap,
    pub(crate) modules: Vec<Module>,
    pub(crate) files: Vec<File>,
    pub(crate) decls: Vec<Decl>,
    by_name: FxHashMap<String, ModuleId>,
    pub(crate) by_full_name: FxHashMap<Symbol, DeclId>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where a project's text could not be read: what is missing there is no finding.
    pub(crate) unread: Vec<Span>,
    /// The names that the unread text declares.
    pub(crate) unread_names: FxHashSet<Symbol>,
    /// The declarations that lost their names with it.
    pub(crate) nameless: Vec<Span>,
    /// How much is still done to find out what was meant by unknown names.
    pub(crate) comparisons: Comparisons,
    /// The names of the module in which the last unknown one was looked for.
    kept: Kept,
}

/// A file that is read and not yet parsed.
struct Unparsed {
    module: ModuleId,
    directory: String,
    text: Arc<str>,
    span: Span,
}

impl<'w> Modules<'w> {
    /// No modules yet. `sources` may hold the files of an earlier run, so that spans of
    /// both can be shown together.
    pub(crate) fn new(world: &'w dyn World, sources: SourceMap) -> Modules<'w> {
        Modules {
            world,
            sources,
            modules: Vec::new(),
            files: Vec::new(),
            decls: Vec::new(),
            by_name: FxHashMap::default(),
            by_full_name: FxHashMap::default(),
            diagnostics: Vec::new(),
            unread: Vec::new(),
            unread_names: FxHashSet::default(),
            nameless: Vec::new(),
            comparisons: Comparisons::default(),
            kept: Kept::default(),
        }
    }

    pub(crate) fn world(&self) -> &'w dyn World {
        self.world
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub(crate) fn decl(&self, id: DeclId) -> Decl {
        self.decls[id.0 as usize]
    }

    /// Whether something within a place could not be read.
    pub(crate) fn is_broken(&self, place: Span) -> bool {
        self.unread.iter().any(|at| place.lo <= at.lo && at.lo <= place.hi)
    }

    /// Whether a component may declare a name in what could not be read of it.
    pub(crate) fn may_declare(&self, full: Symbol, name: Symbol) -> bool {
        if self.unread.is_empty() {
            return false;
        }
        let Some(decl) = self.by_full_name.get(&full).map(|id| self.decl(*id)) else { return false };
        let Some(item) = self.file(decl.file).ast.items.get(decl.item as usize) else { return false };
        let within = |at: &Span| item.span.lo <= at.lo && at.hi <= item.span.hi;
        let named = self.unread_names.contains(&name) || self.nameless.iter().any(within);
        named && self.is_broken(item.span)
    }

    /// Whether a name stands for a declaration that was refused.
    pub(crate) fn is_refused(&self, file: FileId, name: Symbol) -> bool {
        self.module(self.file(file).module).refused.contains(&name)
    }

    /// Whether a file belongs to the standard library.
    pub(crate) fn is_library(&self, file: FileId) -> bool {
        self.module(self.file(file).module).library
    }

    /// Reads the project and everything that its `use` lines reach.
    pub(crate) fn load_project(&mut self) {
        self.begin_module("", "", false);
        let wave = self.read_directory(PROJECT, "", Span::NONE);
        self.load(wave);
        self.report_cycles();
    }

    /// The library module of this dotted name, read now where it was not yet.
    pub(crate) fn library_module(&mut self, name: &str) -> Option<ModuleId> {
        if let Some(id) = self.by_name.get(name) {
            return Some(*id);
        }
        if !library::exists(name) {
            return None;
        }
        let (id, wave) = self.begin_library(name);
        self.load(wave);
        Some(id)
    }

    fn begin_module(&mut self, name: &str, key: &str, library: bool) -> ModuleId {
        let id = ModuleId(self.modules.len() as u32);
        self.modules.push(Module {
            name: name.to_owned(),
            library,
            files: Vec::new(),
            items: FxHashMap::default(),
            refused: Vec::new(),
            uses: Vec::new(),
        });
        self.by_name.insert(key.to_owned(), id);
        id
    }

    fn begin_library(&mut self, name: &str) -> (ModuleId, Vec<Unparsed>) {
        let id = self.begin_module(name, name, true);
        let mut wave = Vec::new();
        for (path, text) in library::module(name) {
            let text: Arc<str> = text.into();
            if let Some(file) = self.sources.add(path, text.clone(), true) {
                let span = file.span();
                wave.push(Unparsed { module: id, directory: String::new(), text, span });
            }
        }
        (id, wave)
    }

    fn read_directory(&mut self, module: ModuleId, directory: &str, used: Span) -> Vec<Unparsed> {
        let paths = match self.world.files(directory) {
            Ok(paths) => paths,
            Err(error) => {
                let place = if directory.is_empty() { self.world.name() } else { format!("./{directory}") };
                let message = format!("`{place}` can't be read: {}", reason(&error));
                let found = Diagnostic::error(2, used, message, "no such module");
                self.report(match directory.is_empty() {
                    true => found.help("name a project's directory, or one of its files"),
                    false => found.help("a path begins in the directory of the file that it is written in"),
                });
                return Vec::new();
            }
        };
        let mut wave = Vec::new();
        for path in paths {
            if let Some((text, span)) = self.read_source(&path, used) {
                wave.push(Unparsed { module, directory: directory.to_owned(), text, span });
            }
        }
        wave
    }

    fn read_source(&mut self, path: &str, used: Span) -> Option<(Arc<str>, Span)> {
        let bytes = match self.world.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("`{path}` can't be read: {}", reason(&error));
                self.report(Diagnostic::error(2, used, message, "needed here"));
                return None;
            }
        };
        let text: Arc<str> = match String::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("`{path}` is not text: byte {at} is not valid UTF-8");
                self.report(Diagnostic::error(2, used, message, "a `.topo` file is UTF-8 text"));
                return None;
            }
        };
        match self.sources.add(path, text.clone(), false) {
            Some(file) => Some((text, file.span())),
            None => {
                let limit = topo_model::MAX_SOURCE_BYTES >> 20;
                let message = format!("`{path}` is too much: all files together may hold {limit} MiB");
                self.report(Diagnostic::error(2, used, message, "too large"));
                None
            }
        }
    }

    /// Parses a wave of files, then those that they use, until nothing new is named.
    fn load(&mut self, mut wave: Vec<Unparsed>) {
        let first = self.files.len();
        while !wave.is_empty() {
            let parsed: Vec<_> = wave.par_iter().map(|u| topo_syntax::parse(&u.text, u.span.lo)).collect();
            let from = self.files.len();
            for (unparsed, parsed) in wave.into_iter().zip(parsed) {
                self.unread.extend(parsed.errors.iter().map(Diagnostic::span));
                self.diagnostics.extend(parsed.errors);
                self.unread_names.extend(parsed.file.unread.iter().map(|n| n.name));
                self.nameless.extend(&parsed.file.nameless);
                self.take_file(unparsed.module, unparsed.directory, unparsed.span, parsed.file);
            }
            wave = Vec::new();
            for file in from..self.files.len() {
                self.begin_used(FileId(file as u32), &mut wave);
            }
        }
        for file in first..self.files.len() {
            self.bind_uses(FileId(file as u32));
        }
    }

    fn take_file(&mut self, module: ModuleId, directory: String, span: Span, ast: ast::File) {
        let id = FileId(self.files.len() as u32);
        let ast = Arc::new(ast);
        self.files.push(File { module, ast: ast.clone(), span, directory, scope: FxHashMap::default() });
        self.modules[module.0 as usize].files.push(id);
        for (at, item) in ast.items.iter().enumerate() {
            let (name, kind) = match &item.kind {
                ast::ItemKind::Type { name, .. } => (*name, DeclKind::Type),
                ast::ItemKind::Kind(decl) => (decl.name, DeclKind::Kind),
                ast::ItemKind::Component { name, .. } => (*name, DeclKind::Component),
                _ => continue,
            };
            self.declare(id, at as u32, name, kind);
        }
    }

    fn declare(&mut self, file: FileId, item: u32, name: ast::Ident, kind: DeclKind) {
        let module = self.file(file).module;
        if crate::resolve::is_builtin_type(name.name) {
            let message = format!("`{}` is a type of the language and can't be declared again", name.name);
            let found = Diagnostic::error(104, name.span, message, "choose another name");
            self.report(found.help(format!("another name would do, for example `My{}`", name.name)));
            self.modules[module.0 as usize].refused.push(name.name);
            return;
        }
        if let Some(other) = self.module(module).items.get(&name.name) {
            let other = self.decl(*other).name;
            self.report(suggest::duplicate(name, other.span));
            return;
        }
        let prefix = &self.module(module).name;
        let full = if prefix.is_empty() { name.name } else { Symbol::new(&format!("{prefix}.{}", name.name)) };
        let id = DeclId(self.decls.len() as u32);
        self.decls.push(Decl { full, name, file, item, kind });
        self.by_full_name.insert(full, id);
        self.modules[module.0 as usize].items.insert(name.name, id);
    }

    /// Starts reading the modules that a file's `use` lines name.
    fn begin_used(&mut self, file: FileId, wave: &mut Vec<Unparsed>) {
        let ast = self.file(file).ast.clone();
        for used in &ast.uses {
            let (key, new) = match &used.from {
                ast::UseFrom::Library(path) => {
                    let name = dotted(path);
                    let new = !self.by_name.contains_key(&name) && library::exists(&name);
                    (name, new)
                }
                ast::UseFrom::Directory(path, _) => {
                    let key = format!("./{}", join(&self.file(file).directory, path));
                    let new = !self.by_name.contains_key(&key);
                    (key, new)
                }
            };
            if new {
                wave.extend(self.begin_new(&key, used, file));
            }
            if let Some(id) = self.by_name.get(&key) {
                let module = self.file(file).module;
                self.modules[module.0 as usize].uses.push((*id, used.span));
            }
        }
    }

    fn begin_new(&mut self, key: &str, used: &ast::Use, file: FileId) -> Vec<Unparsed> {
        match &used.from {
            ast::UseFrom::Library(_) => self.begin_library(key).1,
            ast::UseFrom::Directory(_, span) if self.is_library(file) => {
                let message = "the standard library has no directories relative to its files";
                self.report(Diagnostic::error(101, *span, message, "not known here"));
                Vec::new()
            }
            ast::UseFrom::Directory(_, span) => {
                if let ast::UseFrom::Directory(path, _) = &used.from
                    && path.starts_with('/')
                {
                    let message =
                        format!("`use` takes a directory relative to this file, and `{path}` is an absolute path");
                    let found = Diagnostic::error(2, *span, message, "an absolute path");
                    self.report(found.help("write the way from this file, for example `use \"./parts\"`"));
                    return Vec::new();
                }
                let directory = key.trim_start_matches("./").to_owned();
                if directory.is_empty() && self.file(file).directory.is_empty() {
                    let message = "a file sees the other files of its directory without `use`";
                    let found = Diagnostic::error(101, *span, message, "this is the project itself");
                    self.report(found.fix("remove it", used.span, ""));
                    return Vec::new();
                }
                if directory.is_empty() {
                    let message = "the project itself can't be imported: it imports, and is imported by nothing";
                    let found = Diagnostic::error(101, *span, message, "this is the project itself");
                    self.report(found.help("put what both use into a directory of its own"));
                    return Vec::new();
                }
                let id = self.begin_module(key, key, false);
                self.read_directory(id, &directory, *span)
            }
        }
    }

    fn bind_uses(&mut self, file: FileId) {
        let ast = self.file(file).ast.clone();
        for used in &ast.uses {
            let module = match &used.from {
                ast::UseFrom::Library(path) => self.bind_library(file, used, path),
                ast::UseFrom::Directory(path, span) => {
                    let key = format!("./{}", join(&self.file(file).directory, path));
                    let module = self.by_name.get(&key).copied();
                    if let (None, Some(module)) = (&used.names, module) {
                        self.name_what(module, path, *span);
                    }
                    module
                }
            };
            for name in used.names.iter().flatten() {
                let what = module.map_or(Imported::Failed, |module| self.imported(module, *name));
                if what == Imported::Failed
                    && let Some(meant) = module.and_then(|module| self.meant(module, *name))
                {
                    self.bind(file, meant, Imported::Failed);
                }
                self.bind(file, *name, what);
            }
        }
    }

    /// T0101 for a directory of which nothing is named.
    fn name_what(&mut self, module: ModuleId, path: &str, span: Span) {
        let message = format!("name what `use \"{path}\"` brings in");
        let found = Diagnostic::error(101, span, message, "followed by `.{A, B}`");
        let mut names: Vec<&str> = self.module(module).items.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let names = format!(".{{{}}}", names.join(", "));
        self.report(match names.as_str() {
            ".{}" => found.help("write the names in braces: `.{A, B}`"),
            _ => found.fix(format!("write `use \"{path}\"{names}`"), span.end(), names),
        });
    }

    fn bind_library(&mut self, file: FileId, used: &ast::Use, path: &ast::Path) -> Option<ModuleId> {
        let name = dotted(path);
        let module = self.by_name.get(&name).copied();
        if module.is_none() {
            self.report(suggest::unknown_module(path, &name));
        }
        let last = path.parts.last()?;
        if used.names.is_none() {
            self.bind(file, *last, module.map_or(Imported::Failed, Imported::Module));
        }
        module
    }

    fn imported(&mut self, module: ModuleId, name: ast::Ident) -> Imported {
        if let Some(decl) = self.module(module).items.get(&name.name) {
            return Imported::Decl(*decl);
        }
        // A module whose files could not be read has no items, and that is reported.
        if !self.module(module).files.is_empty() {
            let found = self.unknown_in_module(module, name);
            self.report(found);
        }
        Imported::Failed
    }

    /// What a name that a module lacks was probably meant to be: whoever uses it below is told nothing more.
    fn meant(&mut self, module: ModuleId, name: ast::Ident) -> Option<ast::Ident> {
        let names = self.names(module);
        let near = self.comparisons.nearest(name.name, &names)?;
        Some(ast::Ident { name: near, span: name.span })
    }

    /// What a module declares, in order.
    fn names(&mut self, module: ModuleId) -> Rc<[Symbol]> {
        let items = &self.modules[module.0 as usize].items;
        self.kept.sorted(module.0, items.len(), || items.keys().copied().collect())
    }

    /// "module `std.net` has no `Netwrok`".
    pub(crate) fn unknown_in_module(&mut self, module: ModuleId, name: ast::Ident) -> Diagnostic {
        let names = self.names(module);
        let message = format!("module `{}` has no `{}`", self.module(module).name, name.name);
        let found = Diagnostic::error(101, name.span, message, "not known");
        suggest::with_near(found, name, self.comparisons.nearest(name.name, &names), &names, "it has")
    }

    fn bind(&mut self, file: FileId, name: ast::Ident, what: Imported) {
        let module = self.file(file).module;
        let own = self.module(module).items.get(&name.name).map(|d| self.decl(*d).name.span);
        let before = self.file(file).scope.get(&name.name).copied();
        // What could not be found gives its place to what could.
        if let Some(before) = before.filter(|b| b.what != Imported::Failed) {
            if before.what != what && what != Imported::Failed {
                self.report(suggest::imported_twice(name, before.span));
            }
            return;
        }
        if let Some(own) = own {
            // What could not be found is no second one.
            if what != Imported::Failed {
                self.report(suggest::imported_twice(name, own));
            }
            return;
        }
        self.files[file.0 as usize].scope.insert(name.name, Import { what, span: name.span });
    }

    /// Modules that use each other in a ring, each ring once.
    fn report_cycles(&mut self) {
        let mut state = vec![0_u8; self.modules.len()];
        for start in 0..self.modules.len() {
            let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
            if state[start] != 0 {
                continue;
            }
            state[start] = 1;
            while let Some((module, next)) = stack.last_mut() {
                let (module, at) = (*module, *next);
                *next += 1;
                let Some((used, _)) = self.modules[module].uses.get(at).copied() else {
                    state[module] = 2;
                    stack.pop();
                    continue;
                };
                let used = used.0 as usize;
                if state[used] == 1 {
                    self.report_cycle(&stack, used);
                } else if state[used] == 0 {
                    state[used] = 1;
                    stack.push((used, 0));
                }
            }
        }
    }

    fn report_cycle(&mut self, stack: &[(usize, usize)], start: usize) {
        let from = stack.iter().position(|(m, _)| *m == start).unwrap_or(0);
        let edges: Vec<(usize, ModuleId, Span)> = stack[from..]
            .iter()
            .map(|(m, next)| {
                let (to, span) = self.modules[*m].uses[next - 1];
                (*m, to, span)
            })
            .collect();
        let name = |m: usize| match self.modules[m].name.as_str() {
            "" => "the project".to_owned(),
            name => format!("`{name}`"),
        };
        let edge = |(from, to, _): &(usize, ModuleId, Span)| format!("{} uses {}", name(*from), name(to.0 as usize));
        let path: Vec<String> = edges.iter().map(edge).collect();
        let message = format!("modules use each other in a ring: {}", path.join(", "));
        let mut found = Diagnostic::error(105, edges[0].2, message, path[0].clone());
        for (edge, text) in edges.iter().zip(&path).skip(1) {
            found = found.label(edge.2, text.clone());
        }
        self.report(found.help("move what both need into a directory of its own"));
    }
}

/// A path as written.
pub(crate) fn dotted(path: &ast::Path) -> String {
    path.parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".")
}

/// A relative path from a directory, both relative to the project; `..` may leave it.
pub(crate) fn join(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        std::io::ErrorKind::NotADirectory => "it is not a directory".to_owned(),
        _ => error.to_string(),
    }
}
