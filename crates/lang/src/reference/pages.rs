//! The book's pages about kinds, components and functions: one for each module, and one for
//! all functions.

use std::fmt::Write;

use super::Library;
use super::entry::{Entry, Sort};
use super::markdown::{self, Links};

/// A page of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// From the book's `src`: `reference/kinds/aws.ec2.md`.
    pub path: String,
    /// The heading, as the summary has it.
    pub title: String,
    /// The text.
    pub text: String,
}

/// Said at the top of each page, where only its source shows it.
const GENERATED: &str = "<!-- Written by `cargo xtask reference` from the standard library; changes here are lost. -->";

/// All pages: kinds, components, functions, each in the order of the summary.
pub fn pages(library: &Library) -> Vec<Page> {
    let mut pages = modules(library, Sort::Kind, "kinds");
    pages.extend(modules(library, Sort::Component, "components"));
    pages.push(functions(library));
    pages
}

fn modules(library: &Library, sort: Sort, directory: &str) -> Vec<Page> {
    let entries: Vec<&Entry> = library.entries.iter().filter(|entry| entry.sort == sort).collect();
    let mut modules: Vec<&str> = entries.iter().map(|entry| entry.module()).collect();
    modules.sort_unstable();
    modules.dedup();
    let page = |module: &&str| {
        let own: Vec<&Entry> = entries.iter().copied().filter(|entry| entry.module() == *module).collect();
        module_page(module, &own, directory)
    };
    modules.iter().map(page).collect()
}

fn module_page(module: &str, entries: &[&Entry], directory: &str) -> Page {
    let mut text = format!("# {module}\n\n{GENERATED}\n\n");
    for entry in entries {
        let _ = writeln!(text, "- [{0}](#{1}): {2}", entry.last(), entry.last().to_lowercase(), entry.summary());
    }
    for entry in entries {
        let line = match entry.sort {
            Sort::Kind => format!("`{}`, {}.", entry.name, entry.headline),
            _ => format!("`use {module}.{{{}}}`", entry.last()),
        };
        let _ = write!(text, "\n## {}\n\n{line}\n", entry.last());
        markdown::body(&mut text, entry, Some(Links { root: "../../" }));
    }
    Page { path: format!("reference/{directory}/{module}.md"), title: module.to_owned(), text }
}

fn functions(library: &Library) -> Page {
    let entries: Vec<&Entry> = library.entries.iter().filter(|entry| entry.sort == Sort::Function).collect();
    let mut text = format!(
        "# Functions\n\n{GENERATED}\n\nFunctions are called by name: `len(x)`. In a signature, `T` stands for any type, the same wherever \
         it comes, and `…` for more arguments of the kind before. `topo schema cidr.subnet` shows one.\n"
    );
    let mut topics: Vec<&str> = Vec::new();
    for entry in &entries {
        if !topics.contains(&entry.topic) {
            topics.push(entry.topic);
        }
    }
    for topic in topics {
        let _ = write!(text, "\n## {topic}\n");
        for entry in entries.iter().filter(|entry| entry.topic == topic) {
            let _ = write!(text, "\n### {}\n", entry.name);
            markdown::body(&mut text, entry, Some(Links { root: "../" }));
        }
    }
    Page { path: "reference/functions.md".to_owned(), title: "Functions".to_owned(), text }
}
