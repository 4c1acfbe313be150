//! Checks of kinds, codes, the order of findings, and types as they print.

use std::sync::Arc;

use topo_model::diag::sort;
use topo_model::{
    Code, Diagnostic, Each, FieldType, Func, KindCheck, RecordType, ResId, Resolve, Span, Symbol, Term, Type, Value,
    Verdict, evaluate,
};

use crate::values::{call, list, unknown, values};

/// `ttl`, with everything else unknown.
struct Ttl(Value);

impl Resolve for Ttl {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        (path[0] == "ttl").then(|| self.0.clone())
    }
}

fn decide(cond: &Value, ttl: Value) -> Verdict {
    let message = call(Func::Interpolate, values!["ttl is ", unknown("ttl")]);
    KindCheck { cond: cond.clone(), message, code: None, span: Span::NONE }.decide(&Ttl(ttl))
}

#[test]
fn a_check_about_an_absent_attribute_does_not_apply() {
    let low = call(Func::Lt, values![unknown("ttl"), 60]);
    assert_eq!(decide(&low, Value::Int(30)), Verdict::Holds);
    assert_eq!(decide(&low, Value::Int(90)), Verdict::Broken("ttl is 90".to_owned()));
    assert_eq!(decide(&low, Value::None), Verdict::Idle);
    let long = call(Func::Gt, values![call(Func::Len, vec![unknown("ttl")]), 0]);
    assert_eq!(decide(&long, list![]), Verdict::Broken("a check of the kind is broken".to_owned()));
    assert_eq!(decide(&long, Value::None), Verdict::Idle);
    let field = call(Func::Eq, values![call(Func::Field, values![unknown("ttl"), "low"]), 1]);
    assert_eq!(decide(&field, Value::None), Verdict::Idle);
}

#[test]
fn an_absent_attribute_may_be_asked_for() {
    let absent = call(Func::Eq, values![unknown("ttl"), Value::None]);
    let low = call(Func::Lt, values![unknown("ttl"), 60]);
    let either = call(Func::Or, vec![absent, low]);
    assert_eq!(decide(&either, Value::None), Verdict::Holds);
    assert_eq!(decide(&either, Value::Int(90)), Verdict::Broken("ttl is 90".to_owned()));
    let default = call(Func::Lt, values![call(Func::Coalesce, values![unknown("ttl"), 5]), 60]);
    assert_eq!(decide(&default, Value::None), Verdict::Holds);
    let waiting = call(Func::Eq, values![unknown("ttl"), unknown("other")]);
    assert_eq!(decide(&waiting, Value::Int(1)), Verdict::Waits);
}

#[test]
fn codes_are_read_as_they_are_written() {
    for code in [Code(1), Code(401), Code(9999)] {
        assert_eq!(Code::parse(&code.to_string()), Some(code));
    }
    for text in ["", "T", "T401", "T04011", "t0401", "T04x1", "T+401", "0401"] {
        assert_eq!(Code::parse(text), None, "{text}");
    }
}

#[test]
fn findings_come_in_source_order_and_once() {
    let at = |lo| Span::new(lo, lo + 1);
    let mut found = vec![
        Diagnostic::error(202, at(9), "b", ""),
        Diagnostic::warning(103, at(9), "c", ""),
        Diagnostic::error(202, at(2), "z", ""),
        Diagnostic::error(202, at(9), "b", "again"),
        Diagnostic::error(202, at(9), "a", ""),
    ];
    sort(&mut found);
    let shown: Vec<String> = found.iter().map(|d| format!("{:?} {} {}", d.span(), d.code, d.message)).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    2..3 T0202 z
    9..10 T0103 c
    9..10 T0202 a
    9..10 T0202 b
    ");
}

