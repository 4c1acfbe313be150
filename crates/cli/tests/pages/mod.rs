//! Reads the book's pages: their fences, in order.

use std::path::{Path, PathBuf};

/// A fenced text.
pub(crate) struct Fence {
    /// The page, below the root of the repository.
    pub(crate) page: String,
    /// The line of the fence, from 1.
    pub(crate) line: usize,
    /// What stands behind the opening fence.
    pub(crate) mark: String,
    pub(crate) text: String,
}

impl Fence {
    /// The code that a mistake on this page must give: the page's name.
    pub(crate) fn code(&self) -> &str {
        Path::new(&self.page).file_stem().and_then(|s| s.to_str()).unwrap_or_default()
    }

    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// Whether it is a whole program without a finding.
    pub(crate) fn is_program(&self) -> bool {
        self.mark == "topo"
    }

    /// Whether it is a program with a mistake.
    pub(crate) fn fails(&self) -> bool {
        self.mark == "topo,fails"
    }

    /// Whether it is a program that a person should look at.
    pub(crate) fn warns(&self) -> bool {
        self.mark == "topo,warns"
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README and every page, with their fences, in order.
pub(crate) fn pages() -> Vec<(String, Vec<Fence>)> {
    let mut pages = vec![root().join("README.md")];
    let mut open = vec![root().join("book/src")];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    let read = |path: PathBuf| {
        let page = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let fences = fences(&page, &std::fs::read_to_string(&path).expect("a page"));
        (page, fences)
    };
    pages.into_iter().map(read).collect()
}

fn fences(page: &str, text: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(mark) = line.trim_start().strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| l.trim_start() != "```").collect();
        let program = matches!(mark, "topo" | "topo,fails" | "topo,warns" | "topo,fragment");
        let known = program || matches!(mark, "console" | "diff" | "sh" | "text" | "json");
        assert!(known, "{page}:{}: a fence can't be '{mark}'", at + 1);
        fences.push(Fence { page: page.to_owned(), line: at + 1, mark: mark.to_owned(), text: body.join("\n") + "\n" });
    }
    fences
}
