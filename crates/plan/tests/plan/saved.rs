//! Saved plans, and when they are stale.

use topo_model::{Func, Symbol, Term, Value};
use topo_plan::{format, stale};

use crate::world::World;

const NET: &str = "
    vpc: net.Vpc @a cidr=1 tags.Name=x
    subnet: net.Subnet @a vpc=$vpc.id cidr=2
    other: net.Vpc @a cidr=5
";

fn changed() -> World {
    let mut world = World::applied(NET);
    world.program(&NET.replace("cidr=1", "cidr=1 dns=true").replace("cidr=2", "cidr=3"));
    world
}

#[test]
fn a_saved_plan_is_the_plan() {
    let world = changed();
    let plan = world.planned().expect("a plan").plan;
    let loaded = format::load(&format::save(&plan)).expect("a plan");
    assert_eq!(format::save(&loaded), format::save(&plan));
    assert_eq!(crate::world::show::plan(&loaded), crate::world::show::plan(&plan));
    let mut again = changed();
    again.carry_out(&loaded);
    assert_eq!(again.plan(), "no changes\n");
}

#[test]
fn what_is_no_plan_is_refused() {
    let error = |bytes: &[u8]| format::load(bytes).expect_err("no plan").to_string();
    insta::assert_snapshot!(error(b"hello"), @"not a saved plan");
    insta::assert_snapshot!(error(b"{}"), @"not a saved plan");
    insta::assert_snapshot!(error(br#"{"topo_plan": 9, "plan": {}}"#), @"saved plan has format 9, and this version reads format 1; make the plan again");
    insta::assert_snapshot!(error(br#"{"topo_plan": 1, "plan": {}}"#), @"not a saved plan");
}

#[test]
fn a_plan_is_stale_once_anything_it_stands_on_changed() {
    let mut world = changed();
    let plan = world.planned().expect("a plan").plan;
    let program = world.desired.digest.clone();
    let why = |world: &World, program: &str| {
        stale(&plan, &world.recorded, program, Some(&world.observed())).unwrap_or_else(|| "fresh".into())
    };
    insta::assert_snapshot!(why(&world, &program), @"fresh");
    insta::assert_snapshot!(why(&world, "another"), @"the program, its inputs or its environment changed after the plan was made");
    world.outside("other", "dns=true");
    world.outside("vpc", "tags.theirs=1 comment=x");
    insta::assert_snapshot!(why(&world, &program), @"fresh");
    world.outside("vpc", "tags.Name=y");
    insta::assert_snapshot!(why(&world, &program), @"vpc changed outside after the plan was made");
    world.outside("vpc", "tags.Name=x");
    insta::assert_snapshot!(why(&world, &program), @"fresh");
    world.vanish("subnet");
    insta::assert_snapshot!(why(&world, &program), @"subnet changed outside after the plan was made");
    world.recorded.serial += 1;
    insta::assert_snapshot!(why(&world, &program), @"the state changed after the plan was made: its serial was 3 and is 4");
}

#[test]
fn terms_are_shown_in_the_users_words() {
    let plan = World::new("vpc[a]: net.Vpc @a cidr=1").planned().expect("a plan").plan;
    let id = || Value::unknown(Term::Output { resource: topo_model::ResId(0), name: Symbol::new("id") });
    let call = |func, args| Value::unknown(Term::Call { func, args });
    let show = |value: Value| plan.display_value(&value);
    insta::assert_snapshot!(show(id()), @"vpc[a].id");
    let text = call(Func::Interpolate, vec![Value::str("a \"b\" "), id(), Value::str("/x")]);
    insta::assert_snapshot!(show(text), @r#""a \"b\" ${vpc[a].id}/x""#);
    let sum = call(Func::Add, vec![call(Func::Len, vec![id()]), Value::Int(1)]);
    let field = call(Func::Field, vec![call(Func::Index, vec![id(), Value::str("k")]), Value::str("name")]);
    insta::assert_snapshot!(show(call(Func::Mul, vec![sum, field])), @r#"(len(vpc[a].id) + 1) * vpc[a].id["k"].name"#);
    insta::assert_snapshot!(show(Value::map([(Value::str("k"), id())])), @r#"{ "k" = vpc[a].id }"#);
}
