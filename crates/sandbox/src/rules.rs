//! What each service does in its own way, beyond what the schemas say.
//!
//! A kind without a module here behaves as its schema says and no more. To give one rules of
//! its own, implement [`Rule`] and name it in [`rule`].

mod address;
mod balancer;
mod bucket;
mod caller;
mod certificate;
mod cluster;
mod dynamo;
mod endpoint;
mod flowlog;
mod gateway;
mod health;
mod iam;
mod kms;
mod listener;
mod nodes;
mod parameter;
mod peering;
mod policy;
mod rds;
mod record;
mod routing;
mod scaling;
mod security;
mod sns;
mod template;
mod vpc;
mod watch;
mod zone;

use topo_model::{Attributes, Object, Status, Symbol, Type};
use topo_provider::Error;

use crate::mint::Mint;
use crate::stored::{Key, Stored};
use crate::world::World;

/// The account that everything is in.
pub(crate) const ACCOUNT: &str = "000000000000";

/// What a kind does in its own way.
pub(crate) trait Rule: Sync {
    /// The word that its ids start with, where seventeen digits follow.
    fn prefix(&self) -> Option<&'static str> {
        None
    }

    /// The id of a new object.
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        let prefix = self.prefix().map_or_else(|| kebab(object.kind), str::to_owned);
        format!("{prefix}-{}", mint.hex(17))
    }

    /// An object's ARN.
    fn arn(&self, object: &Stored) -> String {
        let service = object.kind.as_str().split('.').nth(1).unwrap_or("topo");
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:{service}:{region}:{ACCOUNT}:{}/{}", kebab(object.kind), object.id)
    }

    /// The outputs beside `id` and `arn`.
    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let _ = (mint, object, outputs);
    }

    /// The outputs that follow from how others are at the moment.
    fn told(&self, world: &World, object: &Stored, outputs: &mut Attributes) {
        let _ = (world, object, outputs);
    }

    /// The settings that the creating call does not take: they are made by converging.
    fn later(&self) -> &'static [&'static str] {
        &[]
    }

    /// The attribute whose object it lives in: it goes when that does, and keeps nobody from
    /// deleting it.
    fn part_of(&self) -> Option<&'static str> {
        None
    }

    /// Whether an object that an attribute refers to can't be deleted.
    fn keeps(&self, attribute: &str) -> bool {
        let _ = attribute;
        true
    }

    /// Whether an object that an attribute refers to must be ready.
    fn awaits(&self, attribute: &str) -> bool {
        let _ = attribute;
        true
    }

    /// Whether a change sends the whole object, so that what is not sent is gone.
    fn sent_whole(&self) -> bool {
        false
    }

    /// Whether a change takes as long as a create to be everywhere.
    fn spreads(&self) -> bool {
        false
    }

    /// Whether the service itself refuses what the kind's checks refuse.
    fn checked(&self) -> bool {
        true
    }

    /// What a create does whose token or caller reference has been used.
    fn again(&self) -> Again {
        Again::Same
    }

    /// Whether a create under a key that is taken, with the same settings, gives the object
    /// that is there rather than an error.
    fn same_key_same_object(&self) -> bool {
        false
    }

    /// The services' words for what goes wrong.
    fn codes(&self) -> Codes {
        Codes::default()
    }

    /// The object of this kind that is there by itself: it can be looked up and nothing else.
    fn standing(&self, kind: Symbol) -> Option<Object> {
        let _ = kind;
        None
    }

    /// Decides what the call left to the service.
    fn decides(&self, before: Option<&Attributes>, after: &mut Attributes) {
        let _ = (before, after);
    }

    /// Whether an object, as a call would leave it, is right.
    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let _ = asked;
        Ok(())
    }

    /// What else happens once an object has been made or changed.
    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let _ = (world, key, made);
        Ok(())
    }

    /// What goes with an object though it does not refer to it.
    fn takes_along<'w>(&self, world: &'w World, object: &Stored) -> Option<&'w Stored> {
        let _ = (world, object);
        None
    }

    /// The object that is deleted in place of this one.
    fn deletes<'w>(&self, world: &'w World, object: &Stored) -> Option<&'w Stored> {
        let _ = (world, object);
        None
    }

    /// Why an object that nobody refers to can't be deleted.
    fn stays(&self, world: &World, object: &Stored) -> Option<Error> {
        let _ = (world, object);
        None
    }

    /// What else happens once an object has been deleted.
    fn gone(&self, world: &mut World, object: &Stored) {
        let _ = (world, object);
    }

    /// What is said of an object that is not there, where the service knows more.
    fn lost(&self, world: &World, value: &str) -> Option<Error> {
        let _ = (world, value);
        None
    }

    /// The type of what happens to an object without anyone asking for it: an output or a
    /// fact that can be changed behind the back.
    fn happens(&self, name: &str) -> Option<Type> {
        let _ = name;
        None
    }

    /// How far a settled object is, where that depends on others.
    fn status(&self, world: &World, object: &Stored) -> Option<Status> {
        let _ = (world, object);
        None
    }
}

/// An object as a call would leave it.
pub(crate) struct Asked<'a> {
    pub(crate) world: &'a World,
    pub(crate) object: &'a Stored,
    /// The object before; `None` in a create.
    pub(crate) before: Option<&'a Stored>,
    pub(crate) now: i64,
}

