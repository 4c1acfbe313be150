//! What holds whatever is asked, and in whatever order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topo_model::{Object, Symbol, Value};
use topo_provider::{BatchChange, Error};

use crate::support::*;

const REGIONS: [&str; 2] = [TAIPEI, TOKYO];

/// A call, with numbers that pick among what is there.
#[derive(Debug, Clone)]
struct Step {
    verb: u8,
    kind: u8,
    region: usize,
    a: usize,
    b: usize,
}

fn step() -> impl Strategy<Value = Step> {
    (0..10u8, 0..11u8, 0..2usize, 0..8usize, 0..8usize).prop_map(|(verb, kind, region, a, b)| Step {
        verb,
        kind,
        region,
        a,
        b,
    })
}

/// The id of the `n`-th object of a kind, or one that no object has.
fn pick(cloud: &Cloud, kind: &str, n: usize) -> Value {
    let ids: Vec<Object> = cloud.sandbox.objects().into_iter().filter(|o| o.kind.as_str() == kind).collect();
    let id = ids.get(n % ids.len().max(1)).map_or("none", |o| o.id.0.as_str());
    text(id)
}

fn create(cloud: &Cloud, s: &Step) -> Result<(), Error> {
    let at = |kind: &str| format!("{kind}@{}", REGIONS[s.region]);
    let path = format!("r{}{}", s.a, s.b);
    let ec2 = |kind: &str, n| pick(cloud, &format!("aws.ec2.{kind}"), n);
    let range = |third: usize| cidr(&format!("10.{}.{third}.0/24", s.b % 3));
    let made = match s.kind {
        0 => cloud.ask(&at("ec2.Vpc"), &path, [("cidr_block", cidr(&format!("10.{}.0.0/16", s.b % 3)))]),
        1 => {
            let in_zone = zone(&format!("{}a", REGIONS[s.region]));
            let set = [("vpc", ec2("Vpc", s.a)), ("cidr_block", range(s.b)), ("availability_zone", in_zone)];
            cloud.ask(&at("ec2.Subnet"), &path, set)
        }
        2 => cloud.ask(&at("ec2.RouteTable"), &path, [("vpc", ec2("Vpc", s.a))]),
        3 => cloud.ask(&at("ec2.InternetGateway"), &path, []),
        4 => {
            let set = [("vpc", ec2("Vpc", s.a)), ("internet_gateway", ec2("InternetGateway", s.b))];
            cloud.ask(&at("ec2.VpcGatewayAttachment"), &path, set)
        }
        5 => {
            let set = [("subnet", ec2("Subnet", s.a)), ("route_table", ec2("RouteTable", s.b))];
            cloud.ask(&at("ec2.SubnetRouteTableAssociation"), &path, set)
        }
        6 => {
            let set =
                [("vpc", ec2("Vpc", s.a)), ("peer_vpc", ec2("Vpc", s.b)), ("peer_region", region(REGIONS[s.b % 2]))];
            cloud.ask(&at("ec2.VpcPeeringConnection"), &path, set)
        }
        7 => cloud.ask(&at("ec2.VpcPeeringAccepter"), &path, [("connection", ec2("VpcPeeringConnection", s.a))]),
        8 => {
            let target = if s.b.is_multiple_of(2) {
                ("gateway", ec2("InternetGateway", s.b))
            } else {
                ("vpc_peering_connection", ec2("VpcPeeringConnection", s.b))
            };
            let set = [("route_table", ec2("RouteTable", s.a)), ("destination_cidr_block", range(9)), target];
            cloud.ask(&at("ec2.Route"), &path, set)
        }
        9 => cloud.ask("route53.HostedZone", &path, [("name", text("example.com"))]),
        _ => return cloud.batch(&[BatchChange::Create(record(cloud, s))]).map(drop),
    };
    made.map(drop)
}

