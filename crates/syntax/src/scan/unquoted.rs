//! `from vpc-0abc`: an id that misses its quotes.
//!
//! To the lexer it is a subtraction, often of a number with an unknown unit. No id is a difference,
//! so behind `from` it is one token, and one finding.

use topo_model::{Diagnostic, Span};

use crate::token::{Tok, Token, Tokens, tokens};

/// The tokens of a text, each id without quotes one of them.
pub(super) fn lex(source: &str, base: u32) -> Tokens {
    let mut lexed = tokens(source, base);
    let mut list: Vec<Token> = Vec::with_capacity(lexed.list.len());
    let mut ids = Vec::new();
    let mut at = 0;
    while let Some(token) = lexed.list.get(at).copied() {
        let rest = &lexed.list[at..];
        if list.last().is_some_and(|before| before.text(source) == "from") && begins(source, rest) {
            at += run(source, rest);
            let id = Token { tok: Tok::Unquoted, lo: token.lo, hi: lexed.list[at].hi };
            ids.push(id);
            list.push(id);
        } else {
            list.push(token);
        }
        at += 1;
    }
    lexed.list = list;
    // What the lexer said of a part of one is a consequence.
    lexed.errors.retain(|found| {
        let after = ids.partition_point(|id| id.span(base).lo <= found.span().lo);
        after.checked_sub(1).is_none_or(|id| ids[id].span(base).hi < found.span().hi)
    });
    lexed.errors.extend(ids.iter().map(|id| report(id.text(source), id.span(base))));
    lexed
}

/// A word, and a `-` that touches it and what is behind it.
fn begins(source: &str, tokens: &[Token]) -> bool {
    let [word, dash, part, ..] = tokens else { return false };
    word.tok == Tok::Word
        && dash.text(source) == "-"
        && word.hi == dash.lo
        && dash.hi == part.lo
        && is_part(source, part)
}

/// How many tokens touch each other from here on.
fn run(source: &str, tokens: &[Token]) -> usize {
    let touches = |pair: &&[Token]| pair[0].hi == pair[1].lo && is_part(source, &pair[1]);
    tokens.windows(2).take_while(touches).count()
}

fn is_part(source: &str, token: &Token) -> bool {
    matches!(token.tok, Tok::Word | Tok::Number | Tok::Place) || token.text(source) == "-"
}

fn report(id: &str, span: Span) -> Diagnostic {
    let quoted = format!("\"{id}\"");
    Diagnostic::error(1, span, format!("an id is a text: `{id}` stands in quotes"), "without its quotes").fix(
        format!("write `from {quoted}`"),
        span,
        quoted,
    )
}
