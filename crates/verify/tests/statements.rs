//! The model of the DNS, held to what AWS's documentation says.

#[path = "../../../tests/dns/mod.rs"]
mod dns;

use std::collections::BTreeMap;
use std::fmt::Write;

use dns::{Expected, Statement};
use topo_lang::{Memory, Options, load};
use topo_model::{Desired, Diagnostic, ResId};
use topo_verify::{Observed, answers, verify};

#[test]
fn the_model_answers_as_the_documentation_says() {
    let all = dns::all();
    let (mut wrong, mut held) = (String::new(), 0);
    for statement in &all {
        for expected in &statement.expected {
            match meets(statement, expected) {
                Ok(true) => held += 1,
                Ok(false) => {}
                Err(problem) => {
                    let _ = writeln!(wrong, "{} ({}): {problem}", statement.id, statement.page);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(held >= 95, "only {held} statements of {} are held", all.len());
}

/// Whether a statement is held; `false` where it is beyond the model.
fn meets(statement: &Statement, expected: &Expected) -> Result<bool, String> {
    match expected {
        Expected::Beyond(why) if why.is_empty() => Err("beyond, and no reason".to_owned()),
        Expected::Beyond(_) => Ok(false),
        Expected::Refused(code) => {
            let found = match expand(&statement.program) {
                Ok(desired) => verify(&desired, &Observed::new()).findings,
                Err(found) => found,
            };
            let codes: Vec<String> = found.iter().map(|found| found.code.to_string()).collect();
            if codes.contains(code) { Ok(true) } else { Err(format!("refused {code}, not {codes:?}")) }
        }
        Expected::Answers { name, letters } => {
            let desired = expand(&statement.program).map_err(|found| refusal(&found))?;
            let by_name: BTreeMap<String, ResId> = desired.iter().map(|(id, _)| (desired.address(id), id)).collect();
            let failed: Vec<ResId> = statement
                .failed
                .iter()
                .map(|name| by_name.get(&dns::check_name(name)).or_else(|| by_name.get(name)).copied())
                .collect::<Option<_>>()
                .ok_or("it fails what is not there")?;
            let mut given: Vec<&String> = answers(&desired, &format!("{name}.example.com").replace("@.", ""), &failed)
                .into_iter()
                .map(|id| &statement.letters[&desired.address(id)])
                .collect();
            given.sort();
            given.dedup();
            if given == letters.iter().collect::<Vec<_>>() {
                Ok(true)
            } else {
                Err(format!("{given:?}, not {letters:?}"))
            }
        }
        Expected::Lost { letter, arithmetic } => {
            let desired = expand(&statement.program).map_err(|found| refusal(&found))?;
            let report = verify(&desired, &Observed::new());
            let proof = report.proofs.first().ok_or("no proof")?;
            statement.letters.values().find(|l| *l == letter).ok_or("no such letter")?;
            let given = proof.worst().and_then(|loss| loss.recovery.as_ref()).map(topo_verify::Bound::arithmetic);
            let given = given.unwrap_or_default();
            if given.starts_with(&format!("{arithmetic} =")) {
                Ok(true)
            } else {
                Err(format!("{given}, not {arithmetic}"))
            }
        }
    }
}

fn refusal(found: &[Diagnostic]) -> String {
    let found: Vec<String> = found.iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
    format!("refused: {}", found.join("; "))
}

fn expand(program: &str) -> Result<Desired, Vec<Diagnostic>> {
    let files = BTreeMap::from([("main.topo".to_owned(), program.to_owned())]);
    let loaded = load(&Memory::new(files), &Options::default());
    let Some(program) = loaded.program else { return Err(loaded.diagnostics) };
    let expanded = program.expand(None);
    expanded.desired.ok_or(expanded.diagnostics)
}
