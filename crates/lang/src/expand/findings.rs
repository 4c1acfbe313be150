//! Findings of an expansion, until all of them are known: then each is shown at what its user
//! wrote, what follows from another is left out, and what has one cause becomes one.
//!
//! *Refuses to know*: how to find out what a user wrote. That is [`super::origin`]'s business.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{AddrId, Diagnostic, Edit, Help, Label, Span};

use super::frame::Run;
use super::origin::{Leaf, Origin, Rank, Read, Step, Trace, encloses};
use super::{Expander, MAX_FINDINGS};
use crate::eval::NO_SUCH_KEY;

/// How many places of a cause are shown.
const SHOWN: usize = 6;
/// How many characters of addresses are listed.
const LISTED: usize = 60;

/// A finding whose places are not settled.
pub(crate) struct Pending<'p> {
    pub(super) found: Diagnostic,
    /// The instance it is of.
    at: Option<AddrId>,
    /// The user's statement that led to it, where it is in the library.
    anchor: Span,
    /// What it is about.
    reads: Vec<Read<'p>>,
    /// Where the rule stands that does not hold.
    rule: Span,
    role: Role,
}

/// What a finding has to do with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// It may follow from a failed check.
    Plain,
    /// It is a failed check of a component: what reads the same values in it follows from it.
    /// Some know what could be written in place of the value.
    Check(Option<String>),
    /// It is a check of a kind, of a resource with these settings.
    Kind(Vec<String>),
    /// It is about two resources of a component of the library, and shown where their values are written.
    Pair,
}

/// The checks of an instance that failed.
#[derive(Default)]
pub(crate) struct Refused {
    codes: Vec<u16>,
    /// The codes of those of which it is not known what they read.
    blind: Vec<u16>,
    /// What the others read.
    leaves: FxHashSet<Leaf>,
}

/// A finding as it is told, with those of the same cause.
struct Told {
    found: Diagnostic,
    at: Option<AddrId>,
    /// The user's statement that it is of.
    anchor: Span,
    /// Where the rule stands that does not hold.
    rule: Span,
    /// Where else the same is refused.
    more: Vec<AddrId>,
}

impl Pending<'_> {
    fn is_check(&self) -> bool {
        matches!(self.role, Role::Check(_))
    }
}

impl<'p> Expander<'p> {
    /// Takes a finding of a body.
    pub(crate) fn report(&mut self, run: &Run<'p>, found: Diagnostic) {
        let reads = self.about(&found);
        self.report_reading(run, found, reads, Role::Plain);
    }

    /// Takes a finding of a body about expressions that are known.
    pub(crate) fn report_reading(&mut self, run: &Run<'p>, found: Diagnostic, reads: Vec<Read<'p>>, role: Role) {
        let at = self.making.or(run.address);
        let rule = found.span();
        self.take(Pending { found, at, anchor: run.anchor, reads, rule, role });
    }

    /// Takes a finding about a resource.
    pub(crate) fn report_of(&mut self, at: usize, found: Diagnostic, (reads, rule): (Vec<Read<'p>>, Span), role: Role) {
        let address = self.resources[at].address;
        self.take(Pending { found, at: Some(address), anchor: self.anchors[at], reads, rule, role });
    }

    /// Takes a finding that is about no expression.
    pub(crate) fn report_at(&mut self, found: Diagnostic, at: Option<AddrId>, anchor: Span) {
        let rule = found.span();
        self.take(Pending { found, at, anchor, reads: Vec::new(), rule, role: Role::Plain });
    }

    /// Keeps a finding, once for each place and message; one of the library once for each instance.
    fn take(&mut self, mut pending: Pending<'p>) {
        if self.muted {
            return;
        }
        if self.pending.len() + self.diagnostics.len() >= MAX_FINDINGS {
            self.exhausted = true;
            return;
        }
        let found = &mut pending.found;
        let instance = pending.at.filter(|_| self.in_library(found.span()));
        if !self.seen.insert((found.code.0, found.span(), found.message.clone(), instance)) {
            return;
        }
        if let Some(at) = pending.at {
            let step = self.addresses.step(at);
            if step.parent.is_some() || step.key.is_some() || self.making != Some(at) {
                found.instance = Some(self.addresses.render(at));
            }
        }
        self.pending.push(pending);
    }

    /// The operands that a finding shows, or the expression that it is about.
    fn about(&self, found: &Diagnostic) -> Vec<Read<'p>> {
        let Some((run, frame, expr)) = self.reading else { return Vec::new() };
        let root = Read::whole(run, frame, expr);
        if let Some(reads) = root.find_key(found.span()).filter(|_| found.labels[0].text == NO_SUCH_KEY) {
            return reads;
        }
        let operands: Vec<Read<'p>> = found.labels.iter().skip(1).filter_map(|label| root.find(label.span)).collect();
        if operands.is_empty() { root.find(found.span()).into_iter().collect() } else { operands }
    }

