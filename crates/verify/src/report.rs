//! What the proofs have to say, as data: the command line and editors show it.

use topo_model::{Diagnostic, Span, Symbol};

/// The proofs of one environment.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The objectives, in source order.
    pub proofs: Vec<Proof>,
    /// What can't work, and what a person should look at.
    pub findings: Vec<Diagnostic>,
}

/// One objective, with the derivation of each loss.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The objective's name.
    pub objective: Symbol,
    /// The name that clients use.
    pub endpoint: String,
    /// What it must survive, as the program says it.
    pub survives: String,
    /// The time within which it must be served again, in milliseconds.
    pub rto: Option<i64>,
    /// How much data may be lost, in milliseconds of writes.
    pub rpo: Option<i64>,
    /// Each loss by itself.
    pub losses: Vec<LossProof>,
    /// What the derivations take for granted, each once.
    pub assumptions: Vec<Assumption>,
    /// Where the objective stands.
    pub span: Span,
}

impl Proof {
    /// Whether every loss is survived, in time and with the data.
    pub fn holds(&self) -> bool {
        let stored = self.rpo.is_none() || self.losses.iter().all(|loss| !loss.stores.is_empty());
        stored
            && self.losses.iter().all(|loss| {
                let in_time = loss.recovery.as_ref().is_none_or(|r| self.rto.is_none_or(|rto| r.total() <= rto));
                loss.broken.is_none() && in_time && self.rpo.is_none_or(|rpo| loss.loses_more(rpo).is_none())
            })
    }

    /// The loss that takes longest, of those that are survived.
    pub fn worst(&self) -> Option<&LossProof> {
        // Of equal ones the first.
        self.losses.iter().rev().max_by_key(|loss| loss.recovery.as_ref().map(Bound::total))
    }
}

/// What happens when something is lost.
#[derive(Debug, Clone)]
pub struct LossProof {
    /// What is lost.
    pub lost: Loss,
    /// Who serves afterwards, as addresses of the program, sorted.
    pub served_by: Vec<String>,
    /// How long until no client is led to what is lost; nothing where none ever is.
    pub recovery: Option<Bound>,
    /// What is left of each store that the objective names.
    pub stores: Vec<StoreLoss>,
    /// Why it is not survived: a trace of what clients meet, step by step.
    pub broken: Option<Vec<String>>,
}

impl LossProof {
    /// The store that loses most, where one loses more than `rpo` milliseconds of writes.
    pub fn loses_more(&self, rpo: i64) -> Option<&StoreLoss> {
        let over = self.stores.iter().rev().filter(|store| store.kept > Kept::Within(rpo));
        // Of equal ones the first.
        over.max_by_key(|store| store.kept)
    }
}

/// What a loss leaves of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreLoss {
    /// The store's address.
    pub store: String,
    /// How much of what was written is left.
    pub kept: Kept,
    /// How it is kept, in words.
    pub why: String,
}

/// How much of what was written is left, from all to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// All but the last milliseconds; 0 is all.
    Within(i64),
    /// All but what was on its way, and nothing bounds how much that is.
    Unbounded,
    /// None that can be reached.
    Nothing,
}

/// Something that can be lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// Whole regions, at once.
    Regions(Vec<Symbol>),
    /// One zone.
    Zone {
        /// Its region.
        region: Symbol,
        /// The zone; `?` where the program does not say which.
        zone: Symbol,
    },
    /// A place of which the program says nothing but an address or a name.
    Outside {
        /// Tells places apart.
        place: u32,
        /// What stands there.
        name: String,
    },
}

impl Loss {
    /// As a sentence: `ap-east-2 is lost`.
    pub fn told(&self) -> String {
        let several = matches!(self, Loss::Regions(regions) if regions.len() > 1);
        format!("{self} {} lost", if several { "are" } else { "is" })
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Loss::Regions(regions) => {
                let names: Vec<&str> = regions.iter().map(|r| r.as_str()).collect();
                f.write_str(&names.join(" and "))
            }
            Loss::Zone { region, zone } if zone.as_str() == "?" => write!(f, "a zone of {region}"),
            Loss::Zone { zone, .. } => write!(f, "{zone}"),
            Loss::Outside { name, .. } => write!(f, "the place of {name}"),
        }
    }
}

/// An upper bound of a time, as a sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The summands, in the order they pass.
    pub parts: Vec<Part>,
}

impl Bound {
    /// The sum, in milliseconds.
    pub fn total(&self) -> i64 {
        self.parts.iter().map(|part| part.ms).sum()
    }

    /// The arithmetic: `2 × (10s + 6s) + 10s + 15s = 57s`.
    pub fn arithmetic(&self) -> String {
        let terms: Vec<&str> = self.parts.iter().map(|part| part.formula.as_str()).collect();
        format!("{} = {}", terms.join(" + "), topo_model::value::duration(self.total()))
    }
}

/// What a summand is the time of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passes {
    /// A health check's probes.
    Probes,
    /// A load balancer's own probes.
    Balancer,
    /// An alarm's periods.
    Alarm,
    /// The way of a verdict to the name servers.
    Push,
    /// What resolvers keep.
    Kept,
}

/// A summand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is the time of.
    pub passes: Passes,
    /// How long, in milliseconds.
    pub ms: i64,
    /// How it comes about, in figures: `2 × (10s + 6s)`.
    pub formula: String,
    /// What passes meanwhile, in words.
    pub what: String,
    /// The setting that decides it; [`Span::NONE`] where none does.
    pub span: Span,
}

/// Something that AWS does not publish or that the program does not say, and that a proof takes for
/// granted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Assumption {
    /// A word to know it by: `push`.
    pub name: &'static str,
    /// What is taken for granted.
    pub text: String,
}
