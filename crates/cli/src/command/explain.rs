//! `topo explain`: the book's page about a code.

use serde_json::json;
use topo_model::Code;

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::listed;
use crate::style::{self, paint};

/// Every page with its code, sorted.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Prints the page, or the list of all.
pub(crate) fn run(code: Option<&str>, output: &mut Output) -> Result {
    let Some(asked) = code else {
        if output.json() {
            output.document(&PAGES.iter().map(|(code, page)| json!({"code": code, "title": title(page)})).collect());
            return Ok(Exit::Done);
        }
        let list: String = PAGES.iter().map(|(code, page)| format!("{code}  {}\n", title(page))).collect();
        output.result(&list);
        return Ok(Exit::Done);
    };
    let code = asked.to_uppercase();
    match PAGES.iter().find(|(known, _)| *known == code) {
        Some((code, page)) if output.json() => output.document(&json!({"code": code, "page": page})),
        Some((_, page)) => output.result(&painted(page)),
        None => return Err(unknown(asked, &code)),
    }
    Ok(Exit::Done)
}

/// Whether there is such a code.
pub(crate) fn is_code(code: &str) -> bool {
    PAGES.iter().any(|(known, _)| *known == code)
}

/// That there is no such code.
pub(crate) fn unknown(asked: &str, code: &str) -> Failure {
    let failure = Failure::error(format!("there is no code '{asked}'"));
    let near = near(code);
    if near.is_empty() {
        failure.help("'topo explain' lists all codes; they look like T0401")
    } else {
        failure.help(format!("near it: {}; 'topo explain' lists all", listed(&near)))
    }
}

/// The codes of the same hundred, and those that differ in one character; five at most.
fn near(code: &str) -> Vec<&'static str> {
    let group = Code::parse(code).map(|c| c.0 / 100);
    let apart = |known: &str| known.chars().zip(code.chars()).filter(|(a, b)| a != b).count();
    let mut near: Vec<&str> = PAGES
        .iter()
        .map(|(known, _)| *known)
        .filter(|known| {
            let same = group.is_some() && Code::parse(known).map(|c| c.0 / 100) == group;
            same || known.len() == code.len() && apart(known) == 1
        })
        .collect();
    near.sort_by_key(|known| (apart(known), *known));
    near.truncate(5);
    near
}

fn title(page: &str) -> &str {
    let first = page.lines().find(|l| l.starts_with('#')).unwrap_or_default();
    let title = first.trim_start_matches('#').trim();
    title.split_once(": ").map_or(title, |(_, rest)| rest)
}

/// The page for a terminal: headings bold, programs indented instead of fenced.
fn painted(page: &str) -> String {
    let mut out = String::new();
    let mut program = false;
    for line in page.lines() {
        if line.starts_with("```") {
            program = !program;
        } else if program {
            // An empty line stays empty.
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        } else if line.starts_with('#') {
            out.push_str(&format!("{}\n", paint(style::HEAD, line.trim_start_matches('#').trim())));
        } else {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_indented_and_its_empty_lines_stay_empty() {
        assert_eq!(painted("```topo\na\n\n  b\n```\n\nc\n"), "    a\n\n      b\n\nc\n");
    }
}
