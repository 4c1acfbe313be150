//! The examples, proved.

use std::path::{Path, PathBuf};

use topo_lang::{Disk, Options, load};
use topo_verify::{Observed, Report, verify};

fn example(name: &str, env: Option<&str>) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let loaded = load(&Disk::new(&PathBuf::from(&path)), &Options::default());
    let program = loaded.program.expect("the example is right");
    let expanded = program.expand(env.map(topo_model::Symbol::new));
    verify(&expanded.desired.expect("the environment is right"), &Observed::new())
}

#[track_caller]
fn proved(report: &Report) -> Vec<String> {
    assert_eq!(report.findings, []);
    let proof = &report.proofs[0];
    assert!(proof.holds());
    let loss = |loss: &topo_verify::LossProof| {
        let how = loss.recovery.as_ref().map_or("nobody notices".to_owned(), topo_verify::Bound::arithmetic);
        format!("{}: {how}; {}", loss.lost, loss.served_by.join(", "))
    };
    proof.losses.iter().map(loss).collect()
}

#[test]
fn genai_demo_is_served_again_within_its_minute() {
    insta::assert_debug_snapshot!(proved(&example("genai-demo", Some("production"))), @r#"
    [
        "ap-east-2: 2 × (10s + 6s) + 10s + 15s = 57s; web[ap-northeast-1].balancer",
        "ap-northeast-1: nobody notices; web[ap-east-2].balancer",
        "us-east-1: nobody notices; web[ap-east-2].balancer",
    ]
    "#);
}

#[test]
fn active_active_goes_on_without_any_one_region() {
    insta::assert_debug_snapshot!(proved(&example("active-active", Some("production"))), @r#"
    [
        "eu-central-1: 3 × 30s + 10s + 10s + 1m = 2m50s; web[ap-northeast-1].balancer, web[us-east-1].balancer",
        "us-east-1: 3 × 30s + 10s + 10s + 1m = 2m50s; web[ap-northeast-1].balancer, web[eu-central-1].balancer",
        "ap-northeast-1: 3 × 30s + 10s + 10s + 1m = 2m50s; web[eu-central-1].balancer, web[us-east-1].balancer",
    ]
    "#);
}
