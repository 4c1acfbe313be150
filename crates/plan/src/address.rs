//! Rendered addresses and patterns over them: `net[ap-east-2].subnet["a"]`,
//! `--target 'net[*]'`, `moved vpc -> net[*].vpc`.

use thiserror::Error;
use topo_model::{Pattern, PatternKey, PatternStep, Span, Symbol};

/// One step of a rendered address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// The name.
    pub(crate) name: &'a str,
    /// What stands between the brackets, in source form.
    pub(crate) key: Option<&'a str>,
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not an address; write one like `vpc`, `net[ap-east-2].vpc` or `net[*]`")]
pub struct PatternError(pub String);

/// Reads an address as a user types it on the command line; `[*]` stands for any key.
///
/// # Errors
///
/// A text that no address can look like.
pub fn pattern(text: &str) -> Result<Pattern, PatternError> {
    let steps = parts(text.trim()).into_iter().map(|part| {
        let key = match part.key {
            None => PatternKey::Absent,
            Some("*") => PatternKey::Any,
            Some(key) => PatternKey::Key(key.to_owned()),
        };
        let named = part.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && part.key != Some("");
        named.then(|| PatternStep { name: Symbol::new(part.name), key })
    });
    let steps: Option<Vec<_>> = steps.collect();
    let steps = steps.filter(|s| !s.is_empty()).ok_or_else(|| PatternError(text.to_owned()))?;
    Ok(Pattern { steps, span: Span::NONE })
}

/// The steps of a rendered address. Dots and brackets inside keys and strings don't count.
pub(crate) fn parts(address: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut start) = (0_u32, false, false, 0);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth = depth.saturating_sub(1),
            b'.' if depth == 0 => {
                parts.push(part(&address[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(part(&address[start..]));
    parts
}

fn part(text: &str) -> Part<'_> {
    let keyed = text.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
    match keyed {
        Some((name, key)) => Part { name, key: Some(key) },
        None => Part { name: text, key: None },
    }
}

/// Joins steps to an address again.
pub(crate) fn join(parts: &[Part<'_>]) -> String {
    let mut out = String::new();
    for part in parts {
        push(&mut out, part.name, part.key);
    }
    out
}

fn push(out: &mut String, name: &str, key: Option<&str>) {
    if !out.is_empty() {
        out.push('.');
    }
    out.push_str(name);
    if let Some(key) = key {
        out.push('[');
        out.push_str(key);
        out.push(']');
    }
}

/// Whether the pattern names the address or something that it is part of; what its open
/// keys stand for, in order.
pub(crate) fn bind<'a>(pattern: &Pattern, parts: &[Part<'a>]) -> Option<Vec<&'a str>> {
    if pattern.steps.len() > parts.len() {
        return None;
    }
    let mut bound = Vec::new();
    for (step, part) in pattern.steps.iter().zip(parts) {
        match (&step.key, part.key) {
            _ if step.name != part.name => return None,
            (PatternKey::Absent, None) => {}
            (PatternKey::Any, Some(key)) => bound.push(key),
            (PatternKey::Key(wanted), Some(key)) if wanted == key => {}
            _ => return None,
        }
    }
    Some(bound)
}

/// Whether a pattern of the command line selects an address. A last step without brackets
/// stands for every instance of its name.
pub(crate) fn selects(pattern: &Pattern, parts: &[Part<'_>]) -> bool {
    if bind(pattern, parts).is_some() {
        return true;
    }
    let Some((last, before)) = pattern.steps.split_last() else { return false };
    let Some(part) = parts.get(before.len()) else { return false };
    let head = Pattern { steps: before.to_vec(), span: pattern.span };
    last.key == PatternKey::Absent && last.name == part.name && bind(&head, parts).is_some()
}

/// The address that a rename gives, where its old side names it.
pub(crate) fn rename(from: &Pattern, to: &Pattern, parts: &[Part<'_>]) -> Option<String> {
    let bound = bind(from, parts)?;
    let mut open = bound.into_iter();
    let mut out = String::new();
    for step in &to.steps {
        let key = match &step.key {
            PatternKey::Absent => None,
            PatternKey::Any => Some(open.next()?),
            PatternKey::Key(key) => Some(key.as_str()),
        };
        push(&mut out, step.name.as_str(), key);
    }
    for part in &parts[from.steps.len()..] {
        push(&mut out, part.name, part.key);
    }
    Some(out)
}

/// A pattern in source form.
pub(crate) fn show(pattern: &Pattern) -> String {
    let mut out = String::new();
    for step in &pattern.steps {
        let key = match &step.key {
            PatternKey::Absent => None,
            PatternKey::Any => Some("*"),
            PatternKey::Key(key) => Some(key.as_str()),
        };
        push(&mut out, step.name.as_str(), key);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rename(from: &str, to: &str, address: &str, expect: Option<&str>) {
        let (from, to) = (pattern(from).expect("a pattern"), pattern(to).expect("a pattern"));
        assert_eq!(rename(&from, &to, &parts(address)).as_deref(), expect);
    }

    #[test]
    fn steps_are_cut_outside_keys_and_strings_only() {
        let address = r#"net[ap-east-2].table[(ap-east-2a, "pub.lic]\"")].x"#;
        let found = parts(address);
        assert_eq!(found.iter().map(|p| p.name).collect::<Vec<_>>(), ["net", "table", "x"]);
        assert_eq!(found[1].key, Some(r#"(ap-east-2a, "pub.lic]\"")"#));
        assert_eq!(join(&found), address);
    }

    #[test]
    fn a_rename_takes_what_is_below_with_it() {
        check_rename("net", "core.net", "net.vpc", Some("core.net.vpc"));
        check_rename("net", "core.net", "network.vpc", None);
    }

    #[test]
    fn open_keys_are_carried_over_in_order() {
        check_rename("vpc[*]", "net[*].vpc", "vpc[ap-east-2]", Some("net[ap-east-2].vpc"));
        check_rename("vpc", "vpc[ap-east-2]", "vpc", Some("vpc[ap-east-2]"));
        check_rename("vpc[*]", "vpc", "vpc[ap-east-2]", Some("vpc"));
        check_rename("vpc[*]", "vpc", "vpc", None);
    }

    #[test]
    fn a_name_alone_selects_all_its_instances() {
        let net = pattern("net").expect("a pattern");
        assert!(selects(&net, &parts("net[ap-east-2].vpc")));
        assert!(!selects(&net, &parts("network")));
        let vpc = pattern("net[*].vpc").expect("a pattern");
        assert!(selects(&vpc, &parts("net[ap-east-2].vpc")));
        assert!(!selects(&vpc, &parts("net.vpc")));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ".", "a..b", "a[", "1a", "a[]", "a b"] {
            assert!(pattern(text).is_err(), "{text}");
        }
    }
}
