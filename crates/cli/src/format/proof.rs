//! Proofs in `--json`: every figure in milliseconds, and as text.

use serde_json::{Value as Json, json};
use topo_model::value::duration;
use topo_model::{Objective, SourceMap, Span};
use topo_verify::{Bound, Kept, Loss, LossProof, Part, Proof, StoreLoss};

use crate::command::verify::Proved;
use crate::render::proof::{kept, verdict, worst};

/// The format that the document names.
pub(crate) const FORMAT: u32 = 1;

/// One environment.
pub(crate) fn environment(proved: &Proved, sources: &SourceMap) -> Json {
    let objectives: Vec<Json> = proved.objectives().map(|(of, proof)| objective(of, proof, sources)).collect();
    let unseen = proved.unseen.iter().map(|u| json!({"address": u.address, "kind": u.kind, "why": u.why}));
    json!({
        "env": proved.desired.env,
        "cloud": proved.cloud,
        "objectives": objectives,
        "unseen": unseen.collect::<Vec<Json>>(),
    })
}

/// A time; null for none.
fn time(ms: Option<i64>) -> Json {
    ms.map_or(Json::Null, |ms| json!({"ms": ms, "text": duration(ms)}))
}

fn objective(of: &Objective, proof: Option<&Proof>, sources: &SourceMap) -> Json {
    let worst = proof.and_then(worst);
    let losses: Vec<Json> =
        proof.iter().flat_map(|p| &p.losses).map(|of| loss(of, proof.and_then(|p| p.rto), worst, sources)).collect();
    let assumptions: Vec<Json> =
        proof.iter().flat_map(|p| &p.assumptions).map(|a| json!({"name": a.name, "text": a.text})).collect();
    let (file, line) = place(of.span, sources);
    json!({
        "name": of.name,
        "endpoint": proof.map(|p| &p.endpoint),
        "survives": of.survives,
        "rto": time(of.rto),
        "rpo": time(of.rpo),
        "holds": proof.map(Proof::holds),
        "verdict": proof.map(verdict),
        "worst": time(worst.and_then(|w| w.recovery.as_ref()).map(Bound::total)),
        "losses": losses,
        "assumptions": assumptions,
        "file": file,
        "line": line,
    })
}

fn loss(of: &LossProof, rto: Option<i64>, worst: Option<&LossProof>, sources: &SourceMap) -> Json {
    let total = of.recovery.as_ref().map(Bound::total);
    let outcome = match (&of.broken, total) {
        (Some(_), _) => "broken",
        (None, Some(ms)) if rto.is_some_and(|rto| ms > rto) => "late",
        (None, Some(_)) => "recovers",
        (None, None) => "unaffected",
    };
    let mut lost = what(&of.lost);
    lost["text"] = json!(of.lost.to_string());
    json!({
        "lost": lost,
        "outcome": outcome,
        "served_by": of.served_by,
        "recovery": of.recovery.as_ref().map(|bound| recovery(bound, sources)),
        "stores": of.stores.iter().map(store).collect::<Vec<Json>>(),
        "worst": worst.is_some_and(|worst| std::ptr::eq(worst, of)),
        "trace": of.broken,
    })
}

fn what(lost: &Loss) -> Json {
    match lost {
        Loss::Regions(regions) => json!({"regions": regions}),
        Loss::Zone { region, zone } => json!({"region": region, "zone": zone}),
        Loss::Outside { name, .. } => json!({"place": name}),
    }
}

/// What is left of a store; `within` is null where no bound is known.
fn store(of: &StoreLoss) -> Json {
    let within = match of.kept {
        Kept::Within(ms) => Some(ms),
        Kept::Unbounded | Kept::Nothing => None,
    };
    json!({
        "store": of.store,
        "loses": kept(of.kept),
        "within": time(within),
        "everything": of.kept == Kept::Nothing,
        "why": of.why,
    })
}

fn recovery(bound: &Bound, sources: &SourceMap) -> Json {
    let part = |part: &Part| {
        let (file, line) = place(part.span, sources);
        json!({
            "ms": part.ms, "text": duration(part.ms), "formula": part.formula, "what": part.what,
            "file": file, "line": line,
        })
    };
    json!({
        "ms": bound.total(),
        "text": duration(bound.total()),
        "arithmetic": bound.arithmetic(),
        "parts": bound.parts.iter().map(part).collect::<Vec<Json>>(),
    })
}

/// File and line; nulls for no place.
fn place(span: Span, sources: &SourceMap) -> (Json, Json) {
    let place = sources.file(span).zip(sources.lines(span));
    place.map_or((Json::Null, Json::Null), |(file, (start, _))| (json!(&*file.name), json!(start.line)))
}
