//! Which resources get a box, and which stand behind one.

use topo_model::{Origin, ResId};

use super::Gather;
use crate::picture::{Certificate, NodeId, Sort, Zone};
use crate::read::{Reader, bare, field};

/// What a kind's box is; none where the kind has none.
pub(super) fn sort(kind: &str) -> Option<Sort> {
    match kind {
        "aws.ec2.Vpc" => Some(Sort::Network),
        "aws.elbv2.LoadBalancer" => Some(Sort::Balancer),
        "aws.eks.Cluster" => Some(Sort::Cluster),
        "aws.autoscaling.Group" => Some(Sort::Group),
        "aws.rds.DBCluster" | "aws.rds.DBInstance" | "aws.rds.GlobalCluster" => Some(Sort::Store),
        "aws.dynamodb.Table" | "aws.dynamodb.GlobalTable" => Some(Sort::Store),
        _ => None,
    }
}

impl Gather<'_> {
    /// Makes the boxes and finds out what each stands for.
    pub(super) fn boxes(&mut self) {
        let reader = self.reader;
        let of_sort = |network| {
            let all = reader.desired.iter().filter_map(|(id, _)| Some((id, sort(reader.kind(id))?)));
            all.filter(move |(_, sort)| (*sort == Sort::Network) == network)
        };
        // Networks first: the others stand in them.
        of_sort(true).chain(of_sort(false)).for_each(|(id, sort)| self.add_box(id, sort));
        for (id, _) in reader.desired.iter() {
            let owner = self.owner(id);
            if let Some(owner) = owner.filter(|_| !self.node_of.contains_key(&id)) {
                self.node_of.insert(id, owner);
                self.part(owner, id);
            }
        }
        self.certificates();
    }

    fn add_box(&mut self, id: ResId, sort: Sort) {
        let (reader, resource) = (self.reader, self.reader.resource(id));
        let lane = self.lane(resource.region);
        let node = self.add(sort, reader.name(id), reader.desired.address(id), lane);
        let within = (sort != Sort::Network).then(|| reader.network(id)).flatten();
        let within = within.and_then(|network| self.node_of.get(&network)).copied();
        let mut facts = facts(reader, id, sort);
        if matches!(resource.origin, Origin::Existing(_)) {
            facts.push("existing".to_owned());
        }
        let change = self.change(id);
        let made = self.node(node);
        made.within = within;
        made.facts = facts;
        made.zones = if sort == Sort::Network { zones(reader, id) } else { Vec::new() };
        made.resources = 1;
        made.change = change;
        self.node_of.insert(id, node);
        self.called_by.insert(node, id);
        if let Some(parent) = reader.desired.addresses.step(resource.address).parent {
            self.parts.entry(parent).or_default().push(node);
        }
    }

    /// Counts a resource to the box that stands for it.
    pub(crate) fn part(&mut self, owner: NodeId, id: ResId) {
        let change = self.change(id);
        let node = self.node(owner);
        node.resources += 1;
        node.change = node.change.zip(change).map(|(own, part)| own.with_part(part));
    }

    /// The box that stands for a resource: of its component, in its place; or the one that it is made
    /// for, in resources written by hand.
    fn owner(&self, id: ResId) -> Option<NodeId> {
        let resource = self.reader.resource(id);
        let region = resource.region?;
        let service = self.reader.desired.kind(resource).service();
        let here = |node: &&NodeId| {
            self.called_by.get(node).is_some_and(|called| self.reader.resource(*called).region == Some(region))
        };
        let alike = |node: &&NodeId| {
            self.called_by.get(node).is_some_and(|called| self.reader.kind(*called).starts_with(service))
        };
        let mut parent = self.reader.desired.addresses.step(resource.address).parent;
        while let Some(component) = parent {
            let parts: Vec<&NodeId> = self.parts.get(&component).into_iter().flatten().filter(here).collect();
            if let Some(owner) = parts.iter().copied().find(alike).or(parts.first().copied()) {
                return Some(*owner);
            }
            parent = self.reader.desired.addresses.step(component).parent;
        }
        let mut at = vec![id];
        for _ in 0..3 {
            let mut next = Vec::new();
            at.iter().for_each(|id| self.reader.resource(*id).for_each_dependency(&mut |other| next.push(other)));
            let found = next.iter().filter(|id| self.called_by.values().any(|called| called == *id));
            let mut found = found.filter_map(|id| self.node_of.get(id)).filter(here);
            if let Some(owner) = found.find(alike) {
                return Some(*owner);
            }
            at = next;
        }
        None
    }

    /// Shows certificates on what listens with them.
    fn certificates(&mut self) {
        for listener in self.of("aws.elbv2.Listener") {
            let balancer = self.reader.link(listener, "load_balancer").and_then(|id| self.node_of.get(&id)).copied();
            let certificate = self.reader.link(listener, "certificate");
            let issued = certificate.filter(|id| self.reader.kind(*id) == "aws.acm.CertificateValidation");
            let certificate = issued.and_then(|id| self.reader.link(id, "certificate")).or(certificate);
            let (Some(balancer), Some(certificate)) = (balancer, certificate) else { continue };
            let address = self.reader.desired.address(certificate);
            self.drawn.push(certificate);
            let mut names: Vec<String> =
                self.reader.text(certificate, "domain_name").map(str::to_owned).into_iter().collect();
            let others = self.reader.get(certificate, "subject_alternative_names").items().unwrap_or_default();
            names.extend(others.iter().map(bare));
            let shown = &mut self.node(balancer).certificates;
            if !shown.iter().any(|c| c.address == address) {
                shown.push(Certificate { address, names });
            }
        }
    }
}

