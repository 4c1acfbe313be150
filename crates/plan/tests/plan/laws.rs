//! What holds for every program.

use proptest::prelude::*;
use rustc_hash::FxHashMap;
use topo_model::Symbol;
use topo_plan::{Plan, format};

use crate::world::World;

/// A resource: its kind, region, setting, and what it may refer to.
#[derive(Debug, Clone)]
struct Made {
    kind: u8,
    region: u8,
    setting: u8,
    refers: Vec<u8>,
    flags: u8,
}

/// A program's text; as lines, so that a failing one is readable.
fn program() -> impl Strategy<Value = Vec<String>> {
    let made = (0..6_u8, 0..3_u8, 0..3_u8, prop::collection::vec(any::<u8>(), 0..3), any::<u8>())
        .prop_map(|(kind, region, setting, refers, flags)| Made { kind, region, setting, refers, flags });
    prop::collection::vec(prop::option::weighted(0.85, made), 1..14).prop_map(|made| lines(&closed(made)))
}

/// A resource's number is its address, so that two programs share some.
fn lines(made: &[Option<Made>]) -> Vec<String> {
    let mut out = vec!["zone: aws.route53.HostedZone name=x.io".to_owned()];
    for (at, one) in made.iter().enumerate() {
        let Some(one) = one else { continue };
        let refer = |n: usize| one.refers.get(n).map(|of| *of as usize % at);
        out.push(line(at, one, refer(0), refer(1)));
    }
    out
}

fn text(lines: &[String], rollout: bool) -> String {
    format!("{}{}", if rollout { "rollout r2 r0 r1\n" } else { "" }, lines.join("\n"))
}

fn line(at: usize, made: &Made, first: Option<usize>, second: Option<usize>) -> String {
    let (region, setting) = (made.region, made.setting);
    let value = |refers: Option<usize>| refers.map_or(format!("v{setting}"), |r| format!("$n{r}.id"));
    let mut line = match made.kind {
        0 => format!("n{at}: core.Data value={}", value(first)),
        1 => format!("n{at}: net.Vpc @r{region} cidr={} dns={}", value(first), setting == 1),
        2 => format!("n{at}: net.Subnet @r{region} vpc={} cidr=c{at} zone=z{setting}", value(first)),
        3 => format!(
            "n{at}: net.Route @r{region} table={} to={}",
            value(first),
            format_args!("{}-{at}", second.map_or("x".into(), |s| format!("{s}")))
        ),
        4 => format!("n{at}: net.Parameter @r{region} name=/p{at}/{setting} value={}", value(first)),
        _ => {
            let check = second.map_or(String::new(), |s| format!(" health_check=$n{s}.id"));
            format!(
                "n{at}: aws.route53.RecordSet zone=$zone.id name=n type=A set_identifier=s{at} failover=f{setting}{check}"
            )
        }
    };
    if let Some(second) = second.filter(|_| made.kind != 5) {
        line.push_str(&format!(" +after=n{second}"));
    }
    if made.flags.is_multiple_of(5) {
        line.push_str(" +delete_first");
    }
    // A subnet's key stays when its zone changes: that one would be refused.
    if made.flags.is_multiple_of(7) && made.kind != 2 {
        line.push_str(" +create_first");
    }
    line
}

/// Leaves out references to resources that are not there.
fn closed(made: Vec<Option<Made>>) -> Vec<Option<Made>> {
    let there: Vec<bool> = made.iter().map(Option::is_some).collect();
    let mut made = made;
    for at in 0..made.len() {
        if let Some(one) = &mut made[at] {
            one.refers.retain(|r| at > 0 && there[*r as usize % at]);
        }
    }
    made
}

