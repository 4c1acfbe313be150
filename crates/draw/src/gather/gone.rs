//! What the program wants no longer, and a plan would delete: of it only addresses and kinds are known.

use topo_model::Symbol;

use super::{Gather, boxes};
use crate::picture::{Change, Gone, NodeId, Sort};

impl Gather<'_> {
    /// Draws what goes: as a box where it would have had one, counted to a box or a lane otherwise.
    pub(super) fn gone(&mut self) {
        let gone = self.marks.map(|marks| marks.gone.as_slice()).unwrap_or_default();
        let sorted = |gone: &Gone| boxes::sort(gone.kind.as_str());
        let mut made: Vec<(NodeId, &Gone)> = Vec::new();
        // Networks first: the others stand in them.
        let networks = gone.iter().filter(|g| sorted(g) == Some(Sort::Network));
        let others = gone.iter().filter(|g| sorted(g).is_some_and(|sort| sort != Sort::Network));
        for gone in networks.chain(others) {
            let Some(sort) = sorted(gone) else { continue };
            let lane = self.lane(gone.region);
            let node = self.add(sort, name(&gone.address, gone.region), gone.address.clone(), lane);
            let within = matches!(sort, Sort::Balancer | Sort::Cluster | Sort::Group).then(|| {
                let mut networks = self.picture.of_lane(lane).filter(|(_, n)| n.sort == Sort::Network);
                networks.next().filter(|_| networks.next().is_none()).map(|(id, _)| id)
            });
            let node_made = self.node(node);
            node_made.change = Some(Change::Delete);
            node_made.resources = 1;
            node_made.within = within.flatten();
            made.push((node, gone));
        }
        for gone in gone.iter().filter(|g| sorted(g).is_none()) {
            let beside = |of: &Gone| match of.address.rsplit_once('.') {
                Some((component, _)) => gone.address.strip_prefix(component).is_some_and(|rest| rest.starts_with('.')),
                None => false,
            };
            match made.iter().find(|(_, of)| of.region == gone.region && beside(of)) {
                Some((node, _)) => self.node(*node).resources += 1,
                None => {
                    let lane = self.lane(gone.region);
                    self.rest.entry(lane).or_default().add(gone.kind, Some(Change::Delete));
                }
            }
        }
    }
}

/// `web`, of `web[ap-east-2].balancer` in ap-east-2.
fn name(address: &str, region: Option<Symbol>) -> String {
    let address = region.map_or(address.to_owned(), |region| address.replace(&format!("[{region}]"), ""));
    match address.rsplit_once('.') {
        // A dot in a key parts nothing.
        Some((component, part)) if !part.contains(']') => component.to_owned(),
        _ => address,
    }
}
