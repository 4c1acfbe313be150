//! `topo sandbox`: the built-in cloud as a person with a console sees it, and changes it.

use serde_json::{Value as Json, json};
use topo_model::{Object, Status, Symbol, format::to_json};
use topo_sandbox::{Sandbox, Which};

use crate::approval;
use crate::args::{Elsewhere, Reads, Sandbox as Command};
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::{self, Project};
use crate::render::value::{self, Nameless};
use crate::session::{self, Session};
use crate::style::{self, paint};

/// Does what was asked.
pub(crate) fn run(command: Command, output: &mut Output) -> Result {
    match command {
        Command::Show { object, project } => show(object.as_deref(), project, output),
        Command::Edit { object, values, project } => edit(&object, &values, project, output),
        Command::Delete { object, force, project } => delete(&object, force, project, output),
        Command::StripTags { object, project } => strip_tags(&object, project, output),
        Command::Reset { project, yes } => reset(project, yes, output),
    }
}

fn open(reads: &Reads) -> Result<Sandbox> {
    session::open_sandbox(&project::directory(&reads.path), project::library(), &reads.options.sandbox)
}

/// The object that is meant: by its id, or by the address that the state records.
struct Meant {
    id: String,
    kind: Option<Symbol>,
    region: Option<Symbol>,
}

impl Meant {
    fn which(&self) -> Which<'_> {
        Which { id: &self.id, kind: self.kind.map(Symbol::as_str), region: self.region.map(Symbol::as_str) }
    }
}

fn find(asked: &str, sandbox: &Sandbox, reads: &Reads, output: &mut Output) -> Result<Meant> {
    if sandbox.objects().iter().any(|o| o.id.0 == asked) {
        return Ok(Meant { id: asked.to_owned(), kind: None, region: None });
    }
    let session: Session = Project::load(reads)?.session(&reads.options, output)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    let resource = recorded.resources.get(asked).ok_or_else(|| {
        Failure::error(format!("the sandbox has no object '{asked}', and nothing is recorded at that address"))
            .help("'topo sandbox show' lists all objects")
    })?;
    Ok(Meant { id: resource.id.to_string(), kind: Some(resource.kind), region: resource.region })
}

fn refused(error: topo_sandbox::EditError) -> Failure {
    match error {
        topo_sandbox::EditError::Open(error) => error.into(),
        other => Failure::error(other.to_string()),
    }
}

fn show(asked: Option<&str>, project: Elsewhere, output: &mut Output) -> Result {
    let reads = project.into();
    let sandbox = open(&reads)?;
    let mut objects = sandbox.objects();
    if let Some(asked) = asked {
        let meant = find(asked, &sandbox, &reads, output)?;
        objects.retain(|o| {
            let kind = meant.kind.is_none_or(|k| k == o.kind);
            o.id.0 == meant.id.as_str() && kind && (meant.region.is_none() || meant.region == o.region)
        });
    }
    if output.json() {
        output.document(&objects.iter().map(document).collect());
        return Ok(Exit::Done);
    }
    let text: String =
        if asked.is_some() { objects.iter().map(|o| page(o, output.width())).collect() } else { list(&objects) };
    output.result(&text);
    if objects.is_empty() {
        output.note("The sandbox is empty.\n");
    }
    if sandbox.late() > 0 {
        output.note(&format!("{} still to land.\n", crate::render::count(sandbox.late(), "request")));
    }
    Ok(Exit::Done)
}

fn list(objects: &[Object]) -> String {
    let ids = objects.iter().map(|o| o.id.0.chars().count()).max().unwrap_or(0);
    let kinds = objects.iter().map(|o| o.kind.as_str().len()).max().unwrap_or(0);
    let line = |o: &Object| {
        let region = o.region.map_or("global", Symbol::as_str);
        let owner = o.owner.as_ref().map(|owner| owner.path.as_str()).unwrap_or_default();
        let line = format!("{:ids$}  {:kinds$}  {region:14}  {owner}", o.id.0, o.kind.as_str());
        format!("{}\n", line.trim_end())
    };
    objects.iter().map(line).collect()
}

fn page(object: &Object, width: usize) -> String {
    let region = object.region.map_or("global", Symbol::as_str);
    let mut out = format!("{}  {} in {region}", paint(style::HEAD, &object.id), object.kind);
    match &object.status {
        Status::Ready => {}
        Status::Pending => out.push_str(", pending"),
        Status::WaitingForHuman(text) => out.push_str(&format!(", waits: {text}")),
        Status::Failed(text) => out.push_str(&format!(", failed: {text}")),
    }
    out.push('\n');
    if let Some(owner) = &object.owner {
        out.push_str(&format!("  topo:path = {}\n  topo:project = {}\n", owner.path, owner.project));
        if !owner.env.is_empty() {
            out.push_str(&format!("  topo:env = {}\n", owner.env));
        }
    }
    for (name, shown) in object.attributes.iter().chain(object.outputs.iter()) {
        let lines = value::lines(shown, &Nameless, width.saturating_sub(name.as_str().len() + 5));
        for (i, line) in lines.iter().enumerate() {
            out.push_str(&if i == 0 { format!("  {name} = {line}\n") } else { format!("  {line}\n") });
        }
    }
    out
}

fn document(object: &Object) -> Json {
    let plain = |attributes: &topo_model::Attributes| {
        let entries = attributes
            .iter()
            .map(|(n, v)| (n.as_str().to_owned(), to_json(v, &|term: &topo_model::Term| term.to_string())));
        Json::Object(entries.collect())
    };
    json!({
        "id": object.id,
        "kind": object.kind,
        "region": object.region,
        "attributes": plain(&object.attributes),
        "outputs": plain(&object.outputs),
        "owner": object.owner,
        "status": object.status,
    })
}

fn edit(asked: &str, set: &[String], project: Elsewhere, output: &mut Output) -> Result {
    let reads = project.into();
    let sandbox = open(&reads)?;
    let meant = find(asked, &sandbox, &reads, output)?;
    for one in set {
        let Some((name, text)) = one.split_once('=') else {
            return Err(Failure::usage(format!("'{one}' sets nothing")).help("write NAME=VALUE, as in ttl=30s"));
        };
        sandbox.edit(meant.which(), name.trim(), crate::literal::value(text)?).map_err(refused)?;
        output.note(&format!("{}: {} = {text}\n", meant.id, name.trim()));
    }
    Ok(Exit::Done)
}

fn delete(asked: &str, force: bool, project: Elsewhere, output: &mut Output) -> Result {
    let reads = project.into();
    let sandbox = open(&reads)?;
    let meant = find(asked, &sandbox, &reads, output)?;
    for id in sandbox.remove(meant.which(), force).map_err(refused)? {
        output.note(&format!("{id} is gone.\n"));
    }
    Ok(Exit::Done)
}

fn strip_tags(asked: &str, project: Elsewhere, output: &mut Output) -> Result {
    let reads = project.into();
    let sandbox = open(&reads)?;
    let meant = find(asked, &sandbox, &reads, output)?;
    sandbox.strip_tags(meant.which()).map_err(refused)?;
    output.note(&format!("{} has no tags now.\n", meant.id));
    Ok(Exit::Done)
}

fn reset(project: Elsewhere, yes: bool, output: &mut Output) -> Result {
    let sandbox = open(&project.into())?;
    let count = crate::render::count(sandbox.objects().len(), "object");
    approval::ask(&format!("Remove {count} from the sandbox? Only 'yes' is accepted:"), yes, output)?;
    sandbox.reset().map_err(refused)?;
    output.note("The sandbox is empty.\n");
    Ok(Exit::Done)
}
