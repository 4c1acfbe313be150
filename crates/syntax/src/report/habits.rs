//! Mistakes with a name: what people write who know another language, and what one edit mends.

use topo_model::{Diagnostic, Span};

use super::phrases::{found, shape};
use super::site::Site;
use super::terraform;
use crate::scan::{Form, is_reserved};
use crate::token::Tok;

/// The message for a mistake that is known, if it is one.
pub(super) fn known(site: &Site<'_>) -> Option<Diagnostic> {
    const HABITS: [fn(&Site<'_>) -> Option<Diagnostic>; 24] = [
        dangling,
        upper_bound,
        parentheses,
        long_address,
        heredoc,
        operators,
        repeated_operator,
        quoted_name,
        dashed_name,
        missing_type,
        loop_colon,
        loop_behind,
        missing_then,
        missing_colon,
        not_equals,
        missing_equals,
        reserved,
        detached,
        ternary,
        missing_else,
        neighbours,
        missing_comma,
        single_equals,
        trailing,
    ];
    HABITS.iter().find_map(|habit| habit(site))
}

fn error(site: &Site<'_>, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
    Diagnostic::error(1, site.span(), message, label)
}

fn line_ends(site: &Site<'_>) -> bool {
    site.found_tok() == Tok::Newline
}

/// `cidr =` and nothing more on the line.
fn dangling(site: &Site<'_>) -> Option<Diagnostic> {
    let equals = site.before.filter(|i| site.text(*i) == "=" && *i > site.first)?;
    if !line_ends(site) {
        return None;
    }
    let name = site.text(equals - 1);
    let span = site.scan.tokens[equals].span(site.scan.base);
    let found =
        Diagnostic::error(1, span, format!("`{name} =` has no value on its line"), "expected a value after this");
    Some(found.help(format!("a value starts on the line of its `=`: `{name} = …`")))
}

/// `param n: Int in 1..`.
fn upper_bound(site: &Site<'_>) -> Option<Diagnostic> {
    let dots = site.before.filter(|_| site.before_text() == ".." && !site.found_value())?;
    let span = site.scan.tokens[dots].span(site.scan.base);
    let found = Diagnostic::error(1, span, "an upper bound is missing after `..`", "expected a number after this");
    Some(found.help("a range names both its ends: `1..5`"))
}

/// `resource net: Network at r ( … )`.
fn parentheses(site: &Site<'_>) -> Option<Diagnostic> {
    let braces = matches!(site.form, Form::Resource | Form::Objective | Form::Project | Form::Rollout);
    let entries =
        site.text(site.at + 2) == "=" || site.scan.tokens.get(site.at + 1).is_some_and(|t| t.tok == Tok::Newline);
    if !braces || site.found_text() != "(" || site.inside.is_some() || !entries {
        return None;
    }
    let found = error(site, "expected `{`, found `(`", "expected `{`");
    Some(found.help("its settings stand in braces: `{ name = VALUE }`"))
}

/// `2001:db8::/56`, which is written as a text.
fn long_address(site: &Site<'_>) -> Option<Diagnostic> {
    if !matches!(site.found_text(), ":" | "::") {
        return None;
    }
    let tokens = &site.scan.tokens;
    // Eight groups with seven colons, a slash and a length.
    let touches = |at: &usize| tokens.get(at - 1).zip(tokens.get(*at)).is_some_and(|(a, b)| a.hi == b.lo);
    let first = (site.first + 1..=site.at).rev().take(18).find(|at| !touches(at))?;
    let last = (site.at + 1..site.end).take(18).take_while(touches).last().unwrap_or(site.at);
    let (lo, hi) = (tokens.get(first)?.lo, tokens.get(last)?.hi);
    let text = site.scan.source.get(lo as usize..hi as usize)?.trim_end_matches([',', ')', ']', '}']);
    let (address, length) = text.split_once('/').unwrap_or((text, "128"));
    address.parse::<std::net::Ipv6Addr>().ok().filter(|_| length.parse::<u8>().is_ok_and(|l| l <= 128))?;
    let span = Span::new(site.scan.base + lo, site.scan.base + lo + text.len() as u32);
    let fix = format!("cidr(\"{address}/{length}\")");
    let found = Diagnostic::error(1, span, format!("`{text}` is written as a text: `{fix}`"), "an address of IPv6");
    Some(found.fix(format!("write `{fix}`"), span, fix))
}

/// `<<EOT`.
fn heredoc(site: &Site<'_>) -> Option<Diagnostic> {
    if site.found_text() != "<" || site.text(site.at + 1) != "<" || !site.expected.value {
        return None;
    }
    let found =
        error(site, "a text of several lines stands between `\"\"\"` and `\"\"\"`, not behind `<<`", "a here-document");
    Some(found.help("write `\"\"\"`, the lines, and `\"\"\"`: their common indentation is left out"))
}

/// `&&`, `||`, `!`, `:=`, `::`.
fn operators(site: &Site<'_>) -> Option<Diagnostic> {
    let (ours, meaning) = match site.found_text() {
        "&&" | "&" => ("and", "both"),
        "||" => ("or", "either"),
        "!" => ("not", "not"),
        ":=" => ("=", "let"),
        "::" => (".", "path"),
        _ => return None,
    };
    let text = site.found_text();
    let span = site.span();
    if meaning == "not" {
        return Some(error(site, "`!` is written `not`", "write `not`").fix("write `not`", span, "not "));
    }
    let message = format!("`{text}` is written `{ours}`");
    Some(error(site, message, format!("write `{ours}`")).fix(format!("write `{ours}`"), span, ours))
}

/// `2 ** 3`, `"a" ++ "b"`.
fn repeated_operator(site: &Site<'_>) -> Option<Diagnostic> {
    let text = site.found_text();
    let touches = site.behind().hi == site.span().lo;
    if !site.expected.value || !touches || text != site.before_text() || !matches!(text, "*" | "+") {
        return None;
    }
    let (message, help) = match text {
        "*" => ("there is no `**`: numbers have no powers", "write the product, for example `2 * 2 * 2`"),
        _ => ("there is no `++`", "texts are joined in a string, `\"${a}${b}\"`, and lists with `flatten([a, b])`"),
    };
    Some(error(site, message, "not an operator").help(help))
}

/// `project my-app`.
fn dashed_name(site: &Site<'_>) -> Option<Diagnostic> {
    let named = site.at == site.first + 2 && site.before == Some(site.first + 1);
    if !named || site.found_text() != "-" || site.form.is_value() || site.behind().hi != site.span().lo {
        return None;
    }
    let tokens = &site.scan.tokens;
    let touches = |at: &usize| tokens[at - 1].hi == tokens[*at].lo;
    let part = |at: &usize| site.text(*at) == "-" || matches!(tokens[*at].tok, Tok::Word | Tok::Number);
    let last = (site.at..site.end).take_while(|at| touches(at) && part(at)).last()?;
    let span = site.scan.span(site.first + 1, last + 1);
    let name: String = (site.first + 1..=last).map(|at| site.text(at)).collect();
    let ours = name.replace('-', "_");
    let found = Diagnostic::error(1, span, format!("`{name}` can't be a name: a name has no `-`"), "not a name");
    Some(found.fix(format!("write `{ours}`"), span, ours))
}

/// `output x = a.id`.
fn missing_type(site: &Site<'_>) -> Option<Diagnostic> {
    let typed = matches!(site.form, Form::Output | Form::Input | Form::Param | Form::KindOutput);
    if !typed || !site.expected.colon || site.found_text() != "=" || site.at != site.first + 2 {
        return None;
    }
    let (word, name) = (site.text(site.first), site.before_text());
    let message = format!("expected `:` and a type after `{name}`, found `=`");
    let ty = other_type(site);
    Some(error(site, message, "a type is missing before this").help(format!("write `{word} {name}: {ty} = …`")))
}

/// The type of what stands behind the `=`, as far as its first token tells.
fn other_type(site: &Site<'_>) -> &'static str {
    let last = site.at + 2 >= site.end || site.scan.tokens[site.at + 2].tok == Tok::Newline;
    match (site.scan.tokens.get(site.at + 1).map(|t| t.tok), site.text(site.at + 1)) {
        (Some(Tok::Number), text) if last && text.bytes().all(|b| b.is_ascii_digit()) => "Int",
        (_, "true" | "false") if last => "Bool",
        (_, "[") => "List<String>",
        _ => "String",
    }
}

/// `[for x in xs => x]`.
fn loop_colon(site: &Site<'_>) -> Option<Diagnostic> {
    let loops = site.bracket() == "[" && site.inside.is_some_and(|i| site.text(i + 1) == "for");
    if !loops || !site.expected.colon || !matches!(site.found_text(), "=>" | "->") {
        return None;
    }
    let text = site.found_text();
    let message = format!("a `:` stands before what a loop in a list gives, not `{text}`");
    let span = Span::new(site.behind().hi, site.span().hi);
    Some(error(site, message, "expected `:`").fix("write `:`", span, ":"))
}

/// `[x for x in xs]`.
fn loop_behind(site: &Site<'_>) -> Option<Diagnostic> {
    let open = site.inside.filter(|_| site.bracket() == "[" && site.found_text() == "for")?;
    if !site.expected.operator {
        return None;
    }
    let mut depth = 0_usize;
    let close = (site.at..site.end).find(|at| {
        match site.scan.tokens[*at].tok {
            Tok::Open | Tok::InterpOpen => depth += 1,
            Tok::Close | Tok::InterpClose if depth == 0 => return true,
            Tok::Close | Tok::InterpClose => depth -= 1,
            _ => {}
        }
        false
    })?;
    let source = site.scan.source;
    let element = source.get(site.scan.range(open + 1, site.at))?;
    let loops = source.get(site.scan.range(site.at, close))?;
    let written = format!("{loops}: {element}");
    let found = error(site, "a loop in a list stands before what it gives", "the `for` comes first");
    Some(if written.contains('\n') || element.contains(',') {
        found.help("write `[for NAME in VALUES: VALUE]`")
    } else {
        found.fix(format!("write `[{written}]`"), site.scan.span(open + 1, close), written)
    })
}

/// `if (c) 1 else 2`.
fn missing_then(site: &Site<'_>) -> Option<Diagnostic> {
    if !site.expected.then || !site.expected.operator || site.found_text() == "[" {
        return None;
    }
    if !site.found_value() || is_reserved(site.found_text()) && !matches!(site.found_text(), "true" | "false" | "none")
    {
        return None;
    }
    let message = format!("expected `then` after the condition, found {}", found(site));
    let found = error(site, message, "expected `then` before this");
    Some(match site.found_text() {
        "{" | "(" => found.help("write `if CONDITION then VALUE else VALUE`"),
        _ => found.fix("write `then`", site.behind(), " then"),
    })
}

/// `resource "aws_vpc" "main" {`.
fn quoted_name(site: &Site<'_>) -> Option<Diagnostic> {
    if site.found_tok() != Tok::StrOpen || site.at != site.first + 1 || !site.expected.name {
        return None;
    }
    let word = site.text(site.first);
    let strings: Vec<&str> = (site.at..site.end)
        .filter(|i| site.scan.tokens[*i].tok == Tok::StrText)
        .map(|i| site.text(i))
        .take(2)
        .collect();
    let message = format!("the name after `{word}` stands without quotes, found {}", found(site));
    let found = error(site, message, "a string");
    Some(match (site.form, strings.as_slice()) {
        (Form::Resource, [kind, name]) => {
            let kind = terraform::kind(kind);
            let name = name.replace('-', "_");
            found.help(format!("the name comes first and then the kind, as its module names it: `{word} {name}: {kind} at REGION {{ … }}`"))
        }
        (_, [name, ..]) => found.help(format!("write `{word} {name}`")),
        _ => found.help(shape(site.form)),
    })
}

/// `resource vpc ec2.Vpc {`.
fn missing_colon(site: &Site<'_>) -> Option<Diagnostic> {
    if !site.expected.colon || site.expected.operator {
        return None;
    }
    let before = site.before_text();
    let word = site.text(site.first);
    let behind = site.behind();
    if site.form == Form::Resource {
        let message = format!("expected `:` and a kind after the {word}'s name, found {}", found(site));
        let found = error(site, message, format!("expected `:` after `{before}`"));
        if site.found_tok() != Tok::Word {
            return Some(found.help(format!("write, for example, `{word} {before}: ec2.Vpc`")));
        }
        let mut end = site.at;
        while site.text(end + 1) == "." {
            end += 2;
        }
        let kind: String = (site.at..=end).map(|i| site.text(i)).collect();
        let help = format!("write `{word} {before}: {kind}`");
        return Some(found.fix(help, behind, ":"));
    }
    if site.expected.equals || !matches!(site.found_tok(), Tok::Word | Tok::Open | Tok::StrOpen) {
        return None;
    }
    if site.form == Form::Attribute && site.at == site.first + 1 && site.found_tok() != Tok::Word {
        return None;
    }
    let message = format!("expected `:` and a type after `{before}`, found {}", found(site));
    Some(error(site, message, format!("expected `:` after `{before}`")).fix("write `:`", behind, ":"))
}

/// `cidr: 10.0.0.0/16`, `cidr == 10.0.0.0/16`, `"a" => 1`.
fn not_equals(site: &Site<'_>) -> Option<Diagnostic> {
    if !site.expected.equals || !matches!(site.found_text(), ":" | "==" | "=>" | "->") {
        return None;
    }
    let name = site.before_text();
    let name = if name == "\"" { "a key" } else { &format!("`{name}`") };
    let text = site.found_text();
    let message = match text {
        "==" => format!("{name} is set with `=`; `==` compares"),
        _ => format!("{name} is set with `=`, not with `{text}`"),
    };
    let touches = site.behind().hi == site.span().lo;
    let replacement = if touches { " =" } else { "=" };
    let spaced = site.scan.source.as_bytes().get((site.span().hi - site.scan.base) as usize) == Some(&b' ');
    let replacement = if spaced { replacement.to_owned() } else { format!("{replacement} ") };
    Some(error(site, message, "expected `=`").fix("write `=`", site.span(), replacement))
}

/// `let x 5`, `type Site {`, `cidr 10.0.0.0/16`.
fn missing_equals(site: &Site<'_>) -> Option<Diagnostic> {
    if !site.expected.equals || site.expected.operator || !(site.found_value() || line_ends(site)) {
        return None;
    }
    let name = site.before_text();
    let message = format!("expected `=` and a value after `{name}`, found {}", found(site));
    let message = if site.form == Form::Type { message.replace("a value", "a type") } else { message };
    let found = error(site, message, format!("expected `=` after `{name}`"));
    if line_ends(site) || (site.found_text() == "{" && site.form != Form::Type && site.inside.is_none()) {
        return Some(found.help(shape(site.form)));
    }
    Some(found.fix("write `=`", site.behind(), " ="))
}

/// A reserved word as a name.
fn reserved(site: &Site<'_>) -> Option<Diagnostic> {
    let word = site.found_text();
    let expected = site.expected.name || site.expected.value;
    if site.found_tok() != Tok::Word || !is_reserved(word) || !expected || site.expected.operator {
        return None;
    }
    if site.expected.value && !matches!(word, "for" | "let") {
        return None;
    }
    if site.expected.value {
        let message = format!("expected a value, found the word `{word}`");
        let help = match word {
            "for" => "a loop in a value stands in brackets: `[for x in xs: f(x)]`",
            _ => "`let` opens a statement of its own",
        };
        return Some(error(site, message, "expected a value").help(help));
    }
    let message = format!("`{word}` can't be a name: it is a word of expressions");
    Some(error(site, message, "expected a name").help(format!("choose another, for example `{word}_`")))
}

/// `f (x)`, `m [k]`.
fn detached(site: &Site<'_>) -> Option<Diagnostic> {
    let before = site.before.map(|i| site.scan.tokens[i])?;
    if !matches!(site.found_text(), "(" | "[")
        || !site.expected.operator
        || !matches!(before.tok, Tok::Word | Tok::Close)
    {
        return None;
    }
    let gap = Span::new(site.behind().hi, site.span().lo);
    let text = site.found_text();
    let message = format!("expected an operator, found `{text}`: calls and indexes touch what they apply to");
    Some(error(site, message, "a space is before this").fix("remove the space", gap, ""))
}

/// `c ? a : b`.
fn ternary(site: &Site<'_>) -> Option<Diagnostic> {
    if site.found_text() != "?" || !site.expected.operator {
        return None;
    }
    Some(
        error(site, "a choice is written with `if`, not with `?`", "not an operator")
            .help("write `if c then a else b`"),
    )
}

/// `if c then a` and nothing more.
fn missing_else(site: &Site<'_>) -> Option<Diagnostic> {
    if !site.expected.otherwise || site.expected.then {
        return None;
    }
    let what = found(site);
    if site.form == Form::Check && !(site.first..site.end).any(|i| site.text(i) == "then") {
        if !line_ends(site) && site.found_tok() != Tok::StrOpen {
            return None;
        }
        let found =
            error(site, format!("expected `else` and a message after the condition, found {what}"), "expected `else`");
        return Some(match site.found_tok() {
            Tok::StrOpen => found.fix("write `else`", site.behind(), " else"),
            _ => found.help(shape(site.form)),
        });
    }
    if !line_ends(site) && !matches!(site.found_text(), "," | ")" | "]" | "}") {
        return None;
    }
    let message = format!("expected `else` and a value, found {what}: an `if` has a value either way");
    let other = other_value(site);
    let help = format!("say what it is otherwise: `else {other}`");
    Some(error(site, message, "expected `else`").fix(help, site.behind(), format!(" else {other}")))
}

/// A value of the type that stands after `then`, as far as its first token tells.
fn other_value<'s>(site: &Site<'s>) -> &'s str {
    let then = (site.first..site.at).rev().find(|i| site.text(*i) == "then");
    let Some(first) = then.map(|i| i + 1).filter(|i| *i < site.end) else { return "none" };
    match (site.scan.tokens[first].tok, site.text(first)) {
        (Tok::StrOpen, _) => "\"\"",
        (Tok::Number | Tok::Place, text) => text,
        (_, "[") => "[]",
        (_, "{") => "{}",
        (_, "true") => "false",
        (_, "false") => "true",
        _ => "none",
    }
}

