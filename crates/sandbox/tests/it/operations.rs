//! Identity and operations: roles and keys, what watches, what is written down.

use topo_model::{Attributes, Status, Symbol, Value};
use topo_sandbox::Which;

use crate::support::*;

const ROLE: &str = "iam.Role";
const POLICY: &str = "iam.Policy";
const ATTACHMENT: &str = "iam.RolePolicyAttachment";
const PROFILE: &str = "iam.InstanceProfile";
const KEY: &str = "kms.Key@ap-east-2";
const ALIAS: &str = "kms.Alias@ap-east-2";
const GROUP: &str = "logs.LogGroup@ap-east-2";
const TOPIC: &str = "sns.Topic@ap-east-2";
const TOPIC_POLICY: &str = "sns.TopicPolicy@ap-east-2";
const SUBSCRIPTION: &str = "sns.Subscription@ap-east-2";
const BUCKET: &str = "s3.Bucket@ap-east-2";
const BUCKET_POLICY: &str = "s3.BucketPolicy@ap-east-2";
const TRAIL: &str = "cloudtrail.Trail@ap-east-2";
const RULE: &str = "events.Rule@ap-east-2";
const TARGET: &str = "events.Target@ap-east-2";
const ALARM: &str = "cloudwatch.Alarm@ap-east-2";
const DASHBOARD: &str = "cloudwatch.Dashboard";

