//! Blocks of Terraform, and words of other languages, where an item or a statement stands.
//!
//! Only words and their order are looked at here; which kinds there are is not known.

use topo_model::{Diagnostic, Span};

use crate::scan::{Piece, Scan};
use crate::token::Tok;

/// The message for a block that another tool has, if the piece is one.
pub(super) fn block(scan: &Scan<'_>, piece: &Piece) -> Option<Diagnostic> {
    let word = scan.text(piece.first);
    let labels = labels(scan, piece);
    let braces = scan.text(piece.first + 1) == "{";
    let found = |message: String| Diagnostic::error(1, span(scan, piece.first), message, "a word of another language");
    let name = labels.last().map_or_else(|| "NAME".to_owned(), |label| label.replace('-', "_"));
    Some(match (word, labels.len(), braces) {
        ("variable", 1, _) => {
            let found = found("a value from outside is an `input`, not a `variable`".to_owned());
            match input(scan, piece, &name) {
                Some(input) => found.fix(format!("write `{input}`"), scan.span(piece.first, piece.last), input),
                None => found.help("write `input NAME: TYPE = DEFAULT`"),
            }
        }
        ("data", 2, _) => found("what is there already is `existing`, not `data`".to_owned())
            .help(format!("write `existing {name}: KIND {{ … }}` with what it is found by, or `from \"ID\"`")),
        ("module", 1, _) => found("a component is made like a resource, and there is no `module`".to_owned())
            .help(format!("bring it in with `use`, and write `resource {name}: COMPONENT {{ … }}`")),
        ("provider", 1, _) => found("the project names its cloud, and there is no `provider`".to_owned())
            .help("write `project NAME { cloud = \"aws\" }`; a region is named with `at` where something is made"),
        ("terraform", 0, true) => found("the project's settings stand in `project`, not in `terraform`".to_owned())
            .help("write `project NAME { state = \"s3://bucket/prefix\" }`"),
        ("locals", 0, true) => found("a value gets a name with `let`, one each, not in `locals`".to_owned())
            .help("write `let NAME = VALUE` in the topology or component that uses it"),
        ("function" | "def" | "fn" | "func", ..) => {
            found(format!("there is no `{word}`: a program defines no functions"))
                .help("what is made several times is a `component`; a value has a name with `let`")
        }
        ("class" | "interface" | "struct" | "enum", ..) => {
            found(format!("a type gets a name with `type`, not with `{word}`"))
                .help("write `type NAME = { field: TYPE }`, or `type NAME = \"a\" | \"b\"`")
        }
        ("export", ..) => found("what a file declares is seen by its directory, without `export`".to_owned()).fix(
            "remove the word",
            gap(scan, piece.first),
            "",
        ),
        _ => return None,
    })
}

/// A type of the AWS provider in the form of a kind's name: `aws_route_table` is `RouteTable`.
pub(super) fn kind(label: &str) -> String {
    let mut kind = String::new();
    for word in label.strip_prefix("aws_").unwrap_or(label).split('_') {
        let mut letters = word.chars();
        kind.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        kind.push_str(letters.as_str());
    }
    kind
}

/// `input color: String = "blue"`, where that says all that stands in the block.
fn input(scan: &Scan<'_>, piece: &Piece, name: &str) -> Option<String> {
    let (mut default, mut ty) = (None, None);
    for (field, value) in fields(scan, piece)? {
        match field {
            "default" => default = Some(value),
            "type" => ty = Some(value),
            _ => return None,
        }
    }
    let ty = match ty.as_deref() {
        Some(ty) => type_of(ty)?,
        None => type_of_value(default.as_deref())?,
    };
    // What is a map there may be a record here.
    if default.as_ref().is_some_and(|value| value.contains('{')) {
        return None;
    }
    let input = match default.as_deref() {
        Some("null") => format!("input {name}: {ty}? = none"),
        Some(value) => format!("input {name}: {ty} = {value}"),
        None => format!("input {name}: {ty}"),
    };
    crate::parse(&input, 0).errors.is_empty().then_some(input)
}

