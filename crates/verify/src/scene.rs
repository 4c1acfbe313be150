//! A program's resources, read: attributes by name, what a value leads to, where things stand.
//!
//! Its job is to spare everyone else the kinds' schemas and terms. It refuses to judge.

use std::collections::BTreeMap;

use topo_model::{Attributes, Desired, Origin, ResId, Resource, Span, Symbol, Term, Value, dns_name};

/// What a cloud shows of the program's `existing` resources: their attributes. Empty where nobody
/// asked it.
pub type Observed = BTreeMap<ResId, Attributes>;

/// A program, with the eyes of the proofs.
pub(crate) struct Scene<'d> {
    pub(crate) desired: &'d Desired,
    observed: &'d Observed,
    /// The resources of each kind, in the program's order.
    by_kind: BTreeMap<&'static str, Vec<ResId>>,
}

impl<'d> Scene<'d> {
    pub(crate) fn new(desired: &'d Desired, observed: &'d Observed) -> Scene<'d> {
        let mut by_kind: BTreeMap<&'static str, Vec<ResId>> = BTreeMap::new();
        for (id, resource) in desired.iter() {
            by_kind.entry(desired.kind(resource).name.as_str()).or_default().push(id);
        }
        Scene { desired, observed, by_kind }
    }

    /// The resources of a kind, in the program's order.
    pub(crate) fn of(&self, kind: &str) -> &[ResId] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn resource(&self, id: ResId) -> &'d Resource {
        self.desired.resource(id)
    }

    /// The full name of a resource's kind: `aws.route53.RecordSet`.
    pub(crate) fn kind(&self, id: ResId) -> &'static str {
        self.desired.kind(self.resource(id)).name.as_str()
    }

    /// The address, as the program writes it.
    pub(crate) fn address(&self, id: ResId) -> String {
        self.desired.address(id)
    }

    pub(crate) fn region(&self, id: ResId) -> Option<Symbol> {
        self.resource(id).region
    }

    /// Whether the program looks the resource up and does not make it.
    pub(crate) fn is_existing(&self, id: ResId) -> bool {
        matches!(self.resource(id).origin, Origin::Existing(_))
    }

    /// Whether the program makes it from nothing. What it looks up or adopts may hold what the program
    /// does not tell: records, routes, rules.
    pub(crate) fn is_made(&self, id: ResId) -> bool {
        self.resource(id).origin == Origin::Created
    }

    /// An attribute: as the program sets it, else as a cloud shows it; [`Value::None`] where
    /// neither says.
    pub(crate) fn get(&self, id: ResId, name: &str) -> &Value {
        const NONE: &Value = &Value::None;
        let symbol = Symbol::new(name);
        let resource = self.resource(id);
        let set = self.desired.kind(resource).attribute(symbol).and_then(|(at, _)| resource.value(at));
        let seen = || self.observed.get(&id).and_then(|object| object.get(symbol));
        set.or_else(seen).unwrap_or(NONE)
    }

    /// Text of an attribute, where it is known.
    pub(crate) fn text(&self, id: ResId, name: &str) -> Option<&str> {
        self.get(id, name).as_str()
    }

    /// The resource that an attribute refers to.
    pub(crate) fn link(&self, id: ResId, name: &str) -> Option<ResId> {
        leads_to(self.get(id, name))
    }

    /// The resources that an attribute's list refers to, in its order.
    pub(crate) fn links(&self, id: ResId, name: &str) -> Vec<ResId> {
        self.get(id, name).items().unwrap_or_default().iter().filter_map(leads_to).collect()
    }

    /// The resources of a kind by what one of their attributes refers to, in the program's order.
    pub(crate) fn pointing(&self, kind: &str, name: &str) -> BTreeMap<ResId, Vec<ResId>> {
        let mut pointing: BTreeMap<ResId, Vec<ResId>> = BTreeMap::new();
        for id in self.of(kind) {
            if let Some(target) = self.link(*id, name) {
                pointing.entry(target).or_default().push(*id);
            }
        }
        pointing
    }

    /// Where an attribute is written: its expression, or, if that is the library's or none, the
    /// user's statement that led to the resource.
    pub(crate) fn span(&self, id: ResId, name: &str) -> Span {
        let resource = self.resource(id);
        if !resource.anchor.is_none() {
            return resource.anchor;
        }
        let found = self.desired.kind(resource).attribute(Symbol::new(name));
        let written = found.and_then(|(at, _)| resource.attributes.get(at.0 as usize)?.as_ref()).map(|a| a.span);
        written.filter(|span| !span.is_none()).unwrap_or(resource.span)
    }

    /// The user's statement that led to a resource.
    pub(crate) fn place(&self, id: ResId) -> Span {
        let resource = self.resource(id);
        if resource.anchor.is_none() { resource.span } else { resource.anchor }
    }

    /// The address of the user's statement of which the library made a resource; `None` where that
    /// is the user's own.
    pub(crate) fn statement(&self, id: ResId) -> Option<String> {
        let resource = self.resource(id);
        let parent = self.desired.addresses.step(resource.address).parent?;
        (!resource.anchor.is_none()).then(|| self.desired.addresses.render(parent))
    }

    /// The zones that a resource's subnets stand in, sorted; none where that is not known.
    pub(crate) fn zones(&self, id: ResId) -> Vec<Symbol> {
        let mut zones: Vec<Symbol> = self
            .links(id, "subnets")
            .into_iter()
            .filter_map(|subnet| self.text(subnet, "availability_zone").map(Symbol::new))
            .collect();
        zones.sort();
        zones.dedup();
        zones
    }
}

/// The resource of which a value is an output: what a reference was lowered to.
pub(crate) fn leads_to(value: &Value) -> Option<ResId> {
    match value {
        Value::Resource(id) => Some(*id),
        Value::Unknown(term) => match **term {
            Term::Output { resource, .. } => Some(resource),
            _ => None,
        },
        _ => None,
    }
}

/// A record's field that is set.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.field(name).filter(|v| !v.is_none())
}

/// A name of the DNS as it is compared, where it is known.
pub(crate) fn name_of(value: &Value) -> Option<String> {
    value.as_str().map(dns_name)
}

/// Whether a name is a zone's own or lies beneath it.
pub(crate) fn is_within(name: &str, apex: &str) -> bool {
    name == apex || is_beneath(name, apex)
}

/// Whether a name lies beneath another.
pub(crate) fn is_beneath(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|front| front.ends_with('.'))
}
