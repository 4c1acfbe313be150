//! Proofs as people read them: what is promised, whether it holds, and each loss with the sum that
//! says so.

use topo_model::value::duration;
use topo_model::{Objective, SourceMap, Span};
use topo_verify::{Bound, Kept, LossProof, Part, Proof};

use crate::command::verify::Proved;
use crate::proof::Unseen;
use crate::render::{listed, plan, wrapped};
use crate::style::{self, paint};

/// For a program that promises nothing.
pub(crate) const HOW_TO: &str = "\
The program promises nothing, so no loss is looked at. An objective stands in the topology:

  objective api {
    endpoint = \"api.example.com\"   // the name that clients use
    survives = \"region\"            // or \"zone\", or \"any two regions\"
    rto      = 1m                  // served again within
  }
";

/// Narrower than this, lines are not made.
const NARROWEST: usize = 40;

/// One environment: its objectives, then what nobody could see.
pub(crate) fn environment(proved: &Proved, sources: &SourceMap, width: usize) -> String {
    let width = width.max(NARROWEST);
    let of = &proved.desired;
    let mut out = format!("{}\n", paint(style::HEAD, plan::named(of.project.name, of.env, proved.cloud)));
    if of.objectives.is_empty() {
        out.push_str("  no objectives\n");
    }
    for (of, proof) in proved.objectives() {
        out.push('\n');
        match proof {
            Some(proof) => out.push_str(&objective(proof, sources, width)),
            None => out.push_str(&unproved(of, width)),
        }
    }
    out.push_str(&unseen(&proved.unseen, width));
    out
}

/// The loss that is not survived, or else the one that takes longest; nothing where no loss is felt.
pub(crate) fn worst(proof: &Proof) -> Option<&LossProof> {
    let broken = proof.losses.iter().find(|loss| loss.broken.is_some());
    broken.or_else(|| proof.worst().filter(|loss| loss.recovery.is_some()))
}

/// What a store loses, in words.
pub(crate) fn kept(kept: Kept) -> String {
    match kept {
        Kept::Within(0) => "nothing".to_owned(),
        Kept::Within(ms) => format!("up to {} of writes", duration(ms)),
        Kept::Unbounded => "an unbounded part of the last writes".to_owned(),
        Kept::Nothing => "all that it holds".to_owned(),
    }
}

/// What is to be said of an objective in one line, without its name.
pub(crate) fn verdict(proof: &Proof) -> String {
    if let Some(loss) = proof.losses.iter().find(|loss| loss.broken.is_some()) {
        return format!("does not survive the loss of {}", loss.lost);
    }
    let total = |loss: &LossProof| loss.recovery.as_ref().map(Bound::total);
    let slowest = proof.worst().and_then(|loss| Some((loss, total(loss)?)));
    let late = slowest.zip(proof.rto).filter(|((_, ms), rto)| ms > rto);
    if let Some(((loss, ms), rto)) = late {
        return format!(
            "is not served again within {}: the loss of {} takes {}",
            duration(rto),
            loss.lost,
            duration(ms)
        );
    }
    let survives = format!("survives the loss of {}", survived(&proof.survives));
    let served = match (slowest, proof.rto) {
        (Some((_, ms)), Some(rto)) => {
            format!("{survives}, served again within {} (promised {})", duration(ms), duration(rto))
        }
        (Some((_, ms)), None) => format!("{survives}, served again within {} (no time is promised)", duration(ms)),
        (None, _) => format!("{survives}, and no client is ever led to what is lost"),
    };
    format!("{served}{}", stored(proof))
}

/// What of the data is lost, behind the rest of a verdict.
fn stored(proof: &Proof) -> String {
    let Some(rpo) = proof.rpo else { return String::new() };
    let stores = proof.losses.iter().flat_map(|loss| &loss.stores);
    match stores.map(|store| store.kept).max() {
        None => format!("; losing no more than {} of writes is unproven", duration(rpo)),
        Some(most) if most > Kept::Within(rpo) => {
            format!(", but loses {} (promised {} at most)", kept(most), duration(rpo))
        }
        Some(most) => format!("; loses {} (promised {} at most)", kept(most), duration(rpo)),
    }
}

fn survived(survives: &str) -> String {
    match survives {
        "any two regions" => "any two regions".to_owned(),
        one => format!("any one {one}"),
    }
}

fn heading(name: &str, text: &str, holds: bool, width: usize) -> String {
    let lines = wrapped(&format!("{name}: {text}"), "", "  ", width);
    let style = if holds { style::CREATE } else { style::ERROR };
    lines.into_iter().map(|line| format!("{}\n", paint(style, line))).collect()
}

fn unproved(of: &Objective, width: usize) -> String {
    heading(of.name.as_str(), "nothing can be proved of it; the findings say why", false, width)
}