/// The circumstances of a call that is being done.
pub(crate) struct Made<'a> {
    /// Whether the object is new.
    pub(crate) new: bool,
    /// What ids of its children come from.
    pub(crate) mint: &'a Mint,
}

/// What a create does whose token or caller reference has been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// With the same settings it gives the object that is there.
    Same,
    /// The same, for so many milliseconds; then the token is forgotten.
    SameFor(i64),
    /// It is refused.
    Refused,
}

/// The services' words for what goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codes {
    pub(crate) missing: &'static str,
    pub(crate) exists: &'static str,
    pub(crate) in_use: &'static str,
}

impl Default for Codes {
    fn default() -> Codes {
        Codes { missing: "NotFound", exists: "AlreadyExists", in_use: "DependencyViolation" }
    }
}

/// A kind that does what its schema says.
struct Plain;

impl Rule for Plain {}

/// What a kind does in its own way.
pub(crate) fn rule(kind: Symbol) -> &'static dyn Rule {
    match kind.as_str() {
        "aws.ec2.Vpc" => &vpc::Vpc,
        "aws.ec2.Subnet" => &vpc::Subnet,
        "aws.ec2.InternetGateway" => &gateway::InternetGateway,
        "aws.ec2.VpcGatewayAttachment" => &gateway::Attachment,
        "aws.ec2.RouteTable" => &routing::RouteTable,
        "aws.ec2.Route" => &routing::Route,
        "aws.ec2.SubnetRouteTableAssociation" => &routing::Association,
        "aws.ec2.VpcPeeringConnection" => &peering::Connection,
        "aws.ec2.VpcPeeringAccepter" => &peering::Accepter,
        "aws.ec2.Eip" => &address::Eip,
        "aws.ec2.NatGateway" => &address::NatGateway,
        "aws.ec2.SecurityGroup" => &security::SecurityGroup,
        "aws.ec2.DefaultSecurityGroup" => &security::DefaultGroup,
        "aws.ec2.SecurityGroupRule" => &security::GroupRule,
        "aws.ec2.VpcEndpoint" => &endpoint::Endpoint,
        "aws.ec2.FlowLog" => &flowlog::FlowLog,
        "aws.ec2.LaunchTemplate" => &template::LaunchTemplate,
        "aws.elbv2.LoadBalancer" => &balancer::LoadBalancer,
        "aws.elbv2.TargetGroup" => &balancer::TargetGroup,
        "aws.elbv2.Listener" => &listener::Listener,
        "aws.elbv2.ListenerCertificate" => &listener::ListenerCertificate,
        "aws.eks.Cluster" => &cluster::Cluster,
        "aws.eks.NodeGroup" => &nodes::NodeGroup,
        "aws.autoscaling.Group" => &scaling::Group,
        "aws.route53.HostedZone" => &zone::HostedZone,
        "aws.route53.HealthCheck" => &health::HealthCheck,
        "aws.route53.RecordSet" => &record::RecordSet,
        "aws.acm.Certificate" => &certificate::Certificate,
        "aws.acm.CertificateValidation" => &certificate::Validation,
        "aws.ssm.Parameter" => &parameter::Parameter,
        "aws.iam.Role" => &iam::Role,
        "aws.iam.Policy" => &iam::Policy,
        "aws.iam.RolePolicyAttachment" => &iam::Attachment,
        "aws.iam.InstanceProfile" => &iam::InstanceProfile,
        "aws.iam.OidcProvider" => &iam::OidcProvider,
        "aws.kms.Key" => &kms::Key,
        "aws.kms.Alias" => &kms::Alias,
        "aws.logs.LogGroup" => &watch::LogGroup,
        "aws.cloudwatch.Alarm" => &watch::Alarm,
        "aws.cloudwatch.Dashboard" => &watch::Dashboard,
        "aws.events.Rule" => &watch::EventRule,
        "aws.events.Target" => &watch::Target,
        "aws.sns.Topic" => &sns::Topic,
        "aws.sns.TopicPolicy" => &sns::TopicPolicy,
        "aws.sns.Subscription" => &sns::Subscription,
        "aws.s3.Bucket" => &bucket::Bucket,
        "aws.s3.BucketPolicy" => &bucket::BucketPolicy,
        "aws.cloudtrail.Trail" => &bucket::Trail,
        "aws.rds.DBSubnetGroup" => &rds::SubnetGroup,
        "aws.rds.DBClusterParameterGroup" => &rds::ParameterGroup,
        "aws.rds.GlobalCluster" => &rds::GlobalCluster,
        "aws.rds.DBCluster" => &rds::Cluster,
        "aws.rds.DBInstance" => &rds::Instance,
        "aws.dynamodb.Table" => &dynamo::Table,
        "aws.dynamodb.GlobalTable" => &dynamo::GlobalTable,
        "aws.sts.CallerIdentity" => &caller::CallerIdentity,
        _ => &Plain,
    }
}

/// An ARN in an object's region.
fn arn(service: &str, object: &Stored, rest: &str) -> String {
    format!("arn:aws:{service}:{}:{ACCOUNT}:{rest}", object.region.map_or("", Symbol::as_str))
}

/// A kind's last name in small letters: `internet-gateway`.
fn kebab(kind: Symbol) -> String {
    let name = kind.as_str().rsplit('.').next().unwrap_or_default();
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
