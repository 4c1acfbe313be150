//! Places in source text.
//!
//! All files of a run share one space of byte positions, as the sheets of one book share
//! its page numbers: a [`Span`] is eight bytes and needs no file beside it. [`SourceMap`]
//! turns a span back into a file, a line and a column.

use std::sync::Arc;

/// A half-open range of byte positions in the space that a [`SourceMap`] hands out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// No place: what the tool made by itself.
    pub const NONE: Span = Span { lo: 0, hi: 0 };

    /// The range from `lo` up to, not including, `hi`.
    pub const fn new(lo: u32, hi: u32) -> Span {
        Span { lo, hi }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        if self.is_none() {
            return other;
        }
        if other.is_none() {
            return self;
        }
        Span { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Whether this is [`Span::NONE`].
    pub fn is_none(self) -> bool {
        self == Span::NONE
    }

    /// The empty span at the start.
    pub fn start(self) -> Span {
        Span { lo: self.lo, hi: self.lo }
    }

    /// The empty span at the end.
    pub fn end(self) -> Span {
        Span { lo: self.hi, hi: self.hi }
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.lo, self.hi)
    }
}

/// One source file, with the position its first byte has in the common space.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as messages show it: relative to the project, or `std/net/network.topo`.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// The position of the first byte.
    pub base: u32,
    /// Whether it is a file of the standard library, which a user can't edit.
    pub library: bool,
    /// Line and column of every [`STEP`]th byte, so that no position takes the whole text to find.
    steps: Arc<[LineColumn]>,
}

/// How many bytes of a text lie between two positions of which the line is kept.
const STEP: usize = 256;

/// A line and column, both counted from one; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl LineColumn {
    const FIRST: LineColumn = LineColumn { line: 1, column: 1 };
}

/// Every file that a run has read.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// The most text that one run reads, all files together, in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 31;

impl SourceMap {
    /// Takes a file in; its base is where its spans start. `None` when all files together
    /// would pass [`MAX_SOURCE_BYTES`].
    pub fn add(&mut self, name: &str, text: Arc<str>, library: bool) -> Option<&SourceFile> {
        // Position 0 is kept for `Span::NONE`, and each file leaves one position behind
        // its last byte, so that an empty span at its end belongs to it alone.
        let base = self.files.last().map_or(1, |f| f.base as usize + f.text.len() + 1);
        if base + text.len() > MAX_SOURCE_BYTES {
            return None;
        }
        let steps = steps(&text);
        self.files.push(SourceFile { name: name.into(), text, base: base as u32, library, steps });
        self.files.last()
    }

    /// The files in the order they were read.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file a span lies in.
    pub fn file(&self, span: Span) -> Option<&SourceFile> {
        if span.is_none() {
            return None;
        }
        let after = self.files.partition_point(|f| f.base <= span.lo);
        self.files.get(after.checked_sub(1)?)
    }

    /// The text a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span)
            .and_then(|f| f.text.get((span.lo - f.base) as usize..span.hi.saturating_sub(f.base) as usize))
            .unwrap_or("")
    }

    /// Line and column of a span's start and end.
    pub fn lines(&self, span: Span) -> Option<(LineColumn, LineColumn)> {
        let file = self.file(span)?;
        Some((file.line_column(span.lo), file.line_column(span.hi)))
    }
}

impl SourceFile {
    /// The span of the whole file.
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + self.text.len() as u32)
    }

    /// Line and column of a position in this file.
    pub fn line_column(&self, position: u32) -> LineColumn {
        let mut offset = (position.saturating_sub(self.base) as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let step = offset / STEP;
        let start = self.steps.get(step).copied().unwrap_or(LineColumn::FIRST);
        advance(start, &self.text.as_bytes()[step * STEP..offset])
    }
}

/// Line and column of every [`STEP`]th byte of a text.
fn steps(text: &str) -> Arc<[LineColumn]> {
    let next = |at: &mut LineColumn, piece: &[u8]| {
        let start = *at;
        *at = advance(start, piece);
        Some(start)
    };
    text.as_bytes().chunks(STEP).scan(LineColumn::FIRST, next).collect()
}

/// The place behind some bytes, which may begin and end inside a character: one counts where
/// it begins.
fn advance(from: LineColumn, bytes: &[u8]) -> LineColumn {
    let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32;
    match bytes.iter().rposition(|byte| *byte == b'\n') {
        None => LineColumn { line: from.line, column: from.column + characters(bytes) },
        Some(last) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
            LineColumn { line: from.line + lines, column: characters(&bytes[last + 1..]) + 1 }
        }
    }
}
