//! The snapshot: what the entries before the oldest log file add up to, for a shorter way
//! to the same sum.
//!
//! A head line with the counts, then the runs of the history, the outputs, the intents and
//! the resources, one a line, in the form of [`crate::line`] with the line's number as its
//! serial. It is put in place as a whole, so nothing in it can be torn.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use topo_model::Recorded;

use crate::disk::{Header, check_format, read_file};
use crate::error::io;
use crate::line::{self, Line, Place};
use crate::{Error, Location, State};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    #[serde(flatten)]
    header: Header,
    serial: u64,
    history: usize,
    intents: usize,
    resources: usize,
}

/// A state as the snapshot's text.
pub(crate) fn write(state: &State, location: &Location) -> Result<Vec<u8>, Error> {
    let State { recorded, history } = state;
    let head = Head {
        header: Header::new(location),
        serial: recorded.serial,
        history: history.len(),
        intents: recorded.intents.len(),
        resources: recorded.resources.len(),
    };
    let mut text = Vec::with_capacity(512 * (recorded.resources.len() + 8));
    let mut number = 0;
    let mut place = || {
        number += 1;
        Place::alone(number)
    };
    let mut all = || {
        line::write(&mut text, place(), &head)?;
        history.iter().try_for_each(|run| line::write(&mut text, place(), run))?;
        line::write(&mut text, place(), &recorded.outputs)?;
        recorded.intents.iter().try_for_each(|intent| line::write(&mut text, place(), intent))?;
        recorded.resources.values().try_for_each(|resource| line::write(&mut text, place(), resource))
    };
    all().map_err(io(&location.snapshot()))?;
    Ok(text)
}

/// The state in an environment's snapshot; `None` where there is none.
pub(crate) fn read(location: &Location) -> Result<Option<State>, Error> {
    let path = location.snapshot();
    let Some(text) = read_file(&path)? else { return Ok(None) };
    let (lines, rest) = line::cut(&text);
    let reader = Reader { path, lines, whole: rest.is_none() };
    let head: Head = reader.head(location)?;
    reader.check_length(2 + head.history + head.intents + head.resources)?;
    let mut at = 1;
    let mut take = |n: usize| {
        at += n;
        at - n..at
    };
    let history = reader.many(take(head.history))?;
    let outputs = reader.one(take(1).start)?;
    let intents = reader.many(take(head.intents))?;
    let resources: Vec<topo_model::RecordedResource> = reader.many(take(head.resources))?;
    let resources = resources.into_iter().map(|r| (r.address.clone(), r)).collect();
    Ok(Some(State { recorded: Recorded { serial: head.serial, resources, intents, outputs }, history }))
}

struct Reader<'a> {
    path: PathBuf,
    lines: Vec<Line<'a>>,
    /// Whether nothing is left behind the lines.
    whole: bool,
}

impl Reader<'_> {
    fn head(&self, location: &Location) -> Result<Head, Error> {
        let json = self.json(0)?;
        check_format(&self.path, json)?;
        let head: Head = decode(&self.path, 0, json)?;
        head.header.check(&self.path, location)?;
        Ok(head)
    }

    fn check_length(&self, want: usize) -> Result<(), Error> {
        if self.lines.len() < want || !self.whole {
            return Err(Error::damaged(&self.path, self.lines.len() + 1, "it is cut short or changed here"));
        }
        if self.lines.len() > want {
            return Err(Error::damaged(&self.path, want + 1, "more follows than there should be"));
        }
        Ok(())
    }

    fn json(&self, at: usize) -> Result<&[u8], Error> {
        let line = self.lines.get(at).filter(|l| l.is_whole() && l.place == Place::alone(at as u64 + 1));
        let line = line.ok_or_else(|| Error::damaged(&self.path, at + 1, "its checksum does not fit"))?;
        Ok(line.json)
    }

    fn one<T: DeserializeOwned>(&self, at: usize) -> Result<T, Error> {
        decode(&self.path, at, self.json(at)?)
    }

    fn many<T: DeserializeOwned + Send>(&self, range: std::ops::Range<usize>) -> Result<Vec<T>, Error> {
        let results: Vec<Result<T, Error>> = range.into_par_iter().map(|at| self.one(at)).collect();
        results.into_iter().collect()
    }
}

/// Reads a line's JSON; `at` counts lines from 0.
pub(crate) fn decode<T: DeserializeOwned>(path: &Path, at: usize, json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|e| Error::damaged(path, at + 1, &e.to_string()))
}
