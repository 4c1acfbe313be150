//! The brackets that are open inside one piece, and how high its tree gets.

use super::{MAX_HEIGHT, MAX_OPEN};

/// An open bracket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// `(`, `[`, `{`, or `$` for `${`.
    pub(super) open: u8,
    /// The index of its token.
    pub(super) token: usize,
    /// How far its line is indented.
    pub(super) indent: u32,
    /// Whether it is the braces of the piece itself, which hold fields.
    pub(super) fields: bool,
    element: Element,
    tallest: u32,
}

/// How high the tree of the element that is being read gets: what was closed in it, and the
/// operators and suffixes at its own level.
#[derive(Debug, Clone, Copy, Default)]
struct Element {
    chain: u32,
    height: u32,
}

/// The open brackets of a piece.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    frames: Vec<Frame>,
    ground: Element,
    /// Brackets opened beyond the limit, which are only counted.
    excess: usize,
}

/// What a closing bracket meant.
pub(super) enum Closed {
    /// It closed its opener.
    Matched(Frame),
    /// It closed its opener, over others that were left open.
    Over(Frame, Vec<Frame>),
    /// It closed one that was only counted.
    Excess,
    /// Nothing in this piece was open that it closes.
    Stray,
}

impl Brackets {
    /// Whether none is open.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The innermost open one.
    pub(super) fn innermost(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The outermost open one.
    pub(super) fn outermost(&self) -> Option<&Frame> {
        self.frames.first()
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Frame] {
        &self.frames
    }

    /// All of them, and none afterwards.
    pub(super) fn take(&mut self) -> Vec<Frame> {
        self.excess = 0;
        std::mem::take(&mut self.frames)
    }

    /// Whether newlines separate entries here, rather than meaning nothing.
    pub(super) fn in_braces(&self) -> bool {
        self.excess == 0 && self.frames.last().is_some_and(|f| f.open == b'{')
    }

    fn element(&mut self) -> &mut Element {
        match self.frames.last_mut() {
            Some(frame) => &mut frame.element,
            None => &mut self.ground,
        }
    }

    /// Opens one; false when that is too deep. A `suffix` (`f(…)`, `m[…]`) makes the element
    /// it belongs to one higher.
    pub(super) fn open(&mut self, open: u8, token: usize, indent: u32, fields: bool, suffix: bool) -> bool {
        if self.frames.len() >= MAX_OPEN {
            self.excess += 1;
            return false;
        }
        let fits = !suffix || self.link();
        self.frames.push(Frame { open, token, indent, fields, element: Element::default(), tallest: 0 });
        fits
    }

    /// An operator, or a word that opens a level; false when the tree gets too high.
    pub(super) fn link(&mut self) -> bool {
        let element = self.element();
        element.chain += 1;
        element.chain + element.height <= MAX_HEIGHT
    }

    /// The element ends; the next is its sibling.
    pub(super) fn separate(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.tallest = frame.tallest.max(frame.element.height + frame.element.chain);
            frame.element = Element::default();
        }
    }

    /// The innermost open brace.
    pub(super) fn brace(&self) -> Option<&Frame> {
        self.frames[self.wall()..].iter().rfind(|f| f.open == b'{')
    }

    /// The first frame that a bracket can close which is no `}` of a `${}`.
    fn wall(&self) -> usize {
        self.frames.iter().rposition(|f| f.open == b'$').map_or(0, |i| i + 1)
    }

    /// Gives up the outermost brace whose line is indented that much or more, and what is in it.
    pub(super) fn take_beneath(&mut self, indent: u32) -> Vec<Frame> {
        let at = self.frames.iter().position(|f| f.open == b'{' && f.indent >= indent);
        at.map_or_else(Vec::new, |at| self.frames.split_off(at))
    }

    /// Gives up the brackets inside the innermost brace, or all where there is no brace.
    pub(super) fn take_in_brace(&mut self) -> Vec<Frame> {
        self.excess = 0;
        let from = self.frames.iter().rposition(|f| f.open == b'{').map_or(0, |i| i + 1);
        self.frames.split_off(from)
    }

    /// Closes one: `close` is `)`, `]`, `}`, or `$` for the end of a `${`. With an indentation, a
    /// `}` closes the brace whose line has it.
    pub(super) fn close(&mut self, close: u8, indent: Option<u32>) -> Closed {
        if self.excess > 0 {
            self.excess -= 1;
            return Closed::Excess;
        }
        let open = match close {
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            other => other,
        };
        // A bracket inside `${}` closes nothing outside it.
        let wall = if open == b'$' { 0 } else { self.wall() };
        let inner = &self.frames[wall..];
        let beneath = indent.and_then(|indent| inner.iter().rposition(|f| f.open == open && f.indent == indent));
        let Some(at) = beneath.or_else(|| inner.iter().rposition(|f| f.open == open)).map(|i| i + wall) else {
            return Closed::Stray;
        };
        let over = self.frames.split_off(at + 1);
        self.separate();
        let Some(frame) = self.frames.pop() else { return Closed::Stray };
        let element = self.element();
        element.height = element.height.max(frame.tallest + 1);
        if over.is_empty() { Closed::Matched(frame) } else { Closed::Over(frame, over) }
    }

    /// Whether as many are open as may be.
    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= MAX_OPEN
    }

    /// Whether the tree so far is low enough.
    pub(super) fn fits(&mut self) -> bool {
        let element = self.element();
        element.chain + element.height <= MAX_HEIGHT
    }

    /// Forgets what was opened after a token.
    pub(super) fn forget_after(&mut self, token: usize) {
        self.excess = 0;
        self.frames.retain(|f| f.token < token);
    }

    /// Closes the innermost if it is that bracket, as text swallowed by a broken string
    /// would have done.
    pub(super) fn close_swallowed(&mut self, close: u8) {
        let open = match close {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        if self.frames.last().is_some_and(|f| f.open == open) {
            self.frames.pop();
        }
    }
}
