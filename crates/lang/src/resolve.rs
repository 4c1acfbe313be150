//! Which declaration a dotted name means.

use std::rc::Rc;

use topo_model::{Diagnostic, Span, Symbol};
use topo_syntax::ast;

use crate::checker::Checker;
use crate::library;
use crate::modules::{DeclId, FileId, Imported, ModuleId};
use crate::suggest;

/// The types of the language.
const BUILTIN_TYPES: &[&str] =
    &["Bool", "Int", "String", "Percent", "Duration", "Size", "Cidr", "Ip", "Region", "Zone", "List", "Map", "Secret"];

/// Whether a name is a type of the language.
pub(crate) fn is_builtin_type(name: Symbol) -> bool {
    BUILTIN_TYPES.contains(&name.as_str())
}

/// The type of the language that other languages write in this way.
fn foreign_type(name: &str) -> Option<&'static str> {
    let ours = match name.to_ascii_lowercase().as_str() {
        "integer" | "number" | "i64" | "long" => "Int",
        "str" | "text" => "String",
        "boolean" => "Bool",
        _ => return BUILTIN_TYPES.iter().find(|ours| !is_generic(ours) && ours.eq_ignore_ascii_case(name)).copied(),
    };
    Some(ours)
}

fn is_generic(name: &str) -> bool {
    matches!(name, "List" | "Map" | "Secret")
}

