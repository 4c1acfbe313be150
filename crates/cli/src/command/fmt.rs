//! `topo fmt`: one layout for all programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use topo_model::{Diagnostic, SourceMap, Span};

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
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
    let mut broken = 0;
    for file in &files {
        match format(file, check, output)? {
            Outcome::Same => {}
            Outcome::Changed => changed.push(file),
            Outcome::Broken => broken += 1,
        }
    }
    for file in &changed {
        output.result(&format!("{}\n", file.display()));
    }
    let verb = if check { "would change" } else { "changed" };
    output.note(&format!("{} {verb} of {}.\n", count(changed.len(), "file"), files.len()));
    Ok(if broken > 0 || check && !changed.is_empty() { Exit::Errors } else { Exit::Done })
}

enum Outcome {
    Same,
    Changed,
    Broken,
}

fn format(file: &Path, check: bool, output: &mut Output) -> Result<Outcome> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("{} is not a text file: byte {at} is not UTF-8", file.display());
            output.problem(&diagnostic::all(
                &[Diagnostic::error(1, Span::NONE, message, "")],
                &SourceMap::default(),
                output.width(),
            ));
            return Ok(Outcome::Broken);
        }
    };
    let formatted = match topo_syntax::format(&text) {
        Ok(formatted) => formatted,
        Err(diagnostics) => {
            let mut sources = SourceMap::default();
            if sources.add(&file.display().to_string(), Arc::from(text), false).is_none() {
                return Err(Failure::error(format!("{} is too large", file.display())));
            }
            output.problem(&diagnostic::all(&diagnostics, &sources, output.width()));
            return Ok(Outcome::Broken);
        }
    };
    if formatted == text {
        return Ok(Outcome::Same);
    }
    if !check {
        replace(file, &formatted).map_err(|error| Failure::error(format!("{}: {error}", file.display())))?;
    }
    Ok(Outcome::Changed)
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