fn objective(proof: &Proof, sources: &SourceMap, width: usize) -> String {
    let mut out = heading(proof.objective.as_str(), &verdict(proof), proof.holds(), width);
    let worst = worst(proof).filter(|_| proof.losses.len() > 1);
    for loss in &proof.losses {
        out.push('\n');
        let is_worst = worst.is_some_and(|worst| std::ptr::eq(worst, loss));
        out.push_str(&self::loss(loss, proof, is_worst, sources, width));
    }
    if !proof.assumptions.is_empty() {
        out.push_str(&format!("\n  {}\n", paint(style::HEAD, "taken for granted")));
    }
    for assumed in &proof.assumptions {
        out.push_str(&block(&format!("{}: {}", assumed.name, assumed.text), "    ", "      ", width));
    }
    out
}

fn loss(loss: &LossProof, proof: &Proof, worst: bool, sources: &SourceMap, width: usize) -> String {
    let mut out = headline(loss, proof, worst, width);
    if let Some(steps) = &loss.broken {
        for (at, step) in steps.iter().enumerate() {
            out.push_str(&block(step, &format!("{:>6}. ", at + 1), "        ", width));
        }
        return out;
    }
    let column =
        loss.recovery.iter().flat_map(|r| &r.parts).map(|part| duration(part.ms).len()).max().unwrap_or(0).max(6);
    for part in loss.recovery.iter().flat_map(|bound| &bound.parts) {
        out.push_str(&summand(part, column, sources, width));
    }
    let (figure, then) = match &loss.recovery {
        Some(bound) => (format!("{:>1$}", format!("= {}", duration(bound.total())), column + 4), "then"),
        None => (" ".repeat(column + 4), "still"),
    };
    let by = if loss.served_by.is_empty() { "nobody".to_owned() } else { listed(&loss.served_by) };
    let rest = " ".repeat(column + 6);
    out.push_str(&block(&format!("{then} served by {by}"), &format!("{figure}  "), &rest, width));
    for store in &loss.stores {
        let text = format!("{} loses {}: {}", store.store, kept(store.kept), store.why);
        out.push_str(&block(&text, &rest, &format!("{rest}  "), width));
    }
    out
}

/// `ap-east-2 lost: served again within 57s  (the worst loss)`.
fn headline(loss: &LossProof, proof: &Proof, worst: bool, width: usize) -> String {
    let total = loss.recovery.as_ref().map(Bound::total);
    let late = total.zip(proof.rto).filter(|(ms, rto)| ms > rto).map(|(ms, rto)| ms - rto);
    let (how, wrong) = match (&loss.broken, total, late) {
        (Some(_), ..) => ("not survived".to_owned(), true),
        (None, Some(ms), Some(late)) => {
            (format!("served again within {}, {} too late", duration(ms), duration(late)), true)
        }
        (None, Some(ms), None) => (format!("served again within {}", duration(ms)), false),
        (None, None, _) => ("no client is led there".to_owned(), false),
    };
    let mark = if worst { " (the worst)" } else { "" };
    let lines = wrapped(&format!("{} lost: {how}{mark}", loss.lost), "  ", "    ", width);
    let style = if wrong { style::ERROR } else { style::HEAD };
    lines.into_iter().map(|line| format!("{}\n", paint(style, line))).collect()
}

/// A part of the sum: how long, what passes meanwhile, and below it the figures and the setting that
/// decides it.
fn summand(part: &Part, column: usize, sources: &SourceMap, width: usize) -> String {
    let rest = " ".repeat(column + 6);
    let first = format!("{:>1$}  ", duration(part.ms), column + 4);
    let mut out = block(&part.what, &first, &rest, width);
    let formula = (part.formula != duration(part.ms)).then(|| part.formula.clone());
    let below: Vec<String> = formula.into_iter().chain(place(part.span, sources)).collect();
    if !below.is_empty() {
        let lines = wrapped(&below.join(", "), &rest, &rest, width);
        out.extend(lines.into_iter().map(|line| format!("{}\n", paint(style::QUIET, line))));
    }
    out
}

/// The file and line of a setting.
fn place(span: Span, sources: &SourceMap) -> Option<String> {
    let (file, (start, _)) = sources.file(span).zip(sources.lines(span))?;
    Some(format!("{}:{}", file.name, start.line))
}

fn unseen(unseen: &[Unseen], width: usize) -> String {
    let mut out = String::new();
    if !unseen.is_empty() {
        out.push_str(&format!("\n{}\n", paint(style::HEAD, "not seen in the cloud, and taken as the program says")));
    }
    for one in unseen {
        out.push_str(&block(&format!("{} ({}): {}", one.address, one.kind, one.why), "  ", "    ", width));
    }
    out
}

fn block(text: &str, first: &str, rest: &str, width: usize) -> String {
    wrapped(text, first, rest, width).into_iter().map(|line| line + "\n").collect()
}
