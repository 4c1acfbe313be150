//! Findings as people read them: the message, the lines it is about, the fix.
//!
//! `miette` draws; this module says which lines. A finding may have places in several
//! files: those of the primary one's file are drawn together, every other is drawn behind
//! them with its own file's name. Lines of any length are cut to what surrounds the place.

mod apart;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic as Drawn, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    Severity as Level, SourceCode, SourceSpan, SpanContents,
};
use topo_model::{Diagnostic, Label, Severity, SourceFile, SourceMap};

use crate::render::count;
use crate::render::diagnostic::apart::Place;
use crate::style::{self, paint};

/// How much of a line is shown on either side of a place, in bytes.
const SIDE: usize = 60;
/// The longest place that is underlined in full, in bytes.
const LONGEST: usize = 120;

/// All findings, and a line that counts them; empty when there are none.
pub(crate) fn all(diagnostics: &[Diagnostic], sources: &SourceMap, width: usize) -> String {
    each(diagnostics, sources, width) + &summary(diagnostics)
}

/// All findings.
pub(crate) fn each(diagnostics: &[Diagnostic], sources: &SourceMap, width: usize) -> String {
    let mut out = String::new();
    let mut texts = Texts::default();
    for diagnostic in diagnostics {
        one(&mut out, diagnostic, sources, &mut texts, width);
        out.push('\n');
    }
    out
}

/// `2 errors, 1 warning; 'topo explain T0201' tells more`.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let Some(worst) = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first()) else {
        return String::new();
    };
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let warnings = diagnostics.len() - errors;
    let mut counts = Vec::new();
    if errors > 0 {
        counts.push(paint(style::ERROR, count(errors, "error")));
    }
    if warnings > 0 {
        counts.push(paint(style::WARNING, count(warnings, "warning")));
    }
    format!("{}; 'topo explain {}' tells more\n", counts.join(", "), worst.code)
}

/// One finding.
fn one(out: &mut String, diagnostic: &Diagnostic, sources: &SourceMap, texts: &mut Texts, width: usize) {
    let (word, level) = match diagnostic.severity {
        Severity::Error => (paint(style::ERROR, format!("error[{}]", diagnostic.code)), Level::Error),
        Severity::Warning => (paint(style::WARNING, format!("warning[{}]", diagnostic.code)), Level::Warning),
    };
    let told = |at: &&String| !diagnostic.message.contains(at.as_str());
    let instance = diagnostic.instance.as_ref().filter(told).map(|at| format!(" (in {at})")).unwrap_or_default();
    let message = format!("{word}: {}{instance}", diagnostic.message);
    let mut drawings = drawings(diagnostic, sources, texts, Heading { message, level });
    if let (Some(last), Some(help)) = (drawings.last_mut(), &diagnostic.help) {
        last.help = Some(help.text.clone());
    }
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode()).with_links(false).with_width(width);
    for drawing in &drawings {
        // A string takes everything; a place that can't be read is drawn as a line that says so.
        let _ = handler.render_report(out, drawing);
    }
}

struct Heading {
    message: String,
    level: Level,
}

/// One drawing for the places in the primary one's file, one for every other place.
fn drawings(diagnostic: &Diagnostic, sources: &SourceMap, texts: &mut Texts, heading: Heading) -> Vec<Drawing> {
    let primary = diagnostic.labels.first().and_then(|l| sources.file(l.span)).map(|f| f.base);
    let mut first =
        Drawing { message: heading.message, level: heading.level, excerpt: None, labels: Vec::new(), help: None };
    let mut others = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for label in &diagnostic.labels {
        // What is said of a place says nothing without it.
        let Some(file) = sources.file(label.span) else { continue };
        if file.text.is_empty() {
            first.message.push_str(&format!("\n{}: {}", file.name, label.text));
            continue;
        }
        let span = underlined(file, label);
        let together = Some(file.base) == primary && places.iter().all(|l| !same_long_line(file, &l.range, &span));
        if together {
            first.excerpt.get_or_insert_with(|| texts.excerpt(file));
            places.push(Place { range: span, text: label.text.clone() });
        } else {
            others.push(Drawing {
                message: label.text.clone(),
                level: Level::Advice,
                excerpt: Some(texts.excerpt(file)),
                labels: vec![LabeledSpan::new_primary_with_span(None, span)],
                help: None,
            });
        }
    }
    if let (Some(excerpt), Some(start)) = (&mut first.excerpt, places.first().map(|p| p.range.start)) {
        let places = apart::apart(&excerpt.file.text, places);
        excerpt.primary = places.first().map(|marked| (marked.range.start, start));
        first.labels = places.into_iter().enumerate().map(label).collect();
    }
    std::iter::once(first).chain(others).collect()
}

