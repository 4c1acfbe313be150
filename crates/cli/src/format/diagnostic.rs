//! Findings in `--json`.

use serde_json::{Map, Value as Json, json};
use topo_model::{Diagnostic, Label, Severity, SourceMap};

/// All findings.
pub(crate) fn all(diagnostics: &[Diagnostic], sources: &SourceMap) -> Json {
    Json::Array(diagnostics.iter().map(|d| one(d, sources)).collect())
}

/// One finding.
pub(crate) fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> Json {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = Map::new();
    out.insert("code".to_owned(), json!(diagnostic.code.to_string()));
    out.insert("severity".to_owned(), json!(severity));
    out.insert("message".to_owned(), json!(diagnostic.message));
    out.insert("labels".to_owned(), diagnostic.labels.iter().filter_map(|l| label(l, sources)).collect());
    out.insert("help".to_owned(), json!(diagnostic.help.as_ref().map(|h| &h.text)));
    if let Some(instance) = &diagnostic.instance {
        out.insert("instance".to_owned(), json!(instance));
    }
    Json::Object(out)
}

/// A place; `None` for one that is in no file.
fn label(label: &Label, sources: &SourceMap) -> Option<Json> {
    let (file, (start, end)) = sources.file(label.span).zip(sources.lines(label.span))?;
    Some(json!({
        "file": &*file.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": label.text,
    }))
}

/// A failure that is about no line of the program: the command's words, the cloud, the state.
pub(crate) fn of_failure(text: &str, help: Option<&str>) -> Json {
    json!({"code": null, "severity": "error", "message": text, "labels": [], "help": help})
}
