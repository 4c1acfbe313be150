//! What names stand for: the statements that give them their values.

use std::sync::Arc;

use topo_model::{ResId, Span, Symbol, Value};

use super::{At, Given, Leaf, Local, Omitted, Origin, Rank, Step, Walk, part_of};
use crate::eval::Turns;
use crate::expand::frame::Run;
use crate::ir::{self, Bind, Expr, Node, NodeKind, What};

/// What gives a slot its value.
enum Defined<'p> {
    Parameter,
    Environment,
    Value(&'p Expr),
    Resource,
    Turn(&'p ir::Loop),
}

impl<'p> Walk<'_, 'p> {
    /// A name of a body.
    pub(super) fn slot(&mut self, at: &At<'p>, up: u16, slot: u32, path: &mut Vec<Step>) {
        let Some(run) = self.x.run_of(at.run) else { return };
        let here = At { run: at.run, frame: run.ancestor(at.frame, up), locals: Vec::new() };
        match self.defined(&run, here.frame, slot) {
            Some(Defined::Parameter) => self.parameter(&run, slot, path),
            Some(Defined::Environment) => self.environment(path),
            Some(Defined::Value(value)) => self.expr(&here, value, path),
            Some(Defined::Turn(of)) => self.loop_name(&run, &here, of, slot, path),
            Some(Defined::Resource) if path.last() == Some(&Step::Keys) => self.keys_of_made(&run, &here, slot),
            Some(Defined::Resource) => {
                if let Some(value) = run.slot(here.frame, 0, slot).value.clone() {
                    self.made(value, path);
                }
            }
            None => {}
        }
    }

    /// What the loops go over that a resource stands in.
    fn keys_of_made(&mut self, run: &Run<'p>, at: &At<'p>, slot: u32) {
        let (body, here) = (&run.component.body, run.frames[at.frame as usize].scope);
        let made = body.nodes.iter().find(|node| {
            matches!(node.kind, NodeKind::Resource(_))
                && matches!(defines(run.component, node, here, slot), Some(Defined::Resource))
        });
        let mut scope = made.map(|node| node.scope);
        while let Some(inner) = scope.filter(|scope| *scope != here) {
            let around = body.nodes.iter().find_map(|node| match &node.kind {
                NodeKind::Loop(of) if of.scope == inner => Some(of),
                _ => None,
            });
            scope = body.scopes[inner as usize].parent;
            // What an inner loop goes over may differ from turn to turn.
            if let Some(of) = around.filter(|_| scope == Some(here)) {
                self.keys_of(at, &of.source);
            }
        }
    }

    fn defined(&self, run: &Run<'p>, frame: u32, slot: u32) -> Option<Defined<'p>> {
        let scope = run.frames[frame as usize].scope;
        let component = run.component;
        if scope == 0 && run.topology && slot == 0 && self.x.env_run.is_some() {
            return Some(Defined::Environment);
        }
        if scope == 0 && (slot as usize) < component.params.len() {
            return Some(Defined::Parameter);
        }
        component.body.nodes.iter().find_map(|node| defines(component, node, scope, slot))
    }

    /// The value of the environment.
    fn environment(&mut self, path: &mut Vec<Step>) {
        let Some(run) = self.x.env_run.and_then(|env| self.x.run_of(env)) else { return };
        let value = run.component.body.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Output { value, .. } => Some(value),
            _ => None,
        });
        if let Some(value) = value {
            self.expr(&At { run: run.id, frame: 0, locals: Vec::new() }, value, path);
        }
    }

    /// A parameter: its argument, or its default.
    fn parameter(&mut self, run: &Run<'p>, slot: u32, path: &mut Vec<Step>) {
        let Some((statement, parent, frame)) = run.statement else { return };
        let What::Component { arguments, .. } = &statement.what else { return };
        let users = !self.x.in_library(statement.name_span);
        let name = named(run.component.params[slot as usize], path);
        let Some((_, argument)) = arguments.iter().find(|(of, _)| *of == slot) else {
            self.omitted(run, slot, users.then_some((name, statement.name_span)), path);
            return;
        };
        let outside = At { run: parent, frame, locals: Vec::new() };
        if !users {
            self.expr(&outside, argument, path);
            return;
        }
        let value = self.parameters_value(run, slot, path).filter(|value| !value.is_none());
        let parameter = run.component.params[slot as usize];
        let (argument_span, address) = (argument.span, run.address);
        self.given.push(Given { parameter, name, address, value, argument: argument_span, part: argument_span });
        self.expr(&outside, argument, path);
        self.given.pop();
    }

    /// The part of a parameter's value that is followed, where it can be told in a few words.
    fn parameters_value(&self, run: &Run<'p>, slot: u32, path: &[Step]) -> Option<Value> {
        let value = part_of(run.slot(0, 0, slot).value.as_ref()?, path)?;
        (value.is_ground() && self.x.resources_in(&value).is_empty()).then_some(value)
    }

    /// A parameter that was left out: what its default is made of, or the default itself.
    fn omitted(&mut self, run: &Run<'p>, slot: u32, users: Option<(String, Span)>, path: &mut Vec<Step>) {
        let default = run.component.body.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Param { slot: of, default } if *of == slot => Some(default),
            _ => None,
        });
        let Some(default) = default else { return };
        let leaf = Leaf::Default(run.id, slot);
        self.trace.leaves.push(leaf);
        let users = users.map(|(name, statement)| {
            let text = match self.parameters_value(run, slot, path) {
                None | Some(Value::None) => format!("{name} is left out"),
                Some(value) if is_empty(&value) => format!("{name} is left out"),
                Some(value) => format!("{name} is {} by default", self.x.short(&value)),
            };
            Omitted { name, text, statement }
        });
        let (met, depth) = (self.met, self.defaults.len());
        self.defaults.extend(users.clone());
        self.expr(&At { run: run.id, frame: 0, locals: Vec::new() }, default, path);
        self.defaults.truncate(depth);
        let Some(Omitted { name, text, statement }) = users else { return };
        let shown = self.hidden == 0 && self.loops == 0;
        if self.met == met && shown && self.trace.origins.iter().all(|origin| origin.leaf != leaf) {
            self.met += 1;
            let on_the_way = self.on_the_way(statement);
            let rank = Rank::Default;
            let (span, omitted) = (statement, Some((name, statement)));
            self.trace.origins.push(Origin { leaf, span, text, on_the_way, rank, name: None, omitted, literal: false });
        }
    }

    /// A name of a loop, in one of its turns.
    fn loop_name(&mut self, run: &Run<'p>, at: &At<'p>, of: &'p ir::Loop, slot: u32, path: &mut Vec<Step>) {
        let turn = &run.frames[at.frame as usize];
        let Some(key) = turn.key.clone() else { return };
        let outside = At { frame: turn.parent, ..at.clone() };
        let step = match (turn.element, &of.bind) {
            (Some(which), _) => Step::At(which as usize),
            (None, Bind::Entry(_, value)) if *value == slot => Step::Key(key),
            (None, _) => Step::KeyOf(key),
        };
        if let Bind::Parts(parts) = &of.bind {
            path.extend(parts.iter().position(|part| *part == slot).map(Step::At));
        }
        path.push(step);
        self.expr(&outside, &of.source, path);
    }

    /// A resource or an instance, or a map of such.
    fn made(&mut self, mut value: Value, path: &mut Vec<Step>) {
        while let Some(step) = path.pop() {
            let next = match (&value, step) {
                (Value::Map(map), Step::Key(key)) => map.get(&key).cloned(),
                (Value::Resource(id), Step::Field(name)) => return self.attribute(*id, name, path),
                (Value::Record(record), Step::Field(name)) => {
                    let instance = self.x.instances.get(&(Arc::as_ptr(record) as usize)).map(|i| i.run);
                    return self.shown(instance, name, path);
                }
                _ => None,
            };
            let Some(next) = next else { return };
            value = next;
        }
    }

    /// A name that an instance shows.
    fn shown(&mut self, instance: Option<u32>, name: Symbol, path: &mut Vec<Step>) {
        let Some(run) = instance.and_then(|run| self.x.run_of(run)) else { return };
        if let Some(shown) = run.component.shown.iter().find(|shown| shown.name == name) {
            self.slot(&At { run: run.id, frame: 0, locals: Vec::new() }, 0, shown.slot, path);
        }
    }

    /// What an attribute of a resource is set to.
    fn attribute(&mut self, id: ResId, name: Symbol, path: &mut Vec<Step>) {
        if let Some(read) = self.x.setting(self.x.target(id), name) {
            self.expr(&At { run: read.run, frame: read.frame, locals: Vec::new() }, read.expr, path);
        }
    }

    /// A name bound inside an expression.
    pub(super) fn local(&mut self, at: &At<'p>, of: usize, path: &mut Vec<Step>) {
        let Some(local) = at.locals.get(of).cloned() else { return };
        let outside = At { locals: at.locals[..local.outer].to_vec(), ..at.clone() };
        match local.turn {
            Some((steps, _)) => {
                path.extend(steps);
                self.expr(&outside, local.source, path);
            }
            None => self.source(&outside, local.source),
        }
    }
}