/// A type of Terraform's as it is written here.
fn type_of(ty: &str) -> Option<&'static str> {
    Some(match ty {
        "string" => "String",
        "number" => "Int",
        "bool" => "Bool",
        "list(string)" | "set(string)" => "List<String>",
        "list(number)" | "set(number)" => "List<Int>",
        "list(bool)" => "List<Bool>",
        "map(string)" => "Map<String, String>",
        "map(number)" => "Map<String, Int>",
        _ => return None,
    })
}

/// The type that a default has, as far as its first letter tells.
fn type_of_value(value: Option<&str>) -> Option<&'static str> {
    let Some(value) = value else { return Some("String") };
    Some(match value.as_bytes() {
        _ if value == "null" => "String",
        _ if value == "true" || value == "false" => "Bool",
        digits if digits.iter().all(u8::is_ascii_digit) => "Int",
        [b'"', ..] => "String",
        [b'[', b'"', ..] => "List<String>",
        [b'[', first, ..] if first.is_ascii_digit() => "List<Int>",
        _ => return None,
    })
}

/// The fields of a block with their values on one line each; none where it holds something else,
/// or a bracket has no partner.
fn fields<'s>(scan: &'s Scan<'_>, piece: &Piece) -> Option<Vec<(&'s str, String)>> {
    let open = (piece.first..piece.last).find(|at| scan.text(*at) == "{")?;
    let close = (open..piece.last).rfind(|at| scan.text(*at) == "}")?;
    if piece.broken || (close + 1..piece.last).any(|at| scan.tokens[at].tok != Tok::Newline) {
        return None;
    }
    let mut fields = Vec::new();
    let mut at = open + 1;
    while at < close {
        if scan.tokens[at].tok == Tok::Newline || scan.text(at) == "," {
            at += 1;
            continue;
        }
        let end = value_end(scan, at + 2, close)?;
        if scan.tokens[at].tok != Tok::Word || scan.text(at + 1) != "=" || end == at + 2 {
            return None;
        }
        fields.push((scan.text(at), on_one_line(scan.source.get(scan.range(at + 2, end))?)));
        at = end;
    }
    Some(fields)
}

/// Where a value ends: with its line or at a comma, outside brackets.
fn value_end(scan: &Scan<'_>, from: usize, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in from..close {
        match scan.tokens[at].tok {
            Tok::Open | Tok::InterpOpen => depth += 1,
            Tok::Close | Tok::InterpClose => depth = depth.checked_sub(1)?,
            Tok::Newline if depth == 0 => return Some(at),
            Tok::Bad | Tok::StrBroken => return None,
            tok if tok.is_comment() => return None,
            _ if depth == 0 && scan.text(at) == "," => return Some(at),
            _ => {}
        }
    }
    (depth == 0).then_some(close.max(from))
}

/// A value of several lines in one; texts of several lines are not a default's.
fn on_one_line(value: &str) -> String {
    if !value.contains('\n') {
        return value.to_owned();
    }
    let joined = value.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    joined.replace("[ ", "[").replace(", ]", "]").replace(" ]", "]")
}

/// The strings between the word and the `{`.
fn labels<'s>(scan: &'s Scan<'_>, piece: &Piece) -> Vec<&'s str> {
    let tokens = (piece.first + 1..piece.last).take_while(|at| scan.text(*at) != "{");
    tokens.filter(|at| scan.tokens[*at].tok == Tok::StrText).map(|at| scan.text(at)).collect()
}

fn span(scan: &Scan<'_>, at: usize) -> Span {
    scan.tokens.get(at).map_or(Span::NONE, |t| t.span(scan.base))
}

/// A word and the space behind it.
fn gap(scan: &Scan<'_>, at: usize) -> Span {
    let word = span(scan, at);
    scan.tokens.get(at + 1).map_or(word, |next| Span::new(word.lo, next.span(scan.base).lo))
}
