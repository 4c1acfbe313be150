//! Security groups and their rules, with those that EC2 makes by itself.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule, arn};
use crate::change::child;
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct SecurityGroup;

pub(crate) struct DefaultGroup;

pub(crate) struct GroupRule;

const GROUP: &str = "aws.ec2.SecurityGroup";
const RULE: &str = "aws.ec2.SecurityGroupRule";

impl Rule for SecurityGroup {
    fn prefix(&self) -> Option<&'static str> {
        Some("sg")
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        outputs.set(Symbol::new("group_id"), Value::str(object.id.as_str()));
    }

    /// EC2 makes the rule with every group; taking it away is a call of its own.
    fn later(&self) -> &'static [&'static str] {
        &["default_egress"]
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidGroup.NotFound", exists: "InvalidGroup.Duplicate", ..Codes::default() }
    }

    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(group) = world.get(key).cloned() else { return Ok(()) };
        let own = rules(world, &group).into_iter().filter(|rule| rule.parent == Some(key)).map(|rule| rule.key);
        let own: Vec<Key> = own.collect();
        if !group.is("default_egress") {
            own.into_iter().for_each(|key| drop(world.take(key)));
        } else if own.is_empty() {
            let id = format!("sgr-{}", made.mint.hex(17));
            child(world, &group, RULE, Some(id), everything_out(&group), made);
        }
        Ok(())
    }
}

/// The default group of a VPC, taken over. It is empty from then on, whoever put rules there.
impl Rule for DefaultGroup {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        default_id(object.text("vpc").unwrap_or_default())
    }

    fn arn(&self, object: &Stored) -> String {
        arn("ec2", object, &format!("security-group/{}", object.id))
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        outputs.set(Symbol::new("group_id"), Value::str(object.id.as_str()));
    }

    /// The group comes and goes with its VPC.
    fn part_of(&self) -> Option<&'static str> {
        Some("vpc")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidGroup.NotFound", ..Codes::default() }
    }

    fn done(&self, world: &mut World, key: Key, _: &Made<'_>) -> Result<(), Error> {
        let taken = world.get(key);
        let Some(group) = taken.and_then(|own| by_id(world, own.region, &own.id)).cloned() else { return Ok(()) };
        let all: Vec<Key> = rules(world, &group).into_iter().map(|rule| rule.key).collect();
        all.into_iter().for_each(|key| drop(world.take(key)));
        Ok(())
    }
}

impl Rule for GroupRule {
    fn prefix(&self) -> Option<&'static str> {
        Some("sgr")
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("group")
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "InvalidSecurityGroupRuleId.NotFound",
            exists: "InvalidPermission.Duplicate",
            ..Codes::default()
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let (Some(group), Some(source)) = (world.follow(object, "group"), world.follow(object, "source_group")) else {
            return Ok(());
        };
        let (Some(here), Some(there)) = (world.follow(group, "vpc"), world.follow(source, "vpc")) else {
            return Ok(());
        };
        if here.key == there.key || peered(world, here, there) {
            return Ok(());
        }
        let text = format!("{} is neither in {} nor in a network that is peered with it", source.id, here.id);
        Err(invalid("InvalidGroup.NotFound", text))
    }
}

/// Whether there is a peering between two VPCs.
fn peered(world: &World, a: &Stored, b: &Stored) -> bool {
    world.users(a).into_iter().filter(|(o, _)| o.kind == "aws.ec2.VpcPeeringConnection").any(|(connection, _)| {
        ["vpc", "peer_vpc"].iter().any(|side| world.follow(connection, side).is_some_and(|vpc| vpc.key == b.key))
    })
}

/// Whether all groups that an attribute refers to are in a VPC.
pub(super) fn all_in(world: &World, object: &Stored, attribute: &str, vpc: &Stored) -> Result<(), String> {
    let of = |group: &&Stored| world.follow(group, "vpc").is_none_or(|of| of.key != vpc.key);
    match world.follow_all(object, attribute).into_iter().filter(|o| o.kind == GROUP).find(of) {
        Some(group) => Err(format!("the security group {} is not in {}", group.id, vpc.id)),
        None => Ok(()),
    }
}

/// The group that comes with a VPC.
pub(super) fn make_default(world: &mut World, vpc: &Stored, made: &Made<'_>) {
    let id = default_id(&vpc.id);
    make_own(world, vpc, &id, [vpc.id.as_str(), "default", "default VPC security group"], made);
}

/// Makes a group that AWS makes by itself with another object, from VPC, name and description:
/// it lets everything out, and in what is in it.
pub(super) fn make_own(world: &mut World, parent: &Stored, id: &str, about: [&str; 3], made: &Made<'_>) {
    let names = ["vpc", "group_name", "group_description"];
    let [vpc, name, description] = [0, 1, 2].map(|at| (names[at], Value::str(about[at])));
    child(world, parent, GROUP, Some(id.to_owned()), [vpc, name, description], made);
    let Some(group) = world.by_id(Symbol::new(GROUP), parent.region, id).cloned() else { return };
    child(world, &group, RULE, Some(format!("sgr-{}", made.mint.hex(17))), everything_out(&group), made);
    let among_itself = [
        ("group", Value::str(id)),
        ("direction", Value::str("ingress")),
        ("protocol", Value::str("-1")),
        ("source_group", Value::str(id)),
    ];
    let second = Mint::of(&format!("{id}/ingress"));
    child(world, &group, RULE, Some(format!("sgr-{}", second.hex(17))), among_itself, made);
}

/// A group by its id.
pub(super) fn by_id<'w>(world: &'w World, region: Option<Symbol>, id: &str) -> Option<&'w Stored> {
    world.by_id(Symbol::new(GROUP), region, id)
}

/// The default group's id has the digits of its VPC's.
fn default_id(vpc: &str) -> String {
    format!("sg-{}", vpc.strip_prefix("vpc-").unwrap_or(vpc))
}

fn everything_out(group: &Stored) -> [(&'static str, Value); 4] {
    let anywhere = "0.0.0.0/0".parse().map_or(Value::None, Value::Cidr);
    [
        ("group", Value::str(group.id.as_str())),
        ("direction", Value::str("egress")),
        ("protocol", Value::str("-1")),
        ("cidr", anywhere),
    ]
}

/// The rules of a group.
fn rules<'w>(world: &'w World, group: &Stored) -> Vec<&'w Stored> {
    let all = world.users(group).into_iter();
    all.filter(|(user, attribute)| user.kind == RULE && *attribute == "group").map(|(rule, _)| rule).collect()
}
