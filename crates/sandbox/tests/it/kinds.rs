//! The kinds of the standard library, as far as the sandbox's rules go by them.

use std::sync::Arc;

use topo_model::{
    AttrId, Catalogue, Creation, FieldType, Func, Kind, KindAttribute, KindCheck, KindOutput, Need, RecordType, Span,
    Symbol, Term, Type, Unique, Value,
};

/// A kind in the making. What describes an attribute applies to the one added last.
pub(crate) struct Draft(Kind);

impl Draft {
    pub(crate) fn regional(name: &str) -> Draft {
        Draft(Kind {
            name: Symbol::new(name),
            docs: String::new(),
            span: Span::NONE,
            regional: true,
            attributes: Vec::new(),
            outputs: vec![output("id", Type::String), output("arn", Type::String)],
            checks: Vec::new(),
            unique: Vec::new(),
            identity: Vec::new(),
            creation: Creation::Nothing,
            settles: 1000,
            visible: 0,
            batched_by: None,
        })
    }

    pub(crate) fn global(name: &str) -> Draft {
        let mut draft = Draft::regional(name);
        draft.0.regional = false;
        draft
    }

    fn attribute(mut self, name: &str, ty: Type, need: Need) -> Draft {
        self.0.attributes.push(KindAttribute {
            name: Symbol::new(name),
            docs: String::new(),
            ty,
            need,
            immutable: false,
            secret: false,
            write_only: false,
            unordered: false,
            alternative: None,
        });
        self
    }

    pub(crate) fn needs(self, name: &str, ty: Type) -> Draft {
        self.attribute(name, ty, Need::Required)
    }

    pub(crate) fn may(self, name: &str, ty: Type) -> Draft {
        self.attribute(name, ty, Need::LeftToCloud)
    }

    pub(crate) fn has(self, name: &str, ty: Type, value: Value) -> Draft {
        self.attribute(name, ty, Need::Default(value))
    }

    pub(crate) fn tags(self) -> Draft {
        self.has("tags", Type::map(Type::String, Type::String), Value::map([]))
    }

    fn last(mut self, change: impl FnOnce(&mut KindAttribute)) -> Draft {
        change(self.0.attributes.last_mut().expect("an attribute comes first"));
        self
    }

    pub(crate) fn fixed(self) -> Draft {
        self.last(|a| a.immutable = true)
    }

    pub(crate) fn unordered(self) -> Draft {
        self.last(|a| a.unordered = true)
    }

    pub(crate) fn untold(self) -> Draft {
        self.last(|a| a.write_only = true)
    }

    pub(crate) fn either(self) -> Draft {
        self.last(|a| a.alternative = Some(0))
    }

    pub(crate) fn tells(mut self, name: &str, ty: Type) -> Draft {
        self.0.outputs.push(output(name, ty));
        self
    }

    fn ids(&self, names: &[&str]) -> Vec<AttrId> {
        let id = |name: &&str| self.0.attribute(Symbol::new(name)).expect("the attribute is there").0;
        names.iter().map(id).collect()
    }

    pub(crate) fn unique(mut self, names: &[&str]) -> Draft {
        let attributes = self.ids(names);
        self.0.unique.push(Unique { attributes, in_any_region: false, code: None });
        self
    }

    pub(crate) fn in_any_region(mut self) -> Draft {
        self.0.unique.last_mut().expect("something unique comes first").in_any_region = true;
        self
    }

    pub(crate) fn key(mut self, names: &[&str]) -> Draft {
        self.0.creation = Creation::Key(self.ids(names));
        self.0.identity = self.ids(names);
        self
    }

    pub(crate) fn named(mut self, names: &[&str]) -> Draft {
        self.0.creation = Creation::Name(self.ids(names));
        self
    }

    pub(crate) fn identity(mut self, names: &[&str]) -> Draft {
        self.0.identity = self.ids(names);
        self
    }

    pub(crate) fn by(mut self, creation: Creation) -> Draft {
        self.0.creation = creation;
        self
    }

    pub(crate) fn batched(mut self, name: &str) -> Draft {
        self.0.batched_by = Some(self.ids(&[name])[0]);
        self
    }

    pub(crate) fn settles(mut self, ms: i64) -> Draft {
        self.0.settles = ms;
        self
    }

    pub(crate) fn check(mut self, cond: Value, message: &str) -> Draft {
        self.0.checks.push(KindCheck { cond, message: Value::str(message), code: None, span: Span::NONE });
        self
    }

    pub(crate) fn done(self) -> Kind {
        self.0
    }
}

fn output(name: &str, ty: Type) -> KindOutput {
    KindOutput { name: Symbol::new(name), docs: String::new(), ty, changes: false }
}

pub(crate) fn to(kind: &str) -> Type {
    Type::Reference { kind: Symbol::new(kind), output: Symbol::new("id"), any_region: false }
}

