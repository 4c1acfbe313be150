//! Routes between networks (T0403): a peering carries what both sides have a route for, to the other
//! side's own addresses, and nothing before it is accepted.
//!
//! It refuses to know of what tables outside the program hold: a side that has such a table, or is
//! itself looked up or adopted, is never said to lack a route.

use std::collections::BTreeMap;

use ipnet::IpNet;
use topo_model::{Diagnostic, ResId, Value};

use crate::scene::Scene;

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Diagnostic>) {
    let nets = Nets::read(scene);
    for peering in scene.of(PEERING) {
        findings.extend(nets.pending(*peering));
        findings.extend(nets.one_way(*peering));
    }
    for route in scene.of("aws.ec2.Route") {
        findings.extend(nets.astray(*route));
    }
}

const PEERING: &str = "aws.ec2.VpcPeeringConnection";

/// What a route may lead to.
const TARGETS: [&str; 4] = ["vpc_peering_connection", "gateway", "nat_gateway", "vpc_endpoint"];

/// Networks, as packets see them.
struct Nets<'a> {
    scene: &'a Scene<'a>,
    subnets: BTreeMap<ResId, Vec<ResId>>,
    tables: BTreeMap<ResId, Vec<ResId>>,
    routes: BTreeMap<ResId, Vec<Route>>,
    /// The table of each subnet that has an association.
    table_of: BTreeMap<ResId, ResId>,
}

struct Route {
    id: ResId,
    /// The addresses it is for, where they are known.
    to: Option<IpNet>,
    /// Where it leads, where that is known.
    by: Option<ResId>,
}

/// One end of a peering, seen towards the other.
#[derive(Clone, Copy)]
struct Way {
    peering: ResId,
    from: ResId,
    to: ResId,
}

/// How the routes of a table treat packets for a range.
enum Fate {
    /// Some of them take the peering, or may.
    Through,
    /// No route takes them there.
    Unrouted,
    /// The first route would, and the second, for fewer addresses, takes them elsewhere.
    Shadowed(ResId, ResId),
}

