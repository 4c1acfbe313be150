//! Texts.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use ecow::EcoString;
use regex_lite::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use sha2::Digest;

use super::args::Args;
use super::choice::excerpt;
use super::{Func, FuncError, MAX_PATTERN, MAX_TEXT, Outcome, Stop};
use crate::{SecretRef, Value, format};

pub(super) fn apply(args: Args<'_>) -> Outcome {
    match args.func {
        Func::Join => join(args),
        Func::Split => split(args),
        Func::Replace => replace(args),
        Func::Lower => text(args, args.text(0)?.to_lowercase()),
        Func::Upper => text(args, args.text(0)?.to_uppercase()),
        Func::Trim => text(args, args.text(0)?.trim()),
        Func::StartsWith => Ok(Value::Bool(args.text(0)?.starts_with(args.text(1)?))),
        Func::EndsWith => Ok(Value::Bool(args.text(0)?.ends_with(args.text(1)?))),
        Func::Matches => matches(args),
        Func::IsJson => Ok(Value::Bool(serde_json::from_str::<serde::de::IgnoredAny>(args.text(0)?).is_ok())),
        Func::Format => fill(args),
        Func::Json => json(args),
        Func::Base64 => text(args, base64::engine::general_purpose::STANDARD.encode(args.text(0)?)),
        Func::Sha256 => sha256(args),
        Func::Secret => secret(args),
        _ => {
            let mut out = String::new();
            for part in args.values {
                push(args, &mut out, part)?;
            }
            text(args, out)
        }
    }
}

fn text(args: Args<'_>, text: impl Into<EcoString>) -> Outcome {
    let text = text.into();
    check_length(args, text.len())?;
    Ok(Value::Str(text))
}

fn check_length(args: Args<'_>, length: usize) -> Result<(), FuncError> {
    if length <= MAX_TEXT {
        return Ok(());
    }
    let what = match args.func {
        Func::Interpolate => "this text".to_owned(),
        func => format!("`{}`", func.name()),
    };
    let message = format!("{what} would give {length} bytes: more than the {MAX_TEXT} that a text may have");
    Err(FuncError::new(205, message))
}

/// Adds a scalar to a text: strings bare, everything else as it is written.
fn push(args: Args<'_>, out: &mut String, part: &Value) -> Result<(), Stop> {
    match part {
        Value::Unknown(_) => return Err(Stop::Waits),
        Value::Str(text) => out.push_str(text),
        Value::Secret(_) => return Err(FuncError::new(801, "a secret can't become part of a text").into()),
        Value::None => {
            return Err(FuncError::new(204, "`none` can't become part of a text")
                .help("say what stands in its place: `x ?? \"-\"`")
                .into());
        }
        Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Record(_) | Value::Resource(_) => {
            let found = part.type_name();
            return Err(FuncError::new(201, format!("a {found} can't become part of a text")).into());
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
    Ok(check_length(args, out.len())?)
}

fn join(args: Args<'_>) -> Outcome {
    let (items, separator) = (args.list(0)?, args.text(1)?);
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        push(args, &mut out, item)?;
    }
    text(args, out)
}

fn split(args: Args<'_>) -> Outcome {
    let (whole, separator) = (args.text(0)?, args.text(1)?);
    if separator.is_empty() {
        return Err(FuncError::new(202, "`split` can't cut a text at an empty separator")
            .help("write what stands between the parts, for example `\",\"`")
            .into());
    }
    args.check_length(whole.matches(separator).count() as i128 + 1)?;
    Ok(Value::list(whole.split(separator).map(Value::str).collect()))
}

fn replace(args: Args<'_>) -> Outcome {
    let (whole, from, to) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if from.is_empty() {
        return Err(FuncError::new(202, "`replace` can't replace an empty text")
            .help("write what is to be replaced, for example `\"-\"`; text is added in a string, `\"${a}${b}\"`")
            .into());
    }
    let count = whole.matches(from).count();
    let kept = whole.len() - count * from.len();
    check_length(args, count.saturating_mul(to.len()).saturating_add(kept))?;
    text(args, whole.replace(from, to))
}

fn fill(args: Args<'_>) -> Outcome {
    let template = args.text(0)?;
    let places = template.matches("{}").count();
    let given = args.values.len() - 1;
    if places != given {
        let values = if given == 1 { "value" } else { "values" };
        let message = format!("{} has {places} `{{}}`, and `format` is given {given} {values}", excerpt(template));
        let help = if places < given { "write a `{}` where each value goes" } else { "give a value for each `{}`" };
        return Err(FuncError::new(202, message).help(help).into());
    }
    let mut out = String::new();
    for (i, piece) in template.split("{}").enumerate() {
        if i > 0 {
            push(args, &mut out, args.raw(i))?;
        }
        out.push_str(piece);
    }
    text(args, out)
}

thread_local! {
    /// The patterns that were compiled last: a check is held against many resources.
    static PATTERNS: RefCell<FxHashMap<EcoString, Rc<Regex>>> = RefCell::default();
}

/// How many patterns are kept.
const MAX_PATTERNS: usize = 256;

/// How large a compiled pattern may be, in bytes: `(a{1000}){1000}` is short only as it is written.
const MAX_COMPILED: usize = 1 << 20;

fn matches(args: Args<'_>) -> Outcome {
    let (text, pattern) = (args.text(0)?, args.text(1)?);
    if pattern.len() > MAX_PATTERN {
        let message = format!("a pattern has at most {MAX_PATTERN} bytes, and this one has {}", pattern.len());
        return Err(FuncError::new(205, message).into());
    }
    Ok(Value::Bool(compiled(pattern)?.is_match(text)))
}

fn compiled(pattern: &str) -> Result<Rc<Regex>, FuncError> {
    PATTERNS.with_borrow_mut(|known| {
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.clone());
        }
        let compile = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build();
        // By itself first: a pattern may not close the group that is put around it.
        let whole = compile(pattern).and_then(|_| {
            // A comment that ends the pattern would take the end of the group with it.
            compile(&format!("^(?:{pattern})$")).or_else(|_| compile(&format!("^(?:{pattern}\n)$")))
        });
        let regex = Rc::new(whole.map_err(|why| {
            let message = format!("{} is not a regular expression: {why}", excerpt(pattern));
            FuncError::new(202, message)
        })?);
        if known.len() >= MAX_PATTERNS {
            known.clear();
        }
        known.insert(pattern.into(), regex.clone());
        Ok(regex)
    })
}

