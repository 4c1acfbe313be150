//! The simulator, held to what AWS's documentation says, as the proofs are.

#[expect(dead_code, reason = "the proofs' test uses the rest")]
#[path = "../../../tests/dns/mod.rs"]
mod dns;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

use dns::{Expected, Statement};
use topo_lang::{Memory, Options as LoadOptions, load};
use topo_model::{Desired, ResId};
use topo_simulate::{Loss, Lost, Options, Worst, answers, simulate};
use topo_verify::{Bound, Observed, verify};

#[test]
fn the_simulator_answers_as_the_documentation_says() {
    let all = dns::all();
    let (mut wrong, mut held) = (String::new(), 0);
    for statement in &all {
        for expected in &statement.expected {
            match meets(statement, expected) {
                Ok(is_held) => held += usize::from(is_held),
                Err(problem) => {
                    let _ = writeln!(wrong, "{} ({}): {problem}", statement.id, statement.page);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(held >= 70, "only {held} statements of {} are held", all.len());
}

/// Whether a statement is held; `false` where it is none about answers or times.
fn meets(statement: &Statement, expected: &Expected) -> Result<bool, String> {
    match expected {
        Expected::Beyond(_) | Expected::Refused(_) => Ok(false),
        Expected::Answers { name, letters } => {
            let desired = expand(&statement.program)?;
            let by_name: BTreeMap<String, ResId> = desired.iter().map(|(id, _)| (desired.address(id), id)).collect();
            let find = |name: &String| by_name.get(&dns::check_name(name)).or_else(|| by_name.get(name)).copied();
            let failed: Vec<ResId> =
                statement.failed.iter().map(find).collect::<Option<_>>().ok_or("it fails what is not there")?;
            let name = format!("{name}.example.com").replace("@.", "");
            let sets = answers(&desired, &name, &failed).into_iter();
            let mut given: Vec<&String> = sets.map(|id| &statement.letters[&desired.address(id)]).collect();
            given.sort();
            given.dedup();
            if given == letters.iter().collect::<Vec<_>>() {
                Ok(true)
            } else {
                Err(format!("{given:?}, not {letters:?}"))
            }
        }
        Expected::Lost { .. } => slowest(&expand(&statement.program)?),
    }
}

/// The slowest loss takes as long as its sum, which the proofs' own test holds to the statement.
fn slowest(desired: &Desired) -> Result<bool, String> {
    let report = verify(desired, &Observed::new());
    let proof = report.proofs.first().ok_or("no proof")?;
    let loss = proof.worst().ok_or("no loss")?;
    let lost = match &loss.lost {
        topo_verify::Loss::Outside { name, .. } => {
            vec![name.parse::<IpAddr>().map_or_else(|_| Lost::Name(name.clone()), Lost::Address)]
        }
        topo_verify::Loss::Regions(regions) => regions.iter().map(|region| Lost::Region(*region)).collect(),
        topo_verify::Loss::Zone { region, zone } => vec![Lost::Zone { region: *region, zone: *zone }],
    };
    let options = Options { seed: 1, runs: 0, names: vec![proof.endpoint.clone()] };
    let simulation =
        simulate(desired, &Loss { lost, lasts: None }, &options).map_err(|problem| format!("{problem:?}"))?;
    let bound = loss.recovery.as_ref().map_or(Worst::Untouched, |bound| Worst::Within(bound.total()));
    if simulation.names[0].worst == bound {
        Ok(true)
    } else {
        let sum = loss.recovery.as_ref().map(Bound::arithmetic);
        Err(format!("{:?}, not {sum:?}", simulation.names[0].worst))
    }
}

fn expand(program: &str) -> Result<Desired, String> {
    let loaded = load(&Memory::new([("main.topo", program)]), &LoadOptions::default());
    let refused = |found: &[topo_model::Diagnostic]| {
        let found: Vec<String> = found.iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
        format!("refused: {}", found.join("; "))
    };
    let Some(program) = loaded.program else { return Err(refused(&loaded.diagnostics)) };
    let expanded = program.expand(None);
    expanded.desired.ok_or_else(|| refused(&expanded.diagnostics))
}
