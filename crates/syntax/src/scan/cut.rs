//! The pass over the tokens.

use topo_model::Diagnostic;

use super::brackets::{Brackets, Closed};
use super::form::Inside;
use super::unquoted::lex;
use super::{Body, Context, Form, MAX_HEIGHT, MAX_OPEN, Piece, Scan, unclosed};
use crate::token::{Tok, Token};

/// A block whose pieces are being read.
pub(super) struct Open {
    pub(super) context: Context,
    /// The token of its `{`, and of the first word of what it belongs to.
    pub(super) opener: Option<(usize, usize)>,
    /// How far the line of its `{` is indented.
    pub(super) indent: u32,
}

pub(super) struct Cutter<'a> {
    pub(super) source: &'a str,
    pub(super) base: u32,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    clean: Vec<u8>,
    pub(super) errors: &'a mut Vec<Diagnostic>,
    pub(super) contexts: Vec<Open>,
    /// Blocks and brackets that were given up, whose closers may still come.
    pub(super) given_up: usize,
    /// How far the line being read is indented.
    pub(super) indent: u32,
    /// The first token of that line.
    pub(super) line: usize,
    /// Whether more braces close in that line than open, where braces are told by indentation.
    pub(super) overfull: bool,
    /// How many errors there were before the first piece.
    lexed: usize,
    /// A string without an end swallowed the rest of the file.
    pub(super) cut_short: bool,
    /// Whether a brace that stands at the start of a line must stand under its partner's line.
    pub(super) by_indent: bool,
    /// Whether only a `}` ends a block.
    pub(super) by_braces: bool,
    /// Whether a block was not closed, or something closed that was not open.
    pub(super) unbalanced: bool,
}

/// Cuts a whole file.
pub(super) fn run<'a>(source: &'a str, base: u32, errors: &mut Vec<Diagnostic>) -> Scan<'a> {
    let lexed = lex(source, base);
    errors.extend(lexed.errors);
    let (scan, found, unbalanced) = pass(source, base, lexed.list, By::Words);
    if unbalanced {
        // Where all braces have their partner, an item among statements ends no braces.
        let (by_braces, fewer, unbalanced) = pass(source, base, lex(source, base).list, By::Braces);
        if !unbalanced && fewer.len() < found.len() {
            errors.extend(fewer);
            return by_braces;
        }
    }
    if unbalanced && is_indented(&scan) {
        // Somewhere a brace is missing or too many. Indentation tells where, if it is sane.
        let (by_indent, better, _) = pass(source, base, lex(source, base).list, By::Indentation);
        if better.len() <= found.len() {
            errors.extend(better);
            return by_indent;
        }
    }
    errors.extend(found);
    scan
}

/// What tells where braces end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Their partner, and before it the words that can only stand further out.
    Words,
    /// Their partner and nothing else.
    Braces,
    /// How far lines are indented.
    Indentation,
}

/// Whether a line of a file is indented: where none is, indentation tells nothing.
fn is_indented(scan: &Scan<'_>) -> bool {
    let code = |token: &Token| !token.tok.is_comment() && token.tok != Tok::Newline;
    scan.tokens.windows(2).any(|w| w[0].tok == Tok::Newline && code(&w[1]) && w[1].lo > w[0].hi)
}

/// Cuts a whole file; also whether braces were missing or too many.
fn pass(source: &str, base: u32, tokens: Vec<Token>, by: By) -> (Scan<'_>, Vec<Diagnostic>, bool) {
    let mut errors = Vec::new();
    let mut cutter = Cutter::new(source, base, tokens, &mut errors);
    cutter.by_indent = by == By::Indentation;
    cutter.by_braces = by == By::Braces;
    let pieces = cutter.block(Open { context: Context::Top, opener: None, indent: 0 });
    let unbalanced = cutter.unbalanced;
    let scan = cutter.finish(source, pieces);
    (scan, errors, unbalanced)
}

/// Takes the text as one piece.
pub(super) fn alone<'a>(source: &'a str, base: u32, errors: &mut Vec<Diagnostic>) -> Scan<'a> {
    let lexed = lex(source, base);
    errors.extend(lexed.errors);
    let mut cutter = Cutter::new(source, base, lexed.list, errors);
    cutter.contexts.push(Open { context: Context::Test, opener: None, indent: 0 });
    cutter.skip_blank();
    let piece = cutter.piece(Form::Unknown, false);
    cutter.skip_blank();
    if let Some(rest) = cutter.tokens.get(cutter.at).filter(|_| !piece.broken) {
        let found = rest.text(source).to_owned();
        let span = rest.span(base);
        cutter.errors.push(Diagnostic::error(
            1,
            span,
            format!("expected the end of the text, found `{found}`"),
            "nothing more can stand here",
        ));
    }
    let pieces = if piece.last > piece.first { vec![piece] } else { Vec::new() };
    cutter.finish(source, pieces)
}