/// Steps stand behind what they need, waves grow along needs, batches don't wait for themselves.
fn well_ordered(plan: &Plan) {
    for (at, step) in plan.steps.iter().enumerate() {
        for need in &step.needs {
            assert!((need.0 as usize) < at, "a step stands before what it needs");
            assert!(plan.steps[need.0 as usize].wave <= step.wave, "a step needs one of a later wave");
        }
        assert!((step.wave as usize) < plan.waves.len());
    }
    let mut waves: FxHashMap<u32, u32> = FxHashMap::default();
    for step in &plan.steps {
        if let Some(batch) = step.batch {
            assert_eq!(*waves.entry(batch).or_insert(step.wave), step.wave, "a batch spans waves");
        }
    }
    // Contracted, the graph must still have an order: take away what is free until nothing is left.
    let group = |at: usize| plan.steps[at].batch.map_or(at + plan.steps.len(), |b| b as usize);
    let mut left: Vec<usize> = (0..plan.steps.len()).collect();
    while !left.is_empty() {
        let blocked: Vec<usize> = left
            .iter()
            .filter(|at| {
                plan.steps[**at]
                    .needs
                    .iter()
                    .any(|n| left.contains(&(n.0 as usize)) && group(n.0 as usize) != group(**at))
            })
            .map(|at| group(*at))
            .collect();
        let before = left.len();
        left.retain(|at| blocked.contains(&group(*at)));
        assert!(left.len() < before, "batches wait for each other");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn from_any_program_to_any_other(one in program(), two in program(), rollout: bool) {
        let (one, two) = (text(&one, rollout), text(&two, rollout));
        let mut world = World::new(&one);
        well_ordered(&world.planned().expect("a plan").plan);
        world.apply();
        world.program(&two);
        let plan = world.planned().expect("a plan").plan;
        well_ordered(&plan);
        prop_assert_eq!(format::save(&plan), format::save(&world.planned().expect("a plan").plan));
        world.apply();
        let gone = topo_plan::destroy(&world.desired, &world.recorded, &world.observed(), &world.options);
        let gone = gone.expect("a plan").plan;
        well_ordered(&gone);
        world.carry_out(&gone);
        prop_assert!(world.cloud.is_empty() && world.recorded.resources.is_empty());
    }

    #[test]
    fn killed_anywhere_and_planned_again(one in program(), two in program(), at in any::<prop::sample::Index>()) {
        let mut world = World::applied(&text(&one, false));
        world.program(&text(&two, false));
        let plan = world.planned().expect("a plan").plan;
        world.carry_out_until(&plan, at.index(plan.steps.len() + 1));
        let rest = world.planned().expect("a plan").plan;
        well_ordered(&rest);
        world.carry_out(&rest);
        prop_assert_eq!(world.plan(), "no changes\n");
    }

    #[test]
    fn with_a_region_out_and_once_it_is_back(one in program(), two in program(), out in 0..4_u8, rollout: bool) {
        let mut world = World::applied(&text(&one, rollout));
        world.program(&text(&two, rollout));
        let out = (out < 3).then(|| Symbol::new(&format!("r{out}")));
        world.out.push(out);
        let plan = world.planned().expect("a plan").plan;
        well_ordered(&plan);
        let lost: Vec<_> = world.cloud.iter().filter(|o| o.region == out).cloned().collect();
        world.carry_out(&plan);
        let after: Vec<_> = world.cloud.iter().filter(|o| o.region == out).cloned().collect();
        prop_assert_eq!(lost, after, "what can't be reached is not touched");
        world.out.clear();
        world.apply();
    }

    #[test]
    fn a_part_first_and_then_the_rest(one in program(), two in program(), part in 0..14_u8, exclude: bool) {
        let mut world = World::applied(&text(&one, false));
        world.program(&text(&two, false));
        let pattern = vec![topo_plan::pattern(&format!("n{part}")).expect("an address")];
        match exclude {
            true => world.options.excludes = pattern,
            false => world.options.targets = pattern,
        }
        if let Ok(planned) = world.planned() {
            well_ordered(&planned.plan);
            world.carry_out(&planned.plan);
        }
        world.options = Default::default();
        world.apply();
    }
}