    /// Whether nothing was found so far but by `check`s, which leave every value as it is.
    pub(crate) fn only_checks_failed(&self) -> bool {
        self.pending.iter().all(Pending::is_check) && !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Where what was found so far stands, sorted.
    pub(crate) fn refused_addresses(&self) -> Vec<AddrId> {
        let mut addresses: Vec<AddrId> = self.pending.iter().filter_map(|pending| pending.at).collect();
        addresses.sort();
        addresses.dedup();
        addresses
    }

    /// Settles what was found so far.
    pub(crate) fn conclude(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        self.muted = true;
        let traced: Vec<(Pending<'p>, Trace)> = pending
            .into_iter()
            .map(|pending| {
                let trace = self.trace(&pending.reads);
                (pending, trace)
            })
            .collect();
        self.muted = false;
        for (pending, trace) in traced.iter().filter(|(pending, _)| pending.is_check()) {
            let refused = self.refused.entry(pending.at).or_default();
            let into = if trace.leaves.is_empty() { &mut refused.blind } else { &mut refused.codes };
            if !into.contains(&pending.found.code.0) {
                into.push(pending.found.code.0);
            }
            refused.leaves.extend(trace.leaves.iter().copied());
        }
        let mut told: Vec<Told> = Vec::new();
        let mut by_cause: FxHashMap<(u16, Vec<Span>), usize> = FxHashMap::default();
        for (pending, trace) in traced {
            if self.follows(&pending, &trace) {
                continue;
            }
            let mut cause: Vec<Span> = trace.origins.iter().map(|origin| origin.span).collect();
            if pending.role == Role::Pair {
                cause = pending.found.labels.iter().map(|label| label.span).collect();
            }
            let inside = (self.in_library(pending.found.span()) || pending.role == Role::Pair) && !cause.is_empty();
            let (at, anchor, rule) = (pending.at, pending.anchor, pending.rule);
            // An expression of the user's is refused once, whatever the number of its turns.
            let turns = !inside && pending.role == Role::Plain && at.is_some();
            if turns {
                cause.push(rule);
            }
            let found = self.placed(pending, trace);
            if inside || turns {
                let known = *by_cause.entry((found.code.0, cause)).or_insert(told.len());
                let joins = |known: &&mut Told| inside || known.at != at;
                if told.get_mut(known).filter(joins).is_some_and(|known| known.join(&found, at, anchor, rule)) {
                    continue;
                }
            }
            told.push(Told { found, at, anchor, rule, more: Vec::new() });
        }
        for told in told {
            let found = self.summed_up(told);
            self.diagnostics.push(found);
        }
    }

    /// Whether a finding follows from a check that failed around it: it reads what that refuses.
    fn follows(&self, pending: &Pending<'p>, trace: &Trace) -> bool {
        let Some(at) = pending.at else { return false };
        let (code, check) = (pending.found.code.0, pending.is_check());
        let told = |codes: &[u16]| !codes.is_empty() && (code == 202 || codes.contains(&code));
        let inside = self.around(at).skip(usize::from(check)).filter_map(|of| self.refused.get(&Some(of)));
        let mut follows = inside.map(|refused| match trace.leaves.is_empty() {
            true => told(&refused.codes) || told(&refused.blind),
            false => told(&refused.blind) || trace.leaves.iter().any(|leaf| refused.leaves.contains(leaf)),
        });
        // A check of the topology without a code says nothing of what is inside.
        let topology = || self.refused.get(&None).filter(|_| !check && code != 202);
        follows.any(|follows| follows)
            || topology().is_some_and(|refused| refused.codes.contains(&code) || refused.blind.contains(&code))
    }

    /// An address, and those it stands in.
    fn around(&self, address: AddrId) -> impl Iterator<Item = AddrId> {
        std::iter::successors(Some(address), |at| self.addresses.step(*at).parent)
    }

    /// A finding at the places its user wrote.
    fn placed(&self, pending: Pending<'p>, mut trace: Trace) -> Diagnostic {
        let Pending { mut found, at, anchor, role, reads, .. } = pending;
        let inside = self.in_library(found.span());
        if inside && trace.origins.is_empty() {
            if !anchor.is_none() {
                let text =
                    at.map_or_else(|| "from here".to_owned(), |at| format!("in `{}`", self.addresses.render(at)));
                found.labels.insert(0, Label { span: anchor, text });
            }
            return found;
        }
        if role == Role::Pair {
            // What the two are made of is shown where their user chose it for them.
            trace.origins.retain(|origin| origin.rank <= Rank::Elsewhere);
        }
        // A whole says no more than its part that is to blame.
        let spans: Vec<Span> = trace.origins.iter().map(|origin| origin.span).collect();
        let whole = |of: Span| spans.iter().any(|part| *part != of && encloses(of, *part));
        trace.origins.retain(|origin| !whole(origin.span));
        if let (true, [keys], Some(help)) = (found.labels[0].text == NO_SUCH_KEY, &*reads, &mut found.help)
            && let Some(name) = trace.origins.iter().find_map(|origin| origin.name.as_ref())
            && keys.path == [Step::Keys]
        {
            let or = if help.text.ends_with('?') { " Or" } else { "; or" };
            help.text.push_str(&format!("{or} add it to {name}"));
        }
        if found.help.is_none() {
            let change = match &role {
                Role::Kind(settings) if !inside => changed(settings),
                Role::Plain if !inside => None,
                _ => self.choice(&trace.origins),
            };
            found.help = change.map(|text| Help { text, edit: None });
        }
        let first = inside || role == Role::Pair;
        let own: Vec<Label> = found.labels.drain(..).filter(|label| !inside || !self.in_library(label.span)).collect();
        let (before, after) = if first { (Vec::new(), own) } else { (own, Vec::new()) };
        found.labels = before;
        if !first {
            trace.origins.retain(|origin| found.labels.iter().all(|label| !encloses(label.span, origin.span)));
        }
        for origin in trace.origins.iter().take(SHOWN) {
            mark(&mut found.labels, origin.span, &origin.text, first);
        }
        for (span, text) in trace.origins.iter().take(SHOWN).flat_map(|origin| &origin.on_the_way) {
            mark(&mut found.labels, *span, text, false);
        }
        after.into_iter().for_each(|label| mark(&mut found.labels, label.span, &label.text, false));
        if let Some(help) = &mut found.help {
            // What the library says can't be edited; what its user wrote can.
            help.edit = help.edit.take().filter(|edit| !self.in_library(edit.span));
            if let (Role::Check(Some(instead)), Some(origin)) = (role, trace.origins.first())
                && origin.literal
            {
                help.edit = Some(Edit { span: origin.span, text: instead });
            }
        }
        found
    }

    /// Which parameters there are to change.
    fn choice(&self, origins: &[Origin]) -> Option<String> {
        let (mut given, mut omitted): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for origin in origins.iter().take(SHOWN) {
            match &origin.omitted {
                Some((name, statement)) => {
                    omitted.push(format!("set {name} on `{}`", self.program.sources.text(*statement)));
                }
                None => given.push(origin.name.clone()?),
            }
        }
        given.dedup();
        omitted.dedup();
        let all: Vec<String> = changed(&given).into_iter().chain(omitted).collect();
        (!all.is_empty()).then(|| all.join(", or "))
    }

    /// Says of how many a finding is.
    fn summed_up(&self, told: Told) -> Diagnostic {
        let Told { mut found, at, more, .. } = told;
        let (Some(at), false) = (at, more.is_empty()) else { return found };
        let address = |at: &AddrId| self.addresses.render(*at);
        let all: Vec<String> = std::iter::once(&at).chain(&more).map(address).collect();
        let whole = match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => all.join(", "),
        };
        let many = if whole.len() <= LISTED { whole } else { format!("{} and {} more", all[0], more.len()) };
        found.message = format!("{} (in {many})", found.message);
        found
    }
}

/// What there is to change.
fn changed(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("change {}", names.join(" or ")))
}

/// Marks a place; what is marked already says more where it is another thing's place too.
fn mark(labels: &mut Vec<Label>, span: Span, text: &str, too: bool) {
    match labels.iter_mut().find(|label| label.span == span) {
        Some(known) if too && !known.text.contains(text) => known.text = format!("{}; {text}", known.text),
        Some(_) => {}
        None => labels.push(Label { span, text: text.to_owned() }),
    }
}

impl Told {
    /// Takes in a finding of the same cause; false for another one of the same resource.
    fn join(&mut self, found: &Diagnostic, at: Option<AddrId>, anchor: Span, rule: Span) -> bool {
        if self.at == at {
            return self.rule == rule;
        }
        self.more.extend(at.filter(|at| !self.more.contains(at)));
        // What another statement of the user's makes of it has limits of its own.
        if self.rule != rule && self.anchor != anchor && self.found.labels.len() < SHOWN {
            mark(&mut self.found.labels, anchor, &found.message, true);
        }
        true
    }
}