fn defines<'p>(of: &ir::Component, node: &'p Node, scope: u32, slot: u32) -> Option<Defined<'p>> {
    match &node.kind {
        NodeKind::Let { slot: own, value } | NodeKind::Output { slot: own, value, .. } => {
            (node.scope == scope && *own == slot).then_some(Defined::Value(value))
        }
        // Its own scope has it, and each scope around that a map of it.
        NodeKind::Resource(resource) => {
            let mut at = Some(node.scope);
            for own in &resource.slots {
                if at == Some(scope) {
                    return (*own == slot).then_some(Defined::Resource);
                }
                at = at.and_then(|at| of.body.scopes[at as usize].parent);
            }
            None
        }
        NodeKind::Loop(of) if of.scope == scope => {
            let bound = match &of.bind {
                Bind::One(own) => *own == slot,
                Bind::Entry(key, value) => *key == slot || *value == slot,
                Bind::Parts(parts) => parts.contains(&slot),
            };
            bound.then_some(Defined::Turn(of))
        }
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// A parameter with the part of it that a path leads to, for a message.
fn named(parameter: Symbol, path: &[Step]) -> String {
    let mut name = parameter.to_string();
    for step in path.iter().rev() {
        match step {
            Step::Field(field) => name.push_str(&format!(".{field}")),
            Step::Key(key) => name.push_str(&format!("[{key}]")),
            Step::At(which) => name.push_str(&format!("[{which}]")),
            Step::Keys => return format!("`{name}`"),
            Step::KeyOf(_) => return format!("a key of `{name}`"),
        }
    }
    format!("`{name}`")
}

/// The names that a `for` binds, with no turn in particular.
pub(super) fn bound<'p>(bind: &Bind, source: &'p Expr, outer: &[Local<'p>]) -> Vec<Local<'p>> {
    let names = match bind {
        Bind::One(_) => 1,
        Bind::Entry(..) => 2,
        Bind::Parts(parts) => parts.len(),
    };
    let one = Local { source, outer: outer.len(), turn: None };
    outer.iter().cloned().chain(std::iter::repeat_n(one, names)).collect()
}

/// The names that a `for` binds in one of its turns.
pub(super) fn turn<'p>(
    bind: &Bind,
    source: &'p Expr,
    outer: &[Local<'p>],
    turns: &Turns<'_>,
    which: usize,
) -> Vec<Local<'p>> {
    let (key, value) = turns.get(which);
    let map = matches!(turns, Turns::Map(_));
    let of_key = if map { Step::KeyOf(key.clone()) } else { Step::At(which) };
    let names: Vec<(Vec<Step>, Value)> = match bind {
        Bind::One(_) => vec![(vec![of_key], key.clone())],
        Bind::Entry(..) => vec![(vec![of_key], key.clone()), (vec![Step::Key(key.clone())], value.clone())],
        Bind::Parts(_) => {
            let parts = key.items().unwrap_or_default().iter().enumerate();
            parts.map(|(at, part)| (vec![Step::At(at), of_key.clone()], part.clone())).collect()
        }
    };
    let names = names.into_iter().map(|turn| Local { source, outer: outer.len(), turn: Some(turn) });
    outer.iter().cloned().chain(names).collect()
}
