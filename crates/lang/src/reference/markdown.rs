//! Entries in Markdown.

use std::fmt::Write;

use super::entry::{Entry, Member, Rule, Sort};

/// Where links lead; nothing where there are no pages around.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links {
    /// The book's `src`, from the page.
    pub(super) root: &'static str,
}

/// An entry by itself, for an editor.
pub(super) fn alone(entry: &Entry) -> String {
    let mut out = match entry.sort {
        Sort::Kind => format!("# {}\n\nA kind, {}.\n", entry.name, entry.headline),
        Sort::Component => format!("# {}\n\nA component.\n", entry.name),
        Sort::Function => format!("# {}\n", entry.name),
    };
    body(&mut out, entry, None);
    out
}

/// What stands under an entry's heading.
pub(super) fn body(out: &mut String, entry: &Entry, links: Option<Links>) {
    if entry.sort == Sort::Function {
        let _ = write!(out, "\n`{}`\n", entry.headline);
    }
    documentation(out, &entry.docs);
    if let Some((call, gives)) = entry.example {
        let _ = write!(out, "\n`{call}` is `{gives}`\n");
    }
    let inputs = if entry.sort == Sort::Kind { "Attributes" } else { "Parameters" };
    members(out, inputs, &entry.inputs, links);
    members(out, "Outputs", &entry.outputs, links);
    if !entry.makes.is_empty() {
        out.push_str("\n**Made of**\n\n");
        for (name, what) in &entry.makes {
            let _ = writeln!(out, "- `{name}`: {}", linked(what, links));
        }
    }
    rules(out, &entry.checks, &entry.notes, links);
}

/// Paragraphs; addresses of pages become links.
fn documentation(out: &mut String, docs: &str) {
    let mut pages: Vec<String> = Vec::new();
    let mut text = String::new();
    for line in docs.lines() {
        if line.starts_with("https://") && !line.contains(' ') {
            pages.push(format!("[{}]({line})", page_name(line)));
        } else {
            text.push_str(&inline_links(line));
            text.push('\n');
        }
    }
    let text = text.trim();
    if !text.is_empty() {
        let _ = write!(out, "\n{text}\n");
    }
    if !pages.is_empty() {
        let _ = write!(out, "\nAWS: {}\n", pages.join(", "));
    }
}

/// The last part of an address, as the page is called.
fn page_name(address: &str) -> &str {
    let (path, section) = address.split_once('#').map_or((address, ""), |(path, section)| (path, section));
    let page = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path).trim_end_matches(".html");
    if section.is_empty() || section.len() > 40 { page } else { section }
}

/// A line in which addresses are links.
fn inline_links(line: &str) -> String {
    let word = |word: &str| {
        if !word.starts_with("https://") {
            return word.to_owned();
        }
        let address = word.trim_end_matches(['.', ',', ';', ')']);
        format!("<{address}>{}", &word[address.len()..])
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn members(out: &mut String, title: &str, members: &[Member], links: Option<Links>) {
    if members.is_empty() {
        return;
    }
    let _ = write!(out, "\n**{title}**\n\n");
    for member in members {
        let _ = write!(out, "- `{}`: `{}`", member.name, member.ty);
        if let Some(default) = &member.default {
            let _ = write!(out, ", `{default}` where it is not set");
        }
        for text in &member.traits {
            let _ = write!(out, ", {text}");
        }
        out.push_str(".\n");
        if let Some(takes) = &member.takes {
            let place = if takes.any_region { " of any region" } else { "" };
            let _ = writeln!(out, "  Takes {}{place}, sends its `{}`.", linked(&takes.kind, links), takes.output);
        }
        for line in member.docs.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let _ = writeln!(out, "  {}", inline_links(line));
        }
    }
}

fn rules(out: &mut String, checks: &[Rule], notes: &[String], links: Option<Links>) {
    if checks.is_empty() && notes.is_empty() {
        return;
    }
    out.push_str("\n**Rules**\n\n");
    for check in checks {
        let code = match links {
            Some(Links { root }) => format!("[{0}]({root}codes/{0}.md)", check.code),
            None => check.code.clone(),
        };
        let _ = writeln!(out, "- {}; otherwise {code}: {}", quoted(&check.cond), quoted(&check.message));
    }
    for note in notes {
        let _ = writeln!(out, "- {note}");
    }
}

/// Source in a code span, whatever stands in it.
fn quoted(source: &str) -> String {
    if source.contains('`') { format!("`` {source} ``") } else { format!("`{source}`") }
}

/// A kind or component by its full name.
fn linked(name: &str, links: Option<Links>) -> String {
    let (Some(Links { root }), Some((module, last))) = (links, name.rsplit_once('.')) else {
        return format!("`{name}`");
    };
    let of = if module.starts_with("std") { "components" } else { "kinds" };
    format!("[`{name}`]({root}reference/{of}/{module}.md#{})", last.to_lowercase())
}