fn record(cloud: &Cloud, s: &Step) -> topo_provider::Creation {
    let set = [
        ("hosted_zone", pick(cloud, "aws.route53.HostedZone", s.region)),
        ("name", text(&format!("n{}.example.com", s.a % 2))),
        ("type", text(["A", "CNAME"][s.b % 2])),
        ("ttl", Value::Duration(60_000)),
        ("resource_records", list(&["192.0.2.1"])),
        ("set_identifier", if s.b < 4 { text(&format!("s{}", s.b)) } else { Value::None }),
        ("weight", if s.b < 4 { Value::Int(1) } else { Value::None }),
    ];
    creation("route53.RecordSet", &format!("rec{}{}", s.a, s.b), set)
}

fn kind_at(object: &Object) -> String {
    let kind = object.kind.as_str().trim_start_matches("aws.");
    object.region.map_or_else(|| kind.to_owned(), |region| format!("{kind}@{region}"))
}

/// One call; most are refused, and that is as good.
fn act(cloud: &Cloud, s: &Step) -> Result<(), Error> {
    let objects = cloud.sandbox.objects();
    let object = objects.get((s.a * 8 + s.b) % objects.len().max(1));
    match (s.verb, object) {
        (0..6, _) | (_, None) => create(cloud, s),
        (6..9, Some(object)) => cloud.delete(&kind_at(object), &object.id.0),
        (_, Some(object)) => cloud.converge(&kind_at(object), &object.id.0, "taken", [("tags", tags(&[("n", "1")]))]),
    }
}

/// Every reference leads to an object, and no two objects share what is unique.
#[track_caller]
fn sound(cloud: &Cloud) {
    let catalogue = crate::kinds::catalogue();
    let objects = cloud.sandbox.objects();
    let mut unique: BTreeMap<String, String> = BTreeMap::new();
    for object in &objects {
        let kind = catalogue.by_name(object.kind).expect("a kind of the catalogue");
        for attribute in &kind.attributes {
            let mut wanted: Vec<(Symbol, Symbol, bool)> = Vec::new();
            attribute.ty.for_each_reference(&mut |kind, output, far| wanted.push((kind, output, far)));
            let Some(value) = object.attributes.get(attribute.name).filter(|_| !wanted.is_empty()) else { continue };
            let (kind, output, far) = wanted[0];
            let leads = |o: &&Object| {
                let near = far || o.region.is_none() || o.region == object.region;
                o.kind == kind && near && o.outputs.get(output) == Some(value)
            };
            assert!(objects.iter().any(|o| leads(&o)), "{} {} leads nowhere: {value}", object.id, attribute.name);
        }
        for (n, tuple) in kind.unique.iter().map(|u| &u.attributes).chain(std::iter::once(&kind.identity)).enumerate() {
            let values: Vec<String> = tuple
                .iter()
                .map(|a| object.attributes.get(kind.attr(*a).name).map_or_else(String::new, Value::to_string))
                .collect();
            let told = values.iter().any(|v| !v.is_empty()) && !object.kind.as_str().ends_with("HostedZone");
            let tuple = format!("{} {n} {:?} {values:?}", object.kind, object.region);
            let other = unique.insert(tuple.clone(), object.id.to_string()).filter(|_| told);
            assert_eq!(other, None, "{} shares {tuple}", object.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_cloud_stays_sound_and_opens_again_the_same(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (dir, cloud) = fresh();
        for step in &steps {
            let before = cloud.sandbox.objects();
            if act(&cloud, step).is_err() {
                prop_assert_eq!(cloud.sandbox.objects(), before, "a refused call changed something");
            }
            sound(&cloud);
        }
        let kept = cloud.sandbox.objects();
        drop(cloud);
        prop_assert_eq!(open(dir.path(), options("")).sandbox.objects(), kept);
    }

    #[test]
    fn everything_can_be_deleted_again(steps in prop::collection::vec(step(), 1..40)) {
        let (_dir, cloud) = fresh();
        for step in &steps {
            let _ = act(&cloud, step);
        }
        loop {
            let objects = cloud.sandbox.objects();
            let gone = objects.iter().filter(|o| cloud.delete(&kind_at(o), &o.id.0).is_ok()).count();
            if objects.is_empty() {
                break;
            }
            prop_assert!(gone > 0, "stuck with {:?}", cloud.content());
        }
    }
}
