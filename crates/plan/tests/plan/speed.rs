//! Work grows with the program, not with its square.

use std::time::Instant;

use crate::world::World;

/// The bench's layers: resource i refers to the ids of (i-1)/10 and (i-7)/3.
fn layered(count: usize) -> String {
    let mut out = String::new();
    for i in 0..count {
        let first = if i >= 1 { format!("$d{}.id", (i - 1) / 10) } else { "x".into() };
        let after = if i >= 7 { format!(" +after=d{}", (i - 7) / 3) } else { String::new() };
        out.push_str(&format!("d{i}: core.Data value={first}{after}\n"));
    }
    out
}

#[test]
fn a_plan_of_many_resources_is_quick() {
    let mut world = World::new(&layered(3000));
    let start = Instant::now();
    let plan = world.planned().expect("a plan").plan;
    assert_eq!(plan.steps.len(), 3000);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    world.carry_out(&plan);
    assert_eq!(world.plan(), "no changes\n");
}
