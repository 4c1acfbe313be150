//! Addresses: the path from the topology to an instance, as a user would write it.
//!
//! Kept as a tree of (parent, name, key) nodes and rendered late: a hundred thousand
//! addresses share their beginnings.

use rustc_hash::FxHashMap;

use crate::{Symbol, Value};

/// An address within its [`Addresses`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrId(pub u32);

/// One step of an address: `vpc`, `vpc[ap-east-2]`, `link[(ap-east-2, ap-northeast-1)]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it is in; `None` at the topology.
    pub parent: Option<AddrId>,
    /// The name.
    pub name: Symbol,
    /// The key of the loop's turn; a tuple in nested loops.
    pub key: Option<Value>,
}

/// The addresses of one program.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    steps: Vec<Step>,
    ids: FxHashMap<Step, AddrId>,
}

impl Addresses {
    /// The address with these parts; the same parts give the same id.
    pub fn intern(&mut self, parent: Option<AddrId>, name: Symbol, key: Option<Value>) -> AddrId {
        let step = Step { parent, name, key };
        if let Some(id) = self.ids.get(&step) {
            return *id;
        }
        let id = AddrId(self.steps.len() as u32);
        self.steps.push(step.clone());
        self.ids.insert(step, id);
        id
    }

    /// The last step of an address.
    pub fn step(&self, id: AddrId) -> &Step {
        &self.steps[id.0 as usize]
    }

    /// The steps from the topology down.
    pub fn path(&self, id: AddrId) -> Vec<&Step> {
        let mut path = Vec::new();
        let mut at = Some(id);
        while let Some(step) = at.map(|id| self.step(id)) {
            path.push(step);
            at = step.parent;
        }
        path.reverse();
        path
    }

    /// The address as a user would write it.
    pub fn render(&self, id: AddrId) -> String {
        let mut out = String::new();
        self.write(id, &mut out);
        out
    }

    fn write(&self, id: AddrId, out: &mut String) {
        use std::fmt::Write;
        let step = self.step(id);
        if let Some(parent) = step.parent {
            self.write(parent, out);
            out.push('.');
        }
        out.push_str(step.name.as_str());
        if let Some(key) = &step.key {
            let _ = write!(out, "[{key}]");
        }
    }
}
