//! The question before anything is changed.

use std::io::{BufRead, IsTerminal};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::listed;
use crate::style::{self, paint};

/// Asks, unless `--yes` was given. Only `yes` is accepted; without a terminal nobody can
/// answer, and nothing is changed.
///
/// # Errors
///
/// [`Failure::Shown`] with exit 1, when nothing is to be changed.
pub(crate) fn ask(question: &str, yes: bool, output: &mut Output) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        output.problem(&format!(
            "{}: nobody can be asked, as there is no terminal; nothing was changed\n {}: run the same with \
             --yes\n",
            paint(style::ERROR, "error"),
            paint(style::HELP, "help")
        ));
        return Err(Failure::Shown(Exit::Errors));
    }
    output.problem(&format!("\n{} ", paint(style::HEAD, question)));
    if accepted(&mut std::io::stdin().lock()) {
        return Ok(());
    }
    output.problem("Nothing was changed.\n");
    Err(Failure::Shown(Exit::Errors))
}

/// Whether the next line is `yes`, and nothing else.
pub(crate) fn accepted(answers: &mut dyn BufRead) -> bool {
    let mut line = String::new();
    answers.read_line(&mut line).is_ok() && matches!(line.as_str(), "yes" | "yes\n" | "yes\r\n")
}

/// Puts the question before a wave; tells whether there is anybody to answer it.
pub(crate) fn wave_question(wave: u32, plan: &topo_plan::Plan, output: &mut Output) -> bool {
    let regions = plan.waves.get(wave as usize).map_or(&[][..], |w| &w.regions);
    let names: Vec<&str> = regions.iter().map(|r| r.as_str()).collect();
    let wave = wave + 1;
    if !std::io::stdin().is_terminal() {
        output.note(&format!(
            "Wave {wave} ({}) waits for an approval, and there is no terminal to ask.\n",
            listed(&names)
        ));
        return false;
    }
    let question = format!("Go on with wave {wave} ({})? Only 'yes' is accepted:", listed(&names));
    output.problem(&format!("\n{} ", paint(style::HEAD, question)));
    true
}

/// Waits for the answer beside everything else, so that a signal is heard.
pub(crate) async fn answer() -> topo_exec::Approval {
    let read = tokio::task::spawn_blocking(|| accepted(&mut std::io::stdin().lock()));
    match read.await {
        Ok(true) => topo_exec::Approval::Yes,
        _ => topo_exec::Approval::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, expect: bool) {
        assert_eq!(accepted(&mut answer.as_bytes()), expect, "{answer:?}");
    }

    #[test]
    fn only_yes_is_accepted() {
        check("yes\n", true);
        check("yes", true);
        check("yes\r\n", true);
        for answer in ["", "\n", "y\n", "YES\n", "Yes\n", "yes please\n", "no\nyes\n", "yes\u{0}\n"] {
            check(answer, false);
        }
        for answer in [" yes\n", "yes \n", "yes \r\n", "\tyes\n", "yes\r", "yes\r\r\n", "yes\u{a0}\n"] {
            check(answer, false);
        }
    }
}
