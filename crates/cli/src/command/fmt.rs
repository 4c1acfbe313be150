//! `topo fmt`: one layout for all programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use topo_model::{Diagnostic, SourceMap, Span};

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::diagnostic as document;
use crate::output::Output;
use crate::render::{count, diagnostic};

/// Formats every file; those with errors are left alone, and reported.
pub(crate) fn run(paths: &[PathBuf], check: bool, output: &mut Output) -> Result {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut changed = Vec::new();
    let mut findings = Vec::new();
    let mut broken = false;
    for file in &files {
        match format(file, check)? {
            Outcome::Same => {}
            Outcome::Changed => changed.push(file),
            Outcome::Broken(found, sources) => {
                broken = true;
                if output.json() {
                    findings.extend(document::all(&found, &sources).as_array().cloned().unwrap_or_default());
                } else {
                    output.problem(&diagnostic::all(&found, &sources, output.width()));
                }
            }
        }
    }
    let exit = if broken || check && !changed.is_empty() { Exit::Errors } else { Exit::Done };
    if output.json() {
        let changed: Vec<String> = changed.iter().map(|file| file.display().to_string()).collect();
        output.document(&json!({"changed": changed, "diagnostics": findings}));
        return Ok(exit);
    }
    for file in &changed {
        output.result(&format!("{}\n", file.display()));
    }
    let verb = if check { "would change" } else { "changed" };
    output.note(&format!("{} {verb} of {}.\n", count(changed.len(), "file"), files.len()));
    Ok(exit)
}

enum Outcome {
    Same,
    Changed,
    /// It has errors; they are in these sources.
    Broken(Vec<Diagnostic>, SourceMap),
}

fn format(file: &Path, check: bool) -> Result<Outcome> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{}` is not text: byte {at} is not valid UTF-8", file.display());
            let found = Diagnostic::error(2, Span::NONE, message, "a `.topo` file is UTF-8 text");
            return Ok(Outcome::Broken(vec![found], SourceMap::default()));
        }
    };
    let Ok(formatted) = topo_syntax::format(&text) else { return broken(file, text) };
    if formatted == text {
        return Ok(Outcome::Same);
    }
    if !check {
        replace(file, &formatted).map_err(|error| Failure::error(format!("{}: {error}", file.display())))?;
    }
    Ok(Outcome::Changed)
}

/// The errors of a file that can't be laid out, read again where its places can be told.
fn broken(file: &Path, text: String) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let errors = match sources.add(&file.display().to_string(), Arc::from(text), false) {
        Some(added) => topo_syntax::parse(&added.text, added.base).errors,
        None => return Err(Failure::error(format!("{} is too large", file.display()))),
    };
    Ok(Outcome::Broken(errors, sources))
}

/// Writes beside the file and renames, so that no moment shows half of it.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    // What a link points to is changed, not the link.
    let file = &file.canonicalize()?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = file.with_file_name(format!(".{name}.topo-fmt"));
    std::fs::write(&beside, text)?;
    let permissions = std::fs::metadata(file)?.permissions();
    std::fs::set_permissions(&beside, permissions)?;
    std::fs::rename(&beside, file).inspect_err(|_| {
        // The rename's error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    })
}

/// The files that a path stands for: itself, or all `.topo` files below it.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(path, &error))?;
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".") || name == "target" || name == "node_modules";
        // A link is not followed: it may lead back here.
        let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
        if hidden {
            continue;
        }
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if entry.path().extension().is_some_and(|e| e == "topo") {
            let path = entry.path();
            files.push(path.strip_prefix("./").map(Path::to_owned).unwrap_or(path));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::error(format!("'{}' can't be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn broken(bytes: &[u8]) -> (Vec<Diagnostic>, SourceMap) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("a.topo");
        std::fs::write(&file, bytes).expect("the file is written");
        match format(&file, false) {
            Ok(Outcome::Broken(found, sources)) => (found, sources),
            _ => panic!("the file has an error"),
        }
    }

    #[test]
    fn what_is_not_text_has_the_code_of_check() {
        let (found, _) = broken(b"project x\n\xff\xfe");
        assert_eq!(found[0].code.to_string(), "T0002");
        assert!(found[0].message.ends_with("a.topo` is not text: byte 10 is not valid UTF-8"), "{}", found[0].message);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let (found, sources) = broken(b"project x\nlet y\n");
        assert_eq!(sources.text(found[0].span()), "let");
        let (found, sources) = broken(b"})\n");
        let (start, _) = sources.lines(found[0].span()).expect("a place");
        assert_eq!((start.line, start.column), (1, 1));
    }
}