fn facts(reader: Reader<'_>, id: ResId, sort: Sort) -> Vec<String> {
    match sort {
        Sort::Network => vec![reader.get(id, "cidr_block").to_string()],
        Sort::Balancer => {
            ["type", "scheme"].iter().filter_map(|name| reader.text(id, name)).map(str::to_owned).collect()
        }
        Sort::Cluster => cluster(reader, id),
        Sort::Group => {
            vec![range(reader.get(id, "min_size").as_int(), reader.get(id, "max_size").as_int(), "instance")]
        }
        Sort::Store => store(reader, id),
        Sort::Name | Sort::Endpoint => Vec::new(),
    }
}

/// `Aurora · aurora-postgresql · of world`.
fn store(reader: Reader<'_>, id: ResId) -> Vec<String> {
    let kind = match reader.kind(id) {
        "aws.rds.DBCluster" => "Aurora",
        "aws.rds.GlobalCluster" => "Aurora, global",
        "aws.rds.DBInstance" => "RDS",
        "aws.dynamodb.GlobalTable" => "DynamoDB, global",
        _ => "DynamoDB",
    };
    let engine = reader.text(id, "engine").map(str::to_owned);
    let global = reader.link(id, "global_cluster").map(|global| format!("of {}", reader.name(global)));
    let replicas = reader.get(id, "replicas").items().unwrap_or_default();
    let replicas = replicas.iter().filter_map(|replica| field(replica, "region")).map(bare);
    [Some(kind.to_owned()), engine, global].into_iter().flatten().chain(replicas).collect()
}

fn cluster(reader: Reader<'_>, id: ResId) -> Vec<String> {
    let version = reader.text(id, "version").map(|version| format!("Kubernetes {version}"));
    let groups = reader
        .desired
        .iter()
        .map(|(id, _)| id)
        .filter(|group| reader.kind(*group) == "aws.eks.NodeGroup" && reader.link(*group, "cluster") == Some(id));
    let size = |group, name| field(reader.get(group, "scaling_config"), name).and_then(topo_model::Value::as_int);
    let nodes = groups.map(|group| range(size(group, "min_size"), size(group, "max_size"), "node"));
    version.into_iter().chain(nodes).collect()
}

/// `2 to 10 nodes`.
fn range(min: Option<i64>, max: Option<i64>, what: &str) -> String {
    match (min, max) {
        (Some(1), Some(1)) => format!("1 {what}"),
        (Some(min), Some(max)) if min == max => format!("{min} {what}s"),
        (Some(min), Some(max)) => format!("{min} to {max} {what}s"),
        _ => format!("{what}s"),
    }
}

fn zones(reader: Reader<'_>, network: ResId) -> Vec<Zone> {
    let region = reader.resource(network).region.map_or("", |r| r.as_str());
    let all = |kind: &'static str| reader.desired.iter().map(|(id, _)| id).filter(move |id| reader.kind(*id) == kind);
    let mut zones: Vec<Zone> = Vec::new();
    for subnet in all("aws.ec2.Subnet").filter(|subnet| reader.link(*subnet, "vpc") == Some(network)) {
        let name = bare(reader.get(subnet, "availability_zone"));
        if reader.text(subnet, "availability_zone").is_none() {
            continue;
        }
        let nats = all("aws.ec2.NatGateway").filter(|nat| reader.link(*nat, "subnet") == Some(subnet)).count();
        match zones.iter_mut().find(|zone| zone.name == name) {
            Some(zone) => {
                zone.subnets += 1;
                zone.nats += nats;
            }
            None => {
                let letter = name.strip_prefix(region).filter(|letter| !letter.is_empty()).unwrap_or(&name).to_owned();
                zones.push(Zone { name, letter, subnets: 1, nats });
            }
        }
    }
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    zones
}
