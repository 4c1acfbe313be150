//! Braces that were forgotten: where indentation tells that one should stand.
//!
//! A file with a missing brace is still laid out as if it were there. So a line that is indented
//! more than the head before it, and begins as its body would, is that body; and a `}` in the
//! middle of a line closes what the same line opened.

use topo_model::Diagnostic;

use super::brackets::Brackets;
use super::cut::Cutter;
use super::form::{Context, Form, Inside};
use super::unclosed;
use super::{Body, MAX_OPEN, Piece};
use crate::token::Tok;

impl Cutter<'_> {
    /// The first token of the next line with something on it, and how far that is indented.
    fn next_line(&self) -> Option<(usize, u32)> {
        let next = self.next_on_line()?;
        let before = self.tokens.get(next.checked_sub(1)?)?;
        (before.tok == Tok::Newline).then(|| (next, self.tokens[next].lo.saturating_sub(before.hi)))
    }

    /// At the end of a head without braces: what stands in them, where the next line can only be
    /// meant to. The head's line has this indentation.
    pub(super) fn missing_brace(&mut self, piece: &Piece, brackets: &Brackets, indent: u32) -> Option<Inside> {
        let inside = piece.form.inside();
        if inside == Inside::Nothing || !matches!(piece.body, Body::None) || !brackets.is_empty() {
            return None;
        }
        let (next, deeper) = self.next_line().filter(|(_, deeper)| *deeper > indent)?;
        let begins = match inside {
            Inside::Pieces(context) => self.begins_piece(next, context) && self.contexts.len() < MAX_OPEN / 2,
            _ => self.tok(next) == Some(Tok::Word) && matches!(self.text(next + 1), "=" | "==" | ":"),
        };
        if !begins || deeper == 0 {
            return None;
        }
        if !piece.broken {
            self.report_missing_brace(piece);
        }
        Some(inside)
    }

    /// Where a `:` stands in its place, as in Python, the grammar need not see that.
    fn report_missing_brace(&mut self, piece: &Piece) {
        let word = self.text(piece.first);
        let expected = format!("expected `{{` after this `{word}`, found");
        let last = (piece.first..self.at).rev().find(|at| !self.tokens[*at].tok.is_comment());
        let found = match last.filter(|at| self.text(*at) == ":") {
            Some(colon) => {
                let span = self.tokens[colon].span(self.base);
                self.blank(colon);
                Diagnostic::error(1, span, format!("{expected} `:`"), "expected `{` here")
                    .help("what belongs to it stands in braces: `{` here, and `}` behind its last line")
            }
            None => {
                let end = self.end_before(self.at);
                Diagnostic::error(1, end, format!("{expected} the end of the line"), "expected `{` here").fix(
                    "open its braces",
                    end,
                    " {",
                )
            }
        };
        self.errors.push(found);
    }

    /// Whether a piece of this context begins at a token.
    fn begins_piece(&self, at: usize, context: Context) -> bool {
        let (word, next) = (self.text(at), self.text(at + 1));
        if self.tok(at) != Some(Tok::Word) {
            return false;
        }
        match context {
            Context::Env if next == "=" => true,
            Context::Kind if next == ":" => true,
            Context::Kind if matches!(context.form(word, next), Form::OneOf | Form::Names) => next != "=",
            Context::Kind if matches!(context.form(word, next), Form::After) => next == "in",
            Context::Kind if matches!(context.form(word, next), Form::Creates | Form::Batched) => next == "by",
            Context::Test => context.words().contains(&word),
            Context::Statements if word == "for" => self.is_name(at + 1) || next == "(",
            Context::Statements if word == "check" => true,
            _ => context.opens(word) && self.is_name(at + 1),
        }
    }

    /// Whether pieces stand behind the `{` of a piece whose first word was forgotten, which tells what
    /// it is.
    pub(super) fn opens_nameless(&self, piece: &mut Piece) -> bool {
        let top = self.contexts.len() == 1;
        let form = match self.text(piece.first + 1) {
            _ if !top => Form::For,
            _ if self.tok(piece.first) == Some(Tok::StrOpen) => Form::Test,
            ":" => Form::Env,
            "in" | "global" => Form::Kind,
            "(" => Form::Topology,
            _ => Form::Component,
        };
        let opens = matches!(form.inside(), Inside::Pieces(context) if self.holds(context));
        if opens {
            (piece.form, piece.guessed) = (form, true);
        }
        opens
    }

    /// Whether pieces of a context stand behind the `{` here.
    pub(super) fn holds(&self, context: Context) -> bool {
        let ahead = (self.at + 1..self.tokens.len()).take(12);
        let mut lines = ahead.skip_while(|i| self.tokens[*i].tok.is_comment() || self.tokens[*i].tok == Tok::Newline);
        lines.next().is_some_and(|i| {
            // In the same line `for` may begin what a map gives; two names in a row begin no value.
            let same = || self.text(i) != "for" && self.is_name(i + 1);
            (self.tokens[i - 1].tok == Tok::Newline || same()) && self.begins_piece(i, context)
        })
    }

    /// `name =` at the end of a line, and entries that are indented more in the next: a `{` is
    /// missing. Reports it, and goes on behind it.
    pub(super) fn value_without_brace(&mut self, piece: &mut Piece, brackets: &mut Brackets) -> bool {
        let before = (piece.first..self.at).rev().take(4).find(|i| !self.tokens[*i].tok.is_comment());
        let Some(equals) = before.filter(|i| self.text(*i) == "=" && *i > piece.first) else { return false };
        let Some((next, _)) = self.next_line().filter(|(_, deeper)| *deeper > self.indent) else { return false };
        let entry = match self.tok(next) {
            Some(Tok::StrOpen) => matches!(self.text(next + 3), "=") && self.tok(next + 2) == Some(Tok::StrClose),
            Some(Tok::Word | Tok::Place) => matches!(self.text(next + 1), "=" | ":"),
            _ => false,
        };
        if !entry {
            return false;
        }
        if !piece.broken {
            let name = self.text(equals - 1).to_owned();
            let span = self.tokens[equals].span(self.base);
            let found = unclosed::dangling(&name, span);
            self.errors.push(match found.help {
                Some(_) => Diagnostic { help: None, ..found }.fix(format!("write `{name} = {{`"), span.end(), " {"),
                None => found,
            });
        }
        piece.broken = true;
        piece.spoiled.push(equals);
        brackets.open(b'{', equals, self.indent, false, false);
        self.newline();
        true
    }

    /// At the start of a line inside `(` or `[`: `name = …` is an entry of the braces around
    /// them, so they were not closed; nor were they before a line of an `env` or a `kind`.
    pub(super) fn closes_before_field(&mut self, piece: &mut Piece, brackets: &mut Brackets) {
        let field = self.tok(self.at) == Some(Tok::Word) && self.text(self.at + 1) == "=" && self.is_name(self.at);
        let context = self.contexts.last().map(|c| c.context);
        let line = context.filter(|c| matches!(c, Context::Env | Context::Kind));
        let begins = match brackets.brace() {
            Some(_) => field,
            None => line.is_some_and(|context| self.begins_piece(self.at, context)),
        };
        if !begins {
            return;
        }
        let frames = brackets.take_in_brace();
        if !frames.is_empty() {
            self.unclosed(piece, &frames, self.at);
            brackets.separate();
        }
    }

    /// At the start of a line that is indented no more than the line of an open brace, where braces
    /// are told by indentation: the brace was not closed.
    pub(super) fn closes_by_indent(&mut self, piece: &mut Piece, brackets: &mut Brackets) {
        let closes = matches!(self.tok(self.at), None | Some(Tok::Close | Tok::InterpClose | Tok::Newline));
        if !self.by_indent || closes || self.tok(self.at).is_some_and(Tok::is_comment) {
            return;
        }
        let frames = brackets.take_beneath(self.indent);
        if !frames.is_empty() {
            self.unclosed(piece, &frames, self.at);
            brackets.separate();
        }
    }

    /// Whether the line that starts here ends in a `{`, as a loop's does and a comprehension's does not.
    pub(super) fn ends_in_brace(&self) -> bool {
        let line = self.tokens[self.at..].iter().take_while(|t| t.tok != Tok::Newline);
        line.filter(|t| !t.tok.is_comment()).last().is_some_and(|t| t.text(self.source) == "{")
    }

    /// Whether a statement begins here behind another in the same line: reported, and a piece of its own.
    pub(super) fn misses_new_line(&mut self, piece: &mut Piece, brackets: &Brackets) -> bool {
        let word = self.text(self.at);
        let begins = self.at > piece.first
            && brackets.is_empty()
            && match word {
                "for" => self.is_name(self.at + 1) || self.text(self.at + 1) == "(",
                _ => self.is_name(self.at + 1) && matches!(self.text(self.at + 2), ":" | "="),
            }
            && self.contexts.last().is_some_and(|c| c.context.opens(word))
            && self.follows_operand(piece);
        if begins && !piece.broken {
            let span = self.tokens[self.at].span(self.base);
            self.errors.push(
                Diagnostic::error(
                    1,
                    span,
                    format!("expected a new line before `{word}`"),
                    "stands on a line of its own",
                )
                .fix("start a new line", span.start(), "\n"),
            );
        }
        begins
    }

    /// Whether in the line that starts here a `}` closes what an earlier line opened, behind
    /// something else. One pass over the line.
    pub(super) fn closes_too_much(&self) -> bool {
        let mut open = 0_usize;
        for (at, token) in self.tokens[self.at..].iter().enumerate() {
            match token.tok {
                Tok::Newline => break,
                Tok::Open => open += 1,
                Tok::Close if open > 0 => open -= 1,
                Tok::Close if at > 0 && token.text(self.source) == "}" => return true,
                _ => {}
            }
        }
        false
    }

    /// Whether the `}` here stands in the middle of a line and could only close what an earlier
    /// line opened.
    pub(super) fn trails(&self, brackets: &Brackets) -> bool {
        if !self.by_indent || self.starts_line() {
            return false;
        }
        let opener = match brackets.brace() {
            Some(frame) => Some(frame.token),
            None => self.contexts.last().and_then(|c| c.opener).map(|o| o.0),
        };
        opener.is_some_and(|opener| opener < self.line)
    }

    /// Passes such a `}`. Where the piece misses its braces the grammar tells where.
    pub(super) fn trailing(&mut self, piece: &mut Piece, brackets: &Brackets) {
        let headless = piece.form.inside() == Inside::Fields && matches!(piece.body, Body::None) && brackets.is_empty();
        if !headless && !piece.broken {
            let span = self.tokens[self.at].span(self.base);
            self.errors.push(Diagnostic::error(1, span, "this `}` closes nothing", "no `{` is open in its line").fix(
                "remove it",
                span,
                "",
            ));
        }
        if !headless {
            piece.broken = true;
        }
        piece.spoiled.push(self.at);
        self.at += 1;
    }
}
