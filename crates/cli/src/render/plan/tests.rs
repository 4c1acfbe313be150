use anstream::adapter::strip_str;
use topo_model::{Attributes, Catalogue, Func, ObjectId, ReplaceOrder, ResId, SourceMap, Span, Term, TopoId, Value};
use topo_plan::{Basis, Cause, Detail, Difference, Frozen, Op, Present, Reason, Step};

use super::*;

fn attributes(entries: Vec<(&str, Value)>) -> Attributes {
    entries.into_iter().map(|(n, v)| (Symbol::new(n), v)).collect()
}

fn reason(cause: Cause, text: &str) -> Reason {
    Reason { cause, attribute: None, text: text.to_owned(), span: Span::NONE }
}

fn node(address: &str, kind: &str, region: Option<&str>, action: Action, wave: u32, detail: Detail) -> Node {
    Node {
        address: address.to_owned(),
        kind: kind.into(),
        region: region.map(Symbol::new),
        action,
        wave,
        detail: (action != Action::None).then(|| Box::new(detail)),
    }
}

fn difference(name: &str, before: Option<Value>, after: Option<Value>) -> Difference {
    Difference {
        attribute: name.into(),
        before,
        after,
        cause: Cause::Code,
        replaces: false,
        secret: false,
        span: Span::NONE,
    }
}

fn wave(regions: &[&str], bake: i64) -> Wave {
    Wave {
        regions: regions.iter().map(|r| Symbol::new(r)).collect(),
        bake,
        gate: None,
        approve: false,
        revert: false,
        pushed: Vec::new(),
    }
}

fn plan(nodes: Vec<Node>, waves: Vec<Wave>) -> Plan {
    let mut summary = Summary::default();
    let mut steps = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let (count, op) = match node.action {
            Action::Create => (&mut summary.create, Op::Create),
            Action::Update => (&mut summary.update, Op::Update),
            Action::Replace(_) => (&mut summary.replace, Op::Create),
            Action::Delete => (&mut summary.delete, Op::Delete),
            Action::Move => (&mut summary.moved, Op::Move),
            Action::Import => (&mut summary.import, Op::Import),
            Action::Forget => (&mut summary.forget, Op::Forget),
            Action::None | Action::Read => continue,
        };
        *count += 1;
        steps.push(Step { node: NodeId(i as u32), op, wave: node.wave, needs: Vec::new(), batch: None });
    }
    Plan {
        project: "demo".into(),
        env: Some("production".into()),
        cloud: "sandbox".into(),
        basis: Basis { program: String::new(), serial: 0, observed: String::new() },
        nodes,
        steps,
        waves,
        frozen: Vec::new(),
        outputs: Vec::new(),
        outputs_changed: false,
        checks: Vec::new(),
        inputs: Vec::new(),
        summary,
    }
}

fn output(resource: u32, name: &str) -> Value {
    Value::unknown(Term::Output { resource: ResId(resource), name: name.into() })
}

fn rendered(plan: &Plan) -> String {
    with_recorded(plan, &Attributes::default())
}

/// The plan of what has these outputs now.
fn with_recorded(plan: &Plan, recorded: &Attributes) -> String {
    let (catalogue, sources) = (&Catalogue::default(), &SourceMap::default());
    let view = View { plan, allowed: &[], catalogue, sources, recorded, width: 80, verbose: false };
    strip_str(&all(view)).to_string()
}

fn json(plan: &Plan) -> String {
    let document = crate::format::plan::document(plan, &Catalogue::default(), &[], &SourceMap::default());
    serde_json::to_string_pretty(&document).expect("a document prints")
}

