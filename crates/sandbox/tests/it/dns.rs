//! Zones, records, health checks; certificates, which are proved by records; parameters.

use std::sync::Arc;

use topo_model::{Attributes, Status, Symbol, Value};
use topo_provider::{BatchChange, Creation};

use crate::support::*;

const ZONE: &str = "route53.HostedZone";
const RECORD: &str = "route53.RecordSet";
const CHECK: &str = "route53.HealthCheck";
const CERTIFICATE: &str = "acm.Certificate@ap-east-2";
const VALIDATION: &str = "acm.CertificateValidation@ap-east-2";

struct Zone {
    _dir: tempfile::TempDir,
    cloud: Cloud,
    zone: String,
    check: String,
}

fn zone_of(name: &str) -> Zone {
    let (dir, cloud) = fresh();
    let zone = cloud.make(ZONE, "zone", [("name", text(name))]);
    let check = cloud.make(CHECK, "health", [("health_check_config", probe(&[]))]);
    Zone { _dir: dir, cloud, zone, check }
}

fn probe(more: &[(&str, Value)]) -> Value {
    let fields = [("type", text("HTTPS")), ("fully_qualified_domain_name", text("a.b")), ("resource_path", text("/"))];
    let mut config: Attributes = attributes(fields);
    more.iter().for_each(|(name, value)| config.set((*name).into(), value.clone()));
    Value::Record(Arc::new(config))
}

impl Zone {
    /// A record: `NAME TYPE VALUE [attribute=value…]`, with a TTL unless it is an alias.
    fn record(&self, line: &str) -> Creation {
        let mut words = line.split_whitespace();
        let mut word = || words.next().expect("name, type and value");
        let (name, ty, value) = (word(), word(), word());
        let mut set = attributes([("hosted_zone", text(&self.zone)), ("name", text(name)), ("type", text(ty))]);
        if let Some(target) = value.strip_prefix("alias:") {
            let fields = [("dns_name", text(target)), ("hosted_zone_id", text(&self.zone))];
            set.set("alias_target".into(), Value::Record(Arc::new(attributes(fields))));
        } else {
            set.set("ttl".into(), Value::Duration(60_000));
            set.set("resource_records".into(), list(&value.split(',').collect::<Vec<_>>()));
        }
        for more in words {
            let (name, value) = more.split_once('=').unwrap_or((more, ""));
            let value = match name {
                "weight" => Value::Int(value.parse().expect("a number")),
                "region" => region(value),
                "health_check" => text(&self.check),
                "ttl" if value == "none" => Value::None,
                "ttl" => Value::Duration(value.parse().expect("a number")),
                _ => text(value),
            };
            set.set(Symbol::new(name), value);
        }
        Creation { attributes: set, ..creation(RECORD, line, []) }
    }

    fn ask(&self, line: &str) -> Result<String, topo_provider::Error> {
        let made = now(topo_provider::Provider::begin_create(&self.cloud.sandbox, &self.record(line)));
        made.map(|id| id.0.to_string())
    }

    #[track_caller]
    fn make(&self, line: &str) -> String {
        self.ask(line).expect("the record is made")
    }

    #[track_caller]
    fn refused(&self, line: &str) -> String {
        refusal(self.ask(line)).replace(&self.zone, "ZONE")
    }
}

