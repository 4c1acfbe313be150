//! Fixes: each one, made in the text, does away with its finding and leaves no new one.

use std::collections::BTreeMap;
use std::fmt::Write;

use topo_lang::Options;
use topo_model::{Diagnostic, Edit, SourceMap};

use crate::{Outcome, all, files, options};

#[test]
fn fixes_mend_what_they_are_given_for() {
    let mut wrong = String::new();
    let (mut findings, mut helped, mut mended) = (0, 0, 0);
    for (file, case) in all() {
        let files = files(&case);
        let options = options(&case);
        let outcome = Outcome::of(&files, &options);
        for found in &outcome.diagnostics {
            // What a `check` says is its author's: it has no help.
            let checked = |text: &str| text == "does not hold" || text.starts_with("breaks a check");
            if found.labels.first().is_some_and(|label| checked(&label.text)) {
                continue;
            }
            findings += 1;
            helped += usize::from(found.help.is_some());
            let Some(edit) = found.help.as_ref().and_then(|h| h.edit.as_ref()) else { continue };
            mended += 1;
            if let Err(problem) = mends(&files, &options, &outcome, found, edit) {
                let _ = writeln!(wrong, "{file}: {}\n{problem}", case.name);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let counts = format!("{findings} findings, {helped} with help, {mended} with an edit");
    assert!(helped * 100 > findings * 94 && mended * 100 > findings * 36, "less help than there was: {counts}");
}

fn mends(
    files: &BTreeMap<String, String>,
    options: &Options,
    before: &Outcome,
    found: &Diagnostic,
    edit: &Edit,
) -> Result<(), String> {
    let edited = edited(files, &before.sources, edit)
        .ok_or_else(|| format!("  the fix of {} edits no file of the project: {}", found.code, found.message))?;
    let after = Outcome::of(&edited, options);
    let count = |all: &[Diagnostic], of: &Diagnostic| {
        all.iter().filter(|d| d.code == of.code && d.message == of.message).count()
    };
    // A test that expected the finding is right to miss it.
    let missed = format!("the plan was expected to be refused with {}", found.code);
    let fault = if count(&after.diagnostics, found) >= count(&before.diagnostics, found) {
        "does not help".to_owned()
    } else if let Some(new) = after
        .diagnostics
        .iter()
        .find(|d| !d.message.starts_with(&missed) && count(&after.diagnostics, d) > count(&before.diagnostics, d))
    {
        format!("gives {}: {}", new.code, new.message)
    } else {
        return Ok(());
    };
    let text: Vec<&str> = edited.values().map(String::as_str).collect();
    Err(format!("  the fix of {} {fault}: {}\n{}", found.code, found.message, text.join("\n")))
}

/// The project with an edit made; nothing where the text is not the project's.
fn edited(files: &BTreeMap<String, String>, sources: &SourceMap, edit: &Edit) -> Option<BTreeMap<String, String>> {
    let file = sources.file(edit.span).filter(|f| !f.library)?;
    let mut edited = files.clone();
    let range = (edit.span.lo - file.base) as usize..(edit.span.hi - file.base) as usize;
    edited.get_mut(&*file.name)?.replace_range(range, &edit.text);
    Some(edited)
}