fn json(args: Args<'_>) -> Outcome {
    let value = args.ground(0)?;
    check_json(value)?;
    if spend_json(value, &mut MAX_TEXT.clone()).is_none() {
        let message = format!("`json` would give more than the {MAX_TEXT} bytes that a text may have");
        return Err(FuncError::new(205, message).into());
    }
    text(args, format::to_json(value, &|term| term.to_string()).to_string())
}

/// Takes a document's bytes from those that are left, before it is made: values that share
/// their parts are written out each time. `None` where there are not as many.
fn spend_json(value: &Value, left: &mut usize) -> Option<()> {
    let count = match value {
        Value::None => return spend("null".len(), left),
        Value::Bool(_) | Value::Int(_) => return spend(value.to_string().len(), left),
        Value::Str(text) => return spend_quoted(text, left),
        Value::List(items) | Value::Tuple(items) => {
            items.iter().try_for_each(|item| spend_json(item, left))?;
            items.len()
        }
        Value::Map(map) => {
            for (key, value) in map.iter() {
                spend_quoted(&format::json_key(key), left)?;
                spend(":".len(), left)?;
                spend_json(value, left)?;
            }
            map.len()
        }
        Value::Record(record) => {
            for (name, value) in record.iter() {
                spend_quoted(name.as_str(), left)?;
                spend(":".len(), left)?;
                spend_json(value, left)?;
            }
            record.len()
        }
        scalar => return spend_quoted(&scalar.to_string(), left),
    };
    spend("[]".len() + count.saturating_sub(1), left)
}

fn spend(bytes: usize, left: &mut usize) -> Option<()> {
    *left = left.checked_sub(bytes)?;
    Some(())
}

/// The same of a text, as JSON writes it.
fn spend_quoted(text: &str, left: &mut usize) -> Option<()> {
    let length = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..32 => 6,
        _ => 1,
    };
    // No shorter than it is: what is much too long is not read.
    if text.len() > *left {
        return None;
    }
    spend(text.bytes().map(length).sum::<usize>() + "\"\"".len(), left)
}

/// Refuses what has no place in a document.
fn check_json(value: &Value) -> Result<(), FuncError> {
    match value {
        Value::Secret(_) => Err(FuncError::new(801, "a secret can't become part of a JSON document")),
        Value::Resource(_) => Err(FuncError::new(201, "a resource can't become part of a JSON document")
            .help("name the attribute or output that is meant: `vpc.id`")),
        Value::List(items) | Value::Tuple(items) => items.iter().try_for_each(check_json),
        Value::Map(map) => map.values().try_for_each(check_json),
        Value::Record(record) => record.iter().try_for_each(|(_, value)| check_json(value)),
        _ => Ok(()),
    }
}

fn sha256(args: Args<'_>) -> Outcome {
    let digest = sha2::Sha256::digest(args.text(0)?.as_bytes());
    let mut out = EcoString::new();
    for byte in digest {
        let _ = write!(out, "{byte:02x}");
    }
    Ok(Value::Str(out))
}

fn secret(args: Args<'_>) -> Outcome {
    let source = args.text(0)?;
    if source.strip_prefix("ssm:").is_none_or(str::is_empty) {
        let message = format!("{} names no source of secrets", excerpt(source));
        return Err(FuncError::new(202, message).help("write `secret(\"ssm:/path\")`").into());
    }
    Ok(Value::Secret(Arc::new(SecretRef { source: source.into(), version: None })))
}