#[test]
fn a_record_stands_in_its_zone_with_values_of_its_type() {
    let z = zone_of("example.com");
    z.make("www.example.com A 192.0.2.1,192.0.2.2");
    z.make("Example.COM. A 192.0.2.1");
    insta::assert_snapshot!(z.refused("www.example.org A 192.0.2.1"), @"Invalid InvalidChangeBatch: www.example.org lies outside the zone example.com");
    insta::assert_snapshot!(z.refused("notexample.com A 192.0.2.1"), @"Invalid InvalidChangeBatch: notexample.com lies outside the zone example.com");
    insta::assert_snapshot!(z.refused("v.example.com A 2001:db8::1"), @"Invalid InvalidChangeBatch: '2001:db8::1' is not a value of a record of type A");
    insta::assert_snapshot!(z.refused("v.example.com AAAA 192.0.2.1"), @"Invalid InvalidChangeBatch: '192.0.2.1' is not a value of a record of type AAAA");
    insta::assert_snapshot!(z.refused("v.example.com A 192.0.2.1 ttl=none"), @"Invalid InvalidChangeBatch: v.example.com has values and no TTL");
    insta::assert_snapshot!(z.refused("v.example.com A alias:www.example.com ttl=60000"), @"Invalid InvalidChangeBatch: v.example.com is an alias, which takes the TTL of its target");
    insta::assert_snapshot!(z.refused("v.example.com A alias:none.example.com"), @"Invalid InvalidChangeBatch: the alias target none.example.com is not in the zone");
    z.make("v.example.com A alias:www.example.com");
}

