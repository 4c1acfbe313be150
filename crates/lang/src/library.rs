//! The standard library's text, which ships inside the binary. A directory of `stdlib/` is
//! one module: `aws/ec2/*.topo` is `aws.ec2`.

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

/// The modules that declare a kind, component or type of this name; by a look at the text
/// alone, for suggestions.
pub(crate) fn declaring(item: &str) -> Vec<String> {
    let declares = |text: &str| {
        text.lines().any(|line| {
            let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            matches!(words.next(), Some("kind" | "component" | "type")) && words.next() == Some(item)
        })
    };
    let mut names: Vec<String> =
        FILES.iter().filter(|(_, text)| declares(text)).filter_map(|(path, _)| module_of(path)).collect();
    names.dedup();
    names
}

/// The names of all kinds and components with their modules, in the order of the files.
pub(crate) fn declared() -> Vec<(&'static str, String)> {
    let mut names = Vec::new();
    for (path, text) in FILES {
        let Some(module) = module_of(path) else { continue };
        for line in text.lines() {
            let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            if let (Some("kind" | "component"), Some(name)) = (words.next(), words.next()) {
                names.push((name, module.clone()));
            }
        }
    }
    names
}

fn module_of(path: &str) -> Option<String> {
    path.rsplit_once('/').map(|(directory, _)| directory.replace('/', "."))
}

fn is_module(path: &str, name: &str) -> bool {
    let Some((directory, _)) = path.rsplit_once('/') else { return false };
    directory.len() == name.len() && directory.bytes().zip(name.bytes()).all(|(a, b)| a == b || a == b'/' && b == b'.')
}
