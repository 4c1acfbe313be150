//! Reading a log file, and telling what a crash left from damage.
//!
//! Each append is durable before the next one begins. So a crash of the process or of the
//! machine can have spoilt the last append only, though any part of that: the machine may
//! have written its second page and not its first. A bad line that belongs to the last
//! append is dropped with all of it; nobody was told that it is durable. A bad line before
//! that is damage, and nothing is read.

use std::path::Path;

use rayon::prelude::*;

use crate::disk::{Header, LogFile, check_format, read_file};
use crate::error::io;
use crate::line::{self, Line, Place};
use crate::replay::Replay;
use crate::snapshot::decode;
use crate::{Change, Error, Location};

/// The header line of a log file.
pub(crate) fn header(location: &Location) -> Vec<u8> {
    let mut text = Vec::new();
    line::write(&mut text, Place::alone(0), &Header::new(location))
        .expect("plain data can be written as JSON; this is a bug in topo");
    text
}

/// Adds a log file's entries to a state; gives the length of its whole appends, 0 where a new
/// file must be begun. What is torn is forgiven in the last file only.
pub(crate) fn read(file: &LogFile, location: &Location, is_last: bool, replay: &mut Replay) -> Result<u64, Error> {
    let path = &file.path;
    let missing = || io(path)(std::io::ErrorKind::NotFound.into());
    let text = read_file(path)?.ok_or_else(missing)?;
    let (lines, cut) = line::cut(&text);
    let Some(head) = lines.first().filter(|l| l.is_whole()) else {
        // It is durable before there is an entry, so a torn one stands alone.
        if is_last && text.len() <= header(location).len() && file.first == replay.serial() + 1 {
            return Ok(0);
        }
        return Err(Error::damaged(path, 1, "its checksum does not fit"));
    };
    check_format(path, head.json)?;
    decode::<Header>(path, 0, head.json)?.check(path, location)?;
    if file.first > replay.serial() + 1 {
        let why = format!("the entries from {} to {} are missing before it", replay.serial() + 1, file.first - 1);
        return Err(Error::damaged(path, 1, &why));
    }
    let start = head.length + 1;
    let decoded = decode_all(&lines[1..]);
    let mut reader = Reader { path, replay, next: file.first, whole: start, at: start, open: Vec::new() };
    for (i, (line, change)) in lines[1..].iter().zip(decoded).enumerate() {
        let Some(change) = change else {
            return torn(&reader, &text, i + 2, is_last);
        };
        let change = change.map_err(|e| Error::damaged(path, i + 2, &e.to_string()))?;
        reader.line(i + 2, line, change)?;
    }
    if cut.is_some() || !reader.open.is_empty() {
        return torn(&reader, &text, lines.len() + 1, is_last);
    }
    Ok(reader.end())
}

/// The changes of the lines; `None` where the checksum does not fit.
fn decode_all(lines: &[Line<'_>]) -> Vec<Option<serde_json::Result<Change>>> {
    let decode = |line: &Line<'_>| line.is_whole().then(|| serde_json::from_slice(line.json));
    lines.par_iter().with_min_len(64).map(decode).collect()
}

/// Reads line after line.
struct Reader<'a> {
    path: &'a Path,
    replay: &'a mut Replay,
    /// The serial that comes next.
    next: u64,
    /// Where the last whole append ends.
    whole: usize,
    /// Where the last good line ends.
    at: usize,
    /// The changes of the append that is being read, until its last line is seen.
    open: Vec<Change>,
}

impl Reader<'_> {
    /// Takes a good line; `number` counts from 1.
    fn line(&mut self, number: usize, line: &Line<'_>, change: Change) -> Result<(), Error> {
        let Place { serial, first, last } = line.place;
        let begins = self.next - self.open.len() as u64;
        if serial != self.next || first != begins {
            let why = format!("entry {serial} stands where entry {} is due", self.next);
            return Err(Error::damaged(self.path, number, &why));
        }
        self.next += 1;
        self.at += line.length + 1;
        self.open.push(change);
        if serial == last {
            self.whole = self.at;
            for (serial, change) in (first..).zip(self.open.drain(..)) {
                // What the snapshot holds already is passed over.
                if serial > self.replay.serial() {
                    self.replay.add(change);
                }
            }
        }
        Ok(())
    }

    /// Where the next append goes: behind the last whole one, or nowhere in this file (0)
    /// where the snapshot is ahead of it.
    fn end(&self) -> u64 {
        let begins = self.next - self.open.len() as u64;
        if begins <= self.replay.serial() { 0 } else { self.whole as u64 }
    }
}

/// What is to be made of a bad line: the length of the whole appends before it where it
/// belongs to the last one, else the damage.
fn torn(reader: &Reader<'_>, text: &[u8], number: usize, is_last: bool) -> Result<u64, Error> {
    let begins = reader.next - reader.open.len() as u64;
    if is_last && !goes_on(&text[reader.at..], begins) {
        return Ok(reader.end());
    }
    Err(Error::damaged(reader.path, number, "its checksum does not fit"))
}

/// Whether anything in `rest`, which begins with a bad line, was written after the append
/// that begins with serial `begins`.
fn goes_on(rest: &[u8], begins: u64) -> bool {
    let starts = std::iter::once(0).chain(rest.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1));
    starts.filter_map(|at| Some((at, Line::at_start(&rest[at..])?))).filter(|(_, line)| line.is_whole()).any(
        |(at, line)| {
            let ends = at + line.length + 1;
            line.place.first != begins || (line.place.serial == line.place.last && ends < rest.len())
        },
    )
}
