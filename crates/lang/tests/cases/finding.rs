//! Findings: those that a case's comments expect against those that it gave.

use std::collections::BTreeMap;
use std::fmt::Write;

use topo_model::{Diagnostic, Severity, SourceMap, Span};

/// A finding that a case expects, or one that it gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: u32,
    severity: &'static str,
    code: String,
    text: String,
}

fn expected(files: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut expected = Vec::new();
    for (file, text) in files {
        for (at, line) in text.lines().enumerate() {
            let (anywhere, comments) = match line.trim_start().strip_prefix("//* ") {
                Some(rest) => (true, format!("// {rest}")),
                None => (false, line.to_owned()),
            };
            for severity in ["error", "warning"] {
                for part in comments.split("// ").filter_map(|p| p.strip_prefix(severity)) {
                    let Some((code, text)) = part.strip_prefix('[').and_then(|p| p.split_once("]:")) else { continue };
                    expected.push(Finding {
                        file: if anywhere { String::new() } else { file.clone() },
                        line: if anywhere { 0 } else { at as u32 + 1 },
                        severity: if severity == "error" { "error" } else { "warning" },
                        code: code.to_owned(),
                        text: text.trim().to_owned(),
                    });
                }
            }
        }
    }
    expected
}

fn finding(sources: &SourceMap, found: &Diagnostic) -> Finding {
    let place = |span: Span| {
        let file = sources.file(span).filter(|f| !f.library)?;
        Some((file.name.to_string(), file.line_column(span.lo).line))
    };
    let (file, line) = place(found.span()).unwrap_or_default();
    let mut text = found.message.clone();
    for label in &found.labels {
        let _ = write!(text, " | {}: {}", sources.text(label.span).lines().next().unwrap_or_default(), label.text);
    }
    if let Some(help) = &found.help {
        let _ = write!(text, " | help: {}", help.text);
    }
    if let Some(instance) = &found.instance {
        let _ = write!(text, " | at: {instance}");
    }
    let severity = if found.severity == Severity::Error { "error" } else { "warning" };
    Finding { file, line, severity, code: found.code.to_string(), text }
}

/// Whether the findings are those that the comments expect.
pub(crate) fn compare(
    files: &BTreeMap<String, String>,
    sources: &SourceMap,
    found: &[Diagnostic],
) -> Result<(), String> {
    let mut missing = expected(files);
    let mut surplus: Vec<Finding> = Vec::new();
    for found in found {
        let given = finding(sources, found);
        let fits = |want: &Finding| {
            want.code.split('|').any(|code| code == given.code)
                && want.severity == given.severity
                && (want.file.is_empty() || (want.file == given.file && want.line == given.line))
                && given.text.contains(&want.text)
        };
        match missing.iter().position(fits) {
            Some(at) => drop(missing.remove(at)),
            None => surplus.push(given),
        }
    }
    let mut problem = String::new();
    for want in missing {
        let _ = writeln!(
            problem,
            "  missing    {}:{} {}[{}]: {}",
            want.file, want.line, want.severity, want.code, want.text
        );
    }
    for given in surplus {
        let _ = writeln!(
            problem,
            "  unexpected {}:{} {}[{}]: {}",
            given.file, given.line, given.severity, given.code, given.text
        );
    }
    if problem.is_empty() { Ok(()) } else { Err(problem) }
}
