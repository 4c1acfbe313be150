//! Syntax errors in plain words: what was being read, what was found, what would be right.
//!
//! The grammar tells a place and the rules it tried there; [`site`] turns that into the
//! words around the place, [`habits`] knows what people write who come from other languages,
//! [`phrases`] says the rest. No rule's name gets out.

mod habits;
mod phrases;
mod site;
mod terraform;

use std::ops::Range;

use topo_model::{Diagnostic, Span};

use crate::ast::{Expr, Ident};
use crate::parse::Failure;
use crate::scan::{Body, Context, Form, ITEMS, Inside, Piece, STATEMENTS, Scan, nearest};
use crate::token::Tok;
use site::Site;

/// The grammar stopped in a run of tokens.
pub(crate) fn syntax(scan: &Scan<'_>, form: Form, tokens: Range<usize>, failure: &Failure) -> Diagnostic {
    if failure.too_deep {
        let span = scan.span(tokens.start, tokens.end);
        return Diagnostic::error(1, span, "this is nested too deeply", "too many levels")
            .help("name a part of it with `let`");
    }
    let site = Site::new(scan, form, tokens, failure);
    habits::known(&site).unwrap_or_else(|| phrases::expected(&site))
}

/// A piece that is none of those which can stand where it stands.
pub(crate) fn unknown(scan: &Scan<'_>, piece: &Piece) -> Diagnostic {
    let word = scan.text(piece.first);
    let span = scan.tokens.get(piece.first).map_or(Span::NONE, |t| t.span(scan.base));
    let next = scan.text(piece.first + 1);
    if ITEMS.contains(&word) || STATEMENTS.contains(&word) {
        return elsewhere(scan, piece, word, span);
    }
    if let Some(found) = terraform::block(scan, piece) {
        return found;
    }
    let is_word = scan.tokens.get(piece.first).is_some_and(|t| t.tok == Tok::Word);
    let context = context_of(scan, piece);
    let (what, words): (&str, &[&str]) = match context {
        Context::Top => ("an item", &ITEMS),
        Context::Test => ("a step of a test", Context::Test.words()),
        Context::Env => ("a setting", Context::Env.words()),
        Context::Kind => ("a member of a kind", Context::Kind.words()),
        Context::Statements => ("a statement", &STATEMENTS),
    };
    if is_word && context == Context::Statements && next == "=" {
        let found = Diagnostic::error(
            1,
            span,
            format!("`{word} = …` is not a statement: a value gets a name with `let`"),
            "expected a statement",
        );
        return found.fix(format!("write `let {word} = …`"), span.start(), "let ");
    }
    let found = phrases::quoted(scan, piece.first);
    let diagnostic = Diagnostic::error(1, span, format!("expected {what}, found {found}"), format!("not {what}"));
    if is_word && let Some(close) = context.meant(word) {
        return diagnostic.fix(format!("did you mean `{close}`?"), span, close);
    }
    diagnostic.help(format!("{what} starts with {}", list(words)))
}

/// An item among statements, or a statement among items.
fn elsewhere(scan: &Scan<'_>, piece: &Piece, word: &str, span: Span) -> Diagnostic {
    let article = if word.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let (message, help) = match context_of(scan, piece) {
        Context::Top => (
            format!("{article} `{word}` stands in a topology or a component, not at the top level"),
            "put it into the braces of a `topology` or a `component`",
        ),
        Context::Statements => {
            (format!("{article} `{word}` stands at the top level, not among statements"), "move it out of these braces")
        }
        _ => (format!("{article} `{word}` can't stand here"), "move it out of these braces"),
    };
    Diagnostic::error(1, span, message, "not possible here").help(help)
}

