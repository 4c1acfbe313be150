//! What leads from box to box, beside the DNS: peerings, and what load balancers forward to.

use topo_model::{ResId, Value};

use super::Gather;
use crate::picture::{Edge, EdgeSort, NodeId};
use crate::read::{field, leads_to};

impl Gather<'_> {
    pub(super) fn links(&mut self) {
        self.forwards();
        for peering in self.of("aws.ec2.VpcPeeringConnection") {
            let network = |name| self.reader.link(peering, name).and_then(|id| self.node_of.get(&id)).copied();
            let (Some(from), Some(to)) = (network("vpc"), network("peer_vpc")) else { continue };
            // The box of a component that makes networks and peerings does not stand for them.
            if let Some(owner) = self.node_of.remove(&peering) {
                self.node(owner).resources -= 1;
            }
            self.drawn.push(peering);
            self.edge(from, to, EdgeSort::Peers, peering);
        }
    }

    fn forwards(&mut self) {
        for group in self.of("aws.autoscaling.Group") {
            let Some(to) = self.node_of.get(&group).copied() else { continue };
            let targets: Vec<ResId> = items(self.reader.get(group, "target_groups")).filter_map(leads_to).collect();
            for listener in self.of("aws.elbv2.Listener") {
                let balancer = self.reader.link(listener, "load_balancer");
                let from = balancer.and_then(|id| self.node_of.get(&id)).copied();
                let Some(from) = from.filter(|_| self.forwarded(listener).iter().any(|t| targets.contains(t))) else {
                    continue;
                };
                let known = |edge: &Edge| edge.from == from && edge.to == to;
                if !self.picture.edges.iter().any(known) {
                    self.edge(from, to, EdgeSort::Forwards, listener);
                }
            }
        }
    }

    /// The target groups that a listener forwards to.
    fn forwarded(&self, listener: ResId) -> Vec<ResId> {
        let mut groups = Vec::new();
        for action in items(self.reader.get(listener, "default_actions")) {
            groups.extend(field(action, "target_group").and_then(leads_to));
            let several = field(action, "forward_config").and_then(|config| field(config, "target_groups"));
            let several = several.into_iter().flat_map(items);
            groups.extend(several.filter_map(|group| field(group, "target_group").and_then(leads_to)));
        }
        groups
    }

    fn edge(&mut self, from: NodeId, to: NodeId, sort: EdgeSort, by: ResId) {
        let (address, change) = (self.reader.desired.address(by), self.change(by));
        self.picture.edges.push(Edge { from, to, sort, label: String::new(), check: None, address, change });
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.items().unwrap_or_default().iter()
}