impl<'a> Nets<'a> {
    fn read(scene: &'a Scene<'a>) -> Nets<'a> {
        let mut routes: BTreeMap<ResId, Vec<Route>> = BTreeMap::new();
        for id in scene.of("aws.ec2.Route") {
            let Some(table) = scene.link(*id, "route_table") else { continue };
            let by = TARGETS.iter().find_map(|name| scene.link(*id, name));
            routes.entry(table).or_default().push(Route {
                id: *id,
                to: range(scene.get(*id, "destination_cidr_block")),
                by,
            });
        }
        let associations = scene.of("aws.ec2.SubnetRouteTableAssociation").iter();
        let table_of =
            associations.filter_map(|id| Some((scene.link(*id, "subnet")?, scene.link(*id, "route_table")?))).collect();
        let (subnets, tables) = (scene.pointing("aws.ec2.Subnet", "vpc"), scene.pointing("aws.ec2.RouteTable", "vpc"));
        Nets { scene, subnets, tables, routes, table_of }
    }

    fn cidr(&self, vpc: ResId) -> Option<IpNet> {
        range(self.scene.get(vpc, "cidr_block"))
    }

    /// A network by name and range.
    fn name(&self, vpc: ResId) -> String {
        let range = self.cidr(vpc).map(|range| format!(" ({range})")).unwrap_or_default();
        format!("`{}`{range}", self.scene.address(vpc))
    }

    fn ends(&self, peering: ResId) -> Option<(ResId, ResId)> {
        Some((self.scene.link(peering, "vpc")?, self.scene.link(peering, "peer_vpc")?))
    }

    /// A request that nobody accepts: it carries nothing and ends after a week.
    ///
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcPeeringConnection.html>
    fn pending(&self, peering: ResId) -> Option<Diagnostic> {
        let scene = self.scene;
        let (from, to) = self.ends(peering)?;
        // Whoever keeps the other network may accept outside the program.
        if !scene.is_made(peering) || !scene.is_made(to) || self.accepter(peering).is_some() {
            return None;
        }
        let unsure = |id: &ResId| scene.link(*id, "connection").is_none();
        if scene.of("aws.ec2.VpcPeeringAccepter").iter().any(unsure) {
            return None;
        }
        let address = scene.address(peering);
        let message = format!(
            "`{address}` joins {} and {}, and nobody accepts it: it carries nothing and expires after 7 days",
            self.name(from),
            self.name(to)
        );
        let region = scene.region(to).map(|region| format!(" at {region}")).unwrap_or_default();
        Some(
            Diagnostic::error(403, scene.place(peering), message, "never accepted")
                .label(scene.place(to), format!("`{}` is asked", scene.address(to)))
                .help(format!(
                    "write `resource accept: aws.ec2.VpcPeeringAccepter{region} {{ connection = {address} }}`"
                )),
        )
    }

    fn accepter(&self, peering: ResId) -> Option<ResId> {
        let accepters = self.scene.of("aws.ec2.VpcPeeringAccepter").iter().copied();
        accepters.into_iter().find(|id| self.scene.link(*id, "connection") == Some(peering))
    }

    /// Each side needs a route to the other's range, or what it is asked is never answered.
    ///
    /// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
    fn one_way(&self, peering: ResId) -> Option<Diagnostic> {
        let (a, b) = self.ends(peering).filter(|(a, b)| a != b)?;
        let there = Way { peering, from: a, to: b };
        let back = Way { peering, from: b, to: a };
        let missing: Vec<Way> = [there, back].into_iter().filter(|way| self.lacks(*way)).collect();
        match missing.as_slice() {
            [] if self.meet(there) => None,
            [] => Some(self.apart(there)),
            missing => Some(self.missing(peering, missing)),
        }
    }

    /// Whether all of a network's routes are the program's.
    fn is_ours(&self, vpc: ResId) -> bool {
        let tables = self.tables.get(&vpc).into_iter().flatten();
        self.scene.is_made(vpc) && tables.into_iter().all(|table| self.scene.is_made(*table))
    }

    /// The tables that send packets: those of subnets, or all where the program has no subnets.
    fn used(&self, vpc: ResId) -> Vec<ResId> {
        let tables = self.tables.get(&vpc).map_or(&[][..], Vec::as_slice);
        let Some(subnets) = self.subnets.get(&vpc) else { return tables.to_vec() };
        let of = |table: &ResId| subnets.iter().any(|subnet| self.table_of.get(subnet) == Some(table));
        tables.iter().copied().filter(of).collect()
    }

    fn lacks(&self, way: Way) -> bool {
        let through = |table: &ResId| matches!(self.fate(*table, way, self.cidr(way.to)), Fate::Through);
        self.is_ours(way.from) && !self.used(way.from).iter().any(through)
    }

    /// What a table does with packets for a range of the other side. The most specific route wins.
    ///
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>
    fn fate(&self, table: ResId, way: Way, range: Option<IpNet>) -> Fate {
        let routes = self.routes.get(&table).map_or(&[][..], Vec::as_slice);
        let mut fate = Fate::Unrouted;
        for route in routes.iter().filter(|route| route.by.is_none_or(|by| by == way.peering)) {
            // Of what is not known, the best is thought: so too of the second ranges of networks outside.
            let (Some(to), Some(range), false) = (route.to, range, !self.scene.is_made(way.to)) else {
                return Fate::Through;
            };
            let Some(shared) = shared(to, range) else { continue };
            let wins = |other: &&Route| {
                other.by != Some(way.peering)
                    && other.to.is_some_and(|o| o.prefix_len() > to.prefix_len() && o.contains(&shared))
            };
            match routes.iter().find(wins) {
                None => return Fate::Through,
                Some(winner) => fate = Fate::Shadowed(route.id, winner.id),
            }
        }
        fate
    }

    /// Whether a subnet of either side reaches one of the other and is answered.
    fn meet(&self, way: Way) -> bool {
        let (Some(here), Some(there)) = (self.subnets.get(&way.from), self.subnets.get(&way.to)) else { return true };
        if !self.is_ours(way.from) || !self.is_ours(way.to) {
            return true;
        }
        let back = Way { from: way.to, to: way.from, ..way };
        here.iter().any(|a| there.iter().any(|b| self.sends(way, *a, *b) && self.sends(back, *b, *a)))
    }

    fn sends(&self, way: Way, from: ResId, to: ResId) -> bool {
        let range = range(self.scene.get(to, "cidr_block"));
        self.table_of.get(&from).is_some_and(|table| matches!(self.fate(*table, way, range), Fate::Through))
    }

    fn missing(&self, peering: ResId, missing: &[Way]) -> Diagnostic {
        let scene = self.scene;
        let address = scene.address(peering);
        let way = missing[0];
        let [from, to] = [way.from, way.to].map(|vpc| self.name(vpc));
        let message = if missing.len() > 1 {
            format!("`{address}` joins {from} and {to}, and no route of either side leads through it")
        } else {
            format!("no route of {from} leads to {to} through `{address}`: what comes from there is never answered")
        };
        let mut found = Diagnostic::error(403, scene.place(peering), message, format!("joins {from} and {to}"));
        for way in missing {
            for table in self.used(way.from).into_iter().take(3) {
                found = self.reason(found, *way, table);
            }
            for table in self.unused(way.from) {
                found = match self.fate(table, *way, self.cidr(way.to)) {
                    Fate::Through => found.label(
                        scene.place(table),
                        format!("`{}` has a route, and no subnet uses it", scene.address(table)),
                    ),
                    _ => found,
                };
            }
        }
        if missing.len() == 1 {
            let back = Way { from: way.to, to: way.from, ..way };
            let routes =
                self.used(back.from).into_iter().flat_map(|table| self.routes.get(&table).into_iter().flatten());
            if let Some(route) = routes.into_iter().find(|route| route.by == Some(peering)) {
                let text = format!("`{}` is the way of {to}", scene.address(route.id));
                found = found.label(scene.place(route.id), text);
            }
        }
        let writes: Vec<String> = missing.iter().map(|way| self.write(*way)).collect();
        found.help(writes.join("; "))
    }

    fn unused(&self, vpc: ResId) -> Vec<ResId> {
        let used = self.used(vpc);
        let tables = self.tables.get(&vpc).into_iter().flatten().copied();
        tables.filter(|table| !used.contains(table)).collect()
    }

    fn reason(&self, found: Diagnostic, way: Way, table: ResId) -> Diagnostic {
        let scene = self.scene;
        let range = self.cidr(way.to).map_or_else(|| scene.address(way.to), |range| range.to_string());
        match self.fate(table, way, self.cidr(way.to)) {
            Fate::Shadowed(route, winner) => {
                let [to, wins] = [route, winner].map(|id| self.destination(id));
                found
                    .label(scene.place(route), format!("for {to}"))
                    .label(scene.place(winner), format!("for {wins}, which is more specific and wins"))
            }
            _ => found.label(scene.place(table), format!("`{}` has no route to {range}", scene.address(table))),
        }
    }

    fn destination(&self, route: ResId) -> String {
        range(self.scene.get(route, "destination_cidr_block")).map_or("?".to_owned(), |to| to.to_string())
    }

    /// The route to write.
    fn write(&self, way: Way) -> String {
        let through = match self.accepter(way.peering) {
            Some(accepter) => format!("{}.connection", self.scene.address(accepter)),
            None => self.scene.address(way.peering),
        };
        let range = self
            .cidr(way.to)
            .map_or_else(|| format!("{}.cidr_block", self.scene.address(way.to)), |range| range.to_string());
        format!(
            "write an `aws.ec2.Route` in the route tables of `{}`'s subnets: destination_cidr_block = {range}, \
             vpc_peering_connection = {through}",
            self.scene.address(way.from)
        )
    }

    /// Both sides have routes, and no two subnets have one each way.
    fn apart(&self, way: Way) -> Diagnostic {
        let scene = self.scene;
        let [from, to] = [way.from, way.to].map(|vpc| self.name(vpc));
        let message = format!(
            "`{}` joins {from} and {to}, and no subnet of one reaches a subnet of the other that has a route back",
            scene.address(way.peering)
        );
        let mut found = Diagnostic::error(403, scene.place(way.peering), message, format!("joins {from} and {to}"));
        for vpc in [way.from, way.to] {
            let routes = self.used(vpc).into_iter().flat_map(|table| self.routes.get(&table).into_iter().flatten());
            for route in routes.filter(|route| route.by == Some(way.peering)).take(2) {
                let text = format!("from `{}` to {} only", scene.address(vpc), self.destination(route.id));
                found = found.label(scene.place(route.id), text);
            }
        }
        found.help("write a route back in the table of each subnet that the other side has a route to")
    }

    /// A route through a peering to what the peering does not lead to. Peerings are not transitive, and
    /// nobody leaves by the gateways of a peer.
    ///
    /// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
    fn astray(&self, route: ResId) -> Option<Diagnostic> {
        let scene = self.scene;
        let peering = scene.link(route, "vpc_peering_connection")?;
        let (a, b) = self.ends(peering)?;
        let here = scene.link(scene.link(route, "route_table")?, "vpc")?;
        let to = range(scene.get(route, "destination_cidr_block"))?;
        let span = scene.span(route, "destination_cidr_block");
        let label = |text: String, why: &str| {
            Diagnostic::error(403, span, text, format!("for {to}"))
                .label(scene.place(peering), format!("joins {} and {}", self.name(a), self.name(b)))
                .help(why)
        };
        let name = format!("`{}`", scene.address(route));
        if here != a && here != b {
            let text =
                format!("{name} is a route of {}, which `{}` does not join", self.name(here), scene.address(peering));
            return Some(label(text, "a route leads through a peering of its own network: peer the two networks"));
        }
        let peer = if here == a { b } else { a };
        let theirs = self.cidr(peer).filter(|_| scene.is_made(peer))?;
        if to.prefix_len() == 0 {
            let text = format!(
                "{name} sends everything to {}: a peering leads to the peer's own addresses, not out through its gateways",
                self.name(peer)
            );
            return Some(label(text, "let it be for the peer's range, and give the network a gateway of its own"));
        }
        if shared(to, theirs).is_some() {
            return None;
        }
        let behind = |vpc: &&ResId| {
            **vpc != here && self.cidr(**vpc).is_some_and(|c| shared(c, to).is_some()) && self.are_peered(**vpc, peer)
        };
        Some(match scene.of("aws.ec2.Vpc").iter().find(behind) {
            Some(far) => {
                let text = format!(
                    "{name} leads to {} by way of {}: a peering carries nothing to networks behind the peer",
                    self.name(*far),
                    self.name(peer)
                );
                let why = format!("peer `{}` and `{}` themselves", scene.address(here), scene.address(*far));
                label(text, &why).label(scene.place(*far), format!("`{}` is behind the peer", scene.address(*far)))
            }
            None => {
                let text = format!("{name} sends packets for {to} to {}, which has no such address", self.name(peer));
                label(text, &format!("let it be for {theirs} or a part of it"))
            }
        })
    }

    fn are_peered(&self, one: ResId, other: ResId) -> bool {
        let joins = |id: &ResId| self.ends(*id).is_some_and(|ends| ends == (one, other) || ends == (other, one));
        self.scene.of(PEERING).iter().any(joins)
    }
}

fn range(value: &Value) -> Option<IpNet> {
    if let Value::Cidr(range) = value { Some(*range) } else { None }
}

/// What two ranges share: the smaller of them, or nothing.
fn shared(a: IpNet, b: IpNet) -> Option<IpNet> {
    match (a.contains(&b), b.contains(&a)) {
        (true, _) => Some(b),
        (_, true) => Some(a),
        _ => None,
    }
}