fn two_waves() -> Plan {
    let cidr = |text: &str| Value::Cidr(text.parse().expect("a range"));
    let vpc = Detail {
        reasons: vec![reason(Cause::New, "new")],
        after: Some(attributes(vec![
            ("cidr_block", cidr("10.2.0.0/16")),
            ("enable_dns_support", Value::Bool(true)),
            ("tags", Value::map([(Value::str("owner"), Value::str("platform"))])),
        ])),
        ..Detail::default()
    };
    let subnet = Detail {
        reasons: vec![reason(Cause::New, "new")],
        after: Some(attributes(vec![
            ("vpc", output(0, "id")),
            ("peers", Value::unknown(Term::Call { func: Func::Json, args: vec![Value::list(vec![output(0, "id")])] })),
            ("availability_zone", Value::None),
        ])),
        ..Detail::default()
    };
    let standby = Detail {
        reasons: vec![reason(Cause::Code, "the program says otherwise")],
        before: Some(attributes(vec![("ttl", Value::Duration(60_000)), ("name", Value::str("api.kimkao.io"))])),
        after: Some(attributes(vec![("ttl", Value::Duration(15_000)), ("name", Value::str("api.kimkao.io"))])),
        differences: vec![difference("ttl", Some(Value::Duration(60_000)), Some(Value::Duration(15_000)))],
        ..Detail::default()
    };
    let mut plan = plan(
        vec![
            node("vpc[ap-east-2]", "aws.ec2.Vpc", Some("ap-east-2"), Action::Create, 1, vpc),
            node("subnet[ap-east-2]", "aws.ec2.Subnet", Some("ap-east-2"), Action::Create, 1, subnet),
            node("api.standby", "aws.route53.RecordSet", None, Action::Update, 0, standby),
            node("zone", "aws.route53.HostedZone", None, Action::None, 0, Detail::default()),
        ],
        vec![wave(&["ap-northeast-1"], 600_000), wave(&["ap-east-2"], 600_000)],
    );
    plan.waves[1].pushed = vec![NodeId(1)];
    plan
}

#[test]
fn a_plan_is_grouped_by_wave_and_region_and_ends_in_the_counts() {
    insta::assert_snapshot!(rendered(&two_waves()));
}

#[test]
fn the_document_is_the_one_that_the_book_fixes() {
    insta::assert_snapshot!(json(&two_waves()));
}

#[test]
fn a_replacement_says_why_and_in_which_order() {
    let detail = Detail {
        reasons: vec![reason(Cause::Code, "cidr_block is immutable"), reason(Cause::Dependency, "vpc is replaced")],
        before: Some(attributes(vec![("cidr_block", Value::str("10.2.0.0/24"))])),
        after: Some(attributes(vec![("cidr_block", Value::str("10.2.1.0/24")), ("vpc", output(0, "id"))])),
        differences: vec![
            Difference {
                replaces: true,
                ..difference("cidr_block", Some(Value::str("10.2.0.0/24")), Some(Value::str("10.2.1.0/24")))
            },
            Difference { replaces: true, ..difference("vpc", Some(Value::str("vpc-1")), Some(output(0, "id"))) },
        ],
        ..Detail::default()
    };
    let region = Some("ap-east-2");
    let plan = plan(
        vec![
            node("vpc", "aws.ec2.Vpc", region, Action::Replace(ReplaceOrder::CreateFirst), 0, Detail::default()),
            node("subnet", "aws.ec2.Subnet", region, Action::Replace(ReplaceOrder::DeleteFirst), 0, detail),
        ],
        vec![wave(&[], 0)],
    );
    insta::assert_snapshot!(rendered(&plan));
}

#[test]
fn documents_and_maps_differ_line_by_line() {
    let policy = |action: &str| {
        Value::str(format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}"}}]}}"#))
    };
    let tags = |owner: &str, extra: Option<&str>| {
        let extra = extra.map(|e| (Value::str(e), Value::str("yes")));
        let always = [(Value::str("team"), Value::str("net")), (Value::str("owner"), Value::str(owner))];
        Value::map(always.into_iter().chain(extra))
    };
    let long = |n: i64| Value::list((0..n).map(|i| Value::str(format!("names/with/some/length/{i}"))).collect());
    let detail = Detail {
        reasons: vec![reason(Cause::Both, "changed in code and outside")],
        differences: vec![
            difference("policy", Some(policy("s3:GetObject")), Some(policy("s3:PutObject"))),
            Difference {
                cause: Cause::Outside,
                ..difference("tags", Some(tags("a", Some("x"))), Some(tags("b", None)))
            },
            difference("notes", Some(Value::str("one\ntwo\n")), Some(Value::str("one\n2\n"))),
            difference("names", Some(long(5)), Some(long(6))),
            difference("comment", Some(Value::str("old")), None),
            Difference { secret: true, ..difference("value", Some(Value::str("a")), Some(Value::str("b"))) },
        ],
        ..Detail::default()
    };
    let plan = plan(vec![node("role", "aws.iam.Role", None, Action::Update, 0, detail)], vec![wave(&[], 0)]);
    insta::assert_snapshot!(rendered(&plan));
}

