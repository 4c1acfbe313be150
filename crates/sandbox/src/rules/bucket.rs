//! Buckets and the trails that write to them.

use topo_model::{Attributes, Symbol, Type, Value};
use topo_provider::Error;

use super::policy::{self, Use};
use super::{ACCOUNT, Asked, Codes, Rule, kms};
use crate::mint::Mint;
use crate::refusal::{dependency, invalid};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Bucket;

pub(crate) struct BucketPolicy;

pub(crate) struct Trail;

/// How many trails a region may have.
const MAX_TRAILS: usize = 5;

const POLICY: &str = "MalformedPolicy";

impl Rule for Bucket {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("bucket_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:s3:::{}", object.id)
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        let (name, region) = (&object.id, object.region.map_or("", Symbol::as_str));
        outputs.set(Symbol::new("domain_name"), Value::str(format!("{name}.s3.amazonaws.com")));
        outputs.set(Symbol::new("regional_domain_name"), Value::str(format!("{name}.s3.{region}.amazonaws.com")));
    }

    /// A bucket can be deleted though another is copied to it, and a role though it copies.
    fn keeps(&self, attribute: &str) -> bool {
        attribute != "replication_configuration"
    }

    /// How many objects are in it.
    fn happens(&self, name: &str) -> Option<Type> {
        (name == "objects").then_some(Type::Int(Some((0, i64::MAX))))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NoSuchBucket", exists: "BucketAlreadyExists", in_use: "BucketNotEmpty" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(before) = asked.before else { return Ok(()) };
        let versions = |bucket: &Stored| bucket.get("versioning_configuration").is_some_and(|v| !v.is_none());
        if versions(before) && !versions(asked.object) {
            return Err(invalid(
                "IllegalVersioningConfigurationException",
                "versions can be suspended, not taken back",
            ));
        }
        if before.is("object_lock_enabled") && !asked.object.is("object_lock_enabled") {
            return Err(invalid("InvalidBucketState", "locks on objects can't be turned off"));
        }
        Ok(())
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let count = object.facts.get(Symbol::new("objects")).and_then(Value::as_int).filter(|n| *n > 0)?;
        Some(dependency("BucketNotEmpty", format!("{} holds {count} objects and can't be deleted", object.id)))
    }
}

impl Rule for BucketPolicy {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("bucket").unwrap_or_default().to_owned()
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("bucket")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NoSuchBucketPolicy", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let text = asked.object.text("policy_document").unwrap_or_default();
        let document = policy::read(asked.world, text, Use::Resource, POLICY)?;
        let bucket = format!("arn:aws:s3:::{}", asked.object.text("bucket").unwrap_or_default());
        let inside = |r: &str| r == bucket || r.strip_prefix(&bucket).is_some_and(|rest| rest.starts_with('/'));
        match document.resources().find(|r| !inside(r)) {
            Some(other) => Err(invalid(POLICY, format!("the policy of {bucket} is about {other}"))),
            None => Ok(()),
        }
    }
}

impl Rule for Trail {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{}", object.text("trail_name").unwrap_or_default())
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn codes(&self) -> Codes {
        Codes { missing: "TrailNotFoundException", exists: "TrailAlreadyExistsException", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        if world.of(object.kind, object.region).count() > MAX_TRAILS {
            let text = format!("a region has {MAX_TRAILS} trails at most");
            return Err(invalid("MaximumNumberOfTrailsExceededException", text));
        }
        if let Some(bucket) = world.follow(object, "bucket")
            && !writable(world, bucket, object.text("s3_key_prefix"))
        {
            let text = format!("the policy of the bucket {} does not let CloudTrail write to it", bucket.id);
            return Err(invalid("InsufficientS3BucketPolicyException", text));
        }
        match world.follow(object, "kms_key") {
            Some(key) if !kms::serves(world, key, "cloudtrail.amazonaws.com", "kms:GenerateDataKey") => {
                let text = format!("the policy of the key {} does not let CloudTrail use it", key.id);
                Err(invalid("InsufficientEncryptionPolicyException", text))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the bucket's policy lets CloudTrail look at it and write.
fn writable(world: &World, bucket: &Stored, prefix: Option<&str>) -> bool {
    let policies = world.users(bucket).into_iter().filter(|(o, _)| o.kind == "aws.s3.BucketPolicy");
    let texts = policies.filter_map(|(o, _)| o.text("policy_document"));
    let inside = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
    let arn = format!("arn:aws:s3:::{}", bucket.id);
    let file = format!("{arn}/{inside}AWSLogs/{ACCOUNT}/file");
    let lets = |text: &str| {
        policy::read(world, text, Use::Resource, POLICY).is_ok_and(|document| {
            let who = "cloudtrail.amazonaws.com";
            document.lets(who, "s3:GetBucketAcl", &arn) && document.lets(who, "s3:PutObject", &file)
        })
    };
    texts.into_iter().any(lets)
}