fn anywhere(kind: &str) -> Type {
    Type::Reference { kind: Symbol::new(kind), output: Symbol::new("id"), any_region: true }
}

fn optional(ty: Type) -> Type {
    Type::optional(ty)
}

fn words(names: &[&str]) -> Type {
    Type::Union(names.iter().map(|n| Symbol::new(n)).collect())
}

fn record(fields: Vec<(&str, Type, Option<Value>)>) -> Type {
    let fields = fields.into_iter().map(|(name, ty, default)| FieldType {
        name: Symbol::new(name),
        ty,
        default,
        immutable: name == "measure_latency",
    });
    Type::Record(Arc::new(RecordType { fields: fields.collect() }))
}

pub(crate) fn own(path: &[&str]) -> Value {
    Value::unknown(Term::Own(path.iter().map(|p| Symbol::new(p)).collect()))
}

pub(crate) fn call(func: Func, args: Vec<Value>) -> Value {
    Value::unknown(Term::Call { func, args })
}

const VPC: &str = "aws.ec2.Vpc";
const SUBNET: &str = "aws.ec2.Subnet";
const TABLE: &str = "aws.ec2.RouteTable";
const GATEWAY: &str = "aws.ec2.InternetGateway";
const PEERING: &str = "aws.ec2.VpcPeeringConnection";
const ZONE: &str = "aws.route53.HostedZone";
const CHECK: &str = "aws.route53.HealthCheck";
const CERTIFICATE: &str = "aws.acm.Certificate";

fn networks(catalogue: &mut Catalogue) {
    let inside = call(Func::CidrContains, vec![own(&["vpc", "cidr_block"]), own(&["cidr_block"])]);
    let overlap = call(Func::CidrOverlaps, vec![own(&["vpc", "cidr_block"]), own(&["peer_vpc", "cidr_block"])]);
    let names =
        call(Func::Or, vec![own(&["enable_dns_support"]), call(Func::Not, vec![own(&["enable_dns_hostnames"])])]);
    let kinds = [
        Draft::regional(VPC)
            .needs("cidr_block", Type::Cidr)
            .fixed()
            .has("enable_dns_hostnames", Type::Bool, Value::Bool(false))
            .has("enable_dns_support", Type::Bool, Value::Bool(true))
            .tags()
            .tells("main_route_table", Type::String)
            .tells("default_security_group", Type::String)
            .check(names, "DNS host names need DNS support")
            .settles(3000),
        Draft::regional(SUBNET)
            .needs("vpc", to(VPC))
            .fixed()
            .needs("cidr_block", Type::Cidr)
            .fixed()
            .needs("availability_zone", Type::Zone)
            .fixed()
            .tags()
            .check(inside, "the subnet lies outside its VPC")
            .unique(&["vpc", "cidr_block"])
            .key(&["vpc", "cidr_block"]),
        Draft::regional(GATEWAY).tags(),
        Draft::regional("aws.ec2.VpcGatewayAttachment")
            .needs("vpc", to(VPC))
            .fixed()
            .needs("internet_gateway", to(GATEWAY))
            .unique(&["internet_gateway"])
            .key(&["vpc"]),
        Draft::regional(TABLE).needs("vpc", to(VPC)).fixed().tags().by(Creation::Token),
        Draft::regional("aws.ec2.Route")
            .needs("route_table", to(TABLE))
            .fixed()
            .needs("destination_cidr_block", Type::Cidr)
            .fixed()
            .may("gateway", optional(to(GATEWAY)))
            .either()
            .may("vpc_peering_connection", optional(anywhere(PEERING)))
            .either()
            .key(&["route_table", "destination_cidr_block"]),
        Draft::regional("aws.ec2.SubnetRouteTableAssociation")
            .needs("subnet", to(SUBNET))
            .fixed()
            .needs("route_table", to(TABLE))
            .fixed()
            .key(&["subnet"]),
        Draft::regional(PEERING)
            .needs("vpc", to(VPC))
            .fixed()
            .needs("peer_vpc", anywhere(VPC))
            .fixed()
            .may("peer_region", optional(Type::Region))
            .fixed()
            .tags()
            .check(call(Func::Not, vec![overlap]), "VPCs whose ranges overlap can't be peered")
            .settles(3000),
        Draft::regional("aws.ec2.VpcPeeringAccepter")
            .needs("connection", anywhere(PEERING))
            .fixed()
            .has("dns", Type::Bool, Value::Bool(false))
            .key(&["connection"])
            .settles(3000),
    ];
    kinds.into_iter().for_each(|draft| {
        catalogue.add(draft.done());
    });
}

