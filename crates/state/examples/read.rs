//! How long a state takes to write and to read: `cargo run --release -p topo-state --example
//! read -- 10000`. The resources are those of `cargo xtask bench`.
#![expect(clippy::print_stdout, reason = "a measurement is for people")]

use std::path::Path;
use std::time::{Duration, Instant};

use topo_model::{Attributes, Intent, IntentId, ObjectId, Operation, RecordedResource, Symbol, TopoId, Value};
use topo_state::{Change, Error, Holder, Location, Log, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let directory = std::env::temp_dir().join(format!("topo-state-{}", std::process::id()));
    let outcome = measure(&directory, count);
    std::fs::remove_dir_all(&directory)?;
    Ok(outcome?)
}

fn measure(directory: &Path, count: usize) -> Result<(), Error> {
    let location = Location::new("file:.topo", directory, "bench", "sandbox", None)?;
    let holder = Holder { who: "bench".to_owned(), command: "apply".to_owned(), pid: 1, since: 0 };

    let started = Instant::now();
    let mut log = Log::open(&location, &holder)?;
    let intents: Vec<Change> = (0..count).map(|i| Change::Intent(Box::new(intent(i)))).collect();
    let ids = log.append(intents)?;
    let puts = ids.iter().enumerate().map(|(i, id)| put(i, IntentId(*id))).collect();
    log.append(puts)?;
    println!("write {count} intents and outcomes  {:>9.1?}", started.elapsed());
    println!("read the log                        {:>9.1?}", median(|| read(&location))?);

    let started = Instant::now();
    log.append(vec![Change::Outputs(Attributes::new())])?;
    println!("write one entry                     {:>9.1?}", started.elapsed());
    let started = Instant::now();
    let renames = (0..count).map(|i| Change::Renamed { from: address(i), to: format!("part.{}", address(i)) });
    log.append(renames.collect())?;
    println!("rename all                          {:>9.1?}", started.elapsed());

    let started = Instant::now();
    log.close()?;
    println!("end the run, with a snapshot        {:>9.1?}", started.elapsed());
    println!("read the snapshot                   {:>9.1?}", median(|| read(&location))?);
    Ok(())
}

/// What comes of a run is let go after the clock has stopped.
fn median<T>(mut run: impl FnMut() -> Result<T, Error>) -> Result<Duration, Error> {
    let mut times = Vec::new();
    for _ in 0..9 {
        let started = Instant::now();
        let result = run()?;
        times.push(started.elapsed());
        drop(result);
    }
    times.sort();
    Ok(times[4])
}

fn address(i: usize) -> String {
    format!("r{i}")
}

fn needs(i: usize) -> Vec<String> {
    let needs = [i.checked_sub(1).map(|i| i / 10), i.checked_sub(7).map(|i| i / 3)];
    needs.into_iter().flatten().map(address).collect()
}

fn topo_id(i: usize) -> TopoId {
    TopoId(format!("0198c0de-0000-7000-8000-{i:012}").into())
}

fn attributes(i: usize) -> Attributes {
    let ids: Vec<String> = needs(i).iter().map(|n| format!("data-0198c0de00007000-{n}")).collect();
    [(Symbol::new("value"), Value::str(format!("item {i} {}", ids.join(" "))))].into_iter().collect()
}

fn intent(i: usize) -> Intent {
    Intent {
        id: IntentId(0),
        operation: Operation::Create,
        address: address(i),
        kind: Symbol::new("core.Data"),
        region: None,
        topo_id: topo_id(i),
        object: None,
        attributes: attributes(i),
        needs: needs(i),
        at: 1_780_000_000_000,
    }
}

fn put(i: usize, intent: IntentId) -> Change {
    let id = format!("data-0198c0de00007000-r{i}");
    Change::Put {
        intent: Some(intent),
        resource: Box::new(RecordedResource {
            address: address(i),
            kind: Symbol::new("core.Data"),
            region: None,
            topo_id: topo_id(i),
            id: ObjectId(id.as_str().into()),
            ready: true,
            attributes: attributes(i),
            outputs: [(Symbol::new("id"), Value::str(id))].into_iter().collect(),
            needs: needs(i),
            protect: false,
            replace: None,
            deposed: Vec::new(),
        }),
    }
}
