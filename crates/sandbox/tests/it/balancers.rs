//! Load balancers, target groups, listeners and their certificates.

use topo_model::Value;

use crate::support::*;

const BALANCER: &str = "elbv2.LoadBalancer@ap-east-2";
const TARGETS: &str = "elbv2.TargetGroup@ap-east-2";
const LISTENER: &str = "elbv2.Listener@ap-east-2";
const MORE: &str = "elbv2.ListenerCertificate@ap-east-2";
const CERTIFICATE: &str = "acm.Certificate@ap-east-2";

fn balancer(name: &str, of: &str, subnets: &[&str]) -> [(&'static str, Value); 3] {
    [("name", text(name)), ("type", text(of)), ("subnets", list(subnets))]
}

fn targets(name: &str, vpc: &str, protocol: &str) -> [(&'static str, Value); 4] {
    [("name", text(name)), ("vpc", text(vpc)), ("port", Value::Int(80)), ("protocol", text(protocol))]
}

fn forward(to: &str) -> Value {
    Value::list(vec![record([("type", text("forward")), ("target_group", text(to))])])
}

fn listener(of: &str, port: i64, protocol: &str, to: &str) -> [(&'static str, Value); 4] {
    let actions = ("default_actions", forward(to));
    [("load_balancer", text(of)), ("port", Value::Int(port)), ("protocol", text(protocol)), actions]
}

fn secure(of: &str, certificate: &str, to: &str) -> [(&'static str, Value); 5] {
    let [a, b, c, d] = listener(of, 443, "HTTPS", to);
    [a, b, c, d, ("certificate", text(certificate))]
}

impl Cloud {
    /// A certificate, and the record that proves its name.
    fn certificate(&self, name: &str, zone: &str) -> String {
        let id = self.make(CERTIFICATE, name, [("domain_name", text(name))]);
        let records = self.get(CERTIFICATE, &id, "validation_records");
        let Value::Map(records) = records else { panic!("there are records") };
        for proof in records.values() {
            let field = |name: &str| proof.field(name).cloned().unwrap_or_default();
            let values = Value::list(vec![field("value")]);
            let set = [
                ("hosted_zone", text(zone)),
                ("name", field("name")),
                ("type", text("CNAME")),
                ("ttl", Value::Duration(60_000)),
                ("resource_records", values),
            ];
            self.make("route53.RecordSet", &format!("{name}.proof"), set);
        }
        id
    }
}

#[test]
fn a_load_balancer_stands_in_two_zones_of_one_network() {
    let (_dir, cloud) = stocked(0.0);
    let (net, closed) = (cloud.network("net", true), cloud.network("closed", false));
    let words = [(net.a.as_str(), "A"), (&net.vpc, "VPC"), (&closed.b, "OTHER"), (&closed.vpc, "CLOSED")];
    let said = |subnets: &[&str]| cloud.refused(BALANCER, "lb", balancer("web", "application", subnets), &words);
    let subnet = |path: &str, range: &str, at: &str| {
        let set = [("vpc", text(&net.vpc)), ("cidr_block", cidr(range)), ("availability_zone", zone(at))];
        cloud.make("ec2.Subnet@ap-east-2", path, set)
    };
    let (beside, small) = (subnet("beside", "10.2.2.0/24", "ap-east-2a"), subnet("small", "10.2.3.0/28", "ap-east-2c"));
    insta::assert_snapshot!(said(&[&net.a]), @"Invalid InvalidParameterValue: an application load balancer needs subnets in two zones at least");
    insta::assert_snapshot!(said(&[&net.a, &beside]), @"Invalid InvalidParameterValue: a load balancer has one subnet in a zone: these are in ap-east-2a, ap-east-2a");
    insta::assert_snapshot!(said(&[&net.a, &closed.b]), @"Invalid InvalidSubnet: OTHER is not in VPC");
    insta::assert_snapshot!(said(&[&closed.a, &closed.b]), @"Invalid InvalidSubnet: CLOSED has no internet gateway attached");
    insta::assert_snapshot!(said(&[&net.a, &small]).replace(&small, "SMALL"), @"Invalid InvalidSubnet: SMALL is smaller than /27, too small for an application load balancer");
    let foreign = cloud.group("foreign", &closed.vpc);
    let [a, b, c] = balancer("web", "application", &[&net.a, &net.b]);
    let grouped = cloud.refused(BALANCER, "lb", [a, b, c, ("security_groups", list(&[&foreign]))], &words);
    insta::assert_snapshot!(grouped.replace(&foreign, "GROUP"), @"Invalid InvalidConfigurationRequest: the security group GROUP is not in VPC");
    cloud.make(BALANCER, "single", balancer("single", "network", &[&net.a]));
}

#[test]
fn a_load_balancer_is_known_by_its_names() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", true);
    let id = cloud.make(BALANCER, "lb", balancer("web", "application", &[&net.a, &net.b]));
    let get = |output: &str| cloud.get(BALANCER, &id, output).as_str().unwrap_or_default().to_owned();
    let full = get("load_balancer_full_name");
    assert_eq!(id, format!("arn:aws:elasticloadbalancing:ap-east-2:000000000000:loadbalancer/{full}"));
    assert!(full.starts_with("app/web/") && full.len() == "app/web/".len() + 16, "{full}");
    assert!(get("dns_name").starts_with("web-") && get("dns_name").ends_with(".ap-east-2.elb.amazonaws.com"));
    let [a, b, c] = balancer("inside", "application", &[&net.a, &net.b]);
    let inside = cloud.make(BALANCER, "inside", [a, b, c, ("scheme", text("internal"))]);
    let dns = cloud.get(BALANCER, &inside, "dns_name").to_string();
    assert!(dns.contains("internal-inside-"), "{dns}");
    let zone = cloud.get(BALANCER, &inside, "canonical_hosted_zone_id");
    assert_eq!(zone, text(&get("canonical_hosted_zone_id")), "one zone in a region");
    let again = cloud.ask(BALANCER, "other", balancer("web", "application", &[&net.a, &net.b]));
    assert!(refusal(again).starts_with("Exists DuplicateLoadBalancerName"));

    let attributes = |value: &str| ("load_balancer_attributes", tags(&[("deletion_protection.enabled", value)]));
    cloud.converge(BALANCER, &id, "lb", [attributes("true")]).expect("it is there");
    insta::assert_snapshot!(refusal(cloud.delete(BALANCER, &id)), @"Invalid OperationNotPermitted: web has deletion_protection.enabled");
    cloud.converge(BALANCER, &id, "lb", [attributes("false")]).expect("it is there");
    cloud.delete(BALANCER, &id).expect("nothing needs it");
}

#[test]
fn a_network_load_balancer_has_groups_from_the_start_or_never() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", true);
    let group = cloud.group("nlb", &net.vpc);
    let bare = cloud.make(BALANCER, "bare", balancer("bare", "network", &[&net.a]));
    let refused = refusal(cloud.converge(BALANCER, &bare, "bare", [("security_groups", list(&[&group]))]));
    insta::assert_snapshot!(refused, @"Invalid InvalidConfigurationRequest: a network load balancer that was made without security groups never has any, and one that was made with some keeps some");
    let [a, b, c] = balancer("kept", "network", &[&net.a]);
    cloud.make(BALANCER, "kept", [a, b, c, ("security_groups", list(&[&group]))]);
    let refused = refusal(cloud.delete("ec2.SecurityGroup@ap-east-2", &group));
    assert!(refused.starts_with("Dependency DependencyViolation"), "{refused}");
}

#[test]
fn a_listener_holds_its_targets_and_goes_with_its_load_balancer() {
    let (_dir, cloud) = stocked(0.0);
    let (net, other) = (cloud.network("net", true), cloud.network("other", true));
    let web = cloud.make(BALANCER, "web", balancer("web", "application", &[&net.a, &net.b]));
    let api = cloud.make(BALANCER, "api", balancer("api", "application", &[&net.a, &net.b]));
    let group = cloud.make(TARGETS, "targets", targets("web", &net.vpc, "HTTP"));
    let full = cloud.get(TARGETS, &group, "target_group_full_name").as_str().unwrap_or_default().to_owned();
    assert!(full.starts_with("targetgroup/web/") && group.ends_with(&full), "{full} {group}");
    let id = cloud.make(LISTENER, "http", listener(&web, 80, "HTTP", &group));
    assert!(id.starts_with(&web.replace(":loadbalancer/", ":listener/")), "{id}");
    assert!(
        refusal(cloud.ask(LISTENER, "x", listener(&web, 80, "HTTP", &group))).starts_with("Exists DuplicateListener")
    );
    assert!(refusal(cloud.delete(TARGETS, &group)).starts_with("Dependency ResourceInUse"));

    let words = [(net.vpc.as_str(), "VPC"), (&other.vpc, "OTHER")];
    let said = |group: &str| cloud.refused(LISTENER, "x", listener(&web, 81, "HTTP", group), &words);
    let tcp = cloud.make(TARGETS, "tcp", targets("tcp", &net.vpc, "TCP"));
    let far = cloud.make(TARGETS, "far", targets("far", &other.vpc, "HTTP"));
    insta::assert_snapshot!(said(&tcp), @"Invalid InvalidConfigurationRequest: a load balancer of type application can't speak TCP to the target group tcp");
    insta::assert_snapshot!(said(&far), @"Invalid InvalidConfigurationRequest: the target group far is in OTHER, the load balancer in VPC");
    insta::assert_snapshot!(cloud.refused(LISTENER, "x", listener(&api, 80, "HTTP", &group), &words), @"Invalid TargetGroupAssociationLimit: the target group web belongs to the load balancer web already");
    cloud.delete(BALANCER, &web).expect("its listeners go with it");
    cloud.delete(TARGETS, &group).expect("nothing needs it now");
}

#[test]
fn a_listener_takes_certificates_that_are_issued_and_holds_them() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", true);
    let web = cloud.make(BALANCER, "web", balancer("web", "application", &[&net.a, &net.b]));
    let group = cloud.make(TARGETS, "targets", targets("web", &net.vpc, "HTTP"));
    let zone = cloud.make("route53.HostedZone", "zone", [("name", text("kimkao.io"))]);
    let pending = cloud.make(CERTIFICATE, "pending", [("domain_name", text("kimkao.io"))]);
    let early = cloud.refused(LISTENER, "https", secure(&web, &pending, &group), &[(&pending, "CERTIFICATE")]);
    insta::assert_snapshot!(early, @"Invalid UnsupportedCertificate: the certificate CERTIFICATE is not issued: wait for its validation first");

    let (a, b) = (cloud.certificate("a.kimkao.io", &zone), cloud.certificate("b.kimkao.io", &zone));
    let id = cloud.make(LISTENER, "https", secure(&web, &a, &group));
    let more = |certificate: &str| [("listener", text(&id)), ("certificate", text(certificate))];
    insta::assert_snapshot!(cloud.refused(MORE, "more", more(&pending), &[(&pending, "CERTIFICATE")]), @"Invalid UnsupportedCertificate: the certificate CERTIFICATE is not issued: wait for its validation first");
    let extra = cloud.make(MORE, "more", more(&b));
    assert_eq!(extra, format!("{id}_{b}"));
    assert_eq!(cloud.make(MORE, "more", more(&b)), extra, "adding it twice changes nothing");
    assert!(refusal(cloud.delete(CERTIFICATE, &a)).starts_with("Dependency ResourceInUseException"));
    assert!(refusal(cloud.delete(CERTIFICATE, &b)).starts_with("Dependency ResourceInUseException"));
    cloud.delete(LISTENER, &id).expect("what is on it goes with it");
    assert_eq!(cloud.count("elbv2.ListenerCertificate"), 0);
    cloud.delete(CERTIFICATE, &b).expect("nothing needs it now");
}
