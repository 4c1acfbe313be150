//! `topo simulate`: what clients see when something is lost.

use topo_model::{Desired, Value};
use topo_simulate::{Choices, Loss, Lost, Options, Problem, simulate};

use crate::args::Simulate;
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::literal;
use crate::output::Output;
use crate::project::Project;
use crate::render::{listed, simulation};

/// How many words are named of those that can be lost.
const FEW: usize = 12;

/// Plays the loss out and shows it.
pub(crate) fn run(options: &Simulate, output: &mut Output) -> Result {
    let lasts = options.lasts.as_deref().map(duration).transpose()?;
    let project = Project::load(&options.reads)?;
    let env = project.environment_of_program(&options.reads.options, output)?;
    let desired = project.desired(env, output)?.desired;
    let loss = Loss { lost: lost(&options.lose, &desired)?, lasts };
    let asked = Options { seed: options.seed, runs: options.runs, names: options.name.clone() };
    let result = simulate(&desired, &loss, &asked).map_err(nothing)?;
    if output.json() {
        output.document(&format::simulation::document(&result, &desired, &options.lose, lasts));
    } else {
        output.result(&simulation::all(&result, &desired, &options.lose, lasts));
    }
    Ok(Exit::Done)
}

fn duration(text: &str) -> Result<i64> {
    match literal::value(text)? {
        Value::Duration(ms) if ms > 0 => Ok(ms),
        _ => Err(Failure::usage(format!("'--for {text}' is no length of time")).help("write one, as in --for 10m")),
    }
}

fn lost(words: &[String], desired: &Desired) -> Result<Vec<Lost>> {
    let choices = Choices::of(desired);
    if !choices.has_records() {
        return Err(nothing(Problem::NoRecords));
    }
    let mut lost = Vec::new();
    for word in words {
        lost.extend(choices.find(word).ok_or_else(|| unknown(word, &choices.words()))?);
    }
    Ok(lost)
}

fn unknown(word: &str, known: &[String]) -> Failure {
    let failure = Failure::error(format!("'{word}' is no region, zone, address, name or endpoint of this program"));
    failure.help(match nearest(word, known) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("it has {}", some(known)),
    })
}

fn nothing(problem: Problem) -> Failure {
    match problem {
        Problem::NoRecords => {
            Failure::error("the program has no record sets, so there is no name whose clients could be followed")
                .help("write one, for example with `std.dns`")
        }
        Problem::NoName { name, known } => {
            let failure = Failure::error(format!("no record of this program leads from {name} to an endpoint"));
            failure.help(match nearest(&name, &known) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("it has records of {}", some(&known)),
            })
        }
    }
}

fn nearest<'k>(word: &str, known: &'k [String]) -> Option<&'k str> {
    let limit = (word.len() / 3).clamp(1, 4);
    let distance = |known: &'k String| (strsim::damerau_levenshtein(word, known), known.as_str());
    let near = known.iter().map(distance).filter(|(distance, near)| *distance <= limit && *distance < near.len());
    near.min().map(|(_, near)| near)
}

fn some(known: &[String]) -> String {
    let few: Vec<&String> = known.iter().take(FEW).collect();
    match known.len() - few.len() {
        0 => listed(&few),
        more => {
            let few: Vec<&str> = few.iter().map(|word| word.as_str()).collect();
            format!("{} and {more} more", few.join(", "))
        }
    }
}
