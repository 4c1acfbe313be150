//! What is known of a value at plan time.
//!
//! The outputs of an object that stays are known: as observed, or as recorded where nobody
//! could look. They stay known when the object is updated in place: what a cloud gives out
//! about an object, its id and its names, it decides when the object is made. Those that a kind
//! marks `changes` do not. The outputs of an object that is still to be made, or to be looked up, are not known. An attribute
//! that the program sets is known as soon as its expression is.

use std::borrow::Cow;

use topo_model::{Attributes, Diagnostic, FuncError, ResId, Resolve, Symbol, Value, evaluate};

use crate::scene::Scene;
use crate::{Action, Detail, Found};

/// What stands against a decision.
pub(crate) type Refusal = Box<Diagnostic>;

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// A region that can't be reached.
    Outage(u32),
    /// The selection.
    Selection,
}

/// Where a node's outputs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// From nowhere: there is no object, or there will be another one.
    Nowhere,
    /// From the object, and from the record where that tells nothing.
    There,
    /// From what a lookup found.
    Found,
    /// From an object without a record.
    Stray(u32),
}

/// What is decided about one node.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) action: Action,
    pub(crate) detail: Option<Box<Detail>>,
    pub(crate) source: Source,
    /// Whether outputs may be missing because the object is not finished.
    pub(crate) unfinished: bool,
    /// The first of a chain of replacements that led to this one.
    pub(crate) root: Option<u32>,
    /// Why nothing is done, though something would have to be.
    pub(crate) hold: Option<Hold>,
    /// What would be done without the hold.
    pub(crate) wanted: Action,
    /// The first node that this one depends on, if by way of others, and that is held back
    /// without being up to date: what is known of it is no ground for errors.
    pub(crate) behind: Option<u32>,
}

impl Decision {
    /// Nothing is done, and the outputs are these.
    pub(crate) const fn nothing(source: Source) -> Decision {
        Decision {
            action: Action::None,
            detail: None,
            source,
            unfinished: false,
            root: None,
            hold: None,
            wanted: Action::None,
            behind: None,
        }
    }

    /// Something is done.
    pub(crate) fn with(action: Action, source: Source, detail: Detail) -> Decision {
        Decision { action, wanted: action, detail: Some(Box::new(detail)), ..Decision::nothing(source) }
    }

    /// Whether a new object takes the place of one that is there.
    pub(crate) fn replaces(&self) -> bool {
        matches!(self.action, Action::Replace(_))
    }

    /// Whether something would have to be done with the node, and is not.
    pub(crate) fn late(&self) -> bool {
        self.hold.is_some() && !matches!(self.wanted, Action::None | Action::Read)
    }

    /// Whether the node has no object, and gets none.
    pub(crate) fn missing(&self) -> bool {
        self.hold.is_some() && self.source == Source::Nowhere
    }
}

/// What is known once the decisions so far are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) decisions: &'a [Decision],
}

impl<'a> Known<'a> {
    /// A value as far as it is known.
    pub(crate) fn value<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, FuncError> {
        if value.is_ground() { Ok(Cow::Borrowed(value)) } else { evaluate(value, self).map(Cow::Owned) }
    }

    pub(crate) fn decision(&self, node: u32) -> &'a Decision {
        &self.decisions[node as usize]
    }

    fn attribute(&self, node: u32, raw: Option<&Value>, name: Symbol) -> Option<Value> {
        let decision = self.decision(node);
        if decision.hold.is_none() {
            match raw {
                Some(Value::None) | None => {}
                Some(ground) if ground.is_ground() => return Some(ground.clone()),
                Some(_) => {
                    let after = decision.detail.as_ref().and_then(|d| d.after.as_ref());
                    if let Some(value) = after.and_then(|a| a.get(name)) {
                        return value.is_ground().then(|| value.clone());
                    }
                }
            }
        }
        let settled = decision.source != Source::Nowhere && !decision.unfinished;
        let there = self.sides(node, decision.source).0.and_then(|a| a.get(name)).cloned();
        there.or(settled.then_some(Value::None))
    }

    fn told(&self, node: u32, name: Symbol) -> Option<Value> {
        let decision = self.decision(node);
        if decision.source == Source::Nowhere {
            return None;
        }
        let changing = decision.action == Action::Update && decision.hold.is_none();
        if changing
            && self.scene.desired.kind(self.scene.desired.resource(ResId(node))).output(name).is_some_and(|o| o.changes)
        {
            return None;
        }
        let (_, first, second) = self.sides(node, decision.source);
        let told = first.and_then(|o| o.get(name)).or_else(|| second.and_then(|o| o.get(name)));
        match told {
            Some(Value::None) | None if decision.unfinished => None,
            Some(value) => Some(value.clone()),
            None => Some(Value::None),
        }
    }

    /// The attributes that are there, and the outputs, first the ones to believe.
    fn sides(
        &self,
        node: u32,
        source: Source,
    ) -> (Option<&'a Attributes>, Option<&'a Attributes>, Option<&'a Attributes>) {
        let scene = self.scene;
        match source {
            Source::Nowhere => (None, None, None),
            Source::There => {
                let (record, object) = (scene.record(node), scene.object(node));
                let there = object.map(|o| &o.attributes).or(record.map(|r| &r.attributes));
                (there, object.map(|o| &o.outputs), record.map(|r| &r.outputs))
            }
            Source::Found => match scene.found.get(&ResId(node)) {
                Some(Found::One(object)) => (Some(&object.attributes), Some(&object.outputs), None),
                _ => (None, None, None),
            },
            Source::Stray(at) => {
                let object = &scene.observed.objects[at as usize];
                (Some(&object.attributes), Some(&object.outputs), None)
            }
        }
    }
}

impl Resolve for Known<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        let declared = self.scene.desired.resource(resource);
        let kind = self.scene.desired.kind(declared);
        match kind.attribute(name) {
            Some((id, _)) if kind.output(name).is_none() => self.attribute(resource.0, declared.value(id), name),
            _ => self.told(resource.0, name),
        }
    }
}
