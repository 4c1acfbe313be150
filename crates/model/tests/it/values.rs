//! Words to write values with, and what values are by themselves.

use std::sync::Arc;

use topo_model::{Fraction, Func, Map, Record, ResId, SecretRef, Symbol, Term, Value};

/// What can stand for a value in a test.
pub(crate) trait Literal {
    fn value(self) -> Value;
}

impl Literal for Value {
    fn value(self) -> Value {
        self
    }
}

impl Literal for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}

impl Literal for bool {
    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl Literal for &str {
    fn value(self) -> Value {
        Value::str(self)
    }
}

macro_rules! values {
    ($($item:expr),* $(,)?) => { vec![$($crate::values::Literal::value($item)),*] };
}

macro_rules! list {
    ($($item:expr),* $(,)?) => { topo_model::Value::list($crate::values::values![$($item),*]) };
}

macro_rules! tuple {
    ($($item:expr),* $(,)?) => { topo_model::Value::tuple($crate::values::values![$($item),*]) };
}

macro_rules! map {
    ($($key:expr => $value:expr),* $(,)?) => {
        topo_model::Value::map([$((
            $crate::values::Literal::value($key),
            $crate::values::Literal::value($value),
        )),*])
    };
}

macro_rules! record {
    ($($name:ident: $value:expr),* $(,)?) => {
        topo_model::Value::record([$((
            topo_model::Symbol::new(stringify!($name)),
            $crate::values::Literal::value($value),
        )),*])
    };
}

pub(crate) use {list, map, record, tuple, values};

pub(crate) fn cidr(text: &str) -> Value {
    Value::Cidr(text.parse().expect("a range"))
}

pub(crate) fn ip(text: &str) -> Value {
    Value::Ip(text.parse().expect("an address"))
}

pub(crate) fn region(code: &str) -> Value {
    Value::Region(Symbol::new(code))
}

pub(crate) fn seconds(count: i64) -> Value {
    Value::Duration(count * 1000)
}

pub(crate) fn gib(count: i64) -> Value {
    Value::Size(count << 30)
}

pub(crate) fn percent(count: i64) -> Value {
    Value::Percent(count * 1_000_000)
}

pub(crate) fn fraction(num: i128, den: i128) -> Value {
    Value::Fraction(Arc::new(Fraction::new(num, den).expect("a fraction")))
}

pub(crate) fn secret(source: &str) -> Value {
    Value::Secret(Arc::new(SecretRef { source: source.into(), version: None }))
}

pub(crate) fn unknown(name: &str) -> Value {
    Value::unknown(Term::Own(vec![Symbol::new(name)]))
}

pub(crate) fn call(func: Func, args: Vec<Value>) -> Value {
    Value::unknown(Term::Call { func, args })
}

#[test]
fn a_value_is_three_words() {
    assert!(size_of::<Value>() <= 24, "{} bytes", size_of::<Value>());
    assert_eq!(size_of::<Option<Value>>(), size_of::<Value>());
}

#[test]
fn the_order_of_entries_and_fields_does_not_count() {
    let hash = |value: &Value| {
        use std::hash::BuildHasher;
        rustc_hash::FxBuildHasher.hash_one(value)
    };
    let (a, b) = (map! { "x" => 1, "y" => 2 }, map! { "y" => 2, "x" => 1 });
    assert_eq!((&a, hash(&a)), (&b, hash(&b)));
    let (a, b) = (record! { x: 1, y: 2 }, record! { y: 2, x: 1 });
    assert_eq!((&a, hash(&a)), (&b, hash(&b)));
    assert_ne!(a, record! { x: 1, y: 3 });
    assert_ne!(a, record! { x: 1 });
    assert_ne!(map! { "x" => 1 }, map! { "x" => 2 });
}

#[test]
fn of_equal_keys_the_last_wins_in_the_place_of_the_first() {
    insta::assert_snapshot!(map! { "a" => 1, "b" => 2, "a" => 3 }, @r#"{ "a" = 3, "b" = 2 }"#);
    insta::assert_snapshot!(record! { a: 1, b: 2, a: 3 }, @"{ a = 3, b = 2 }");
}

#[test]
fn a_record_loses_and_keeps_its_fields_in_order() {
    let mut record = Record::new();
    for (i, name) in ["a", "b", "c"].into_iter().enumerate() {
        record.set(Symbol::new(name), Value::Int(i as i64));
    }
    assert_eq!(record.remove(Symbol::new("b")), Some(Value::Int(1)));
    assert_eq!(record.remove(Symbol::new("b")), None);
    record.set(Symbol::new("a"), Value::None);
    insta::assert_snapshot!(Value::Record(Arc::new(record)), @"{ a = none, c = 2 }");
    assert!(Map::new().is_empty() && Record::new().is_empty());
}

#[test]
fn values_print_as_a_program_writes_them() {
    let all = values![
        Value::None,
        true,
        -5,
        "say \"hi\"\\ \n\t ${x} $x $",
        Value::Percent(99_950_000),
        Value::Percent(-500_000),
        Value::Percent(0),
        fraction(-1, 3),
        fraction(6, 3),
        Value::Duration(90_000),
        Value::Duration(-90_061_001),
        Value::Duration(0),
        gib(20),
        Value::Size(1536),
        Value::Size(1000),
        Value::Size(-2048),
        Value::Size(0),
        Value::Size(5 << 40),
        cidr("10.2.0.0/16"),
        cidr("2001:db8::/56"),
        ip("10.0.0.1"),
        region("ap-east-2"),
        Value::Zone(Symbol::new("ap-east-2a")),
        list![],
        list![1, "a"],
        tuple![region("ap-east-2"), region("ap-northeast-1")],
        map! {},
        map! { "a b" => 1, region("ap-east-2") => list![] },
        record! {},
        record! { min: 1, max: none() },
        secret("ssm:/db"),
        Value::Resource(ResId(7)),
        Value::unknown(Term::Output { resource: ResId(7), name: Symbol::new("id") }),
    ];
    let lines: Vec<String> = all.iter().map(|v| format!("{:<23} {v}", v.type_name())).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    none                    none
    Bool                    true
    Int                     -5
    String                  "say \"hi\"\\ \n\t \${x} $x $"
    Percent                 99.95%
    Percent                 -0.5%
    Percent                 0%
    fraction                -1/3
    fraction                2
    Duration                1m30s
    Duration                -1d1h1m1s1ms
    Duration                0s
    Size                    20GiB
    Size                    1536B
    Size                    1000B
    Size                    -2KiB
    Size                    0B
    Size                    5TiB
    Cidr                    10.2.0.0/16
    Cidr                    2001:db8::/56
    Ip                      10.0.0.1
    Region                  ap-east-2
    Zone                    ap-east-2a
    List                    []
    List                    [1, "a"]
    tuple                   (ap-east-2, ap-northeast-1)
    Map                     {}
    Map                     { "a b" = 1, ap-east-2 = [] }
    record                  {}
    record                  { min = 1, max = none }
    Secret                  secret("ssm:/db")
    resource                resource #7
    value known after apply (#7.id)
    "#);
}

fn none() -> Value {
    Value::None
}

#[test]
fn the_extremes_of_units_print() {
    let all = [i64::MIN, i64::MAX].map(|n| [Value::Percent(n), Value::Duration(n), Value::Size(n), Value::Int(n)]);
    let lines: Vec<String> = all.as_flattened().iter().map(Value::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    -9223372036854.775808%
    -106751991167d7h12m55s808ms
    -8388608TiB
    -9223372036854775808
    9223372036854.775807%
    106751991167d7h12m55s807ms
    9223372036854775807B
    9223372036854775807
    ");
}

#[test]
fn resources_print_as_their_addresses_where_these_are_known() {
    let output = |name: &str| Value::unknown(Term::Output { resource: ResId(1), name: Symbol::new(name) });
    let value = record! {
        vpc: Value::Resource(ResId(0)),
        url: call(Func::Interpolate, values!["https://", output("dns"), "/"]),
        ids: list![output("id")],
    };
    insta::assert_snapshot!(value.render(&|id| format!("vpc[{}]", id.0)), @r#"{ vpc = vpc[0], url = "https://${vpc[1].dns}/", ids = [vpc[1].id] }"#);
    insta::assert_snapshot!(value, @r#"{ vpc = resource #0, url = "https://${(#1.dns)}/", ids = [(#1.id)] }"#);
}

#[test]
fn terms_print_with_the_brackets_they_need() {
    let [a, b, c] = ["a", "b", "c"].map(unknown);
    let sum = || call(Func::Add, vec![a.clone(), b.clone()]);
    let both = |func, left, right| call(func, vec![left, right]);
    let either = || both(Func::Or, a.clone(), b.clone());
    let choice = || call(Func::If, vec![a.clone(), b.clone(), c.clone()]);
    let all = [
        both(Func::Mul, sum(), c.clone()),
        both(Func::Add, sum(), c.clone()),
        both(Func::Sub, c.clone(), sum()),
        both(Func::Div, c.clone(), both(Func::Mul, a.clone(), b.clone())),
        both(Func::And, either(), c.clone()),
        both(Func::Or, both(Func::And, a.clone(), b.clone()), c.clone()),
        both(Func::Or, c.clone(), either()),
        call(Func::Not, vec![either()]),
        call(Func::Not, vec![both(Func::Eq, a.clone(), b.clone())]),
        both(Func::Eq, both(Func::Lt, a.clone(), b.clone()), Value::Bool(true)),
        both(Func::Coalesce, both(Func::Coalesce, a.clone(), b.clone()), c.clone()),
        both(Func::Coalesce, c.clone(), both(Func::Coalesce, a.clone(), b.clone())),
        both(Func::In, a.clone(), both(Func::Through, Value::Int(1), sum())),
        both(Func::Through, both(Func::Through, a.clone(), b.clone()), c.clone()),
        call(Func::Neg, vec![Value::Int(-5)]),
        call(Func::Neg, vec![call(Func::Neg, vec![a.clone()])]),
        both(Func::Mul, fraction(1, 3), a.clone()),
        both(Func::Div, a.clone(), fraction(1, 3)),
        both(Func::Sub, a.clone(), Value::Int(-5)),
        both(Func::Field, a.clone(), Value::str("id")),
        both(Func::Field, choice(), Value::str("id")),
        both(Func::OptionalField, both(Func::Index, a.clone(), region("ap-east-2")), Value::str("id")),
        both(Func::Index, sum(), Value::str("k")),
        both(Func::Field, a.clone(), b.clone()),
        choice(),
        call(Func::If, vec![choice(), choice(), choice()]),
        both(Func::Add, choice(), choice()),
        call(
            Func::Interpolate,
            values!["say \"", a.clone(), "\" ${", sum(), both(Func::Index, a.clone(), Value::str("k"))],
        ),
        call(Func::Interpolate, vec![]),
        call(Func::Len, vec![sum()]),
        call(Func::Format, values!["{}-{}", a.clone(), 1]),
        call(Func::CidrSubnet, values![a.clone(), 4, 1]),
        call(Func::Add, vec![a.clone()]),
    ];
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    (a + b) * c
    a + b + c
    c - (a + b)
    c / (a * b)
    (a or b) and c
    a and b or c
    c or (a or b)
    not (a or b)
    not a == b
    (a < b) == true
    a ?? b ?? c
    c ?? (a ?? b)
    a in 1..a + b
    (a..b)..c
    -(-5)
    -(-a)
    1/3 * a
    a / (1/3)
    a - -5
    a.id
    (if a then b else c).id
    a[ap-east-2]?.id
    (a + b)["k"]
    a . b
    if a then b else c
    if (if a then b else c) then (if a then b else c) else if a then b else c
    (if a then b else c) + (if a then b else c)
    "say \"${a}\" \${${a + b}${a["k"]}"
    ""
    len(a + b)
    format("{}-{}", a, 1)
    cidr.subnet(a, 4, 1)
    +(a)
    "#);
}

#[test]
fn every_function_has_a_name_of_its_own_and_a_sentence() {
    let mut seen = std::collections::BTreeSet::new();
    for func in Func::ALL {
        assert!(seen.insert(func.name()), "{} twice", func.name());
        assert!(!func.docs().trim().is_empty(), "{}", func.name());
        assert_eq!(Func::by_name(func.name()), func.is_function().then_some(*func));
    }
}
