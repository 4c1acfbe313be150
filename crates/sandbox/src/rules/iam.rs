//! IAM: roles, policies, and what ties them.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::policy::{self, Use};
use super::{ACCOUNT, Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::{dependency, invalid, missing};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Role;

pub(crate) struct Policy;

pub(crate) struct Attachment;

pub(crate) struct InstanceProfile;

pub(crate) struct OidcProvider;

/// How many managed policies a role may have.
const MAX_POLICIES: usize = 10;

const CODES: Codes = Codes { missing: "NoSuchEntity", exists: "EntityAlreadyExists", in_use: "DeleteConflict" };

/// The ARN of something with a path and a name.
fn arn(what: &str, object: &Stored, name: &str) -> String {
    let path = object.text("path").unwrap_or("/");
    format!("arn:aws:iam::{ACCOUNT}:{what}{path}{}", object.text(name).unwrap_or_default())
}

/// A managed policy of this account must be there; AWS's own are taken by their form.
fn policy_exists(world: &World, arn: &str) -> Result<(), Error> {
    let theirs = arn.starts_with("arn:aws:iam::aws:policy/");
    if theirs || world.everywhere(Symbol::new("aws.iam.Policy")).any(|p| p.id == arn) {
        return Ok(());
    }
    Err(missing(CODES.missing, format!("there is no policy {arn}")))
}

impl Rule for Role {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("role_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("role", object, "role_name")
    }

    fn outputs(&self, mint: &Mint, _: &Stored, outputs: &mut Attributes) {
        outputs.set(Symbol::new("role_id"), Value::str(format!("AROA{}", mint.upper(17))));
    }

    fn codes(&self) -> Codes {
        CODES
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let trust = asked.object.text("assume_role_policy_document").unwrap_or_default();
        policy::read(asked.world, trust, Use::Trust, "MalformedPolicyDocument")?;
        asked.object.text("permissions_boundary").map_or(Ok(()), |boundary| policy_exists(asked.world, boundary))
    }
}

impl Rule for Policy {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        arn("policy", object, "managed_policy_name")
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn codes(&self) -> Codes {
        CODES
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let text = asked.object.text("policy_document").unwrap_or_default();
        policy::read(asked.world, text, Use::Identity, "MalformedPolicyDocument")?;
        let size = text.chars().filter(|c| !c.is_whitespace()).count();
        if size > 6144 {
            return Err(invalid("LimitExceeded", format!("a managed policy of {size} characters is longer than 6144")));
        }
        Ok(())
    }

    fn stays(&self, world: &World, object: &Stored) -> Option<Error> {
        let by_arn = |o: &Stored| [o.text("policy_arn"), o.text("permissions_boundary")].contains(&Some(&object.id));
        let kinds = ["aws.iam.RolePolicyAttachment", "aws.iam.Role"];
        let user = kinds.iter().find_map(|kind| world.everywhere(Symbol::new(kind)).find(|o| by_arn(o)))?;
        Some(dependency(CODES.in_use, format!("{} is used by {} and can't be deleted", object.id, user.id)))
    }
}

impl Rule for Attachment {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let policy = object.text("policy").or(object.text("policy_arn")).unwrap_or_default();
        format!("{}/{policy}", object.text("role").unwrap_or_default())
    }

    fn codes(&self) -> Codes {
        CODES
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        if let Some(arn) = object.text("policy_arn") {
            policy_exists(world, arn)?;
        }
        let Some(role) = world.follow(object, "role") else { return Ok(()) };
        let attached = world.users(role).into_iter().filter(|(o, _)| o.kind == object.kind).count();
        if attached > MAX_POLICIES {
            let text = format!("{} has {MAX_POLICIES} managed policies and can't have another", role.id);
            return Err(invalid("LimitExceeded", text));
        }
        Ok(())
    }
}

impl Rule for InstanceProfile {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("instance_profile_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("instance-profile", object, "instance_profile_name")
    }

    fn codes(&self) -> Codes {
        CODES
    }
}

impl Rule for OidcProvider {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let url = object.text("url").unwrap_or_default();
        let name = url.strip_prefix("https://").unwrap_or(url).trim_end_matches('/');
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}")
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn codes(&self) -> Codes {
        CODES
    }
}