/// `"api." env.zone`: strings don't join by standing side by side.
fn neighbours(site: &Site<'_>) -> Option<Diagnostic> {
    let before = site.before?;
    if site.scan.tokens[before].tok != Tok::StrClose || !site.expected.operator {
        return None;
    }
    if !matches!(site.found_tok(), Tok::Word | Tok::StrOpen)
        || matches!(site.bracket(), "[" | "(")
        || site.expected.otherwise
    {
        return None;
    }
    let message = format!("expected the end of the value, found {}", found(site));
    Some(
        error(site, message, "not part of the string")
            .help("a value goes into a string with `${}`: `\"api.${env.zone}\"`"),
    )
}

/// `[a b]`, `f(a b)`.
fn missing_comma(site: &Site<'_>) -> Option<Diagnostic> {
    let close = match site.bracket() {
        "(" => ")",
        "[" => "]",
        _ => return None,
    };
    let loops = site.inside.is_some_and(|i| site.text(i + 1) == "for");
    if !site.expected.operator || !site.found_value() || loops || site.expected.then || site.expected.otherwise {
        return None;
    }
    let message = format!("expected `,` or `{close}`, found {}", found(site));
    Some(error(site, message, "a `,` is missing before this").fix("write `,`", site.behind(), ","))
}

/// `if a = b then`, `expect a = b`.
fn single_equals(site: &Site<'_>) -> Option<Diagnostic> {
    if site.found_text() != "=" || !site.expected.operator {
        return None;
    }
    let conditional = matches!(site.form, Form::Check | Form::Expect) || site.expected.then || site.before_has_if();
    if !conditional {
        return None;
    }
    Some(error(site, "`=` sets a value; `==` compares", "expected an operator").fix("write `==`", site.span(), "=="))
}

/// `a = 1 b = 2` on one line.
fn trailing(site: &Site<'_>) -> Option<Diagnostic> {
    let second = site.found_tok() == Tok::Word && site.text(site.at + 1) == "=" && !is_reserved(site.found_text());
    if !second || !site.expected.operator || site.bracket() == "(" || site.bracket() == "[" {
        return None;
    }
    let name = site.found_text();
    let message = format!("expected a new line or `,` before `{name}`");
    Some(error(site, message, "a second field on the line").fix("write `,`", behind(site), ","))
}

fn behind(site: &Site<'_>) -> Span {
    site.behind()
}

impl Site<'_> {
    /// Whether an `if` or `when` stands before the place in its brackets.
    fn before_has_if(&self) -> bool {
        let from = self.inside.map_or(self.first, |i| i + 1);
        (from..self.at.min(self.end)).any(|i| matches!(self.text(i), "if" | "when"))
    }
}
