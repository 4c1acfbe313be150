//! The examples, played out, beside what is proved of them.

use std::path::Path;

use topo_lang::{Disk, Options as LoadOptions, load};
use topo_model::{Desired, Symbol};
use topo_simulate::{Loss, Lost, Options, Worst, simulate};
use topo_verify::{Bound, Observed, verify};

fn example(name: &str) -> Desired {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let loaded = load(&Disk::new(&path), &LoadOptions::default());
    let program = loaded.program.expect("the example is right");
    program.expand(Some(Symbol::new("production"))).desired.expect("the environment is right")
}

/// Of each name: the worst case and the median of what is likely, in milliseconds.
#[track_caller]
fn lost(name: &str, region: &str) -> Vec<String> {
    let desired = example(name);
    let loss = Loss { lost: vec![Lost::Region(Symbol::new(region))], lasts: None };
    let options = Options { seed: 1, runs: 40, names: Vec::new() };
    let simulation = simulate(&desired, &loss, &options).expect("there are records");
    let shown = |name: &topo_simulate::Name| {
        let likely = name.likely.expect("it was drawn");
        let case = |worst: Worst| match worst {
            Worst::Within(ms) => format!("{}s", ms / 1_000),
            other => format!("{other:?}"),
        };
        let by = name.served_by.join(", ");
        format!("{}: {} at worst, {} likely; {by}", name.name, case(name.worst), case(likely.median))
    };
    simulation.names.iter().map(shown).collect()
}

#[test]
fn genai_demo_is_served_by_its_standby() {
    insta::assert_debug_snapshot!(lost("genai-demo", "ap-east-2"), @r#"
    [
        "api.kimkao.io: 57s at worst, 42s likely; web[ap-northeast-1].balancer",
        "app.kimkao.io: 170s at worst, 125s likely; web[ap-northeast-1].balancer",
    ]
    "#);
}

#[test]
fn active_active_goes_on_without_any_one_region() {
    insta::assert_debug_snapshot!(lost("active-active", "us-east-1"), @r#"
    [
        "www.atlas.example: 170s at worst, 119s likely; web[ap-northeast-1].balancer, web[eu-central-1].balancer",
    ]
    "#);
}

/// No course is slower than the bound, and one takes that long.
#[test]
fn the_worst_course_takes_as_long_as_is_proved() {
    for name in ["genai-demo", "active-active"] {
        let desired = example(name);
        let report = verify(&desired, &Observed::new());
        for proof in &report.proofs {
            for loss in &proof.losses {
                let topo_verify::Loss::Regions(regions) = &loss.lost else { panic!("{} is no region", loss.lost) };
                let lost = regions.iter().map(|region| Lost::Region(*region)).collect();
                let options = Options { seed: 1, runs: 0, names: vec![proof.endpoint.clone()] };
                let simulation = simulate(&desired, &Loss { lost, lasts: None }, &options).expect("there are records");
                let proved =
                    loss.recovery.as_ref().map_or(Worst::Untouched, |bound: &Bound| Worst::Within(bound.total()));
                assert_eq!(simulation.names[0].worst, proved, "{name} without {}", loss.lost);
            }
        }
    }
}