/// Where a piece stands, by the pieces around it.
fn context_of(scan: &Scan<'_>, piece: &Piece) -> Context {
    fn inside(pieces: &[Piece], at: usize) -> Option<Context> {
        let before = pieces.partition_point(|p| p.first < at);
        let outer = pieces.get(before.checked_sub(1)?).filter(|p| at < p.last)?;
        let Body::Pieces { pieces, .. } = &outer.body else { return None };
        inside(pieces, at).or_else(|| match outer.form.inside() {
            Inside::Pieces(context) => Some(context),
            _ => None,
        })
    }
    inside(&scan.pieces, piece.first).unwrap_or(Context::Top)
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

/// A piece whose braces are missing.
pub(crate) fn no_braces(scan: &Scan<'_>, piece: &Piece) -> Diagnostic {
    let span = scan.span(piece.first, piece.last);
    let word = scan.text(piece.first);
    Diagnostic::error(
        1,
        span.end(),
        format!("expected `{{` after this `{word}`, found the end of the line"),
        "expected `{` here",
    )
    .fix("open and close its braces", span.end(), " {\n}")
}

/// `at` twice in one resource.
pub(crate) fn twice(word: &str, second: Span, first: &Expr) -> Diagnostic {
    Diagnostic::error(1, second, format!("`{word}` is said twice"), "the second time")
        .label(first.span, "the first time")
}

/// A type in a `let` of an `env` or a `test`.
pub(crate) fn let_type(name: Ident, ty: Span) -> Diagnostic {
    let rest = Span::new(name.span.hi, ty.hi);
    Diagnostic::error(1, ty, format!("`let {name}` can't have a type here", name = name.name), "not possible here").fix(
        "remove the type",
        rest,
        "",
    )
}

/// The words that may follow an attribute's type.
pub(crate) const MODIFIERS: [&str; 4] = ["immutable", "secret", "write_only", "unordered"];

/// An unknown modifier of a kind's attribute.
pub(crate) fn modifier(name: Ident) -> Diagnostic {
    let word = name.name.as_str();
    let found =
        Diagnostic::error(1, name.span, format!("`{word}` is not a modifier of an attribute"), "unknown modifier");
    match nearest(word, &MODIFIERS) {
        Some(close) => found.fix(format!("did you mean `{close}`?"), name.span, close),
        None => found.help(format!("the modifiers are {}", list(&MODIFIERS))),
    }
}

/// `a.B<T>`.
pub(crate) fn generic_path(span: Span) -> Diagnostic {
    Diagnostic::error(1, span, "only `List`, `Map` and `Secret` take types between `<` and `>`", "takes no types")
}

/// The types that take types.
pub(crate) const GENERICS: [&str; 3] = ["List", "Map", "Secret"];

/// `Array<T>`.
pub(crate) fn generic(name: Ident) -> Diagnostic {
    let word = name.name.as_str();
    let message = format!("`{word}` takes no types between `<` and `>`; only `List`, `Map` and `Secret` do");
    let found = Diagnostic::error(1, name.span, message, "takes no types");
    match nearest(word, &GENERICS) {
        Some(close) => found.fix(format!("did you mean `{close}`?"), name.span, close),
        None => found.help("write `List<T>`, `Map<K, V>` or `Secret<T>`"),
    }
}

/// `a < b < c`.
pub(crate) fn chained(scan: &Scan<'_>, first: Span, second: Span, middle: Span) -> Diagnostic {
    let text = |s: Span| {
        let (lo, hi) = (s.lo.saturating_sub(scan.base) as usize, s.hi.saturating_sub(scan.base) as usize);
        scan.source.get(lo..hi).unwrap_or("")
    };
    let (a, b, middle_text) = (text(first), text(second), text(middle));
    let found =
        Diagnostic::error(1, second, format!("comparisons don't chain: `{b}` follows `{a}`"), "a second comparison")
            .label(first, "the first");
    if a.starts_with('<') && b.starts_with('<') || a.starts_with('>') && b.starts_with('>') {
        found.fix(
            format!("compare twice: `… {a} {middle_text} and {middle_text} {b} …`"),
            Span::new(middle.hi, second.lo),
            format!(" and {middle_text} "),
        )
    } else {
        found.help("join them with `and`, or put one into parentheses")
    }
}

/// `x[0](…)`.
pub(crate) fn not_callable(span: Span) -> Diagnostic {
    Diagnostic::error(
        1,
        span,
        "only a function can be called, and a function is called by its name",
        "not a function's name",
    )
}

/// `\q`.
pub(crate) fn escape(text: &str, span: Span) -> Diagnostic {
    let doubled = format!("\\{text}");
    Diagnostic::error(1, span, format!("`{text}` is not an escape"), "unknown escape").fix(
        format!("write `{doubled}` for a backslash; the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\${{`"),
        span,
        doubled,
    )
}

/// T0001 for a `known` that does not name an output of a resource.
pub(crate) fn no_output(span: Span) -> Diagnostic {
    let message = "`known` needs a resource and one of its outputs";
    Diagnostic::error(1, span, message, "names no output").help(phrases::shape(Form::Known))
}

/// `${}` in the name of a test.
pub(crate) fn test_name(span: Span) -> Diagnostic {
    Diagnostic::error(1, span, "a test's name is a text without `${}`", "`${}` means nothing here")
        .help("write `\\${` for these characters")
}
