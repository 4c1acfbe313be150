//! Takes out of an output what differs from run to run: the directory, times, digests,
//! the ids that topo makes.

use std::path::Path;

/// The text with such parts named.
pub(crate) fn text(text: &str, dir: &Path) -> String {
    let mut out = String::new();
    for line in text.replace(&dir.display().to_string(), "[DIR]").split_inclusive('\n') {
        let line = &milliseconds(line);
        // Cut at what no such part holds; the cuts are kept.
        let mut word = String::new();
        for c in line.chars() {
            if c.is_alphanumeric() || "-:.+_".contains(c) {
                word.push(c);
            } else {
                out.push_str(&token(&word));
                word.clear();
                out.push(c);
            }
        }
        out.push_str(&token(&word));
    }
    out
}

/// `"ms":27` in an event.
fn milliseconds(line: &str) -> String {
    match line.split_once("\"ms\":").filter(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit())) {
        Some((before, after)) => {
            format!("{before}\"ms\":[LENGTH]{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => line.to_owned(),
    }
}

fn token(word: &str) -> String {
    let stripped = word.trim_end_matches(['.', ':']);
    let rest = &word[stripped.len()..];
    let name = if is_uuid(stripped) {
        "[UUID]"
    } else if is_time(stripped) {
        "[TIME]"
    } else if is_digest(stripped) {
        "[DIGEST]"
    } else if is_length(stripped) {
        "[LENGTH]"
    } else {
        return word.to_owned();
    };
    format!("{name}{rest}")
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// `2026-11-23`, `12:00:05`, `2026-11-23T12:00:05.3Z`.
fn is_time(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let only = word.chars().all(|c| c.is_ascii_digit() || "-:.TZ+".contains(c));
    only && digits >= 6 && (word.matches('-').count() >= 2 || word.matches(':').count() == 2)
}

fn is_digest(word: &str) -> bool {
    [12, 16, 40, 64].contains(&word.len())
        && word.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase())
        && word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_alphabetic())
}

/// `340ms`, `1.2s`: how long something took. The program's own lengths are whole seconds.
fn is_length(word: &str) -> bool {
    let number = |n: &str| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit());
    word.strip_suffix("ms").is_some_and(number)
        || word.strip_suffix('s').and_then(|n| n.split_once('.')).is_some_and(|(a, b)| number(a) && number(b))
}