#[test]
fn names_are_the_same_whatever_their_case_and_last_dot() {
    let z = zone_of("example.com");
    z.make("www.example.com A 192.0.2.1");
    insta::assert_snapshot!(z.refused("WWW.example.com. A 192.0.2.2"), @r#"Exists InvalidChangeBatch: aws.route53.RecordSet with hosted_zone = "ZONE", name = "www.example.com", type = "A" exists already: ZONE_www.example.com_A"#);
}

#[test]
fn a_cname_stands_alone_and_never_at_the_top() {
    let z = zone_of("example.com");
    z.make("www.example.com CNAME a.example.org");
    insta::assert_snapshot!(z.refused("example.com CNAME a.example.org"), @"Invalid InvalidChangeBatch: a CNAME can't stand at example.com, the top of its zone");
    insta::assert_snapshot!(z.refused("www.example.com A 192.0.2.1"), @"Invalid InvalidChangeBatch: www.example.com: a CNAME can't stand beside records of other types");
    insta::assert_snapshot!(z.refused("x.example.com CNAME a.example.org,b.example.org"), @"Invalid InvalidChangeBatch: x.example.com is a CNAME and has 2 values");
    z.make("y.example.com A 192.0.2.1");
    insta::assert_snapshot!(z.refused("y.example.com CNAME a.example.org"), @"Invalid InvalidChangeBatch: y.example.com: a CNAME can't stand beside records of other types");
}

#[test]
fn one_name_and_type_has_one_routing_policy() {
    let z = zone_of("example.com");
    z.make("api.example.com A 192.0.2.1 set_identifier=a failover=PRIMARY health_check=yes");
    insta::assert_snapshot!(z.refused("api.example.com A 192.0.2.2"), @"Invalid InvalidChangeBatch: api.example.com: records of one name and type have one routing policy");
    insta::assert_snapshot!(z.refused("api.example.com A 192.0.2.2 set_identifier=b weight=1"), @"Invalid InvalidChangeBatch: api.example.com: records of one name and type have one routing policy");
    insta::assert_snapshot!(z.refused("api.example.com A 192.0.2.2 set_identifier=a failover=SECONDARY"), @r#"Exists InvalidChangeBatch: aws.route53.RecordSet with hosted_zone = "ZONE", name = "api.example.com", type = "A", set_identifier = "a" exists already: ZONE_api.example.com_A_a"#);
    insta::assert_snapshot!(
        z.refused("api.example.com A 192.0.2.2 set_identifier=b failover=PRIMARY health_check=yes"), @r#"Invalid InvalidChangeBatch: api.example.com: there is a record with failover = "PRIMARY" already"#);
    insta::assert_snapshot!(z.refused("x.example.com A 192.0.2.2 set_identifier=b"), @"Invalid InvalidChangeBatch: x.example.com: a set identifier goes with a routing policy, and the other way round");
    insta::assert_snapshot!(z.refused("x.example.com A 192.0.2.2 weight=1"), @"Invalid InvalidChangeBatch: x.example.com: a set identifier goes with a routing policy, and the other way round");
    insta::assert_snapshot!(z.refused("x.example.com A 192.0.2.2 set_identifier=b weight=1 region=ap-east-2"), @"Invalid InvalidChangeBatch: x.example.com has more than one routing policy: region, weight");
    insta::assert_snapshot!(z.refused("x.example.com A 192.0.2.2 set_identifier=b failover=PRIMARY"), @"Invalid InvalidChangeBatch: x.example.com: a primary that is not an alias needs a health check");
    z.make("api.example.com A 192.0.2.2 set_identifier=b failover=SECONDARY");
    z.make("app.example.com A 192.0.2.2 set_identifier=a region=ap-east-2");
    insta::assert_snapshot!(z.refused("app.example.com A 192.0.2.2 set_identifier=b region=ap-east-2"), @"Invalid InvalidChangeBatch: app.example.com: there is a record with region = ap-east-2 already");
}

#[test]
fn a_batch_is_judged_by_what_it_leaves_and_happens_whole() {
    let z = zone_of("example.com");
    let first = "api.example.com A 192.0.2.1 set_identifier=a failover=PRIMARY health_check=yes";
    let second = "api.example.com A 192.0.2.2 set_identifier=b failover=SECONDARY health_check=yes";
    let ids = [z.make(first), z.make(second)].map(|id| topo_model::ObjectId(id.as_str().into()));
    let role = |at: usize| z.cloud.get(RECORD, &ids[at].0, "failover");
    let swapped = [first.replace("PRIMARY", "SECONDARY"), second.replace("SECONDARY", "PRIMARY")];
    let update = |at: usize| BatchChange::Update(ids[at].clone(), z.record(&swapped[at]));

    assert!(refusal(z.cloud.batch(&[update(1)])).starts_with("Invalid InvalidChangeBatch"));
    z.cloud.batch(&[update(1), update(0)]).expect("it leaves one of each");
    assert_eq!((role(0), role(1)), (text("SECONDARY"), text("PRIMARY")));

    let wrong = BatchChange::Create(z.record("example.com CNAME a.example.org"));
    let back = BatchChange::Update(ids[0].clone(), z.record(first));
    assert!(z.cloud.batch(&[back, wrong]).is_err());
    assert_eq!(role(0), text("SECONDARY"), "none of it happened");
}

#[test]
fn in_a_batch_a_record_takes_the_place_of_one_that_goes() {
    let z = zone_of("example.com");
    let old = z.make("www.example.com A 192.0.2.1");
    let new = BatchChange::Create(z.record("www.example.com CNAME a.example.org"));
    let gone = BatchChange::Delete(place(RECORD, &old), Attributes::new());
    let ids = z.cloud.batch(&[new, gone]).expect("it leaves one of them");
    assert_eq!(ids[1].0.as_str(), old);
    assert_eq!(z.cloud.see(RECORD, &old), None);
    assert_eq!(z.cloud.look(RECORD, &ids[0].0).status, Status::Ready);

    let again = BatchChange::Create(z.record("www.example.com CNAME b.example.org"));
    let gone = BatchChange::Delete(place(RECORD, &ids[0].0), Attributes::new());
    let same = z.cloud.batch(&[gone, again]).expect("it is one record");
    assert_eq!(same[0], same[1]);
    assert_eq!(z.cloud.get(RECORD, &same[0].0, "resource_records"), list(&["b.example.org"]));
}

#[test]
fn a_batch_is_of_one_kind_and_one_zone() {
    let z = zone_of("example.com");
    let other = z.cloud.make(ZONE, "other", [("name", text("example.org"))]);
    let mut elsewhere = z.record("www.example.org A 192.0.2.1");
    elsewhere.attributes.set("hosted_zone".into(), text(&other));
    let here = BatchChange::Create(z.record("www.example.com A 192.0.2.1"));
    insta::assert_snapshot!(refusal(z.cloud.batch(&[here, BatchChange::Create(elsewhere)])), @"Invalid InvalidBatch: a batch of aws.route53.RecordSet has one kind and one 'hosted_zone'");
    let vpc = creation("ec2.Vpc@ap-east-2", "vpc", [("cidr_block", cidr("10.0.0.0/16"))]);
    insta::assert_snapshot!(refusal(z.cloud.batch(&[BatchChange::Create(vpc)])), @"Invalid InvalidBatch: changes of aws.ec2.Vpc don't go in batches");
    assert_eq!(z.cloud.batch(&[]), Ok(Vec::new()));
}

#[test]
fn a_change_of_a_record_sends_the_whole_and_takes_its_time() {
    let dir = directory();
    let cloud = open(dir.path(), topo_sandbox::Options { pace: 1.0, ..options("") });
    let zone = cloud.make(ZONE, "zone", [("name", text("example.com"))]);
    let check = cloud.make(CHECK, "health", [("health_check_config", probe(&[]))]);
    let z = Zone { _dir: dir, cloud, zone, check };
    let record = z.make("www.example.com A 192.0.2.1 set_identifier=a weight=1 health_check=yes");
    z.cloud.clock.advance(35_000);
    assert_eq!(z.cloud.status(RECORD, &record), Status::Ready);
    let want = z.record("www.example.com A 192.0.2.1 set_identifier=a weight=2");
    now(topo_provider::Provider::converge(&z.cloud.sandbox, &place(RECORD, &record), &want)).expect("it is changed");
    assert_eq!(z.cloud.get(RECORD, &record, "health_check"), Value::None);
    assert_eq!(z.cloud.status(RECORD, &record), Status::Pending);
    z.cloud.clock.advance(35_000);
    assert_eq!(z.cloud.status(RECORD, &record), Status::Ready);
}

#[test]
fn a_zone_goes_when_it_holds_nothing_but_its_own_records() {
    let z = zone_of("example.com");
    assert_eq!(z.cloud.count(RECORD), 2);
    let record = z.make("www.example.com A 192.0.2.1");
    insta::assert_snapshot!(refusal(z.cloud.delete(ZONE, &z.zone)).replace(&z.zone, "ZONE"), @"Dependency HostedZoneNotEmpty: ZONE is used by ZONE_www.example.com_A (aws.route53.RecordSet) and can't be deleted");
    let own = format!("{}_example.com_NS", z.zone);
    assert!(refusal(z.cloud.delete(RECORD, &own)).starts_with("Dependency"));
    z.cloud.delete(RECORD, &record).expect("nothing needs it");
    z.cloud.delete(ZONE, &z.zone).expect("it is empty");
    assert_eq!(z.cloud.count(RECORD), 0);
}

#[test]
fn a_health_check_goes_though_records_ask_for_it() {
    let z = zone_of("example.com");
    let record = z.make("www.example.com A 192.0.2.1 health_check=yes");
    z.cloud.delete(CHECK, &z.check).expect("Route 53 lets it go");
    assert_eq!(z.cloud.get(RECORD, &record, "health_check"), text(&z.check));
    let refused = refusal(z.ask("api.example.com A 192.0.2.1 health_check=yes"));
    insta::assert_snapshot!(refused.replace(&z.check, "CHECK"), @"NotFound NoSuchHealthCheck: health_check: there is no aws.route53.HealthCheck 'CHECK'");
}

#[test]
fn a_health_check_probes_what_can_be_probed() {
    let (_dir, cloud) = fresh();
    let refused = |more: &[(&str, Value)]| refusal(cloud.ask(CHECK, "health", [("health_check_config", probe(more))]));
    insta::assert_snapshot!(refused(&[("request_interval", Value::Duration(20_000))]), @"Invalid InvalidInput: an interval of 20s is neither 10s nor 30s");
    insta::assert_snapshot!(refused(&[("failure_threshold", Value::Int(11))]), @"Invalid InvalidInput: a failure threshold of 11 is outside 1..10");
    insta::assert_snapshot!(refused(&[("ip_address", Value::Ip("10.0.0.1".parse().expect("an address")))]), @"Invalid InvalidInput: 10.0.0.1 is not a public address and can't be probed");
    insta::assert_snapshot!(refused(&[("search_string", text("ok"))]), @"Invalid InvalidInput: a search string goes with a string-match type; the type is HTTPS");
    insta::assert_snapshot!(refused(&[("type", text("TCP"))]), @"Invalid InvalidInput: a check over TCP needs a port");
    insta::assert_snapshot!(refused(&[("fully_qualified_domain_name", Value::None)]), @"Invalid InvalidInput: there is neither a name nor an address to probe");
    insta::assert_snapshot!(refused(&[("regions", Value::list(vec![region("us-east-1")]))]), @"Invalid InvalidInput: 1 checker regions are fewer than three");
    insta::assert_snapshot!(refused(&[("port", Value::Int(0))]), @"Invalid InvalidParameterValue: aws.route53.HealthCheck.health_check_config: port: 0 is outside 1..65535");
    insta::assert_snapshot!(refused(&[("colour", text("red"))]), @"Invalid InvalidParameterValue: aws.route53.HealthCheck.health_check_config: there is no field 'colour'");
}

/// A health check of the standard library's kind, as `type` and more.
fn check(cloud: &Cloud, path: &str, fields: &[(&str, Value)]) -> Result<String, topo_provider::Error> {
    let config = Value::record(fields.iter().map(|(name, value)| (Symbol::new(name), value.clone())));
    cloud.ask(CHECK, path, [("health_check_config", config)])
}

fn probing(cloud: &Cloud, path: &str) -> String {
    let fields = [("type", text("TCP")), ("fully_qualified_domain_name", text(path)), ("port", Value::Int(443))];
    check(cloud, path, &fields).expect("the check is made")
}

#[test]
fn a_calculated_check_is_as_healthy_as_its_children() {
    let (_dir, cloud) = stocked(0.0);
    let (a, b) = (probing(&cloud, "a.example.com"), probing(&cloud, "b.example.com"));
    let count = |path: &str, children: &[&str], more: &[(&str, Value)]| {
        let mut fields = vec![("type", text("CALCULATED")), ("child_health_checks", list(children))];
        fields.extend_from_slice(more);
        check(&cloud, path, &fields)
    };
    let of = |needed: i64| ("health_threshold", Value::Int(needed));
    let both = count("both", &[&a, &b], &[of(2)]).expect("the check is made");
    let one = count("one", &[&a, &b], &[of(1)]).expect("the check is made");
    let none = count("none", &[&a, &b], &[of(1), ("inverted", Value::Bool(true))]).expect("the check is made");
    let all = || [&a, &b, &both, &one, &none].map(|id| cloud.get(CHECK, id, "health").to_string()).join(" ");
    insta::assert_snapshot!(all(), @r#""Healthy" "Healthy" "Healthy" "Healthy" "Unhealthy""#);
    let down = |id: &str, health: &str| {
        let which = topo_sandbox::Which { id, ..topo_sandbox::Which::default() };
        cloud.sandbox.edit(which, "health", text(health)).expect("it happens");
    };
    down(&a, "Unhealthy");
    insta::assert_snapshot!(all(), @r#""Unhealthy" "Healthy" "Unhealthy" "Healthy" "Unhealthy""#);
    down(&b, "Unhealthy");
    insta::assert_snapshot!(all(), @r#""Unhealthy" "Unhealthy" "Unhealthy" "Unhealthy" "Healthy""#);
    down(&a, "Healthy");
    cloud.delete(CHECK, &b).expect("Route 53 lets it go");
    assert_eq!(cloud.get(CHECK, &both, "health"), text("Unhealthy"), "what is gone does not count");
    let words = [(a.as_str(), "A"), (both.as_str(), "BOTH")];
    insta::assert_snapshot!(in_words(&refusal(count("nested", &[&a, &both], &[of(1)])), &words), @"Invalid InvalidParameterValue: a calculated health check can't be a child of another");
    insta::assert_snapshot!(in_words(&refusal(count("childless", &[], &[of(0)])), &words), @"Invalid InvalidParameterValue: a calculated health check has 1 to 255 children, this one 0");
    insta::assert_snapshot!(in_words(&refusal(count("gone", &["nobody"], &[of(0)])), &words), @"NotFound NoSuchHealthCheck: health_check_config: there is no aws.route53.HealthCheck 'nobody'");
}

#[test]
fn a_check_of_an_alarm_is_as_healthy_as_the_alarm() {
    let (_dir, cloud) = stocked(0.0);
    let alarm = cloud.make(
        "cloudwatch.Alarm@ap-east-2",
        "alarm",
        [
            ("alarm_name", text("full")),
            ("namespace", text("AWS/EBS")),
            ("metric_name", text("VolumeQueueLength")),
            ("statistic", text("Average")),
            ("period", Value::Duration(60_000)),
            ("comparison_operator", text("GreaterThanThreshold")),
            ("threshold", Value::Int(9)),
        ],
    );
    let watch = |path: &str, of: &str, more: &[(&str, Value)]| {
        let at = record([("name", text(&alarm)), ("region", region(of))]);
        let mut fields = vec![("type", text("CLOUDWATCH_METRIC")), ("alarm_identifier", at)];
        fields.extend_from_slice(more);
        check(&cloud, path, &fields)
    };
    insta::assert_snapshot!(refusal(watch("far", "us-east-1", &[])), @r#"Invalid InvalidInput: there is no alarm "full" in us-east-1"#);
    let last = watch("last", "ap-east-2", &[]).expect("the check is made");
    let careful = [("insufficient_data_health_status", text("Unhealthy"))];
    let careful = watch("careful", "ap-east-2", &careful).expect("the check is made");
    let both = || [&last, &careful].map(|id| cloud.get(CHECK, id, "health").to_string()).join(" ");
    let turns = |state: &str| {
        let which = topo_sandbox::Which { id: &alarm, ..topo_sandbox::Which::default() };
        cloud.sandbox.edit(which, "state_value", text(state)).expect("it happens");
        both()
    };
    insta::assert_snapshot!(both(), @r#""Healthy" "Unhealthy""#);
    insta::assert_snapshot!(turns("OK"), @r#""Healthy" "Healthy""#);
    insta::assert_snapshot!(turns("ALARM"), @r#""Unhealthy" "Unhealthy""#);
}

fn proof(z: &Zone, certificate: &str, name: &str) -> String {
    let records = z.cloud.get(CERTIFICATE, certificate, "validation_records");
    let Value::Map(records) = records else { panic!("a map of records") };
    let record = records.get(&text(name)).expect("a record for the name");
    let field = |name: &str| record.field(name).and_then(Value::as_str).expect("a text").to_owned();
    format!("{} {} {}", field("name"), field("type"), field("value"))
}

#[test]
fn a_certificate_is_issued_once_the_records_for_all_its_names_are_there() {
    let z = zone_of("example.com");
    let set = [
        ("domain_name", text("example.com")),
        ("subject_alternative_names", list(&["*.example.com", "a.example.com"])),
    ];
    let certificate = z.cloud.make(CERTIFICATE, "cert", set);
    assert_eq!(z.cloud.status(CERTIFICATE, &certificate), Status::Ready);
    let validation = z.cloud.make(VALIDATION, "issued", [("certificate", text(&certificate))]);
    assert_eq!(z.cloud.status(VALIDATION, &validation), Status::Pending);
    let first = z.make(&proof(&z, &certificate, "example.com"));
    assert_eq!(z.cloud.status(VALIDATION, &validation), Status::Pending, "one name is not proved");
    z.make(&proof(&z, &certificate, "a.example.com"));
    assert_eq!(z.cloud.status(VALIDATION, &validation), Status::Ready);
    assert_eq!(z.cloud.get(VALIDATION, &validation, "certificate_arn"), text(&certificate));
    z.cloud.delete(RECORD, &first).expect("nothing needs it");
    assert_eq!(z.cloud.status(VALIDATION, &validation), Status::Ready, "once issued it stays so");
    z.cloud.delete(CERTIFICATE, &certificate).expect("the wait for it keeps nobody");
    assert_eq!(z.cloud.see(VALIDATION, &validation), None);
}

#[test]
fn certificates_for_one_name_share_their_record_over_regions() {
    let z = zone_of("example.com");
    let first = z.cloud.make(CERTIFICATE, "cert", [("domain_name", text("api.example.com"))]);
    z.make(&proof(&z, &first, "api.example.com"));
    let tokyo = "acm.Certificate@ap-northeast-1";
    let second = z.cloud.make(tokyo, "cert", [("domain_name", text("api.example.com"))]);
    assert_ne!(first, second);
    let validation = "acm.CertificateValidation@ap-northeast-1";
    let id = z.cloud.make(validation, "issued", [("certificate", text(&second))]);
    assert_eq!(z.cloud.status(validation, &id), Status::Ready, "the record was there already");
}

#[test]
fn a_certificate_proved_by_mail_waits_for_a_person() {
    let (_dir, cloud) = fresh();
    let set = [("domain_name", text("example.com")), ("validation_method", text("EMAIL"))];
    let certificate = cloud.make(CERTIFICATE, "cert", set);
    let validation = cloud.make(VALIDATION, "issued", [("certificate", text(&certificate))]);
    let Status::WaitingForHuman(what) = cloud.status(VALIDATION, &validation) else { panic!("somebody must act") };
    insta::assert_snapshot!(what, @"follow the link in the mail sent to the owner of example.com");
}

#[test]
fn parameters_have_names_sizes_and_tiers() {
    const PARAMETER: &str = "ssm.Parameter@ap-east-2";
    let (_dir, cloud) = fresh();
    let refused =
        |name: &str, value: &str| refusal(cloud.ask(PARAMETER, "p", [("name", text(name)), ("value", text(value))]));
    insta::assert_snapshot!(refused("demo/p", "1"), @"Invalid ValidationException: 'demo/p' can't be a parameter's name: a name with a slash in it begins with one");
    insta::assert_snapshot!(refused("/aws/p", "1"), @"Invalid ValidationException: '/aws/p' can't be a parameter's name: names that begin with aws or ssm are Amazon's");
    insta::assert_snapshot!(refused("/demo/p q", "1"), @"Invalid ValidationException: '/demo/p q' can't be a parameter's name: only letters, digits and _.-/ are allowed");
    insta::assert_snapshot!(refused("/demo//p", "1"), @"Invalid ValidationException: '/demo//p' can't be a parameter's name: every part between slashes has a name");
    insta::assert_snapshot!(refused("/demo/p", ""), @"Invalid ValidationException: a parameter can't be empty");
    insta::assert_snapshot!(refused("/demo/p", &"x".repeat(4097)), @"Invalid ValidationException: a value of 4097 bytes is longer than 4096");
    let set = [("name", text("/demo/p")), ("value", text(&"x".repeat(4097))), ("tier", text("Advanced"))];
    let id = cloud.make(PARAMETER, "p", set);
    let down = cloud.converge(PARAMETER, &id, "p", [("value", text("1")), ("tier", text("Standard"))]);
    insta::assert_snapshot!(refusal(down), @"Invalid ValidationException: a parameter never goes back from the advanced tier");
    let arn = cloud.get(PARAMETER, &id, "arn");
    assert_eq!(arn, text("arn:aws:ssm:ap-east-2:000000000000:parameter/demo/p"));
}
