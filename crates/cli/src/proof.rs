//! The proofs beside a plan: what they are asked about, what they find, and what of that is let
//! through.

use topo_exec::View;
use topo_model::{Code, Desired, Diagnostic, Origin, Recorded, ResId, Severity};
use topo_plan::{Found, Observed};
use topo_state::Allowed;
use topo_verify::Report;

use crate::args::ProjectOptions;
use crate::command::{Result, explain};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::pipeline;
use crate::project::Project;
use crate::session::Session;

/// The codes whose findings are let through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allow {
    codes: Vec<Code>,
}

impl Allow {
    /// Reads the values of `--allow`.
    ///
    /// # Errors
    ///
    /// Wrong usage: what is no code, or none of a proof.
    pub(crate) fn read(texts: &[String]) -> Result<Allow> {
        let mut codes = Vec::new();
        for text in texts {
            let upper = text.to_uppercase();
            let code = Code::parse(&upper).filter(|_| explain::is_code(&upper));
            let code = code.ok_or_else(|| as_usage(explain::unknown(text, &upper)))?;
            if let Some(why) = never(code) {
                return Err(Failure::usage(format!("{code} can't be allowed: {why}"))
                    .help("only what the proofs find can be: 'topo verify' shows it"));
            }
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(Allow { codes })
    }

    /// The options that say it again.
    pub(crate) fn options(&self) -> String {
        self.codes.iter().map(|code| format!(" --allow {code}")).collect()
    }

    /// The codes, as text.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.codes.iter().map(Code::to_string).collect()
    }
}

fn as_usage(failure: Failure) -> Failure {
    match failure {
        Failure::Message { text, help, .. } => Failure::Message { exit: Exit::Usage, text, help },
        shown => shown,
    }
}

/// Why findings of a code can't be let through; nothing where they can.
fn never(code: Code) -> Option<&'static str> {
    match code.0 {
        // Conditions of kinds alone.
        402 | 504 => Some("clouds refuse it, too, or can't do what it asks for"),
        401..800 => None,
        310..330 => Some("it is a finding of the plan, which can't be made with it"),
        _ => Some("it is a finding about the program, which says nothing that could be applied"),
    }
}

/// What the proofs found, after what is let through.
pub(crate) struct Judged {
    /// The findings; those that are let through are warnings.
    pub(crate) findings: Vec<Diagnostic>,
    /// What is let through.
    pub(crate) allowed: Vec<Allowed>,
}

/// Proves a program with what was seen of its `existing` resources.
pub(crate) fn judge(desired: &Desired, observed: &Observed, allow: &Allow) -> Judged {
    let mut findings = topo_verify::verify(desired, &seen(desired, observed)).findings;
    let mut allowed = Vec::new();
    for found in findings.iter_mut().filter(|found| found.is_error() && allow.codes.contains(&found.code)) {
        found.severity = Severity::Warning;
        allowed.push(Allowed { code: found.code.to_string(), message: found.message.clone() });
    }
    Judged { findings, allowed }
}

/// The attributes of `existing` resources, of which there is exactly one.
fn seen(desired: &Desired, observed: &Observed) -> topo_verify::Observed {
    let one = |(id, found): &(ResId, Found)| match found {
        Found::One(object) if is_existing(desired, *id) => Some((*id, object.attributes.clone())),
        _ => None,
    };
    observed.found.iter().filter_map(one).collect()
}

fn is_existing(desired: &Desired, id: ResId) -> bool {
    matches!(desired.resource(id).origin, Origin::Existing(_))
}

/// An `existing` resource that the proofs know nothing of but what the program says.
pub(crate) struct Unseen {
    /// Its address.
    pub(crate) address: String,
    /// Its kind.
    pub(crate) kind: &'static str,
    /// Why nobody saw it.
    pub(crate) why: String,
}

/// Proves an environment, with what its cloud shows of the `existing` resources where it can be
/// asked.
///
/// # Errors
///
/// Wrong usage only; what can't be asked is left unseen.
pub(crate) fn report(
    project: &Project,
    desired: &mut Desired,
    options: &ProjectOptions,
) -> Result<(Report, Vec<Unseen>)> {
    let existing: Vec<ResId> = desired.iter().map(|(id, _)| id).filter(|id| is_existing(desired, *id)).collect();
    if existing.is_empty() {
        return Ok((topo_verify::verify(desired, &topo_verify::Observed::new()), Vec::new()));
    }
    let (observed, hindrance) = match ask(project, desired, options) {
        Ok(observed) => (observed, None),
        Err(Failure::Message { exit, text, .. }) if exit != Exit::Usage => (Observed::default(), Some(text)),
        Err(failure) => return Err(failure),
    };
    let objects = seen(desired, &observed);
    let unseen = existing.iter().filter(|id| !objects.contains_key(id)).map(|id| {
        let resource = desired.resource(*id);
        let why = hindrance.clone().unwrap_or_else(|| why_unseen(desired, &observed, *id));
        Unseen { address: desired.address(*id), kind: desired.kind(resource).name.as_str(), why }
    });
    Ok((topo_verify::verify(desired, &objects), unseen.collect()))
}

fn ask(project: &Project, desired: &mut Desired, options: &ProjectOptions) -> Result<Observed> {
    let mut session: Session = project.session_of(desired.env, options)?;
    let recorded: Recorded = topo_state::read(&session.location)?.recorded;
    session.know(desired, &recorded);
    let provider = std::sync::Arc::new(session.open()?);
    let view = View { desired: Some(desired), recorded: &recorded, region: None, refresh: false };
    Ok(pipeline::runtime()?.block_on(topo_exec::observe(&session.cloud(provider), &view))?)
}

fn why_unseen(desired: &Desired, observed: &Observed, id: ResId) -> String {
    let found = observed.found.iter().find(|(of, _)| *of == id).map(|(_, found)| found);
    let region = desired.resource(id).region;
    let out = observed.unreachable.iter().find(|(out, _)| *out == region);
    match (found, out) {
        (Some(Found::Many(ids)), _) => format!("{} objects fit", ids.len()),
        (_, Some((Some(region), error))) => format!("{region} can't be reached: {error}"),
        (_, Some((None, error))) => format!("the global services can't be reached: {error}"),
        _ => "there is no such object".to_owned(),
    }
}
