//! `topo state`: look at the state, or free it.

use serde_json::json;

use crate::approval;
use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::Project;
use crate::session::holder;

/// Address, kind and id of everything recorded.
pub(crate) fn list(reads: &Reads, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    if output.json() {
        let resources = recorded.resources.values();
        output.document(
            &resources.map(|r| json!({"address": r.address, "kind": r.kind, "region": r.region, "id": r.id})).collect(),
        );
        return Ok(Exit::Done);
    }
    let width = recorded.resources.keys().map(|a| a.chars().count()).max().unwrap_or(0);
    let mut lines = String::new();
    for resource in recorded.resources.values() {
        lines.push_str(&format!("{:width$}  {}  {}\n", resource.address, resource.kind, resource.id));
        for deposed in &resource.deposed {
            lines.push_str(&format!(
                "{:width$}  {}  {} (replaced, still to be deleted)\n",
                "", resource.kind, deposed.id
            ));
        }
    }
    output.result(&lines);
    for intent in &recorded.intents {
        output.note(&format!(
            "open: {:?} of {} (the next apply finds out what became of it)\n",
            intent.operation, intent.address
        ));
    }
    Ok(Exit::Done)
}

/// Frees a lock. The lock ends with its process, so a held one belongs to a run that lives:
/// taking it away makes that run stop before its next call.
pub(crate) fn unlock(reads: &Reads, yes: bool, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let file = session.location.directory().join("lock");
    let held = match topo_state::Log::open(&session.location, &holder("state unlock")) {
        Ok(log) => {
            log.close()?;
            output.note("Nobody holds the lock.\n");
            return Ok(Exit::Done);
        }
        Err(topo_state::Error::Held(holder)) => holder,
        Err(error) => return Err(error.into()),
    };
    output.problem(&format!(
        "The lock is held by {held}.\nThat run stops before its next call when the lock is taken away.\n"
    ));
    approval::ask("Take the lock away? Only 'yes' is accepted:", yes, output)?;
    match std::fs::remove_file(&file) {
        Ok(()) => output.note("The lock is free.\n"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => output.note("The lock is free.\n"),
        Err(error) => return Err(Failure::error(format!("{}: {error}", file.display()))),
    }
    Ok(Exit::Done)
}

/// The whole state as one document.
pub(crate) fn pull(reads: &Reads, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let state = topo_state::read(&session.location)?;
    let recorded = &state.recorded;
    let resources: Vec<_> = recorded.resources.values().collect();
    output.document(&json!({
        "serial": recorded.serial,
        "resources": resources,
        "intents": recorded.intents,
        "outputs": recorded.outputs,
    }));
    Ok(Exit::Done)
}