impl Checker<'_> {
    /// The declaration that a path names in a file, and how many parts of the path that
    /// took; reports what is unknown.
    pub(crate) fn resolve(&mut self, file: FileId, path: &ast::Path, what: &str) -> Option<(DeclId, usize)> {
        let first = *path.parts.first()?;
        if self.modules.is_refused(file, first.name) {
            return None;
        }
        if let Some(import) = self.modules.file(file).scope.get(&first.name).copied() {
            return match import.what {
                Imported::Decl(decl) => Some((decl, 1)),
                Imported::Module(module) => self.in_module(module, path, 1, what),
                Imported::Failed => None,
            };
        }
        let module = self.modules.file(file).module;
        if let Some(decl) = self.modules.module(module).items.get(&first.name) {
            return Some((*decl, 1));
        }
        if let Some((module, used)) = self.longest_module(path) {
            return self.in_module(module, path, used, what);
        }
        let found = self.unknown_item(file, path, first, what);
        self.report(found);
        None
    }

    fn in_module(&mut self, module: ModuleId, path: &ast::Path, used: usize, what: &str) -> Option<(DeclId, usize)> {
        let Some(name) = path.parts.get(used).copied() else {
            let module = &self.modules.module(module).name;
            let message = format!("`{module}` is a module, not {what}");
            let found = Diagnostic::error(101, path.span, message, "a module").help(format!("name {what} in it"));
            self.report(found);
            return None;
        };
        if let Some(decl) = self.modules.module(module).items.get(&name.name) {
            return Some((*decl, used + 1));
        }
        let found = self.modules.unknown_in_module(module, name);
        self.report(found);
        None
    }

    /// The library module that the longest beginning of a path names.
    fn longest_module(&mut self, path: &ast::Path) -> Option<(ModuleId, usize)> {
        for used in (1..=path.parts.len()).rev() {
            let name = path.parts[..used].iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".");
            if library::exists(&name) {
                return self.modules.library_module(&name).map(|module| (module, used));
            }
        }
        None
    }

    fn unknown_item(&mut self, file: FileId, path: &ast::Path, name: ast::Ident, what: &str) -> Diagnostic {
        let text = crate::modules::dotted(path);
        let message = format!("`{text}` is not {what} that is known here");
        let found = Diagnostic::error(101, path.span, message, "not known");
        let of_the_language = what == "a type" && path.parts.len() == 1;
        let names = self.names_in_file(file);
        let declared = self.modules.comparisons.nearest(name.name, &names);
        // Of names that are as near the language's own goes first.
        let ours = BUILTIN_TYPES.iter().filter(|_| of_the_language && foreign_type(name.name.as_str()).is_none());
        let near = ours.copied().chain(declared.map(Symbol::as_str));
        if let Some(near) = suggest::nearest(name.name.as_str(), near) {
            return found.fix(format!("did you mean `{near}`?"), name.span, near);
        }
        let last = path.parts.last().map_or(name, |l| *l);
        if let (true, Some(builtin)) = (of_the_language, foreign_type(name.name.as_str())) {
            return found.fix(format!("it is called `{builtin}` here"), name.span, builtin);
        }
        if let Some(full) = suggest::run_together(last.name.as_str()) {
            return found.fix(format!("the standard library has `{full}`"), path.span, full);
        }
        let declaring = library::declaring(last.name.as_str());
        if let Some(module) = declaring.first() {
            return self.declared_in(file, path, last, module, found);
        }
        if let Some(no_module) = suggest::no_module(path) {
            return no_module;
        }
        match suggest::alike(last.name.as_str()) {
            Some(help) => found.help(help),
            None if of_the_language => found.help(self.known_types(file, &names)),
            None if names.is_empty() => found.help(format!("bring {what} in with `use`, or write it here")),
            None => found.help(format!("known here: {}", suggest::listed(&names))),
        }
    }

    /// Adds how a name of the library is brought in, or its full name where it was written with another.
    fn declared_in(
        &self,
        file: FileId,
        path: &ast::Path,
        last: ast::Ident,
        module: &str,
        found: Diagnostic,
    ) -> Diagnostic {
        if path.parts.len() > 1 {
            let full = format!("{module}.{}", last.name);
            return found.fix(format!("the standard library has `{full}`"), path.span, full);
        }
        let line = format!("use {module}.{{{}}}\n", last.name);
        let fix = format!("the standard library has it: `use {module}.{{{}}}`", last.name);
        match self.names_of_use(file, module) {
            Some(end) => found.fix(fix, end, format!(", {}", last.name)),
            None => found.fix(fix, self.place_of_use(file), line),
        }
    }

    /// The types of the language, and what else of a file's names may be one.
    fn known_types(&self, file: FileId, names: &[Symbol]) -> String {
        let ours: Vec<String> = BUILTIN_TYPES.iter().map(|ours| format!("`{ours}`")).collect();
        let ours = format!("types of the language are {}", ours.join(", "));
        let is_no_type = |name: &Symbol| {
            let import = self.modules.file(file).scope.get(name).map(|import| import.what);
            matches!(import, Some(Imported::Module(_) | Imported::Failed))
        };
        let declared: Vec<Symbol> = names.iter().copied().filter(|name| !is_no_type(name)).collect();
        if declared.is_empty() { ours } else { format!("{ours}; known here: {}", suggest::listed(&declared)) }
    }

    /// What a file's own module declares and its `use` lines bring, in order.
    fn names_in_file(&mut self, file: FileId) -> Rc<[Symbol]> {
        let of = self.modules.file(file);
        let items = &self.modules.module(of.module).items;
        let gather = || of.scope.keys().chain(items.keys()).copied().collect();
        self.known_here.sorted(file.0, of.scope.len() + items.len(), gather)
    }

    /// Behind the last name that a `use` of a file brings in from a module.
    fn names_of_use(&self, file: FileId, module: &str) -> Option<Span> {
        self.modules.file(file).ast.uses.iter().find_map(|used| {
            let ast::UseFrom::Library(path) = &used.from else { return None };
            let last = used.names.as_ref()?.last()?;
            (crate::modules::dotted(path) == module).then(|| last.span.end())
        })
    }

    /// Where a `use` line can be put into a file.
    fn place_of_use(&self, file: FileId) -> Span {
        let file = self.modules.file(file);
        let first_use = file.ast.uses.first().map(|u| u.span.start());
        // Before the line of the first item, and before its documentation, which ends it.
        let first_item = file.ast.items.first().map(|item| {
            let text = self.modules.sources.text(file.span);
            let mut at = (item.span.lo - file.span.lo) as usize;
            while let Some(line) = text[..at].trim_end_matches('\n').rsplit('\n').next() {
                if !line.trim_start().starts_with("///") || at == 0 {
                    break;
                }
                at = text[..at].trim_end_matches('\n').rfind('\n').map_or(0, |n| n + 1);
            }
            Span::new(file.span.lo + at as u32, file.span.lo + at as u32)
        });
        first_use.or(first_item).unwrap_or(file.span.start())
    }
}
