//! The report as Markdown, ready for the book.

use super::measure::{Outcome, Sample};
use super::tool::Step;
use super::{Measured, Report, StepMeasured};

/// The whole report.
pub(super) fn markdown(report: &Report) -> String {
    let mut out = head(report);
    for measured in &report.compared {
        out.push_str(&compared(measured, report.limit_seconds));
    }
    if !report.series.is_empty() {
        out.push_str(&series(report));
    }
    if let Some(example) = report.example {
        out.push_str(&format!("\n`topo check examples/two-regions`: {}\n", wall(Some(example), report.limit_seconds)));
    }
    if let Some(failover) = report.failover {
        let what = "`topo check` with 1 000 record sets over 10 regions and 20 objectives";
        out.push_str(&format!("\n{what}: {}\n", wall(Some(failover), report.limit_seconds)));
    }
    out
}

fn head(report: &Report) -> String {
    let machine = &report.machine;
    let versions: Vec<&str> = [&machine.topo, &machine.terraform].into_iter().flatten().map(String::as_str).collect();
    format!(
        "{}, on {} with {} cores and {:.0} GiB ({}; load {} at the start). {}. Medians of {}, whole processes.\n",
        machine.date,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.system,
        machine.load,
        versions.join("; "),
        report.runs,
    )
}

/// Both tools at one size. Where one was left out, its columns are empty.
fn compared(measured: &Measured, limit: u64) -> String {
    let mut out = format!("\n{} resources:\n\n", grouped(measured.size));
    out.push_str("| step | wall: topo | terraform | ratio | CPU: topo | terraform | ratio | memory: topo | terraform | ratio |\n");
    out.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let mut made_up = false;
    for step in &measured.steps {
        made_up |= step.made_up_state;
        out.push_str(&compared_row(step, limit));
    }
    if made_up {
        out.push_str("\n\\* The state was written by the bench, since the apply was stopped.\n");
    }
    out
}

fn compared_row(measured: &StepMeasured, limit: u64) -> String {
    let StepMeasured { step, topo, terraform, made_up_state } = measured;
    let mut cells = vec![format!("{step}{}", if *made_up_state { " \\*" } else { "" })];
    for quantity in [Quantity::Wall, Quantity::Cpu, Quantity::Memory] {
        cells.push(quantity.cell(*topo, limit));
        cells.push(quantity.cell(*terraform, limit));
        cells.push(quantity.ratio(*topo, *terraform, limit));
    }
    format!("| {} |\n", cells.join(" | "))
}

/// What is told of a process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Wall,
    Cpu,
    Memory,
}

impl Quantity {
    fn of(self, sample: &Sample) -> f64 {
        match self {
            Quantity::Wall => sample.wall,
            Quantity::Cpu => sample.cpu,
            Quantity::Memory => sample.memory,
        }
    }

    fn cell(self, outcome: Option<Outcome>, limit: u64) -> String {
        match outcome {
            None => "–".to_owned(),
            Some(Outcome::Took(sample)) if self == Quantity::Memory => format!("{:.0} MiB", sample.memory),
            Some(Outcome::Took(sample)) => seconds(self.of(&sample)),
            // Of a process that was stopped only the time is known.
            Some(Outcome::Stopped) if self == Quantity::Wall => format!("stopped at {limit} s"),
            Some(Outcome::Stopped) => "–".to_owned(),
        }
    }

    /// How many times what Topo takes Terraform takes; at least, where it was stopped.
    fn ratio(self, topo: Option<Outcome>, terraform: Option<Outcome>, limit: u64) -> String {
        match (topo, terraform) {
            (Some(Outcome::Took(topo)), Some(Outcome::Took(terraform))) => times(self.of(&terraform) / self.of(&topo)),
            (Some(Outcome::Took(topo)), Some(Outcome::Stopped)) if self == Quantity::Wall => {
                format!("> {}", times(limit as f64 / topo.wall))
            }
            _ => "–".to_owned(),
        }
    }
}