#[test]
fn types_print_as_a_program_writes_them() {
    let name = Symbol::new;
    let field = |n, ty| FieldType { name: name(n), ty, default: None, immutable: false };
    let record =
        RecordType { fields: vec![field("min", Type::Int(None)), field("max", Type::optional(Type::Size(None)))] };
    let reference = |any_region| Type::Reference { kind: name("aws.ec2.Vpc"), output: name("id"), any_region };
    let all = [
        Type::Int(Some((1, 100))),
        Type::optional(Type::Int(Some((1, 100)))),
        Type::optional(Type::Size(Some((0, 1 << 30)))),
        Type::optional(Type::Duration(Some((10_000, 3_600_000)))),
        Type::optional(Type::optional(Type::Region)),
        Type::optional(Type::Union(Arc::new([name("primary"), name("standby")]))),
        Type::list(Type::optional(Type::Cidr)),
        Type::map(Type::Tuple(Arc::new([Type::Region, Type::Zone])), Type::Secret(Arc::new(Type::String))),
        Type::Record(Arc::new(record)),
        Type::Record(Arc::default()),
        reference(false),
        Type::optional(reference(true)),
        Type::Kind(name("aws.ec2.Vpc")),
    ];
    let lines: Vec<String> = all.iter().map(Type::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Int in 1..100
    (Int in 1..100)?
    (Size in 0B..1GiB)?
    (Duration in 10s..1h)?
    Region?
    ("primary" | "standby")?
    List<Cidr?>
    Map<(Region, Zone), Secret<String>>
    { min: Int, max: Size? }
    {}
    aws.ec2.Vpc.id
    (aws.ec2.Vpc.id in any region)?
    aws.ec2.Vpc
    "#);
}

/// What a check knows whose object has a list of records.
struct Rows(Vec<Value>);

impl Resolve for Rows {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        match path {
            [name] if name == "rows" => Some(Value::list(self.0.clone())),
            [name] if name == "absent" => Some(Value::None),
            [_, at] => self.0.get(at.as_str().parse::<usize>().ok()?).cloned(),
            _ => None,
        }
    }
}

/// `[for row in LIST if row.keep: row.name]`
fn names(list: &str) -> Value {
    let (of, item) = (vec![Symbol::new(list)], Symbol::new("*0"));
    let row = Value::unknown(Term::Own(vec![of[0], item]));
    let field = |name: &str| call(Func::Field, vec![row.clone(), Value::str(name)]);
    Value::unknown(Term::Each(Each { of, item, cond: field("keep"), value: field("name") }))
}

#[test]
fn each_item_of_a_list_is_looked_at() {
    let row = |name: Value, keep: Value| Value::record([("name", name), ("keep", keep)].map(|(n, v)| (n.into(), v)));
    let all = |rows: &[(Value, Value)]| {
        let rows = Rows(rows.iter().map(|(name, keep)| row(name.clone(), keep.clone())).collect());
        evaluate(&names("rows"), &rows).map_or_else(|e| e.message, |value| value.to_string())
    };
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    insta::assert_snapshot!(all(&[(Value::str("a"), yes.clone()), (Value::str("b"), no.clone()), (Value::str("c"), yes.clone())]), @r#"["a", "c"]"#);
    insta::assert_snapshot!(all(&[]), @"[]");
    // What waits in an item that does not count is not waited for; otherwise all of it waits.
    insta::assert_snapshot!(all(&[(Value::str("a"), yes.clone()), (unknown("x"), no)]), @r#"["a"]"#);
    insta::assert_snapshot!(all(&[(Value::str("a"), yes.clone()), (unknown("x"), yes)]), @"[for *0 in rows if rows.*0.keep: rows.*0.name]");
    insta::assert_snapshot!(all(&[(Value::str("a"), unknown("x"))]), @"[for *0 in rows if rows.*0.keep: rows.*0.name]");
    let absent = evaluate(&names("absent"), &Rows(Vec::new())).expect_err("there is none");
    assert_eq!(absent.code, 204, "a check over it does not apply");
}
