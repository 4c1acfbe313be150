//! The form of a line, of the log and of the snapshot alike:
//!
//! ```text
//! <checksum> <length> <serial> <first>-<last> <json>
//! ```
//!
//! The checksum covers everything behind it; the length is the JSON's in bytes. `first` and
//! `last` are the serials of the append that the line was written by: an append is read as a
//! whole or not at all. The first line of a file keeps this form in every format, so that a
//! newer one is known for what it is.

use serde::Serialize;

/// The longest that stands before a line's JSON.
const PREFIX: usize = 9 + 21 * 4;

/// Deeper JSON is refused when it is written, since it could not be read again.
const MAX_DEPTH: u32 = 100;

/// Which line of which append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) serial: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Place {
    /// A line that is an append by itself.
    pub(crate) fn alone(serial: u64) -> Place {
        Place { serial, first: serial, last: serial }
    }
}

/// A line whose checksum has not been asked for yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) place: Place,
    pub(crate) json: &'a [u8],
    sum: u32,
    summed: &'a [u8],
    /// How many bytes it takes, without its newline.
    pub(crate) length: usize,
}

impl<'a> Line<'a> {
    /// The line that `text` begins with, as far as its prefix tells.
    pub(crate) fn at_start(text: &'a [u8]) -> Option<Line<'a>> {
        let head = &text[..text.len().min(PREFIX)];
        let mut at = 0;
        let mut word = |end: u8| {
            let length = head[at..].iter().position(|b| *b == end)?;
            let word = &head[at..at + length];
            at += length + 1;
            Some(word)
        };
        let sum = checksum(word(b' ')?)?;
        let length = usize::try_from(decimal(word(b' ')?)?).ok()?;
        let serial = decimal(word(b' ')?)?;
        let first = decimal(word(b'-')?)?;
        let last = decimal(word(b' ')?)?;
        let end = at.checked_add(length)?;
        let json = text.get(at..end)?;
        Some(Line { place: Place { serial, first, last }, json, sum, summed: &text[9..end], length: end })
    }

    /// Whether it is as it was written.
    pub(crate) fn is_whole(&self) -> bool {
        let Place { serial, first, last } = self.place;
        self.sum == crc32fast::hash(self.summed) && first <= serial && serial <= last
    }
}

/// A checksum as it is written here: eight digits, letters small.
fn checksum(word: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(word).ok()?;
    let own = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if digits.len() == 8 && own { u32::from_str_radix(digits, 16).ok() } else { None }
}

/// A number as it is written here: digits only, no sign, no needless zero.
fn decimal(word: &[u8]) -> Option<u64> {
    if word.is_empty() || (word.len() > 1 && word[0] == b'0') {
        return None;
    }
    word.iter().try_fold(0_u64, |n, b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// Cuts a file into lines by their lengths. Gives the lines, and where what follows them
/// has no such form.
pub(crate) fn cut(text: &[u8]) -> (Vec<Line<'_>>, Option<usize>) {
    let mut lines = Vec::with_capacity(text.len() / 256);
    let mut at = 0;
    while at < text.len() {
        match Line::at_start(&text[at..]) {
            Some(line) if text.get(at + line.length) == Some(&b'\n') => {
                at += line.length + 1;
                lines.push(line);
            }
            _ => return (lines, Some(at)),
        }
    }
    (lines, None)
}

/// Writes a line.
pub(crate) fn write<T: Serialize>(out: &mut Vec<u8>, place: Place, value: &T) -> std::io::Result<()> {
    let json = serde_json::to_vec(value).map_err(std::io::Error::from)?;
    if depth(&json) > MAX_DEPTH {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "a value is nested so deeply that it could not be read again",
        ));
    }
    let start = out.len();
    let Place { serial, first, last } = place;
    out.extend_from_slice(format!("00000000 {} {serial} {first}-{last} ", json.len()).as_bytes());
    out.extend_from_slice(&json);
    let sum = format!("{:08x}", crc32fast::hash(&out[start + 9..]));
    out[start..start + 8].copy_from_slice(sum.as_bytes());
    out.push(b'\n');
    Ok(())
}

/// How deeply brackets nest.
fn depth(json: &[u8]) -> u32 {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_u32, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
