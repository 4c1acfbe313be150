//! What observation asks and answers.

use std::sync::Arc;

use topo_exec::{Cloud, Time, View};
use topo_model::{
    Addresses, Attribute, Attributes, Desired, Origin, Project, Recorded, ResId, Resource, Span, Symbol, Term, Value,
};
use topo_plan::{Found, Observed};

use crate::bench::Bench;
use crate::cloud::{TestCloud, catalogue};
use crate::wish::Wish;

/// A program of these resources: name, kind, region, origin, and the attributes it writes.
#[expect(clippy::type_complexity, reason = "a table in a test")]
fn desired(rows: &[(&str, &str, Option<&str>, Origin, &[(&str, Value)])]) -> Desired {
    let catalogue = Arc::new(catalogue());
    let mut addresses = Addresses::default();
    let written = Span::new(1, 2);
    let resources = rows.iter().map(|(name, kind, region, origin, set)| {
        let kind = catalogue.find(Symbol::new(kind)).expect("a kind of the tests");
        let value = |name: Symbol| set.iter().find(|(n, _)| name == *n).map(|(_, v)| v.clone());
        let attributes = catalogue.kind(kind).attributes.iter();
        Resource {
            address: addresses.intern(None, Symbol::new(name), None),
            kind,
            region: region.map(Symbol::new),
            origin: origin.clone(),
            attributes: attributes.map(|a| value(a.name).map(|value| Attribute { value, span: written })).collect(),
            after: Vec::new(),
            lifecycle: None,
            span: written,
            anchor: Span::NONE,
        }
    });
    let resources = resources.collect();
    Desired {
        project: Project {
            name: Symbol::new("p"),
            cloud: Symbol::new("test"),
            state: "file:state".to_owned(),
            accounts: Vec::new(),
            tags: Vec::new(),
            span: Span::NONE,
        },
        env: Some(Symbol::new("e")),
        catalogue,
        addresses,
        resources,
        outputs: Vec::new(),
        checks: Vec::new(),
        objectives: Vec::new(),
        rollout: None,
        regions: Vec::new(),
        moved: Vec::new(),
        forget: Vec::new(),
        inputs: Vec::new(),
        digest: String::new(),
    }
}

fn observe(cloud: &Arc<TestCloud>, desired: Option<&Desired>, recorded: &Recorded, only: Option<&str>) -> Observed {
    let catalogue = catalogue();
    let time = Time { pace: 0.0, now: || 0, seed: 1 };
    let cloud = Cloud { provider: Arc::clone(cloud), catalogue: &catalogue, project: "p", env: "e", time };
    let view = View { desired, recorded, region: only.map(Symbol::new), refresh: true };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(topo_exec::observe(&cloud, &view)).expect("the cloud tells")
}

fn attributes(set: &[(&str, &str)]) -> Attributes {
    set.iter().map(|(n, v)| (Symbol::new(n), Value::str(*v))).collect()
}

fn at(name: &str, region: &'static str) -> Wish {
    Wish { region: Some(region), ..Wish::new(name, "t.Bare", &[]) }
}

#[test]
fn an_object_whose_mark_was_stripped_is_found_by_its_id() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&[at("a", "ap-east-2")]).report();
    bench.cloud.strip("a");
    let observed = observe(&bench.cloud, None, &bench.recorded(), None);
    assert_eq!(observed.objects.len(), 1);
    assert_eq!(observed.objects[0].owner, None);
}

#[test]
fn a_region_that_is_out_is_told_and_the_others_are_read() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&[at("a", "ap-east-2"), at("b", "ap-northeast-1"), Wish::new("c", "t.Bare", &[])]).report();
    *bench.cloud.out.lock().expect("no test panics here") = Some(Symbol::new("ap-east-2"));
    let recorded = bench.recorded();
    let observed = observe(&bench.cloud, None, &recorded, None);
    assert_eq!(observed.unreachable, [(Some(Symbol::new("ap-east-2")), "Outage: no route".to_owned())]);
    assert_eq!(observed.objects.len(), 2);
    let only = observe(&bench.cloud, None, &recorded, Some("ap-northeast-1"));
    assert_eq!((only.unreachable.len(), only.objects.len()), (0, 2), "that region and what is global");
}

#[test]
fn existing_resources_are_looked_up_one_by_the_other() {
    let cloud = Arc::new(TestCloud::default());
    let a = cloud.appear("t.Bare", None, attributes(&[("name", "a")]), None);
    cloud.appear("t.Bare", None, attributes(&[("name", "b"), ("one", &a.0)]), None);
    for _ in 0..2 {
        cloud.appear("t.Bare", None, attributes(&[("name", "twice")]), None);
    }
    let reference = Value::unknown(Term::Output { resource: ResId(0), name: Symbol::new("id") });
    let later = Value::unknown(Term::Output { resource: ResId(5), name: Symbol::new("id") });
    let program = desired(&[
        ("a", "t.Bare", None, Origin::Existing(None), &[("name", Value::str("a"))]),
        ("b", "t.Bare", None, Origin::Existing(None), &[("one", reference)]),
        ("c", "t.Bare", None, Origin::Existing(None), &[("name", Value::str("twice"))]),
        ("d", "t.Bare", None, Origin::Existing(Some(Value::str("none such"))), &[]),
        ("e", "t.Bare", None, Origin::Adopted(Value::str(a.0.as_str())), &[]),
        ("f", "t.Bare", None, Origin::Created, &[]),
        ("g", "t.Bare", None, Origin::Existing(None), &[("one", later)]),
    ]);
    let observed = observe(&cloud, Some(&program), &Recorded::default(), None);
    let told: Vec<String> = observed
        .found
        .iter()
        .map(|(id, found)| match found {
            Found::One(object) => format!("{}: {}", program.address(*id), object.id),
            Found::Missing => format!("{}: missing", program.address(*id)),
            Found::Many(ids) => format!("{}: {} of them", program.address(*id), ids.len()),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    a: t.Bare-1
    b: t.Bare-2
    c: 2 of them
    d: missing
    e: t.Bare-1
    ");
}
