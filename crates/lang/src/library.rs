//! The standard library's text, which ships inside the binary. A directory of `stdlib/` is
//! one module: `aws/ec2/*.topo` is `aws.ec2`.

use std::sync::OnceLock;

/// Every file: its path below `stdlib/`, and its text; sorted by path.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The files of a module, by its dotted name.
pub(crate) fn module(name: &str) -> Vec<(&'static str, &'static str)> {
    FILES.iter().copied().filter(|(path, _)| is_module(path, name)).collect()
}

/// Whether there is a module of this dotted name.
pub(crate) fn exists(name: &str) -> bool {
    FILES.iter().any(|(path, _)| is_module(path, name))
}

/// The dotted names of all modules, sorted.
pub(crate) fn modules() -> Vec<String> {
    let mut names: Vec<String> = FILES.iter().filter_map(|(path, _)| module_of(path)).collect();
    names.sort();
    names.dedup();
    names
}

/// A kind, component or type of the library.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    /// The dotted name of its module.
    pub(crate) module: String,
    /// Whether a resource can be of it.
    makes: bool,
}

/// Everything that the library declares, in the order of the files; by a look at the text alone, for
/// suggestions.
fn items() -> &'static [Declared] {
    static ITEMS: OnceLock<Vec<Declared>> = OnceLock::new();
    ITEMS.get_or_init(|| {
        let mut items = Vec::new();
        for (path, text) in FILES {
            let Some(module) = module_of(path) else { continue };
            for line in text.lines() {
                let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                if let (Some(what @ ("kind" | "component" | "type")), Some(name)) = (words.next(), words.next()) {
                    items.push(Declared { name, module: module.clone(), makes: what != "type" });
                }
            }
        }
        items
    })
}

/// The modules that declare a kind, component or type of this name.
pub(crate) fn declaring(item: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = items().iter().filter(|of| of.name == item).map(|of| of.module.as_str()).collect();
    names.dedup();
    names
}

/// All kinds and components, in the order of the files.
pub(crate) fn declared() -> impl Iterator<Item = &'static Declared> {
    items().iter().filter(|of| of.makes)
}

fn module_of(path: &str) -> Option<String> {
    path.rsplit_once('/').map(|(directory, _)| directory.replace('/', "."))
}

fn is_module(path: &str, name: &str) -> bool {
    let Some((directory, _)) = path.rsplit_once('/') else { return false };
    directory.len() == name.len() && directory.bytes().zip(name.bytes()).all(|(a, b)| a == b || a == b'/' && b == b'.')
}