impl<'a> Cutter<'a> {
    fn new(source: &'a str, base: u32, tokens: Vec<Token>, errors: &'a mut Vec<Diagnostic>) -> Cutter<'a> {
        let mut clean = source.as_bytes().to_vec();
        let mut end = 0;
        for token in &tokens {
            let (lo, hi) = (token.lo as usize, token.hi as usize);
            if token.tok == Tok::StrBroken {
                continue;
            }
            clean[end..lo].fill(b' ');
            if token.tok.is_comment() {
                clean[lo..hi].fill(b' ');
            }
            if token.tok == Tok::Unquoted {
                clean[lo..hi].fill(b' ');
                clean[lo..lo + 2].fill(b'"');
            }
            end = hi;
        }
        clean[end..].fill(b' ');
        let lexed = errors.len();
        let indent = tokens.first().map_or(0, |t| t.lo);
        Cutter {
            source,
            base,
            tokens,
            at: 0,
            clean,
            errors,
            contexts: Vec::new(),
            given_up: 0,
            indent,
            line: 0,
            overfull: false,
            lexed,
            by_indent: false,
            by_braces: false,
            unbalanced: false,
            cut_short: false,
        }
    }

    fn finish<'s>(self, source: &'s str, pieces: Vec<Piece>) -> Scan<'s> {
        let clean = String::from_utf8(self.clean).expect("only whole tokens become spaces: this is a bug in topo");
        Scan { source, clean, base: self.base, tokens: self.tokens, pieces }
    }

    pub(super) fn tok(&self, at: usize) -> Option<Tok> {
        self.tokens.get(at).map(|t| t.tok)
    }

    pub(super) fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |t| t.text(self.source))
    }

    /// Passes a newline; the next token starts a line.
    pub(super) fn newline(&mut self) {
        let end = self.tokens[self.at].hi;
        self.at += 1;
        self.line = self.at;
        self.indent = self.tokens.get(self.at).map_or(0, |t| t.lo.saturating_sub(end));
        self.overfull = self.by_indent && self.closes_too_much();
    }

    /// Makes the newline here a space for the grammar, and passes it.
    pub(super) fn blank_newline(&mut self) {
        self.blank(self.at);
        self.newline();
    }

    /// Makes a token spaces for the grammar.
    pub(super) fn blank(&mut self, at: usize) {
        let token = self.tokens[at];
        self.clean[token.lo as usize..token.hi as usize].fill(b' ');
    }

    fn skip_blank(&mut self) {
        while let Some(tok) = self.tok(self.at) {
            match tok {
                Tok::Newline => self.newline(),
                tok if tok.is_comment() => self.at += 1,
                _ => break,
            }
        }
    }

    /// Reads pieces up to the block's `}`, which is left for the caller, or up to a word that
    /// can only stand further out.
    fn block(&mut self, open: Open) -> Vec<Piece> {
        let (context, top) = (open.context, open.opener.is_none());
        self.contexts.push(open);
        let mut pieces = Vec::new();
        loop {
            self.skip_blank();
            let Some(tok) = self.tok(self.at) else { break };
            if context == Context::Env && self.text(self.at) == "," {
                self.at += 1;
                continue;
            }
            if tok == Tok::Close && self.text(self.at) == "}" {
                if !top && !self.stands_deeper() {
                    break;
                }
                self.surplus();
                continue;
            }
            if self.belongs_further_out() {
                break;
            }
            let (form, guessed) = self.form(context, tok);
            pieces.push(self.piece(form, guessed));
        }
        self.contexts.pop();
        pieces
    }

    /// What stands here by its first word, and whether that is a guess.
    fn form(&self, context: Context, tok: Tok) -> (Form, bool) {
        if tok != Tok::Word {
            return (Form::Unknown, false);
        }
        let (word, next) = (self.text(self.at), self.text(self.at + 1));
        let form = context.form(word, next);
        // An item among statements has the braces of an item.
        if context == Context::Statements && form == Form::Unknown && self.is_name(self.at + 1) {
            let item = Context::Top.form(word, next);
            if item != Form::Unknown {
                return (item, false);
            }
        }
        // Fields have any name: only a region behind it tells that a word was meant to be `region`.
        let region = form == Form::Field && self.tok(self.at + 1) == Some(Tok::Place);
        if let Some(meant) = context.meant(word).filter(|meant| region && *meant == "region") {
            return (context.form(meant, next), true);
        }
        let names = self.tok(self.at + 1) == Some(Tok::Word) && self.is_name(self.at + 1);
        match context.meant(word).filter(|_| form == Form::Unknown && names) {
            Some(meant) => (context.form(meant, next), true),
            None => (form, false),
        }
    }

    /// Whether the `}` here starts a line that is indented more than the line of its partner.
    fn stands_deeper(&self) -> bool {
        self.by_indent && self.starts_line() && self.contexts.last().is_some_and(|c| self.indent > c.indent)
    }

    /// Whether the `}` here starts a line that is indented as an outer block is, and less than
    /// a brace at this indentation.
    fn stands_further_out(&self, indent: u32) -> bool {
        self.by_indent
            && self.starts_line()
            && self.indent < indent
            && self.contexts.iter().any(|c| c.opener.is_some() && c.indent == self.indent)
    }

    /// A `}` at the top level; of several in a row one is reported.
    fn surplus(&mut self) {
        let row = self.at > 0 && self.tokens[self.at - 1].tok == Tok::Close;
        if self.given_up > 0 {
            self.given_up -= 1;
        } else if !row {
            self.unbalanced = true;
            let span = self.tokens[self.at].span(self.base);
            self.errors.push(Diagnostic::error(1, span, "this `}` closes nothing", "no `{` is open here").fix(
                "remove it",
                span,
                "",
            ));
        }
        self.at += 1;
    }

    /// Reads one piece.
    fn piece(&mut self, form: Form, guessed: bool) -> Piece {
        let (first, spoiled) = (self.at, Vec::new());
        let mut piece = Piece { form, guessed, first, last: first, broken: false, spoiled, body: Body::None };
        let indent = self.indent;
        let mut brackets = Brackets::default();
        while let Some(token) = self.tokens.get(self.at).copied() {
            match token.tok {
                Tok::Newline => {
                    if self.line_end(&mut piece, &mut brackets) {
                        continue;
                    }
                    match self.missing_brace(&piece, &brackets, indent) {
                        Some(Inside::Pieces(context)) => self.pieces(&mut piece, context, indent),
                        Some(_) => {
                            piece.broken = true;
                            piece.spoiled.push(self.at);
                            brackets.open(b'{', self.at, indent, true, false);
                            self.newline();
                            continue;
                        }
                        None => {}
                    }
                    break;
                }
                Tok::Open if self.opens_pieces(&mut piece, &brackets) => {
                    if let Inside::Pieces(context) = piece.form.inside() {
                        self.pieces(&mut piece, context, self.indent);
                    }
                    break;
                }
                Tok::Open | Tok::InterpOpen => self.open(token, &mut piece, &mut brackets),
                Tok::Close | Tok::InterpClose => {
                    if !self.close(token, &mut piece, &mut brackets) {
                        break;
                    }
                }
                Tok::StrBroken => {
                    if let Some(context) = self.broken_string(token, &mut piece, &mut brackets) {
                        self.pieces(&mut piece, context, indent);
                        break;
                    }
                }
                Tok::Bad => {
                    self.bad(token, &mut piece);
                    self.at += 1;
                }
                Tok::Op | Tok::Word => {
                    if self.ends_entry(&piece, &brackets) || self.misses_new_line(&mut piece, &brackets) {
                        break;
                    }
                    self.word(&mut piece, &mut brackets);
                }
                _ => self.at += 1,
            }
        }
        if !brackets.is_empty() {
            let frames = brackets.take();
            self.unclosed(&mut piece, &frames, self.at);
        }
        if piece.last == piece.first {
            piece.last = self.at;
        }
        piece.spoiled.sort_unstable();
        piece.spoiled.dedup();
        piece
    }

    /// Whether a comma here ends a line of an `env`.
    fn ends_entry(&self, piece: &Piece, brackets: &Brackets) -> bool {
        let headless = piece.form == Form::Region && matches!(piece.body, Body::None);
        brackets.is_empty()
            && self.contexts.last().is_some_and(|c| c.context == Context::Env)
            && self.text(self.at) == ","
            && !self.overfull
            && !headless
    }

    fn word(&mut self, piece: &mut Piece, brackets: &mut Brackets) {
        let text = self.text(self.at);
        let fits = match text {
            "," => {
                brackets.separate();
                true
            }
            "if" | "not" | "and" | "or" | "in" => brackets.link(),
            ":" | "=" | "=>" | "->" | "|" => true,
            _ if self.tokens[self.at].tok == Tok::Op => brackets.link(),
            _ => true,
        };
        if !fits {
            self.too_deep(piece, brackets);
        }
        self.at += 1;
    }

    fn open(&mut self, token: Token, piece: &mut Piece, brackets: &mut Brackets) {
        let byte = if token.tok == Tok::InterpOpen { b'$' } else { self.source.as_bytes()[token.lo as usize] };
        let fields = byte == b'{'
            && brackets.is_empty()
            && piece.form.inside() == Inside::Fields
            && matches!(piece.body, Body::None)
            && self.follows_operand(piece);
        let touches = self.at > piece.first && self.tokens[self.at - 1].hi == token.lo;
        let suffix = touches && matches!(byte, b'(' | b'[') && self.follows_operand(piece);
        if !brackets.open(byte, self.at, self.indent, fields, suffix) {
            self.too_deep(piece, brackets);
        }
        self.at += 1;
    }

    /// False when the bracket is the enclosing block's.
    fn close(&mut self, token: Token, piece: &mut Piece, brackets: &mut Brackets) -> bool {
        let byte = if token.tok == Tok::InterpClose { b'$' } else { self.source.as_bytes()[token.lo as usize] };
        if byte == b'}' && brackets.outermost().is_some_and(|f| self.stands_further_out(f.indent)) {
            return false;
        }
        if byte == b'}' && self.trails(brackets) {
            self.trailing(piece, brackets);
            return true;
        }
        let indent = Some(self.indent).filter(|_| byte == b'}' && self.by_indent && self.starts_line());
        match brackets.close(byte, indent) {
            Closed::Matched(frame) => {
                if frame.fields {
                    piece.body = Body::Fields { open: frame.token, close: self.at };
                }
                if !brackets.fits() {
                    self.too_deep(piece, brackets);
                }
            }
            Closed::Over(frame, over) => {
                self.unclosed(piece, &over, self.at);
                if frame.fields {
                    piece.body = Body::Fields { open: frame.token, close: self.at };
                }
            }
            Closed::Excess => {}
            Closed::Stray if byte == b'}' && self.contexts.len() > 1 => return false,
            Closed::Stray if byte == b'}' && brackets.is_empty() => return false,
            Closed::Stray => {
                if !piece.broken {
                    self.errors.push(unclosed::stray(token.text(self.source), token.span(self.base)));
                }
                piece.broken = true;
                piece.spoiled.push(self.at);
            }
        }
        self.at += 1;
        true
    }

    /// What is left of a string without an end. It swallowed the rest of its line, brackets
    /// included; those are taken as if they had been outside: gives the context of the pieces whose
    /// `{` was at its end.
    fn broken_string(&mut self, token: Token, piece: &mut Piece, brackets: &mut Brackets) -> Option<Context> {
        piece.broken = true;
        piece.spoiled.push(self.at);
        // What was said about its inside is a consequence.
        while self.errors.len() > self.lexed && self.errors.last().is_some_and(|e| e.span().lo > self.base + token.lo) {
            self.errors.pop();
        }
        let open = self.tokens[..self.at].partition_point(|t| t.hi <= token.lo);
        brackets.forget_after(open);
        let swallowed = token.text(self.source).trim_end();
        let mut inner: usize = 0;
        // A block string runs to the end of the file: whatever was open is open for its sake.
        if swallowed.starts_with("\"\"\"") {
            self.cut_short = true;
        } else {
            for b in swallowed.bytes() {
                match b {
                    b'(' | b'[' | b'{' => inner += 1,
                    b')' | b']' | b'}' if inner > 0 => inner -= 1,
                    b')' | b']' | b'}' => brackets.close_swallowed(b),
                    _ => {}
                }
            }
            let opened = swallowed.ends_with('{') && !swallowed.ends_with("${");
            let pieces = piece.form.inside();
            if let (1, true, Inside::Pieces(context)) = (inner, opened && brackets.is_empty(), pieces)
                && self.contexts.len() < MAX_OPEN / 2
            {
                return Some(context);
            }
            if inner > 0 && opened && !brackets.open(b'{', self.at, self.indent, true, false) {
                piece.broken = true;
            }
        }
        self.at += 1;
        None
    }

    fn bad(&mut self, token: Token, piece: &mut Piece) {
        if !piece.broken {
            self.errors.push(unclosed::bad_token(token.text(self.source), token.span(self.base)));
        }
        piece.broken = true;
        piece.spoiled.push(self.at);
    }

    fn too_deep(&mut self, piece: &mut Piece, brackets: &Brackets) {
        if !piece.broken {
            let message = if brackets.is_full() {
                format!("this is nested too deeply: {MAX_OPEN} brackets inside each other are the limit")
            } else {
                format!(
                    "this is nested too deeply: {MAX_HEIGHT} operators and brackets on top of each other are the limit"
                )
            };
            let span = self.tokens[self.at].span(self.base);
            self.errors
                .push(Diagnostic::error(1, span, message, "one level too many").help("name a part of it with `let`"));
        }
        piece.broken = true;
    }

    /// Whether the `{` here opens the braces of the piece, and pieces stand in them.
    fn opens_pieces(&mut self, piece: &mut Piece, brackets: &Brackets) -> bool {
        if self.text(self.at) != "{" || self.contexts.len() >= MAX_OPEN / 2 {
            return false;
        }
        if piece.form == Form::Unknown && self.follows_operand(piece) {
            return self.opens_nameless(piece);
        }
        let Inside::Pieces(context) = piece.form.inside() else { return false };
        self.closed_up_to_here(piece, brackets, context)
    }

    /// Whether no bracket is open before the `{` here, except those that its head forgot to close.
    fn closed_up_to_here(&mut self, piece: &mut Piece, brackets: &Brackets, context: Context) -> bool {
        if brackets.is_empty() {
            return self.follows_operand(piece) || self.holds(context);
        }
        if brackets.brace().is_some() || !self.follows_operand(piece) || !self.holds(context) {
            return false;
        }
        let frames = brackets.all().to_vec();
        // `at REGION` is a loop's, behind its values.
        let at = self.at.saturating_sub(2);
        let placed = self.text(at) == "at" && self.is_name(at + 1) && frames.iter().all(|f| f.token < at);
        self.unclosed(piece, &frames, if placed { at } else { self.at });
        true
    }

    /// Whether what is before this token ends an operand or a type, so that a `{` is not the
    /// start of one.
    pub(super) fn follows_operand(&self, piece: &Piece) -> bool {
        let before = (piece.first..self.at).rev().find(|i| !self.tokens[*i].tok.is_comment());
        let Some(before) = before else { return false };
        match self.tokens[before].tok {
            Tok::Word => {
                let word = self.text(before);
                !matches!(word, "in" | "and" | "or" | "not" | "if" | "then" | "else" | "at" | "when" | "from")
            }
            Tok::Op => matches!(self.text(before), ">" | "?"),
            Tok::Newline | Tok::Open | Tok::InterpOpen => false,
            _ => true,
        }
    }

    /// Reads the pieces in a piece's braces, and the rest of the line of its `}`.
    fn pieces(&mut self, piece: &mut Piece, context: Context, indent: u32) {
        let open = self.at;
        let there = self.tokens[open].tok == Tok::Open;
        if there {
            self.at += 1;
        } else {
            self.newline();
        }
        let inner = self.block(Open { context, opener: Some((open, piece.first)), indent });
        let closed = self.tok(self.at) == Some(Tok::Close) && !self.stands_further_out(indent);
        if closed {
            self.at += 1;
        } else if there {
            self.unclosed_block(piece, open, indent);
        }
        piece.last = self.at;
        piece.body = Body::Pieces { open, pieces: inner };
        while self.tok(self.at).is_some_and(Tok::is_comment) {
            self.at += 1;
        }
        let ends = match self.tok(self.at) {
            None | Some(Tok::Newline) => true,
            Some(_) => matches!(self.text(self.at), "}" | ","),
        };
        if closed && !ends {
            let span = self.tokens[self.at].span(self.base);
            let text = self.text(self.at);
            let message = format!("expected a new line after `}}`, found `{text}`");
            let place = span.start();
            self.errors.push(Diagnostic::error(1, span, message, "stands on a line of its own").fix(
                "start a new line",
                place,
                "\n",
            ));
        }
    }
}
