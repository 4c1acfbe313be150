//! Strings.

use pest::iterators::Pair;
use topo_model::Value;

use super::{Reader, Rule};
use crate::ast::{Expr, ExprKind, StringPart};
use crate::report;

/// A part of a string, before the indentation of a `"""` string is taken away.
enum Raw<'p> {
    Text(&'p str),
    Escape(&'static str),
    Hole(Expr),
}

impl Reader<'_> {
    /// A string with escapes, `${}` or several lines.
    pub(super) fn string(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let block = pair.as_rule() == Rule::block;
        let raw: Vec<Raw<'_>> = pair.into_inner().filter_map(|part| self.raw(part)).collect();
        let mut parts: Vec<StringPart> = Vec::new();
        let mut text = String::new();
        let margin = if block { margin(&raw) } else { 0 };
        let count = raw.len();
        for (at, part) in raw.into_iter().enumerate() {
            match part {
                Raw::Text(t) if block => unindented(t, margin, at == 0, at + 1 == count, &mut text),
                Raw::Text(t) => text.push_str(t),
                Raw::Escape(t) => text.push_str(t),
                Raw::Hole(expr) => {
                    if !text.is_empty() {
                        parts.push(StringPart::Text(std::mem::take(&mut text).into_boxed_str()));
                    }
                    parts.push(StringPart::Expr(expr));
                }
            }
        }
        if parts.is_empty() {
            return ExprKind::Literal(Value::str(text));
        }
        if !text.is_empty() {
            parts.push(StringPart::Text(text.into_boxed_str()));
        }
        ExprKind::Interpolation(parts)
    }

    fn raw<'p>(&mut self, part: Pair<'p, Rule>) -> Option<Raw<'p>> {
        match part.as_rule() {
            Rule::chars | Rule::block_chars => Some(Raw::Text(part.as_str())),
            Rule::escape => {
                let text = match part.as_str() {
                    "\\\"" => "\"",
                    "\\\\" => "\\",
                    "\\n" => "\n",
                    "\\t" => "\t",
                    "\\$" => "$",
                    other => {
                        let found = report::escape(other, self.span(&part));
                        self.errors.push(found);
                        ""
                    }
                };
                Some(Raw::Escape(text))
            }
            _ => part.into_inner().next().map(|expr| Raw::Hole(self.expr(expr))),
        }
    }

    /// The text of a string where `${}` means nothing, such as a test's name.
    pub(super) fn plain_text(&mut self, pair: Pair<'_, Rule>) -> Box<str> {
        if pair.as_rule() == Rule::plain {
            let text = pair.as_str();
            return text.get(1..text.len() - 1).unwrap_or("").into();
        }
        let span = self.span(&pair);
        match self.string(pair) {
            ExprKind::Literal(Value::Str(text)) => text.as_str().into(),
            _ => {
                self.errors.push(report::test_name(span));
                "".into()
            }
        }
    }
}

/// The indentation that all lines of a `"""` string share; empty lines don't count.
fn margin(raw: &[Raw<'_>]) -> usize {
    let mut least: Option<usize> = None;
    for (at, part) in raw.iter().enumerate() {
        let Raw::Text(text) = part else { continue };
        let mut lines = text.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let blank = line.trim_end_matches('\r').len() == indent;
            // A line that is blank up to an escape or `${` is not an empty one.
            let goes_on = lines.peek().is_none() && at + 1 < raw.len();
            if !blank || goes_on {
                least = Some(least.map_or(indent, |l| l.min(indent)));
            }
        }
    }
    least.unwrap_or(0)
}

/// Adds text of a `"""` string without the shared indentation. The line breaks next to the
/// quotes do not belong to the string.
fn unindented(text: &str, margin: usize, first: bool, last: bool, out: &mut String) {
    let lines: Vec<&str> = text.split('\n').collect();
    let end = lines.len() - 1;
    for (at, line) in lines.iter().enumerate() {
        let closing = last && at == end && at > 0 && line.trim().is_empty();
        if at > 0 && !(closing || (first && at == 1 && lines[0].trim().is_empty())) {
            out.push('\n');
        }
        let opening = first && at == 0 && end > 0 && line.trim().is_empty();
        if closing || opening {
            continue;
        }
        let kept = if at == 0 { line } else { line.get(margin.min(indentation(line))..).unwrap_or("") };
        out.push_str(if at == end { kept } else { kept.trim_end_matches('\r') });
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