#[test]
fn moves_imports_forgets_and_deposed_objects_have_their_marks() {
    let deposed = Present {
        topo_id: TopoId("t".into()),
        id: ObjectId("vpc-old".into()),
        region: None,
        attributes: Attributes::default(),
        outputs: Attributes::default(),
        needs: Vec::new(),
    };
    let moved = Detail { moved_from: Some("old".to_owned()), ..Detail::default() };
    let removed = Detail { reasons: vec![reason(Cause::Removed, "the program has it no longer")], ..Detail::default() };
    let left = Detail { deposed: vec![deposed], ..Detail::default() };
    let plan = plan(
        vec![
            node("new", "core.Data", None, Action::Move, 0, moved),
            node("adopted", "core.Data", None, Action::Import, 0, Detail::default()),
            node("released", "core.Data", None, Action::Forget, 0, Detail::default()),
            node("gone", "core.Data", None, Action::Delete, 0, removed),
            node("kept", "core.Data", None, Action::Delete, 0, left),
        ],
        vec![wave(&[], 0)],
    );
    insta::assert_snapshot!(rendered(&plan));
}

#[test]
fn a_frozen_region_is_named_with_what_is_left() {
    let mut plan = plan(
        vec![
            node("vpc[ap-east-2]", "aws.ec2.Vpc", Some("ap-east-2"), Action::None, 0, Detail::default()),
            node("zone", "aws.route53.HostedZone", None, Action::None, 0, Detail::default()),
        ],
        vec![wave(&[], 0)],
    );
    plan.frozen =
        vec![Frozen { region: Some("ap-east-2".into()), error: "no answer".to_owned(), nodes: vec![NodeId(0)] }];
    insta::assert_snapshot!(rendered(&plan));
    insta::assert_snapshot!("frozen_document", json(&plan));
}

#[test]
fn an_empty_plan_says_so() {
    let plan = plan(
        vec![node("zone", "aws.route53.HostedZone", None, Action::None, 0, Detail::default())],
        vec![wave(&[], 0)],
    );
    insta::assert_snapshot!(rendered(&plan));
}

#[test]
fn a_wave_behind_which_nothing_is_done_waits_for_nothing() {
    let mut plan = two_waves();
    plan.waves[1].approve = true;
    let shown = rendered(&plan);
    assert!(shown.contains("Wave 1: ap-northeast-1  (then waits 10m)\n"), "{shown}");
    assert!(shown.contains("Wave 2: ap-east-2  (asks before it starts)\n"), "{shown}");
    plan.steps.retain(|step| step.wave == 0);
    let shown = rendered(&plan);
    assert!(shown.contains("Wave 1: ap-northeast-1\n"), "{shown}");
    let mut plan = two_waves();
    plan.waves[1].approve = true;
    plan.steps.retain(|step| step.wave == 1);
    let shown = rendered(&plan);
    assert!(shown.contains("Wave 2: ap-east-2\n"), "{shown}");
}

#[test]
fn only_the_outputs_that_change_are_shown() {
    let mut plan = plan(Vec::new(), vec![wave(&[], 0)]);
    plan.outputs = vec![("same".into(), Value::Int(1)), ("other".into(), Value::Int(2)), ("new".into(), Value::Int(3))];
    plan.outputs_changed = true;
    let recorded = attributes(vec![("same", Value::Int(1)), ("other", Value::Int(1)), ("gone", Value::Int(1))]);
    insta::assert_snapshot!(with_recorded(&plan, &recorded));
}
