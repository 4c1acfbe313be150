//! What was expected, what was found, and a valid form.

use topo_model::Diagnostic;

use super::site::Site;
use crate::scan::{Form, Scan, is_reserved};
use crate::token::Tok;

/// The message where nothing more special is known.
pub(super) fn expected(site: &Site<'_>) -> Diagnostic {
    let wanted = wanted(site);
    let found = found(site);
    let message = format!("expected {wanted}, found {found}");
    let diagnostic = Diagnostic::error(1, site.span(), message, format!("expected {wanted}"));
    diagnostic.help(shape(site.form))
}

/// What was found, for a message.
pub(super) fn found(site: &Site<'_>) -> String {
    match site.found() {
        Some(_) => quoted(site.scan, site.at),
        None if site.scan.tokens.get(site.at).is_none() => "the end of the text".to_owned(),
        None => match site.text(site.at) {
            "}" => "`}`".to_owned(),
            "{" => "`{`".to_owned(),
            "," => "`,`".to_owned(),
            _ => "the end of the line".to_owned(),
        },
    }
}

/// A token in a message's words.
pub(super) fn quoted(scan: &Scan<'_>, at: usize) -> String {
    let Some(token) = scan.tokens.get(at) else { return "the end of the text".to_owned() };
    let text = token.text(scan.source);
    match token.tok {
        Tok::Newline => "the end of the line".to_owned(),
        Tok::StrOpen => string(scan, at),
        Tok::StrText => "text".to_owned(),
        Tok::Word if is_reserved(text) => format!("the word `{text}`"),
        _ => format!("`{}`", text.chars().take(40).collect::<String>()),
    }
}

/// A string as it stands there, where that is short.
fn string(scan: &Scan<'_>, open: usize) -> String {
    let line = scan.tokens[open..].iter().take_while(|t| t.tok != Tok::Newline);
    let Some(close) = line.clone().position(|t| t.tok == Tok::StrClose) else { return "a string".to_owned() };
    let span = scan.span(open, open + close + 1);
    let text = scan.source.get((span.lo - scan.base) as usize..(span.hi - scan.base) as usize).unwrap_or_default();
    if text.chars().count() > 40 { "a string".to_owned() } else { format!("`{text}`") }
}

fn wanted(site: &Site<'_>) -> String {
    let expected = site.expected;
    let mut options: Vec<String> = Vec::new();
    if expected.colon && !expected.operator {
        options.push(if site.form == Form::Resource {
            "`:` and a kind".to_owned()
        } else {
            "`:` and a type".to_owned()
        });
    }
    if expected.equals && !expected.operator {
        options.push("`=`".to_owned());
    }
    if expected.becomes {
        options.push("`->`".to_owned());
    }
    if let Some(word) = expected.word {
        options.push(format!("`{word}`"));
    }
    if expected.scope {
        options.push("`in region` or `global`".to_owned());
    } else if expected.within && !expected.operator && !expected.ty {
        options.push("`in`".to_owned());
    }
    if expected.value {
        options.push("a value".to_owned());
    } else if expected.ty {
        options.push("a type".to_owned());
    } else if expected.string {
        options.push("a string".to_owned());
    } else if expected.name && !expected.operator {
        options.push(name_of(site));
    }
    if expected.names && options.is_empty() {
        options.push("names in parentheses".to_owned());
    }
    if expected.operator {
        after_value(site, &mut options);
    }
    if options.is_empty() || (expected.clauses.0 && !expected.operator) {
        let (at, when, from) = expected.clauses;
        for (may, word) in [(at, "`at`"), (when, "`when`"), (from, "`from`"), (expected.fields, "`{`")] {
            if may {
                options.push(word.to_owned());
            }
        }
    }
    if options.is_empty() {
        options.push(closer(site));
    }
    match options.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => options.concat(),
    }
}

/// What may follow a value here.
fn after_value(site: &Site<'_>, options: &mut Vec<String>) {
    let expected = site.expected;
    if expected.then {
        options.push("`then`".to_owned());
    } else if expected.otherwise {
        options.push("`else`".to_owned());
    } else if expected.arrow {
        options.push("`=>`".to_owned());
    } else if expected.equals {
        options.push("`=`".to_owned());
    } else if expected.colon {
        options.push("`:`".to_owned());
    } else {
        options.push("an operator".to_owned());
        options.push(closer(site));
    }
}

