//! Attributes by name, and what a value leads to.

use topo_model::{Desired, ResId, Resource, Symbol, Value};

/// A program, with the eyes of a draughtsman.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'d> {
    pub(crate) desired: &'d Desired,
}

impl<'d> Reader<'d> {
    pub(crate) fn resource(self, id: ResId) -> &'d Resource {
        self.desired.resource(id)
    }

    pub(crate) fn kind(self, id: ResId) -> &'static str {
        self.desired.kind(self.resource(id)).name.as_str()
    }

    pub(crate) fn get(self, id: ResId, name: &str) -> &'d Value {
        const NONE: &Value = &Value::None;
        let resource = self.resource(id);
        let kind = self.desired.kind(resource);
        kind.attribute(Symbol::new(name)).and_then(|(at, _)| resource.value(at)).unwrap_or(NONE)
    }

    pub(crate) fn text(self, id: ResId, name: &str) -> Option<&'d str> {
        self.get(id, name).as_str()
    }

    /// The first resource that an attribute refers to.
    pub(crate) fn link(self, id: ResId, name: &str) -> Option<ResId> {
        leads_to(self.get(id, name))
    }

    /// The network that a resource stands in, by the subnets or the network that it names.
    pub(crate) fn network(self, id: ResId) -> Option<ResId> {
        let resource = self.resource(id);
        let mut found = None;
        for attribute in resource.attributes.iter().flatten() {
            attribute.value.for_each_resource(&mut |other| {
                let network = match self.kind(other) {
                    "aws.ec2.Vpc" => Some(other),
                    "aws.ec2.Subnet" => self.link(other, "vpc"),
                    "aws.rds.DBSubnetGroup" => self.network(other),
                    _ => None,
                };
                found = found.or(network.filter(|network| self.resource(*network).region == resource.region));
            });
        }
        found
    }

    /// What a person would call a resource: its address without the region that its lane says, and
    /// without the name that a component has for its part.
    pub(crate) fn name(self, id: ResId) -> String {
        self.spoken(id, true)
    }

    /// The same with the part's name.
    pub(crate) fn long_name(self, id: ResId) -> String {
        self.spoken(id, false)
    }

    fn spoken(self, id: ResId, short: bool) -> String {
        let resource = self.resource(id);
        let mut path = self.desired.addresses.path(resource.address);
        if short && path.len() > 1 {
            path.pop();
        }
        let step = |step: &&topo_model::Step| match &step.key {
            Some(key) if resource.region.is_none_or(|region| key.to_string() != region.as_str()) => {
                format!("{}[{key}]", step.name)
            }
            _ => step.name.to_string(),
        };
        path.iter().map(step).collect::<Vec<_>>().join(".")
    }
}

/// The first resource that a value is made from.
pub(crate) fn leads_to(value: &Value) -> Option<ResId> {
    let mut found = None;
    value.for_each_resource(&mut |id| found = found.or(Some(id)));
    found
}

/// A record's field that is set.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.field(name).filter(|v| !v.is_none())
}

/// A value as bare words: no quotes around text.
pub(crate) fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
