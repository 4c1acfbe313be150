//! Node groups of EKS.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Rule, arn, cluster};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct NodeGroup;

const SCALING: &str = "scaling_config";
const DESIRED: &str = "desired_size";

impl Rule for NodeGroup {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let part = |name: &str| object.text(name).unwrap_or_default();
        format!("{}/{}", part("cluster"), part("nodegroup_name"))
    }

    fn arn(&self, object: &Stored) -> String {
        arn("eks", object, &format!("nodegroup/{}/{}", object.id, number(object)))
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        let name = object.text("nodegroup_name").unwrap_or_default();
        let group = format!("eks-{name}-{}", number(object));
        outputs.set(Symbol::new("auto_scaling_group_name"), Value::str(group));
    }

    /// Templates can go while groups of instances use them.
    fn keeps(&self, attribute: &str) -> bool {
        attribute != "launch_template"
    }

    fn codes(&self) -> Codes {
        cluster::codes()
    }

    fn decides(&self, before: Option<&Attributes>, after: &mut Attributes) {
        let name = Symbol::new(SCALING);
        let count = |of: &Attributes, field: &str| of.get(name).and_then(|v| v.field(field)).and_then(Value::as_int);
        let (Some(min), Some(max), None) = (count(after, "min_size"), count(after, "max_size"), count(after, DESIRED))
        else {
            return;
        };
        let there = before.and_then(|before| count(before, DESIRED)).unwrap_or(min);
        let fields = [("min_size", min), ("max_size", max), (DESIRED, there.min(max).max(min))];
        after.set(name, Value::record(fields.map(|(field, n)| (Symbol::new(field), Value::Int(n)))));
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, before, .. } = *asked;
        if before.is_none()
            && let Some(role) = world.follow(object, "node_role")
        {
            cluster::trusts(world, role, "ec2.amazonaws.com")?;
        }
        if let Some(vpc) = world.follow(object, "cluster").and_then(|cluster| cluster::vpc_of(world, cluster)) {
            let outside = |o: &&Stored| world.follow(o, "vpc").is_none_or(|of| of.key != vpc.key);
            if let Some(other) = world.follow_all(object, "subnets").into_iter().find(outside) {
                let text = format!("{} is not in {}, as the cluster is", other.id, vpc.id);
                return Err(invalid("InvalidParameterException", text));
            }
        }
        template(world, object)
    }
}

fn number(object: &Stored) -> String {
    Mint::of(&format!("{}/{}", object.region.map_or("", Symbol::as_str), object.id)).uuid()
}

/// Whether a group and its launch template say nothing twice, and nothing that EKS decides.
fn template(world: &World, group: &Stored) -> Result<(), Error> {
    let Some(template) = world.follow(group, "launch_template") else { return Ok(()) };
    let says = |name: &str| {
        let data = template.get("launch_template_data").and_then(|data| data.field(name));
        data.is_some_and(|value| !value.is_none())
    };
    let why = if says("iam_instance_profile") {
        "names an instance profile, which EKS decides by node_role"
    } else if says("instance_type") && group.get("instance_types").is_some() {
        "names an instance type, and the node group has instance_types"
    } else if says("image_id") && group.text("ami_type").is_some_and(|image| image != "CUSTOM") {
        "names an image, and the node group has an ami_type: CUSTOM is the one for that"
    } else {
        return Ok(());
    };
    Err(invalid("InvalidParameterException", format!("the launch template {} {why}", template.id)))
}
