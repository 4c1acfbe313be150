//! Frames: the slots of one instance of a body, and of each turn of its loops.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use topo_model::{AddrId, ResId, Span, Symbol, Value};

use crate::ir::{Component, Resource};

/// Resources that come first: those whose set attributes went into a value, in the order
/// they were met. Usually none; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reads(Option<Arc<IndexSet<ResId, FxBuildHasher>>>);

impl Reads {
    pub(crate) fn add(&mut self, id: ResId) {
        Arc::make_mut(self.0.get_or_insert_default()).insert(id);
    }

    pub(crate) fn extend(&mut self, more: &Reads) {
        match (&mut self.0, &more.0) {
            (_, None) => {}
            (None, Some(_)) => *self = more.clone(),
            (Some(all), Some(more)) => Arc::make_mut(all).extend(more.iter().copied()),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = ResId> {
        self.0.iter().flat_map(|all| all.iter().copied())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl FromIterator<ResId> for Reads {
    fn from_iter<I: IntoIterator<Item = ResId>>(ids: I) -> Reads {
        let mut reads = Reads::default();
        ids.into_iter().for_each(|id| reads.add(id));
        reads
    }
}

/// The value of a name; `None` while it is not there, or where it could not be computed,
/// which was reported.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    pub(crate) value: Option<Value>,
    pub(crate) reads: Reads,
}

/// One scope of an instance: the body itself, or a turn of a loop.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) parent: u32,
    /// The scope it is of.
    pub(crate) scope: u32,
    /// Where its slots begin.
    pub(crate) base: u32,
    pub(crate) here: Option<Symbol>,
    /// The key of the turn.
    pub(crate) key: Option<Value>,
    /// Which turn it is, where a list is gone over and no map.
    pub(crate) element: Option<u32>,
}

/// One instance of a body.
#[derive(Debug)]
pub(crate) struct Run<'p> {
    /// Its position among all that are kept.
    pub(crate) id: u32,
    /// The statement that it is an instance of, with the run and the frame where that stands.
    pub(crate) statement: Option<(&'p Resource, u32, u32)>,
    pub(crate) component: &'p Component,
    pub(crate) address: Option<AddrId>,
    /// The user's statement that this is an instance of, where the body is the library's.
    pub(crate) anchor: Span,
    /// Whether it is the topology itself, where regions must be declared.
    pub(crate) topology: bool,
    pub(crate) depth: u32,
    pub(crate) frames: Vec<Frame>,
    pub(crate) slots: Vec<Slot>,
    /// By scope: its frames, in the order of the loops.
    pub(crate) by_scope: Vec<Vec<u32>>,
    /// By scope: for each frame of the parent the range of its turns in `by_scope`.
    pub(crate) turns: Vec<Vec<(u32, u32)>>,
    /// By scope: whether the turns of a loop could not be computed.
    pub(crate) broken: Vec<bool>,
    /// By node: what it made in each frame of its scope.
    pub(crate) made: Vec<Vec<Made>>,
}

/// What a statement made in one frame.
#[derive(Debug, Clone, Default)]
pub(crate) enum Made {
    #[default]
    Nothing,
    One(ResId),
    /// The resources of an instance, in source order.
    Many(Vec<ResId>),
}

impl<'p> Run<'p> {
    pub(crate) fn new(component: &'p Component, address: Option<AddrId>, here: Option<Symbol>) -> Run<'p> {
        let scopes = component.body.scopes.len().max(1);
        let slots = component.body.scopes.first().map_or(0, |s| s.slots);
        let mut by_scope = vec![Vec::new(); scopes];
        by_scope[0].push(0);
        let made = if component.body.straight { Vec::new() } else { vec![Vec::new(); component.body.nodes.len()] };
        Run {
            id: u32::MAX,
            statement: None,
            component,
            address,
            anchor: Span::NONE,
            topology: false,
            depth: 0,
            frames: vec![Frame { parent: 0, scope: 0, base: 0, here, key: None, element: None }],
            slots: vec![Slot::default(); slots as usize],
            by_scope,
            turns: vec![Vec::new(); scopes],
            broken: vec![false; scopes],
            made,
        }
    }

    /// A turn of a loop.
    pub(crate) fn begin_turn(&mut self, scope: u32, parent: u32, key: Value, element: Option<u32>) -> u32 {
        let frame = self.frames.len() as u32;
        let base = self.slots.len() as u32;
        let here = self.frames[parent as usize].here;
        self.frames.push(Frame { parent, scope, base, here, key: Some(key), element });
        let slots = self.component.body.scopes[scope as usize].slots as usize;
        self.slots.resize(self.slots.len() + slots, Slot::default());
        self.by_scope[scope as usize].push(frame);
        frame
    }

    /// The frame so many scopes further out.
    pub(crate) fn ancestor(&self, frame: u32, up: u16) -> u32 {
        (0..up).fold(frame, |at, _| self.frames[at as usize].parent)
    }

    pub(crate) fn slot(&self, frame: u32, up: u16, slot: u32) -> &Slot {
        let frame = self.ancestor(frame, up);
        &self.slots[(self.frames[frame as usize].base + slot) as usize]
    }

    pub(crate) fn set(&mut self, frame: u32, slot: u32, value: Option<Value>, reads: Reads) {
        let at = self.frames[frame as usize].base + slot;
        self.slots[at as usize] = Slot { value, reads };
    }

    /// The key of what a frame makes, counted from the frame `up` scopes further out: one
    /// part for each loop between.
    pub(crate) fn key(&self, frame: u32, up: u16) -> Option<Value> {
        if up == 1 {
            return self.frames[frame as usize].key.clone();
        }
        let mut parts = Vec::with_capacity(up as usize);
        let mut at = frame;
        for _ in 0..up {
            let of = &self.frames[at as usize];
            parts.extend(of.key.clone());
            at = of.parent;
        }
        parts.reverse();
        match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(Value::tuple(parts)),
        }
    }

    /// Everything made, in source order: each loop turn by turn.
    pub(crate) fn in_source_order(&self) -> Vec<ResId> {
        let mut out = Vec::new();
        self.collect(0, 0, &mut out);
        out
    }

    fn collect(&self, scope: u32, position: u32, out: &mut Vec<ResId>) {
        for entry in &self.component.body.scopes[scope as usize].entries {
            match entry {
                crate::ir::Entry::Node(node) => match self.made[*node as usize].get(position as usize) {
                    Some(Made::One(id)) => out.push(*id),
                    Some(Made::Many(ids)) => out.extend(ids),
                    Some(Made::Nothing) | None => {}
                },
                crate::ir::Entry::Loop(child) => {
                    let (start, end) = self.turns[*child as usize].get(position as usize).copied().unwrap_or_default();
                    for turn in start..end {
                        self.collect(*child, turn, out);
                    }
                }
            }
        }
    }
}
