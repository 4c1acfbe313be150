//! The book's reference pages are what the standard library says.
//!
//! `cargo xtask reference` runs this with `UPDATE_REFERENCE` and so writes the pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use topo_lang::{Memory, Options, Sort, library, load, pages};

/// What to do when a page is not what it should be.
const COMMAND: &str = "run `cargo xtask reference` and commit what it writes";

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src")
}

fn read(path: &str) -> String {
    fs::read_to_string(book().join(path)).unwrap_or_default()
}

/// Every file that is written, by its path from the book's `src`.
fn written() -> BTreeMap<String, String> {
    let library = library();
    assert!(library.diagnostics.is_empty(), "{:#?}", library.diagnostics);
    let pages = pages(&library);
    let codes = codes();
    let mut files: BTreeMap<String, String> = pages.iter().map(|page| (page.path.clone(), page.text.clone())).collect();
    let entries = |of: &str| {
        let of = pages.iter().filter(|page| page.path.starts_with(&format!("reference/{of}/")));
        of.map(|page| format!("  - [{}]({})", page.title, page.path)).collect::<Vec<_>>()
    };
    let titles = codes.iter().map(|(code, title)| format!("  - [{code}: {title}](codes/{code}.md)")).collect();
    let sections =
        [("(kinds.md)", entries("kinds")), ("(components.md)", entries("components")), ("(codes/README.md)", titles)];
    files.insert("SUMMARY.md".to_owned(), summary(&read("SUMMARY.md"), &sections));
    files.insert("codes/README.md".to_owned(), index(&read("codes/README.md"), &codes));
    files
}

/// The codes' pages: code and title, from their headings.
fn codes() -> Vec<(String, String)> {
    let mut codes = Vec::new();
    for entry in fs::read_dir(book().join("codes")).expect("there are pages of codes") {
        let name = entry.expect("it can be listed").file_name().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        let text = read(&format!("codes/{name}"));
        let heading = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
        let (code, title) = heading.split_once(": ").expect("a page of a code begins with `# T0401: what it is`");
        assert_eq!(name, format!("{code}.md"), "a page is called as its code");
        codes.push((code.to_owned(), title.to_owned()));
    }
    codes.sort();
    codes
}

/// The summary, with each section's pages behind the page they belong to.
fn summary(old: &str, sections: &[(&str, Vec<String>)]) -> String {
    let generated =
        |line: &&str| !(line.starts_with("  - [") && (line.contains("(codes/") || line.contains("(reference/")));
    let mut out = String::new();
    for line in old.lines().filter(generated) {
        out.push_str(line);
        out.push('\n');
        for (_, pages) in sections.iter().filter(|(after, _)| line.ends_with(after)) {
            pages.iter().for_each(|page| out.push_str(&format!("{page}\n")));
        }
    }
    out
}

/// The index of codes: what stands before the table of all, and the table.
fn index(old: &str, codes: &[(String, String)]) -> String {
    let (before, _) = old.split_once("All of them:\n").unwrap_or((old, ""));
    let rows: String = codes.iter().map(|(code, title)| format!("| [{code}]({code}.md) | {title} |\n")).collect();
    format!("{before}All of them:\n\n| code | finding |\n| --- | --- |\n{rows}")
}

/// The files in a directory of the book that nothing writes any more.
fn stale(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut stale = Vec::new();
    for directory in ["reference", "reference/kinds", "reference/components"] {
        let Ok(entries) = fs::read_dir(book().join(directory)) else { continue };
        let names = entries.map(|entry| entry.expect("it can be listed"));
        let names = names.filter(|entry| entry.path().is_file()).map(|e| e.file_name().to_string_lossy().into_owned());
        stale.extend(names.map(|name| format!("{directory}/{name}")).filter(|path| !files.contains_key(path)));
    }
    stale.sort();
    stale
}

#[test]
fn the_reference_is_what_the_library_says() {
    let files = written();
    let stale = stale(&files);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        for (path, text) in &files {
            let path = book().join(path);
            fs::create_dir_all(path.parent().expect("a page has a directory")).expect("it can be made");
            fs::write(path, text).expect("a page can be written");
        }
        stale.iter().for_each(|path| fs::remove_file(book().join(path)).expect("a page can be removed"));
        return;
    }
    let wrong: Vec<&str> =
        files.iter().filter(|(path, text)| read(path) != **text).map(|(path, _)| path.as_str()).collect();
    assert!(wrong.is_empty(), "{COMMAND}: book/src/{}", wrong.join(", book/src/"));
    assert!(stale.is_empty(), "{COMMAND}: of book/src/{} there is nothing any more", stale.join(", book/src/"));
}

/// Links between the pages lead to a page, and to a heading of it.
#[test]
fn every_link_leads_somewhere() {
    let files = written();
    let mut broken = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("reference/")) {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        // What stands in code is no link.
        let outside = |line: &str| line.split('`').step_by(2).collect::<String>();
        let text: String = text.lines().filter(|line| !line.contains("``")).map(outside).collect();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let (page, heading) = link.split_once('#').unwrap_or((link, ""));
            if link.starts_with("https://") {
                continue;
            }
            let up = page.matches("../").count();
            let parts: Vec<&str> = directory.split('/').collect();
            let base: String = parts[..parts.len() - up].iter().map(|part| format!("{part}/")).collect();
            let to = if page.is_empty() { path.clone() } else { base + page.trim_start_matches("../") };
            let there = files.get(&to).cloned().unwrap_or_else(|| read(&to)).to_lowercase();
            let found = !there.is_empty() && (heading.is_empty() || there.contains(&format!("\n## {heading}\n")));
            if !found {
                broken.push(format!("{path}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Whoever adds a kind, a component or a function documents it.
#[test]
fn everything_in_the_reference_is_documented() {
    let library = library();
    let bare: Vec<&str> =
        library.entries.iter().filter(|e| e.docs.is_empty()).map(|entry| entry.name.as_str()).collect();
    assert!(bare.is_empty(), "these have no `///`: {}", bare.join(", "));
    let functions = library.entries.iter().filter(|entry| entry.sort == Sort::Function);
    let without: Vec<&str> =
        functions.filter(|e| e.example.is_none() && e.name != "secret").map(|entry| entry.name.as_str()).collect();
    assert!(without.is_empty(), "these have no example in `Func::example`: {}", without.join(", "));
}

/// Every function's example gives what its page says.
#[test]
fn every_example_holds() {
    let library = library();
    for entry in &library.entries {
        let Some((call, gives)) = entry.example else { continue };
        let text = format!("project p\ntopology main {{}}\ntest \"it\" {{\n  plan\n  expect {call} == {gives}\n}}\n");
        let world = Memory::new(BTreeMap::from([
            ("main.topo".to_owned(), text),
            ("greeting.txt".to_owned(), "hello".to_owned()),
        ]));
        let loaded = load(&world, &Options::default());
        assert!(loaded.diagnostics.is_empty(), "{call}: {:#?}", loaded.diagnostics);
        let outcome = loaded.program.and_then(|program| program.run_test(0, &|_| Vec::new())).expect("the test runs");
        assert!(outcome.passed(), "{call}: {:#?}", outcome.failures);
        assert!(entry.headline.starts_with(&format!("{}(", entry.name)), "{}", entry.headline);
    }
}