fn names(catalogue: &mut Catalogue) {
    let config = record(vec![
        ("type", words(&["HTTP", "HTTPS", "HTTPS_STR_MATCH", "TCP"]), None),
        ("fully_qualified_domain_name", optional(Type::String), None),
        ("ip_address", optional(Type::Ip), None),
        ("port", optional(Type::Int(Some((1, 65535)))), None),
        ("resource_path", optional(Type::String), None),
        ("search_string", optional(Type::String), None),
        ("request_interval", Type::Duration(None), Some(Value::Duration(30_000))),
        ("failure_threshold", Type::Int(None), Some(Value::Int(3))),
        ("measure_latency", Type::Bool, Some(Value::Bool(false))),
        ("regions", optional(Type::list(Type::Region)), None),
    ]);
    let alias = record(vec![
        ("dns_name", Type::String, None),
        ("hosted_zone_id", Type::String, None),
        ("evaluate_target_health", Type::Bool, Some(Value::Bool(false))),
    ]);
    let kinds = [
        Draft::global(ZONE)
            .needs("name", Type::String)
            .fixed()
            .tags()
            .tells("name_servers", Type::list(Type::String))
            .identity(&["name"])
            .by(Creation::CallerReference)
            .settles(40_000),
        Draft::global(CHECK).needs("health_check_config", config).tags().by(Creation::CallerReference),
        Draft::global("aws.route53.RecordSet")
            .needs("hosted_zone", to(ZONE))
            .fixed()
            .needs("name", Type::String)
            .fixed()
            .needs("type", words(&["A", "AAAA", "CNAME", "NS", "SOA", "TXT"]))
            .fixed()
            .may("ttl", optional(Type::Duration(None)))
            .may("resource_records", optional(Type::list(Type::String)))
            .either()
            .unordered()
            .may("alias_target", optional(alias))
            .either()
            .may("set_identifier", optional(Type::String))
            .fixed()
            .may("failover", optional(words(&["PRIMARY", "SECONDARY"])))
            .may("region", optional(Type::Region))
            .may("weight", optional(Type::Int(Some((0, 255)))))
            .may("health_check", optional(to(CHECK)))
            .key(&["hosted_zone", "name", "type", "set_identifier"])
            .batched("hosted_zone")
            .settles(35_000),
        Draft::regional(CERTIFICATE)
            .needs("domain_name", Type::String)
            .fixed()
            .has("subject_alternative_names", Type::list(Type::String), Value::list(Vec::new()))
            .fixed()
            .unordered()
            .has("validation_method", words(&["DNS", "EMAIL"]), Value::str("DNS"))
            .fixed()
            .tags()
            .tells("validation_records", Type::Unknown)
            .by(Creation::Token)
            .settles(5000),
        Draft::regional("aws.acm.CertificateValidation")
            .needs("certificate", to(CERTIFICATE))
            .fixed()
            .tells("certificate_arn", Type::String)
            .named(&["certificate"])
            .settles(107_000),
        Draft::regional("aws.ssm.Parameter")
            .needs("name", Type::String)
            .fixed()
            .has("type", words(&["String", "StringList"]), Value::str("String"))
            .fixed()
            .needs("value", Type::String)
            .has("tier", words(&["Standard", "Advanced"]), Value::str("Standard"))
            .tags()
            .key(&["name"]),
    ];
    kinds.into_iter().for_each(|draft| {
        catalogue.add(draft.done());
    });
}

/// Kinds that no service has, for what no kind of a service shows yet.
fn made_up(catalogue: &mut Catalogue) {
    let kinds = [
        Draft::regional("aws.made.Alarm")
            .needs("name", Type::String)
            .needs("threshold", Type::Int(None))
            .tags()
            .named(&["name"]),
        Draft::regional("aws.made.Link").needs("a", Type::String).needs("b", Type::String).identity(&["a"]),
        Draft::regional("aws.made.Anonymous").needs("a", Type::String),
        Draft::regional("aws.made.Secretive").needs("password", Type::String).untold().tags(),
    ];
    kinds.into_iter().for_each(|draft| {
        catalogue.add(draft.done());
    });
}