/// A policy document of one statement.
fn document(statement: &str) -> Value {
    text(&format!(r#"{{"Version": "2012-10-17", "Statement": [{{{statement}}}]}}"#))
}

fn trust() -> Value {
    document(r#""Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole""#)
}

fn reading() -> Value {
    document(r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*""#)
}

fn role(cloud: &Cloud, name: &str) -> String {
    cloud.make(ROLE, name, [("role_name", text(name)), ("assume_role_policy_document", trust())])
}

/// A key that the account and a service may use.
fn key_for(cloud: &Cloud, service: &str) -> String {
    let statement = |who: &str, action: &str| {
        format!(r#"{{"Effect": "Allow", "Principal": {who}, "Action": "{action}", "Resource": "*"}}"#)
    };
    let account = statement(r#"{"AWS": "arn:aws:iam::000000000000:root"}"#, "kms:*");
    let service = statement(&format!(r#"{{"Service": ["{service}"]}}"#), "kms:GenerateDataKey*");
    cloud.make(KEY, service.as_str(), [("key_policy", text(&format!(r#"{{"Statement": [{account}, {service}]}}"#)))])
}

#[test]
fn roles_have_names_of_the_account_and_ids_of_their_own() {
    let (_dir, cloud) = fresh();
    let id = role(&cloud, "node");
    assert_eq!(id, "node");
    assert_eq!(cloud.get(ROLE, &id, "arn"), text("arn:aws:iam::000000000000:role/node"));
    let first = cloud.get(ROLE, &id, "role_id");
    assert!(first.as_str().is_some_and(|id| id.starts_with("AROA") && id.len() == 21), "{first}");
    let again =
        |name: &str| cloud.ask(ROLE, "b", [("role_name", text(name)), ("assume_role_policy_document", trust())]);
    insta::assert_snapshot!(refusal(again("Node")), @"Exists EntityAlreadyExists: aws.iam.Role with role_name = \"node\" exists already: node");
    cloud.delete(ROLE, &id).expect("nothing uses it");
    role(&cloud, "node");
    assert_ne!(cloud.get(ROLE, "node", "role_id"), first, "the id of a deleted role is never used again");
}

#[test]
fn a_role_that_is_used_can_not_be_deleted() {
    let (_dir, cloud) = fresh();
    role(&cloud, "node");
    let policy = cloud.make(POLICY, "p", [("managed_policy_name", text("read")), ("policy_document", reading())]);
    assert_eq!(policy, "arn:aws:iam::000000000000:policy/read");
    let attached = cloud.make(ATTACHMENT, "a", [("role", text("node")), ("policy", text(&policy))]);
    let profile = cloud.make(PROFILE, "i", [("instance_profile_name", text("node")), ("role", text("node"))]);
    insta::assert_snapshot!(refusal(cloud.delete(ROLE, "node")), @"Dependency DeleteConflict: node is used by node/arn:aws:iam::000000000000:policy/read (aws.iam.RolePolicyAttachment) and can't be deleted");
    insta::assert_snapshot!(refusal(cloud.delete(POLICY, &policy)), @"Dependency DeleteConflict: arn:aws:iam::000000000000:policy/read is used by node/arn:aws:iam::000000000000:policy/read (aws.iam.RolePolicyAttachment) and can't be deleted");
    cloud.delete(ATTACHMENT, &attached).expect("attachments go first");
    insta::assert_snapshot!(refusal(cloud.delete(ROLE, "node")), @"Dependency DeleteConflict: node is used by node (aws.iam.InstanceProfile) and can't be deleted");
    cloud.delete(PROFILE, &profile).expect("nothing uses it");
    let bounded = [("role_name", text("bounded")), ("assume_role_policy_document", trust())];
    let [name, trust] = bounded;
    cloud.make(ROLE, "b", [name, trust, ("permissions_boundary", text(&policy))]);
    insta::assert_snapshot!(refusal(cloud.delete(POLICY, &policy)), @"Dependency DeleteConflict: arn:aws:iam::000000000000:policy/read is used by bounded and can't be deleted");
    cloud.delete(ROLE, "bounded").expect("nothing uses it");
    cloud.delete(ROLE, "node").expect("nothing uses it");
    cloud.delete(POLICY, &policy).expect("nothing uses it");
}

#[test]
fn an_attachment_is_idempotent_and_ten_are_the_most() {
    let (_dir, cloud) = fresh();
    role(&cloud, "node");
    let attach = |name: &str| {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        cloud.ask(ATTACHMENT, name, [("role", text("node")), ("policy_arn", text(&arn))])
    };
    let first = attach("P0").expect("attached");
    assert_eq!(attach("P0").expect("asked again"), first);
    for n in 1..10 {
        attach(&format!("P{n}")).expect("attached");
    }
    insta::assert_snapshot!(refusal(attach("P10")), @"Invalid LimitExceeded: node has 10 managed policies and can't have another");
    let none = cloud.ask(
        ATTACHMENT,
        "x",
        [("role", text("node")), ("policy_arn", text("arn:aws:iam::000000000000:policy/x"))],
    );
    insta::assert_snapshot!(refusal(none), @"NotFound NoSuchEntity: there is no policy arn:aws:iam::000000000000:policy/x");
}

#[test]
fn documents_are_read_as_the_services_read_them() {
    let (_dir, cloud) = fresh();
    let trusting =
        |doc: Value| refusal(cloud.ask(ROLE, "r", [("role_name", text("r")), ("assume_role_policy_document", doc)]));
    insta::assert_snapshot!(trusting(text("[]")), @"Invalid MalformedPolicyDocument: the policy is not a JSON object");
    insta::assert_snapshot!(trusting(text("{}")), @"Invalid MalformedPolicyDocument: the policy has no Statement");
    insta::assert_snapshot!(trusting(text(r#"{"Version": "2024-01-01", "Statement": []}"#)), @"Invalid MalformedPolicyDocument: the version of a policy is 2012-10-17");
    insta::assert_snapshot!(trusting(document(r#""Effect": "allow""#)), @"Invalid MalformedPolicyDocument: the Effect of a statement is Allow or Deny");
    insta::assert_snapshot!(trusting(document(r#""Effect": "Allow", "Action": "sts:AssumeRole""#)), @"Invalid MalformedPolicyDocument: a statement has no Principal");
    insta::assert_snapshot!(trusting(document(r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#)), @"Invalid MalformedPolicyDocument: a statement of this policy has no place for Resource");
    insta::assert_snapshot!(trusting(document(r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:role/gone"}, "Action": "sts:AssumeRole""#)), @"Invalid MalformedPolicyDocument: the policy names the role gone, which is not there");
    let managed =
        |doc: Value| refusal(cloud.ask(POLICY, "p", [("managed_policy_name", text("p")), ("policy_document", doc)]));
    insta::assert_snapshot!(managed(document(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#)), @"Invalid MalformedPolicyDocument: a statement of this policy has no place for Principal");
    insta::assert_snapshot!(managed(document(r#""Effect": "Allow", "Resource": "*""#)), @"Invalid MalformedPolicyDocument: a statement has no Action");
    let long = format!(r#""Sid": "{}", "Effect": "Allow", "Action": "*", "Resource": "*""#, "a".repeat(6200));
    insta::assert_snapshot!(managed(document(&long)), @"Invalid LimitExceeded: a managed policy of 6294 characters is longer than 6144");
    let alone = document(
        r#""Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:*", "Resource": "*""#,
    );
    insta::assert_snapshot!(refusal(cloud.ask(KEY, "k", [("key_policy", alone)])), @"Invalid MalformedPolicyDocumentException: the new key policy does not let the account change it in the future");
}

#[test]
fn a_deleted_key_waits_for_its_end_and_its_aliases_go() {
    let (_dir, cloud) = fresh();
    let key = cloud.make(KEY, "k", []);
    let twice = cloud.make(KEY, "k", []);
    assert_ne!(key, twice, "nothing makes a key once");
    let alias = cloud.make(ALIAS, "a", [("alias_name", text("alias/app")), ("target_key", text(&key))]);
    assert_eq!(cloud.get(ALIAS, &alias, "arn"), text("arn:aws:kms:ap-east-2:000000000000:alias/app"));
    let taken = cloud.ask(ALIAS, "b", [("alias_name", text("alias/app")), ("target_key", text(&twice))]);
    insta::assert_snapshot!(refusal(taken), @"Exists AlreadyExistsException: aws.kms.Alias with alias_name = \"alias/app\" exists already: alias/app");
    cloud.converge(ALIAS, &alias, "a", [("target_key", text(&twice))]).expect("an alias can be moved");
    cloud.converge(ALIAS, &alias, "a", [("target_key", text(&key))]).expect("an alias can be moved");
    cloud.delete(KEY, &key).expect("aliases keep no key");
    assert!(cloud.see(ALIAS, &alias).is_none());
    let late = cloud.ask(ALIAS, "c", [("alias_name", text("alias/late")), ("target_key", text(&key))]);
    insta::assert_snapshot!(refusal(late).replace(&key, "KEY"), @"Invalid KMSInvalidStateException: KEY is pending deletion");
}

#[test]
fn a_log_group_is_encrypted_by_a_key_that_serves_it() {
    let (_dir, cloud) = fresh();
    let plain = cloud.make(KEY, "plain", []);
    let group = |key: &str| cloud.ask(GROUP, "g", [("log_group_name", text("app")), ("kms_key", text(key))]);
    insta::assert_snapshot!(refusal(group(&plain)).replace(&plain, "KEY"), @"Invalid InvalidParameterException: the policy of the key KEY does not let logs.ap-east-2.amazonaws.com use it");
    let serving = key_for(&cloud, "logs.ap-east-2.amazonaws.com");
    let made = group(&serving).expect("the key's policy lets it");
    assert_eq!(cloud.get(GROUP, &made, "arn"), text("arn:aws:logs:ap-east-2:000000000000:log-group:app:*"));
    cloud.converge(GROUP, &made, "g", [("deletion_protection_enabled", Value::Bool(true))]).expect("protected");
    insta::assert_snapshot!(refusal(cloud.delete(GROUP, &made)), @"Invalid ValidationException: app is protected against deletion");
}

#[test]
fn a_subscription_by_mail_is_ready_and_pending_until_it_is_confirmed() {
    let (_dir, cloud) = fresh();
    let topic = cloud.make(TOPIC, "t", [("topic_name", text("alerts"))]);
    assert_eq!(topic, "arn:aws:sns:ap-east-2:000000000000:alerts");
    assert_eq!(cloud.make(TOPIC, "t", [("topic_name", text("alerts"))]), topic);
    let set = || [("topic", text(&topic)), ("protocol", text("email")), ("endpoint", text("a@b.io"))];
    let mail = cloud.make(SUBSCRIPTION, "m", set());
    assert_eq!(cloud.make(SUBSCRIPTION, "m", set()), mail);
    assert_eq!(cloud.status(SUBSCRIPTION, &mail), Status::Ready);
    assert_eq!(cloud.get(SUBSCRIPTION, &mail, "pending_confirmation"), Value::Bool(true));
    let which = Which { id: &mail, ..Which::default() };
    cloud.sandbox.edit(which, "pending_confirmation", Value::Bool(false)).expect("somebody confirms it");
    assert_eq!(cloud.get(SUBSCRIPTION, &mail, "pending_confirmation"), Value::Bool(false));
    let other = document(
        r#""Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "arn:aws:sns:ap-east-2:1:x""#,
    );
    let policy = |doc: Value| cloud.ask(TOPIC_POLICY, "p", [("topic", text(&topic)), ("policy_document", doc)]);
    insta::assert_snapshot!(refusal(policy(other)), @"Invalid InvalidParameter: the policy of arn:aws:sns:ap-east-2:000000000000:alerts is about arn:aws:sns:ap-east-2:1:x");
    cloud.delete(TOPIC, &topic).expect("a topic goes with what hangs on it");
    assert_eq!(cloud.count("sns.Subscription"), 0);
    let fifo = cloud.make(TOPIC, "f", [("topic_name", text("f.fifo")), ("fifo_topic", Value::Bool(true))]);
    let odd = [("topic", text(&fifo)), ("protocol", text("email")), ("endpoint", text("a@b.io"))];
    insta::assert_snapshot!(refusal(cloud.ask(SUBSCRIPTION, "o", odd)), @"Invalid InvalidParameter: a FIFO topic delivers to queues only");
}

#[test]
fn a_bucket_has_a_name_of_the_world_and_must_be_empty_to_go() {
    let (_dir, cloud) = fresh();
    let enabled = Value::record([(Symbol::new("status"), text("Enabled"))]);
    let id = cloud.make(BUCKET, "b", [("bucket_name", text("logs")), ("versioning_configuration", enabled)]);
    assert_eq!(cloud.get(BUCKET, &id, "arn"), text("arn:aws:s3:::logs"));
    assert_eq!(cloud.get(BUCKET, &id, "regional_domain_name"), text("logs.s3.ap-east-2.amazonaws.com"));
    let elsewhere = cloud.ask("s3.Bucket@ap-northeast-1", "c", [("bucket_name", text("logs"))]);
    insta::assert_snapshot!(refusal(elsewhere), @"Exists BucketAlreadyExists: aws.s3.Bucket with bucket_name = \"logs\" exists already: logs");
    let back = cloud.converge(BUCKET, &id, "b", [("versioning_configuration", Value::None)]);
    insta::assert_snapshot!(refusal(back), @"Invalid IllegalVersioningConfigurationException: versions can be suspended, not taken back");
    let which = Which { id: &id, ..Which::default() };
    cloud.sandbox.edit(which, "objects", Value::Int(3)).expect("somebody puts objects in");
    insta::assert_snapshot!(refusal(cloud.delete(BUCKET, &id)), @"Dependency BucketNotEmpty: logs holds 3 objects and can't be deleted");
    cloud.sandbox.edit(which, "objects", Value::Int(0)).expect("somebody takes them out");
    cloud.delete(BUCKET, &id).expect("it is empty");
}

#[test]
fn a_trail_needs_a_bucket_that_it_may_write_to() {
    let (_dir, cloud) = fresh();
    let bucket = cloud.make(BUCKET, "b", [("bucket_name", text("audit"))]);
    let trail = |more: &[(&str, Value)]| {
        let mut new = topo_provider::Creation {
            attributes: Attributes::new(),
            ..creation(TRAIL, "t", [("trail_name", text("main"))])
        };
        let set = [("trail_name", text("main")), ("bucket", text(&bucket))];
        set.iter().chain(more).for_each(|(name, value)| new.attributes.set(Symbol::new(name), value.clone()));
        now(topo_provider::Provider::begin_create(&cloud.sandbox, &new)).map(|id| id.0.to_string())
    };
    insta::assert_snapshot!(refusal(trail(&[])), @"Invalid InsufficientS3BucketPolicyException: the policy of the bucket audit does not let CloudTrail write to it");
    let lets = |action: &str, resource: &str| {
        let who = r#"{"Service": "cloudtrail.amazonaws.com"}"#;
        format!(r#"{{"Effect": "Allow", "Principal": {who}, "Action": "{action}", "Resource": "{resource}"}}"#)
    };
    let policy = |statements: &[String]| {
        let document = text(&format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", ")));
        cloud.ask(BUCKET_POLICY, "p", [("bucket", text(&bucket)), ("policy_document", document)])
    };
    let (looks, writes) =
        (lets("s3:GetBucketAcl", "arn:aws:s3:::audit"), lets("s3:PutObject", "arn:aws:s3:::audit/AWSLogs/*"));
    policy(std::slice::from_ref(&writes)).expect("a policy");
    insta::assert_snapshot!(refusal(trail(&[])), @"Invalid InsufficientS3BucketPolicyException: the policy of the bucket audit does not let CloudTrail write to it");
    policy(&[looks, writes]).expect("a policy");
    insta::assert_snapshot!(refusal(trail(&[("s3_key_prefix", text("x"))])), @"Invalid InsufficientS3BucketPolicyException: the policy of the bucket audit does not let CloudTrail write to it");
    insta::assert_snapshot!(refusal(policy(&[lets("s3:GetObject", "arn:aws:s3:::auditor/*")])), @"Invalid MalformedPolicy: the policy of arn:aws:s3:::audit is about arn:aws:s3:::auditor/*");
    let plain = cloud.make(KEY, "plain", []);
    insta::assert_snapshot!(refusal(trail(&[("kms_key", text(&plain))])).replace(&plain, "KEY"), @"Invalid InsufficientEncryptionPolicyException: the policy of the key KEY does not let CloudTrail use it");
    let serving = key_for(&cloud, "cloudtrail.amazonaws.com");
    let made = trail(&[("kms_key", text(&serving))]).expect("it may write");
    assert_eq!(made, "arn:aws:cloudtrail:ap-east-2:000000000000:trail/main");
    insta::assert_snapshot!(refusal(trail(&[])), @"Exists TrailAlreadyExistsException: aws.cloudtrail.Trail with trail_name = \"main\" exists already: arn:aws:cloudtrail:ap-east-2:000000000000:trail/main");
}

#[test]
fn rules_have_schedules_and_five_targets() {
    let (_dir, cloud) = fresh();
    let rule =
        |schedule: &str| cloud.ask(RULE, "r", [("name", text("daily")), ("schedule_expression", text(schedule))]);
    insta::assert_snapshot!(refusal(rule("rate(1 days)")), @"Invalid ValidationException: 'rate(1 days)' is not a schedule");
    insta::assert_snapshot!(refusal(rule("cron(0 12 * * *)")), @"Invalid ValidationException: 'cron(0 12 * * *)' is not a schedule");
    rule("cron(0 12 * * ? *)").expect("six fields");
    let id = rule("rate(5 minutes)").expect("asked again, it is changed");
    let topic = cloud.make(TOPIC, "t", [("topic_name", text("alerts"))]);
    let target =
        |name: &str| cloud.ask(TARGET, name, [("rule", text(&id)), ("target_id", text(name)), ("topic", text(&topic))]);
    for n in 1..=5 {
        target(&n.to_string()).expect("a target");
    }
    insta::assert_snapshot!(refusal(target("6")), @"Invalid LimitExceededException: daily has 5 targets and can't have another");
    insta::assert_snapshot!(refusal(cloud.delete(RULE, &id)), @"Dependency ValidationException: daily is used by daily|1 (aws.events.Target) and can't be deleted");
    cloud.delete(TARGET, "daily|5").expect("a target goes by itself");
    let group = cloud.make(GROUP, "g", [("log_group_name", text("app"))]);
    let odd = [("rule", text(&id)), ("target_id", text("log")), ("log_group", text(&group))];
    insta::assert_snapshot!(refusal(cloud.ask(TARGET, "log", odd)), @"NotFound ResourceNotFoundException: the log group app does not begin with /aws/events/");
}

#[test]
fn an_alarm_has_a_state_that_a_change_keeps() {
    let (_dir, cloud) = fresh();
    let set = |description: &str| [("alarm_name", text("cpu")), ("alarm_description", text(description))];
    let id = cloud.make(ALARM, "a", set("one"));
    assert_eq!(cloud.get(ALARM, &id, "state_value"), text("INSUFFICIENT_DATA"));
    let which = Which { id: &id, ..Which::default() };
    cloud.sandbox.edit(which, "state_value", text("ALARM")).expect("it rings");
    assert_eq!(cloud.make(ALARM, "a", set("two")), id);
    assert_eq!(cloud.get(ALARM, &id, "state_value"), text("ALARM"));
    let odd = cloud.sandbox.edit(which, "state_value", text("LOUD")).expect_err("no such state");
    insta::assert_snapshot!(odd, @r#"state_value: "LOUD" (String) is not "OK" | "ALARM" | "INSUFFICIENT_DATA""#);
}

#[test]
fn metrics_of_an_alarm_have_ids_and_one_source_each() {
    let (_dir, cloud) = fresh();
    let alarm = |metrics: &[(&str, Option<&str>)]| {
        let one = |(id, expression): &(&str, Option<&str>)| {
            let expression = expression.map_or(Value::None, text);
            Value::record([(Symbol::new("id"), text(id)), (Symbol::new("expression"), expression)])
        };
        let metrics = Value::list(metrics.iter().map(one).collect());
        refusal(cloud.ask(ALARM, "a", [("alarm_name", text("a")), ("metrics", metrics)]))
    };
    insta::assert_snapshot!(alarm(&[("E", Some("1"))]), @"Invalid ValidationError: 'E' can't be the id of a metric: it begins with a small letter");
    insta::assert_snapshot!(alarm(&[("e", Some("1")), ("e", Some("2"))]), @"Invalid ValidationError: two metrics have the id 'e'");
    insta::assert_snapshot!(alarm(&[("e", None)]), @"Invalid ValidationError: the metric 'e' takes one of an expression and a statistic");
}

#[test]
fn a_dashboard_has_widgets_and_changes_by_name() {
    let (_dir, cloud) = fresh();
    let put =
        |body: &str| cloud.ask(DASHBOARD, "d", [("dashboard_name", text("main")), ("dashboard_body", text(body))]);
    insta::assert_snapshot!(refusal(put("{}")), @"Invalid InvalidParameterInput: the body of a dashboard has a list of widgets");
    let id = put(r#"{"widgets": []}"#).expect("a body");
    assert_eq!(put(r#"{"widgets": [1]}"#).expect("asked again"), id);
    assert_eq!(cloud.get(DASHBOARD, &id, "arn"), text("arn:aws:cloudwatch::000000000000:dashboard/main"));
}