/// A place as miette marks it; the first is the primary one.
fn label((at, place): (usize, Place)) -> LabeledSpan {
    let text = (!place.text.is_empty()).then_some(place.text);
    match at {
        0 => LabeledSpan::new_primary_with_span(text, place.range),
        _ => LabeledSpan::new_with_span(text, place.range),
    }
}

/// The part of a place that is underlined: its first line, and no more than [`LONGEST`].
fn underlined(file: &SourceFile, label: &Label) -> Range<usize> {
    let len = file.text.len();
    let start = floor(&file.text, (label.span.lo.saturating_sub(file.base) as usize).min(len));
    if start == len {
        // The end of the text is behind the last line that says something.
        let last = file.text.trim_end().len();
        return last..last;
    }
    let end = floor(&file.text, (label.span.hi.saturating_sub(file.base) as usize).clamp(start, len));
    let line = file.text[start..end].find(['\n', '\r']).map_or(end, |at| start + at);
    let end = if line - start > LONGEST { floor(&file.text, start + LONGEST) } else { line };
    start..end
}

/// Whether two places share a line so long that they can't be drawn together.
fn same_long_line(file: &SourceFile, a: &Range<usize>, b: &Range<usize>) -> bool {
    let (low, high) = (a.start.min(b.start), a.start.max(b.start));
    high - low > LONGEST && !file.text[low..high].contains('\n')
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// What one call of miette draws.
#[derive(Debug)]
struct Drawing {
    message: String,
    level: Level,
    excerpt: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl std::fmt::Display for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl Drawn for Drawing {
    fn severity(&self) -> Option<Level> {
        Some(self.level)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|e| e as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

/// A file, of which miette is given the lines around a place, the first and last cut.
#[derive(Debug)]
struct Excerpt {
    file: SourceFile,
    /// The file's text with its last line ended.
    text: Arc<str>,
    /// Where the mark of the primary place starts, and where the place does: of an expression
    /// only the operator may be marked.
    primary: Option<(usize, usize)>,
}

/// The texts of files with their last lines ended, which miette marks nothing behind otherwise: each is
/// copied once, however many findings show it.
#[derive(Debug, Default)]
struct Texts(BTreeMap<u32, Arc<str>>);

impl Texts {
    fn excerpt(&mut self, file: &SourceFile) -> Excerpt {
        let ended = || if file.text.ends_with('\n') { file.text.clone() } else { format!("{}\n", file.text).into() };
        let text = self.0.entry(file.base).or_insert_with(ended).clone();
        Excerpt { text, file: file.clone(), primary: None }
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text: &str = &self.text;
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // Asked for no lines around, miette wants to know line and column of the place itself.
        let place = (before, after) == (0, 0);
        let first = if place { start } else { lines_before(text, start, before) };
        let last = lines_after(text, end, after);
        let told = self.primary.filter(|(mark, _)| place && *mark == start).map_or(first, |(_, start)| start);
        let at = self.file.line_column(self.file.base + told as u32);
        let window = &text[first..last];
        Ok(Box::new(MietteSpanContents::new_named(
            self.file.name.to_string(),
            window.as_bytes(),
            (first, last - first).into(),
            at.line as usize - 1,
            at.column as usize - 1,
            window.bytes().filter(|b| *b == b'\n').count(),
        )))
    }
}

/// The start of the line that many lines before a position, or of what is shown of it.
fn lines_before(text: &str, at: usize, lines: usize) -> usize {
    let mut start = line_start(text, at);
    if at - start > SIDE {
        return floor(text, at - SIDE);
    }
    for _ in 0..lines {
        if start == 0 {
            break;
        }
        let previous = line_start(text, start - 1);
        if start - previous > LONGEST {
            break;
        }
        start = previous;
    }
    start
}

/// The end of the line that many lines after a position, or of what is shown of it.
fn lines_after(text: &str, at: usize, lines: usize) -> usize {
    let mut end = line_end(text, at);
    if end - at > SIDE {
        return ceil(text, at + SIDE);
    }
    for _ in 0..lines {
        if end == text.len() {
            break;
        }
        let next = line_end(text, end + 1);
        if next - end > LONGEST {
            break;
        }
        end = next;
    }
    end
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |i| at + i)
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use topo_model::Span;

    use super::*;

    const MAIN: &str = "project demo\n\ntopology main {\n  resource vpc: aws.ec2.Vpc at ap-east-2 {\n    cidr_block = 10.2.0.1/16\n  }\n}\n";

    fn sources(files: &[(&str, &str)]) -> SourceMap {
        let mut sources = SourceMap::default();
        for (name, text) in files {
            sources.add(name, Arc::from(*text), false).expect("small files fit");
        }
        sources
    }

    /// The first place of a text in a file.
    #[track_caller]
    fn at(sources: &SourceMap, file: usize, needle: &str) -> Span {
        let file = &sources.files()[file];
        let start = file.base + file.text.find(needle).expect("the text is there") as u32;
        Span::new(start, start + needle.len() as u32)
    }

    fn plain(diagnostics: &[Diagnostic], sources: &SourceMap, width: usize) -> String {
        strip_str(&all(diagnostics, sources, width)).to_string()
    }

    #[test]
    fn a_finding_shows_its_line_and_the_fix() {
        let sources = sources(&[("main.topo", MAIN)]);
        let span = at(&sources, 0, "10.2.0.1/16");
        let finding = Diagnostic::error(402, span, "10.2.0.1/16 has host bits set", "the host bits are 0.1").fix(
            "write 10.2.0.0/16",
            span,
            "10.2.0.0/16",
        );
        insta::assert_snapshot!(plain(&[finding], &sources, 80));
    }

    #[test]
    fn places_in_other_files_are_drawn_behind_with_their_names() {
        let sources = sources(&[
            ("main.topo", MAIN),
            ("std/net/peering.topo", "component PeeringMesh {\n  check disjoint(x)\n}\n"),
        ]);
        let finding =
            Diagnostic::error(401, at(&sources, 0, "vpc"), "peered networks may not overlap", "10.2.0.0/16 is here")
                .label(at(&sources, 0, "cidr_block"), "written here")
                .label(at(&sources, 1, "check disjoint(x)"), "the check that says so")
                .help("choose ranges that do not overlap")
                .at("mesh");
        let warning = Diagnostic::warning(301, Span::NONE, "ap-east-9 is no region that is known", "");
        insta::assert_snapshot!(plain(&[finding, warning], &sources, 80));
    }

    #[test]
    fn a_narrow_terminal_wraps() {
        let sources = sources(&[("main.topo", MAIN)]);
        let finding = Diagnostic::error(402, at(&sources, 0, "10.2.0.1/16"), "10.2.0.1/16 has host bits set", "0.1")
            .help("a range's host bits must be zero: write 10.2.0.0/16 or choose a longer prefix");
        insta::assert_snapshot!(plain(&[finding], &sources, 40));
    }

    #[test]
    fn an_endless_line_is_cut_around_the_place() {
        let text = format!("{}é!{}", "[".repeat(100_000), "é".repeat(100_000));
        let sources = sources(&[("long.topo", &text)]);
        let finding =
            Diagnostic::error(1, at(&sources, 0, "!"), "found '!'", "here").label(Span::new(1, 200_000), "all of this");
        let drawn = plain(&[finding], &sources, 80);
        assert!(drawn.len() < 4_000, "{} bytes", drawn.len());
        assert!(drawn.contains("long.topo:1:100002"), "{drawn}");
    }

    #[test]
    fn the_whole_of_an_expression_is_marked_beside_its_parts() {
        let sources = sources(&[("main.topo", "test \"t\" {\n  expect a + 1 == 5\n}\n")]);
        let finding = Diagnostic::error(202, at(&sources, 0, "a + 1 == 5"), "expected `a + 1 == 5`", "does not hold")
            .label(at(&sources, 0, "a + 1"), "this is 4")
            .label(at(&sources, 0, "5"), "this is 5")
            .label(Span::NONE, "said of no place");
        insta::assert_snapshot!(plain(&[finding], &sources, 80));
    }

    #[test]
    fn the_end_of_the_text_is_marked() {
        for text in ["project", "project\n", "project\n\n\n"] {
            let sources = sources(&[("main.topo", text)]);
            let end = sources.files()[0].span().end();
            let drawn = plain(&[Diagnostic::error(1, end, "expected a name", "here it ends")], &sources, 80);
            assert!(drawn.contains("· ") && drawn.contains("╰── here it ends"), "{text:?}: {drawn}");
        }
    }

    #[test]
    fn an_empty_file_has_a_place_too() {
        let sources = sources(&[("main.topo", "")]);
        let finding = Diagnostic::error(103, Span::new(1, 1), "there is no project item", "the file is empty");
        insta::assert_snapshot!(plain(&[finding], &sources, 80));
    }
}
