//! Terms, finished as what they wait for becomes known.

use topo_model::{Func, FuncError, Nothing, ResId, Resolve, Symbol, Term, Value, evaluate};

use crate::values::{call, list, map, record, unknown, values};

/// Knows some outputs, and `[name]` of an object itself.
struct Known(Vec<(&'static str, Value)>);

impl Resolve for Known {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        self.own(&[Symbol::new(&format!("{}.{name}", resource.0))])
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        self.0.iter().find(|(name, _)| path[0] == **name).map(|(_, value)| value.clone())
    }
}

fn output(resource: u32, name: &str) -> Value {
    Value::unknown(Term::Output { resource: ResId(resource), name: Symbol::new(name) })
}

fn show(result: Result<Value, FuncError>) -> String {
    match result {
        Ok(value) => value.to_string(),
        Err(error) => format!("T{:04} {}", error.code, error.message),
    }
}

#[test]
fn what_is_known_is_put_in_wherever_it_stands() {
    let value = record! {
        id: output(0, "id"),
        list: list![output(0, "id"), output(1, "id")],
        map: map! { "a" => call(Func::Interpolate, values!["arn:", output(0, "id"), ":", output(1, "id")]) },
    };
    let known = Known(vec![("0.id", Value::str("vpc-1"))]);
    insta::assert_snapshot!(show(evaluate(&value, &known)), @r#"{ id = "vpc-1", list = ["vpc-1", (#1.id)], map = { "a" = "arn:vpc-1:${(#1.id)}" } }"#);
    insta::assert_snapshot!(show(evaluate(&value, &Nothing)), @r#"{ id = (#0.id), list = [(#0.id), (#1.id)], map = { "a" = "arn:${(#0.id)}:${(#1.id)}" } }"#);
}

#[test]
fn an_error_counts_only_where_it_is_asked_for() {
    let nonempty = call(Func::Gt, values![call(Func::Len, vec![unknown("list")]), 0]);
    let head = call(Func::Index, values![unknown("list"), 0]);
    let is_a = call(Func::Eq, values![head.clone(), "a"]);
    let guarded = call(Func::And, vec![nonempty.clone(), is_a.clone()]);
    let either = call(Func::Or, vec![call(Func::Not, vec![nonempty.clone()]), is_a.clone()]);
    let choice = call(Func::If, values![nonempty, head.clone(), "none at all"]);
    let default = call(Func::Coalesce, values![unknown("name"), head.clone()]);
    let known = Known(vec![("list", list![]), ("name", Value::str("x"))]);
    let all = [&guarded, &either, &choice, &default, &head, &is_a].map(|v| show(evaluate(v, &known)));
    insta::assert_snapshot!(all.join("\n"), @r#"
    false
    true
    "none at all"
    "x"
    T0202 there is no element 0: the list is empty
    T0202 there is no element 0: the list is empty
    "#);
    let known = Known(vec![("list", list!["a"]), ("name", Value::None)]);
    let all = [&guarded, &either, &choice, &default, &head, &is_a].map(|v| show(evaluate(v, &known)));
    insta::assert_snapshot!(all.join("\n"), @r#"
    true
    true
    "a"
    "a"
    "a"
    true
    "#);
}

#[test]
fn an_error_waits_with_the_choice_it_belongs_to() {
    let head = call(Func::Index, values![unknown("list"), 0]);
    let guarded = call(Func::And, vec![unknown("guard"), call(Func::Eq, values![head, "a"])]);
    let first = evaluate(&guarded, &Known(vec![("list", list![])])).expect("waits for the guard");
    insta::assert_snapshot!(first, @r#"guard and list[0] == "a""#);
    let finish = |guard| show(evaluate(&first, &Known(vec![("list", list![]), ("guard", Value::Bool(guard))])));
    insta::assert_snapshot!(finish(false), @"false");
    insta::assert_snapshot!(finish(true), @"T0202 there is no element 0: the list is empty");
}

#[test]
fn a_field_of_a_resource_chosen_late_is_asked_for_at_once() {
    let choice = call(Func::If, vec![unknown("c"), Value::Resource(ResId(0)), Value::Resource(ResId(1))]);
    let id = call(Func::Interpolate, vec![call(Func::Field, vec![choice, Value::str("id")])]);
    let known = Known(vec![("c", Value::Bool(false)), ("1.id", Value::str("vpc-1"))]);
    insta::assert_snapshot!(show(evaluate(&id, &known)), @r#""vpc-1""#);
    let known = Known(vec![("c", Value::Bool(true)), ("1.id", Value::str("vpc-1"))]);
    insta::assert_snapshot!(show(evaluate(&id, &known)), @r#""${(#0.id)}""#);
}

#[test]
fn every_resource_a_value_hangs_on_is_found() {
    let value = record! {
        a: output(3, "id"),
        b: list![call(Func::Len, vec![call(Func::Add, values![output(4, "x"), 1])]), Value::Resource(ResId(5))],
        c: map! { output(6, "k") => 1 },
    };
    let (mut resources, mut terms) = (Vec::new(), Vec::new());
    value.for_each_resource(&mut |id| resources.push(id.0));
    value.for_each_term(&mut |term| terms.push(term.to_string()));
    assert_eq!(resources, [3, 4, 5, 6]);
    insta::assert_snapshot!(terms.join("\n"), @"
    (#3.id)
    len((#4.x) + 1)
    (#4.x) + 1
    (#4.x)
    (#6.k)
    ");
}

#[test]
fn a_term_too_deep_for_the_stack_is_an_error() {
    let mut deep = unknown("x");
    for _ in 0..250 {
        deep = call(Func::Add, values![deep, 1]);
    }
    let known = Known(vec![("x", Value::Int(0))]);
    insta::assert_snapshot!(show(evaluate(&deep, &known)), @"250");
    for _ in 0..10 {
        deep = call(Func::Add, values![deep, 1]);
    }
    insta::assert_snapshot!(show(evaluate(&deep, &known)), @"T0205 the value is made in more than 256 steps, each over the one before");
}