/// Topo alone, size after size, each with its factor over the one before.
fn series(report: &Report) -> String {
    let mut out = String::from("\nTopo alone; in brackets the factor over the row before:\n\n| resources |");
    Step::ALL.iter().for_each(|step| out.push_str(&format!(" {step} | memory |")));
    out.push_str("\n| ---: |");
    out.push_str(&" ---: | ---: |".repeat(Step::ALL.len()));
    out.push('\n');
    let mut before: Option<&Measured> = None;
    for measured in &report.series {
        out.push_str(&format!("| {} |", grouped(measured.size)));
        for (i, step) in measured.steps.iter().enumerate() {
            let earlier = before.and_then(|b| b.steps[i].topo);
            let factor = match (earlier, step.topo) {
                (Some(Outcome::Took(earlier)), Some(Outcome::Took(now))) => {
                    format!(" ({:.2})", now.wall / earlier.wall)
                }
                _ => String::new(),
            };
            let resident = Quantity::Memory.cell(step.topo, report.limit_seconds);
            out.push_str(&format!(" {}{factor} | {resident} |", wall(step.topo, report.limit_seconds)));
        }
        out.push('\n');
        before = Some(measured);
    }
    out
}

fn wall(outcome: Option<Outcome>, limit: u64) -> String {
    Quantity::Wall.cell(outcome, limit)
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 0.1 => format!("{:.1} ms", s * 1e3),
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s if s < 100.0 => format!("{s:.2} s"),
        s => format!("{s:.0} s"),
    }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

/// `10 000`.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::machine::Machine;
    use super::*;

    fn took(wall: f64, cpu: f64, memory: f64) -> Option<Outcome> {
        let samples = [wall * 3.0, wall, wall / 2.0].map(|wall| Sample { wall, cpu, memory });
        Some(Outcome::Took(Sample::median(&samples)))
    }

    fn measured(size: usize, scale: f64) -> Measured {
        let step = |step, topo, terraform, made_up_state| StepMeasured { step, topo, terraform, made_up_state };
        let steps = vec![
            step(Step::Validate, took(0.012 * scale, 0.02, 20.4), took(0.5, 1.0, 100.0), false),
            step(Step::FirstPlan, took(0.05 * scale, 0.08, 40.0), None, false),
            step(Step::Apply, took(1.25 * scale, 2.0, 60.0), Some(Outcome::Stopped), false),
            step(Step::NoOpPlan, took(0.04 * scale, 0.06, 50.0), took(123.4, 200.0, 900.0), true),
        ];
        Measured { size, steps }
    }

    #[test]
    fn the_report_tells_both_tools_and_the_growth() {
        let machine = Machine {
            processor: "Some Processor".to_owned(),
            cores: 2,
            memory_gib: 23.6,
            system: "linux 6.1".to_owned(),
            load: "0.10".to_owned(),
            date: "2026-11-23".to_owned(),
            topo: Some("topo 0.1.0".to_owned()),
            terraform: Some("Terraform v1.11.4".to_owned()),
        };
        let report = Report {
            machine,
            runs: 5,
            limit_seconds: 600,
            compared: vec![measured(1000, 1.0)],
            series: vec![measured(50_000, 1.0), measured(100_000, 2.1)],
            example: took(0.021, 0.02, 9.0),
            failover: took(0.088, 0.085, 20.0),
        };
        insta::assert_snapshot!(markdown(&report), @r"
        2026-11-23, on Some Processor with 2 cores and 24 GiB (linux 6.1; load 0.10 at the start). topo 0.1.0; Terraform v1.11.4. Medians of 5, whole processes.

        1 000 resources:

        | step | wall: topo | terraform | ratio | CPU: topo | terraform | ratio | memory: topo | terraform | ratio |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | validate | 12.0 ms | 500 ms | 42 | 20.0 ms | 1.00 s | 50 | 20 MiB | 100 MiB | 4.9 |
        | first plan | 50.0 ms | – | – | 80.0 ms | – | – | 40 MiB | – | – |
        | apply | 1.25 s | stopped at 600 s | > 480 | 2.00 s | – | – | 60 MiB | – | – |
        | no-op plan \* | 40.0 ms | 123 s | 3085 | 60.0 ms | 200 s | 3333 | 50 MiB | 900 MiB | 18 |

        \* The state was written by the bench, since the apply was stopped.

        Topo alone; in brackets the factor over the row before:

        | resources | validate | memory | first plan | memory | apply | memory | no-op plan | memory |
        | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | 50 000 | 12.0 ms | 20 MiB | 50.0 ms | 40 MiB | 1.25 s | 60 MiB | 40.0 ms | 50 MiB |
        | 100 000 | 25.2 ms (2.10) | 20 MiB | 105 ms (2.10) | 40 MiB | 2.62 s (2.10) | 60 MiB | 84.0 ms (2.10) | 50 MiB |

        `topo check examples/two-regions`: 21.0 ms

        `topo check` with 1 000 record sets over 10 regions and 20 objectives: 88.0 ms
        ");
    }
}
