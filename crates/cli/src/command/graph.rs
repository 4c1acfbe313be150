//! `topo graph`: the topology as a picture, with a plan's changes where they are asked for.

use std::sync::Arc;

use topo_draw::{Change, Gone, Marks, Picture};
use topo_plan::{Action, Plan, Planned};

use crate::args::{Graph, GraphFormat, Selection};
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::picture as document;
use crate::output::Output;
use crate::pipeline::{self, Question};
use crate::project::{self, Expansion, Project};

/// Prints the picture, or writes it to a file.
pub(crate) fn run(arguments: &Graph, output: &mut Output) -> Result {
    let project = Project::load(&arguments.reads)?;
    let env = project.environment_of_program(&arguments.reads.options, output)?;
    let mut expansion = project.desired(env, output)?;
    let marks = match arguments.plan {
        true => Some(marks(arguments, &project, env, &mut expansion, output)?),
        false => None,
    };
    let desired = &expansion.desired;
    let picture = topo_draw::picture(desired, &project::proofs(desired), marks.as_ref());
    if output.json() {
        output.document(&document::document(&picture));
        return Ok(Exit::Done);
    }
    let text = text(&picture, arguments.format);
    let Some(file) = &arguments.out else {
        output.result(&text);
        return Ok(Exit::Done);
    };
    std::fs::write(file, text)
        .map_err(|error| Failure::error(format!("the picture can't be written to '{}': {error}", file.display())))?;
    output.note(&format!("Drawn: {}\n", file.display()));
    Ok(Exit::Done)
}

fn text(picture: &Picture, format: GraphFormat) -> String {
    match format {
        GraphFormat::Svg => topo_draw::svg(picture),
        GraphFormat::Dot => topo_draw::dot(picture),
        GraphFormat::Mermaid => topo_draw::mermaid(picture),
    }
}

/// What a plan would do with each resource.
fn marks(
    arguments: &Graph,
    project: &Project,
    env: Option<topo_model::Symbol>,
    expansion: &mut Expansion,
    output: &mut Output,
) -> Result<Marks> {
    let selection = Selection { refresh: true, ..Selection::default() };
    let mut session = project.session_of(env, &arguments.reads.options)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    session.know(&mut expansion.desired, &recorded);
    let provider = Arc::new(session.open()?);
    let seen = pipeline::observe(Question::Program, &session, &provider, &expansion.desired, &recorded, &selection);
    let observed = pipeline::runtime()?.block_on(seen)?;
    let options = pipeline::options(&selection)?;
    // A picture shows what the proofs have against a program; it is no reason not to draw it.
    match topo_plan::plan(&expansion.desired, &recorded, &observed, &options) {
        Ok(Planned { plan, .. }) => Ok(of_plan(&plan, expansion.desired.resources.len())),
        Err(found) => Err(project.show(&found, output)),
    }
}

/// A plan's first nodes are the program's resources, in their order.
fn of_plan(plan: &Plan, resources: usize) -> Marks {
    let (of_program, others) = plan.nodes.split_at(resources.min(plan.nodes.len()));
    let gone = others.iter().filter(|node| change(node.action) == Change::Delete);
    let gone = gone.map(|node| Gone { address: node.address.clone(), kind: node.kind, region: node.region });
    Marks { changes: of_program.iter().map(|node| change(node.action)).collect(), gone: gone.collect() }
}

fn change(action: Action) -> Change {
    match action {
        Action::None | Action::Read => Change::Same,
        Action::Create => Change::Create,
        Action::Update | Action::Move | Action::Import => Change::Update,
        Action::Replace(_) => Change::Replace,
        Action::Delete | Action::Forget => Change::Delete,
    }
}
