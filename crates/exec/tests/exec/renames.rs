//! Resources of which only the address changes.

use crate::apply::chain;
use crate::bench::Bench;
use crate::cloud::TestCloud;
use crate::wish;
use topo_model::Recorded;
use topo_plan::{Action, Op, Summary};

#[test]
fn a_rename_changes_the_mark_and_the_record_only() {
    let (bench, report) = renamed(&[(0, "x"), (1, "y")]);
    assert_eq!(report.done, Summary { moved: 2, ..Summary::default() });
    assert_eq!(bench.cloud.said()[3..], ["converge a"], "a key without tags carries no mark");
    let recorded = bench.recorded();
    assert_eq!(recorded.resources.keys().collect::<Vec<_>>(), ["x", "y", "c"]);
    assert_eq!(recorded.resources["c"].needs, ["y", "x"]);
}

#[test]
fn two_resources_exchange_their_addresses() {
    let (bench, report) = renamed(&[(0, "b"), (1, "a")]);
    assert_eq!(report.done, Summary { moved: 2, ..Summary::default() });
    let recorded = bench.recorded();
    assert_eq!(recorded.resources.keys().collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(recorded.resources["a"].needs, ["b"]);
    assert_eq!(recorded.resources["c"].needs, ["a", "b"]);
    assert_ne!(recorded.resources["a"].kind, recorded.resources["b"].kind);
}

#[test]
fn an_address_that_one_resource_leaves_another_takes() {
    let (bench, _) = renamed(&[(0, "b"), (1, "d")]);
    let recorded = bench.recorded();
    assert_eq!(recorded.resources.keys().collect::<Vec<_>>(), ["b", "d", "c"]);
    assert_eq!(recorded.resources["d"].needs, ["b"]);
    assert_eq!(recorded.resources["c"].needs, ["d", "b"]);
}

/// A chain of which some nodes were renamed.
fn renamed(moves: &[(usize, &str)]) -> (Bench, topo_exec::Report) {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    let moved = |recorded: &Recorded, objects: &[topo_model::Object]| {
        let mut plan = wish::plan(&chain(), recorded, objects);
        for &(node, to) in moves {
            let at = &mut plan.nodes[node];
            at.detail.as_mut().expect("the bench writes them all").moved_from = Some(at.address.clone());
            (at.address, at.action) = (to.to_owned(), Action::Move);
            let node = topo_plan::NodeId(node as u32);
            plan.steps.push(topo_plan::Step { node, op: Op::Move, wave: 0, needs: Vec::new(), batch: None });
        }
        plan
    };
    let report = bench.run_plan(moved).report();
    (bench, report)
}