/// What ends or separates the entries here.
fn closer(site: &Site<'_>) -> String {
    match site.bracket() {
        "(" => "`,` or `)`".to_owned(),
        "[" => "`,` or `]`".to_owned(),
        "{" => "a new line, `,` or `}`".to_owned(),
        "${" => "`}`".to_owned(),
        _ => "the end of the line".to_owned(),
    }
}

/// A name, with what it names where the statement begins.
fn name_of(site: &Site<'_>) -> String {
    if site.at != site.first + 1 {
        return match site.before_text() {
            ":" if site.form == Form::Resource => "a kind or a component".to_owned(),
            "." => "a name".to_owned(),
            "{" | "," => "a field, `name = value`".to_owned(),
            _ => "a name".to_owned(),
        };
    }
    let word = site.text(site.first);
    let what = match site.form {
        Form::For => return "a name, or names in parentheses".to_owned(),
        Form::Use => return "a module".to_owned(),
        Form::Rollout | Form::Plan => "an environment",
        Form::Moved | Form::Forget | Form::Known => "an address",
        _ => return format!("a name after `{word}`"),
    };
    what.to_owned()
}

/// A valid form of what was being read.
pub(super) fn shape(form: Form) -> &'static str {
    match form {
        Form::Use => "an import reads `use std.net.{Network}`, `use aws.ec2` or `use \"./parts/app\".{App}`",
        Form::Project => "a project reads `project NAME { cloud = \"sandbox\" }`",
        Form::Type => "a type alias reads `type NAME = TYPE`",
        Form::Env => "an environment reads `env NAME: TYPE { … }`",
        Form::Topology => "a topology reads `topology NAME(env: TYPE) { … }`",
        Form::Component => "a component reads `component NAME { … }`",
        Form::Kind => "a kind reads `kind NAME in region { … }` or `kind NAME global { … }`",
        Form::Rollout => "a rollout reads `rollout ENVIRONMENT { order = [ap-northeast-1, ap-east-2] }`",
        Form::Moved => "a move reads `moved OLD.ADDRESS -> NEW.ADDRESS`",
        Form::Input => "an input reads `input NAME: TYPE = DEFAULT`",
        Form::Forget => "it reads `forget ADDRESS`, for example `forget net[ap-east-2].vpc`",
        Form::Test => "a test reads `test \"WHAT HOLDS\" { … }`",
        Form::Param => "a parameter reads `param NAME: TYPE = DEFAULT`",
        Form::Let => "it reads `let NAME = VALUE`",
        Form::Resource => "a resource reads `resource NAME: KIND at REGION { attribute = VALUE }`",
        Form::For => "a loop reads `for NAME in VALUES at REGION { … }` or `for (KEY, VALUE) in MAP { … }`",
        Form::Check => "a check reads `check CONDITION else \"MESSAGE\"`",
        Form::Objective => "an objective reads `objective NAME { endpoint = VALUE, rto = 1m }`",
        Form::Output => "an output reads `output NAME: TYPE = VALUE`",
        Form::Field => "a field reads `name = VALUE`",
        Form::Region => "a region's settings read `region ap-east-2 { name = VALUE }`",
        Form::Plan => "it reads `plan ENVIRONMENT`, or `plan` where there is only one",
        Form::Expect => "an expectation reads `expect CONDITION` or `expect error T0401 \"PART OF THE MESSAGE\"`",
        Form::Known => "it reads `known ADDRESS.OUTPUT = VALUE`, for example `known vpc.id = \"vpc-1\"`",
        Form::Attribute => "an attribute reads `name: TYPE immutable`, or `name: TYPE = DEFAULT`",
        Form::OneOf => "alternatives read `one of { a: TYPE?, b: TYPE? }`",
        Form::KindOutput => "an output of a kind reads `output NAME: TYPE`",
        Form::Names => "it reads `unique (NAME, NAME)` or `identity (NAME)`",
        Form::After => "it reads `settles in 2s` or `visible in 2s`",
        Form::Creates => "it reads `creates by token`, or `creates by key (NAME, NAME)`",
        Form::Batched => "it reads `batched by NAME`",
        Form::Unknown => "values read, for example, `42`, `\"text\"`, `ap-east-2` or `[a, b]`",
    }
}
