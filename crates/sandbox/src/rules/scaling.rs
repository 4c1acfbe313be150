//! Auto Scaling groups.

use topo_model::{Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule, arn, template};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Group;

impl Rule for Group {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("auto_scaling_group_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        let number = Mint::of(&format!("{}/{}", object.id, object.made_at)).uuid();
        arn("autoscaling", object, &format!("autoScalingGroup:{number}:autoScalingGroupName/{}", object.id))
    }

    /// Instances hold subnets; templates and target groups can go.
    fn keeps(&self, attribute: &str) -> bool {
        attribute == "vpc_zone_identifier"
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ValidationError", exists: "AlreadyExists", in_use: "ResourceInUse" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        if let Some(template) = started_from(world, object) {
            complete(object, template)?;
            version(object, template)?;
        }
        let other = |o: &&Stored| o.text("target_type") != Some("instance");
        if let Some(group) = world.follow_all(object, "target_groups").into_iter().find(other) {
            let name = group.text("name").unwrap_or_default();
            let text = format!("the target group {name} takes no instances, but targets of another type");
            return Err(invalid("ValidationError", text));
        }
        Ok(())
    }

    /// Who does not say how many gets the least.
    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(mut group) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        if let (None, Some(least)) = (group.get("desired_capacity"), group.get("min_size").cloned()) {
            group.attributes.set(Symbol::new("desired_capacity"), least);
            world.put(group);
        }
        Ok(())
    }
}

fn started_from<'w>(world: &'w World, group: &Stored) -> Option<&'w Stored> {
    world.follow(group, "launch_template").or_else(|| world.follow(group, "mixed_instances_policy"))
}

/// Whether a template says all that an instance needs.
fn complete(group: &Stored, template: &Stored) -> Result<(), Error> {
    let data = template.get("launch_template_data");
    let says = |name: &str| data.and_then(|data| data.field(name)).is_some_and(|value| !value.is_none());
    let mixed = group.get("mixed_instances_policy").is_some();
    let missing = match (says("image_id"), says("instance_type") || mixed) {
        (false, _) => "image_id",
        (_, false) => "instance_type",
        _ => return Ok(()),
    };
    let text = format!("the launch template {} has no {missing}, and instances need one", template.id);
    Err(invalid("ValidationError", text))
}

/// Whether there is the version of the template that is asked for.
fn version(group: &Stored, template: &Stored) -> Result<(), Error> {
    let of = |value: &Value| value.field("version").and_then(Value::as_str).map(str::to_owned);
    let policy = group.get("mixed_instances_policy").and_then(|policy| policy.field("launch_template"));
    let mixed = policy.and_then(|template| template.field("launch_template_specification"));
    let Some(version) = group.get("launch_template").or(mixed).and_then(of) else { return Ok(()) };
    let there = match version.parse::<u64>() {
        Ok(number) => (1..=template::latest(template)).contains(&number),
        Err(_) => version == "$Default" || version == "$Latest",
    };
    if there {
        return Ok(());
    }
    Err(invalid("ValidationError", format!("the launch template {} has no version {version}", template.id)))
}
