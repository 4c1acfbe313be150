//! The proofs: what a topology survives, within what time, and why.
//!
//! Its job: pure functions over what a program wants ([`topo_model::Desired`]) and, for what it
//! only looks up, what a cloud shows. They judge primitive resources (record sets, health checks,
//! routes, certificates), never the components that made them, so records written by hand are held to
//! the same rules.
//!
//! *Refuses to know*: plans, state, async, the terminal, the language, any cloud's interface. It
//! shares no code with the simulator, which answers the same questions by playing the loss out: where
//! the two differ, one is wrong, and a test looks for that.
//!
//! In reading order: a program's resources read as what they are to the DNS and to networks
//! (`scene`); record sets by name, their policies and checks (`dns`); what a loss takes away
//! (`loss`); who is healthy then and who answers (`answer`); how long until every client is told
//! (`time`); what it leaves of the data (`store`); the objectives, each loss by itself (`objective`), the
//! settings that would do (`settings`) and what is risky all the same (`hazard`); rules that hold
//! without a loss (`rules`). The result is a [`Report`].
//!
//! What Route 53 does is cited where it is used. What it does not publish is an
//! [`Assumption`], and every report names those that it stands on.

mod answer;
mod dns;
mod hazard;
mod loss;
mod objective;
mod report;
mod rules;
mod scene;
mod settings;
mod store;
mod time;
mod trace;

pub use report::{Assumption, Bound, Kept, Loss, LossProof, Part, Passes, Proof, Report, StoreLoss};
pub use scene::Observed;

use topo_model::{AddrId, Code, Desired, Diagnostic, ResId};

/// Proves what a program promises, and finds what can't work.
///
/// `observed` holds the objects of `existing` resources where they are known; without them the
/// proof goes by what the program says of them.
pub fn verify(desired: &Desired, observed: &Observed) -> Report {
    prove(desired, observed, &|_| false)
}

/// The errors in a draft that checks refuse already, beside what they say: `refused` are the
/// addresses that they are about, and `codes` what they found. An objective that goes by something
/// refused is not judged, and a rule whose code a check has given is silent.
pub fn verify_draft(desired: &Desired, refused: &[AddrId], codes: &[Code]) -> Vec<Diagnostic> {
    let is_refused = |id: ResId| {
        let mut around =
            std::iter::successors(Some(desired.resource(id).address), |at| desired.addresses.step(*at).parent);
        around.any(|at| refused.contains(&at))
    };
    let mut findings = prove(desired, &Observed::new(), &is_refused).findings;
    findings.retain(|found| found.is_error() && !codes.contains(&found.code));
    findings
}

fn prove(desired: &Desired, observed: &Observed, is_refused: &dyn Fn(ResId) -> bool) -> Report {
    let scene = scene::Scene::new(desired, observed);
    let dns = dns::Dns::read(&scene);
    let mut report = objective::prove(&scene, &dns.mended(), is_refused);
    rules::judge(&scene, &dns, &mut report.findings);
    topo_model::diag::sort(&mut report.findings);
    report
}

/// The record sets that some client may be answered with for a name, at the end of every chain of
/// aliases and CNAMEs, in the program's order, once the given health checks' probes (or alarms) have
/// failed and the given endpoints no longer serve. Everything else is well.
///
/// This is the model of the DNS by itself, without losses and times.
pub fn answers(desired: &Desired, name: &str, failed: &[ResId]) -> Vec<ResId> {
    let observed = Observed::new();
    let scene = scene::Scene::new(desired, &observed);
    let dns = dns::Dns::read(&scene);
    let state = answer::State::given(&dns, failed);
    answer::last_sets(&dns, &state, &topo_model::dns_name(name)).into_iter().map(|set| dns.set(set).id).collect()
}
