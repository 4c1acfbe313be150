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
            let input = input(scan, piece, &name);
            let message = "a value from outside is an `input`, not a `variable`".to_owned();
            found(message).fix(format!("write `{input}`"), scan.span(piece.first, piece.last), input)
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

/// `input color: String = "blue"`, of what stands in the block.
fn input(scan: &Scan<'_>, piece: &Piece, name: &str) -> String {
    let default = field(scan, piece, "default");
    let ty = match (field(scan, piece, "type"), default) {
        (Some("number"), _) => "Int",
        (Some("bool"), _) | (None, Some("true" | "false")) => "Bool",
        (Some("list(string)" | "set(string)"), _) => "List<String>",
        (Some("map(string)"), _) => "Map<String, String>",
        (None, Some(value)) if value.bytes().all(|b| b.is_ascii_digit()) => "Int",
        _ => "String",
    };
    match default {
        Some(value) if value != "null" => format!("input {name}: {ty} = {value}"),
        Some(_) => format!("input {name}: {ty}? = none"),
        None => format!("input {name}: {ty}"),
    }
}

/// The strings between the word and the `{`.
fn labels<'s>(scan: &'s Scan<'_>, piece: &Piece) -> Vec<&'s str> {
    let tokens = (piece.first + 1..piece.last).take_while(|at| scan.text(*at) != "{");
    tokens.filter(|at| scan.tokens[*at].tok == Tok::StrText).map(|at| scan.text(at)).collect()
}

/// The text of a value in the block, if it ends on its line.
fn field<'s>(scan: &'s Scan<'_>, piece: &Piece, name: &str) -> Option<&'s str> {
    let at = (piece.first..piece.last).find(|at| scan.text(*at) == name && scan.text(*at + 1) == "=")?;
    let end = (at + 2..piece.last).find(|at| scan.tokens[*at].tok == Tok::Newline)?;
    scan.source.get(scan.range(at + 2, end))
}

fn span(scan: &Scan<'_>, at: usize) -> Span {
    scan.tokens.get(at).map_or(Span::NONE, |t| t.span(scan.base))
}

/// A word and the space behind it.
fn gap(scan: &Scan<'_>, at: usize) -> Span {
    let word = span(scan, at);
    scan.tokens.get(at + 1).map_or(word, |next| Span::new(word.lo, next.span(scan.base).lo))
}