fn identity(catalogue: &mut Catalogue) {
    const ROLE: &str = "aws.iam.Role";
    const KEY: &str = "aws.kms.Key";
    let kinds = [
        Draft::global(ROLE)
            .needs("role_name", Type::String)
            .fixed()
            .needs("assume_role_policy_document", Type::String)
            .has("path", Type::String, Value::str("/"))
            .fixed()
            .may("permissions_boundary", optional(Type::String))
            .tags()
            .tells("role_id", Type::String)
            .key(&["role_name"]),
        Draft::global("aws.iam.Policy")
            .needs("managed_policy_name", Type::String)
            .fixed()
            .needs("policy_document", Type::String)
            .tags()
            .key(&["managed_policy_name"]),
        Draft::global("aws.iam.RolePolicyAttachment")
            .needs("role", to(ROLE))
            .fixed()
            .may("policy", optional(to("aws.iam.Policy")))
            .either()
            .may("policy_arn", optional(Type::String))
            .either()
            .named(&["role", "policy", "policy_arn"]),
        Draft::global("aws.iam.InstanceProfile")
            .needs("instance_profile_name", Type::String)
            .fixed()
            .needs("role", to(ROLE))
            .tags()
            .key(&["instance_profile_name"]),
        Draft::global("aws.iam.OidcProvider").needs("url", Type::String).fixed().tags().key(&["url"]),
        Draft::regional(KEY).may("key_policy", optional(Type::String)).tags(),
        Draft::regional("aws.kms.Alias")
            .needs("alias_name", Type::String)
            .fixed()
            .needs("target_key", to(KEY))
            .key(&["alias_name"]),
    ];
    kinds.into_iter().for_each(|draft| {
        catalogue.add(draft.done());
    });
}

fn operations(catalogue: &mut Catalogue) {
    const TOPIC: &str = "aws.sns.Topic";
    const BUCKET: &str = "aws.s3.Bucket";
    const RULE: &str = "aws.events.Rule";
    let key = || optional(to("aws.kms.Key"));
    let metric = record(vec![
        ("id", Type::String, None),
        ("expression", optional(Type::String), None),
        ("metric_stat", optional(record(vec![("namespace", Type::String, None)])), None),
    ]);
    let versions = record(vec![("status", words(&["Enabled", "Suspended"]), None)]);
    let kinds = [
        Draft::regional("aws.logs.LogGroup")
            .needs("log_group_name", Type::String)
            .fixed()
            .may("kms_key", key())
            .has("deletion_protection_enabled", Type::Bool, Value::Bool(false))
            .tags()
            .key(&["log_group_name"]),
        Draft::regional(TOPIC)
            .needs("topic_name", Type::String)
            .fixed()
            .has("fifo_topic", Type::Bool, Value::Bool(false))
            .fixed()
            .tags()
            .named(&["topic_name"]),
        Draft::regional("aws.sns.TopicPolicy")
            .needs("topic", to(TOPIC))
            .fixed()
            .needs("policy_document", Type::String)
            .named(&["topic"]),
        Draft::regional("aws.sns.Subscription")
            .needs("topic", to(TOPIC))
            .fixed()
            .needs("protocol", Type::String)
            .fixed()
            .needs("endpoint", Type::String)
            .fixed()
            .tells("pending_confirmation", Type::Bool)
            .named(&["topic", "protocol", "endpoint"]),
        Draft::regional(BUCKET)
            .needs("bucket_name", Type::String)
            .fixed()
            .may("versioning_configuration", optional(versions))
            .tags()
            .tells("regional_domain_name", Type::String)
            .unique(&["bucket_name"])
            .in_any_region()
            .key(&["bucket_name"]),
        Draft::regional("aws.s3.BucketPolicy")
            .needs("bucket", to(BUCKET))
            .fixed()
            .needs("policy_document", Type::String)
            .named(&["bucket"]),
        Draft::regional("aws.cloudtrail.Trail")
            .needs("trail_name", Type::String)
            .fixed()
            .needs("bucket", anywhere(BUCKET))
            .may("s3_key_prefix", optional(Type::String))
            .may("kms_key", key())
            .tags()
            .key(&["trail_name"]),
        Draft::regional(RULE)
            .needs("name", Type::String)
            .fixed()
            .may("schedule_expression", optional(Type::String))
            .tags()
            .named(&["name"]),
        Draft::regional("aws.events.Target")
            .needs("rule", to(RULE))
            .fixed()
            .needs("target_id", Type::String)
            .fixed()
            .may("topic", optional(to(TOPIC)))
            .either()
            .may("log_group", optional(to("aws.logs.LogGroup")))
            .either()
            .named(&["rule", "target_id"]),
        Draft::regional("aws.cloudwatch.Alarm")
            .needs("alarm_name", Type::String)
            .fixed()
            .may("metrics", optional(Type::list(metric)))
            .has("alarm_description", Type::String, Value::str(""))
            .tags()
            .tells("state_value", Type::String)
            .named(&["alarm_name"]),
        Draft::global("aws.cloudwatch.Dashboard")
            .needs("dashboard_name", Type::String)
            .fixed()
            .needs("dashboard_body", Type::String)
            .named(&["dashboard_name"]),
    ];
    kinds.into_iter().for_each(|draft| {
        catalogue.add(draft.done());
    });
}

/// All of them.
pub(crate) fn catalogue() -> Arc<Catalogue> {
    let mut catalogue = Catalogue::default();
    networks(&mut catalogue);
    names(&mut catalogue);
    made_up(&mut catalogue);
    identity(&mut catalogue);
    operations(&mut catalogue);
    Arc::new(catalogue)
}
