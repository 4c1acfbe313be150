//! The stored form, and the form of `--json`.

use topo_model::format::to_json;
use topo_model::{Each, Func, ResId, Symbol, Term, Value};

use crate::values::{
    call, cidr, fraction, gib, ip, list, map, percent, record, region, seconds, secret, tuple, unknown, values,
};

fn sample() -> Vec<Value> {
    let output = Value::unknown(Term::Output { resource: ResId(7), name: Symbol::new("id") });
    values![
        Value::None,
        true,
        i64::MIN,
        "text",
        percent(50),
        fraction(-1, 3),
        seconds(30),
        gib(1),
        cidr("10.2.0.0/16"),
        ip("::1"),
        region("ap-east-2"),
        Value::Zone(Symbol::new("ap-east-2a")),
        list![1, list![]],
        tuple!["a", 1],
        map! { tuple!["a", 1] => "x", tuple!["b", 2] => output.clone() },
        record! { cidr: 1, list: list![] },
        record! {},
        secret("ssm:/db"),
        Value::Resource(ResId(7)),
        output.clone(),
        Value::unknown(Term::Own(vec![Symbol::new("vpc"), Symbol::new("cidr_block")])),
        call(Func::Add, values![output, 1]),
        zones(call(Func::Ne, values![own(&["subnets", "*0", "availability_zone"]), Value::None])),
        zones(Value::Bool(true)),
    ]
}

fn own(path: &[&str]) -> Value {
    Value::unknown(Term::Own(path.iter().map(|name| Symbol::new(name)).collect()))
}

/// The zones of the subnets that a condition takes.
fn zones(cond: Value) -> Value {
    let (of, item) = (vec![Symbol::new("subnets")], Symbol::new("*0"));
    Value::unknown(Term::Each(Each { of, item, cond, value: own(&["subnets", "*0", "availability_zone"]) }))
}

#[test]
fn every_type_is_stored_and_read_back() {
    let mut out = String::new();
    for value in sample() {
        let stored = serde_json::to_string(&value).expect("stored");
        assert_eq!(serde_json::from_str::<Value>(&stored).expect("read back"), value);
        out.push_str(&stored);
        out.push('\n');
    }
    insta::assert_snapshot!(out, @r#"
    null
    true
    -9223372036854775808
    "text"
    {"percent":50000000}
    {"fraction":["-1","3"]}
    {"duration":30000}
    {"size":1073741824}
    {"cidr":"10.2.0.0/16"}
    {"ip":"::1"}
    {"region":"ap-east-2"}
    {"zone":"ap-east-2a"}
    [1,[]]
    {"tuple":["a",1]}
    {"map":[[{"tuple":["a",1]},"x"],[{"tuple":["b",2]},{"unknown":[{"output":[7,"id"]}]}]]}
    {"record":{"cidr":1,"list":[]}}
    {"record":{}}
    {"secret":{"source":"ssm:/db","version":null}}
    {"resource":7}
    {"unknown":[{"output":[7,"id"]}]}
    {"unknown":[{"own":["vpc","cidr_block"]}]}
    {"unknown":[{"output":[7,"id"]},{"call":["+",[{"step":0},{"value":1}]]}]}
    {"unknown":[{"own":["subnets","*0","availability_zone"]},{"call":["!=",[{"step":0},{"value":null}]]},{"own":["subnets","*0","availability_zone"]},{"each":[["subnets"],"*0",[{"step":1},{"step":2}]]}]}
    {"unknown":[{"own":["subnets","*0","availability_zone"]},{"each":[["subnets"],"*0",[{"value":true},{"step":0}]]}]}
    "#);
}

#[test]
fn json_shows_what_scripts_read() {
    let name = |term: &Term| term.render(&|id| format!("vpc[{}]", id.0));
    let lines: Vec<String> = sample().iter().map(|value| to_json(value, &name).to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    null
    true
    -9223372036854775808
    "text"
    "50%"
    "-1/3"
    "30s"
    "1GiB"
    "10.2.0.0/16"
    "::1"
    "ap-east-2"
    "ap-east-2a"
    [1,[]]
    ["a",1]
    {"(\"a\", 1)":"x","(\"b\", 2)":{"unknown":"vpc[7].id"}}
    {"cidr":1,"list":[]}
    {}
    {"secret":true}
    "resource #7"
    {"unknown":"vpc[7].id"}
    {"unknown":"vpc.cidr_block"}
    {"unknown":"vpc[7].id + 1"}
    {"unknown":"[for *0 in subnets if subnets.*0.availability_zone != none: subnets.*0.availability_zone]"}
    {"unknown":"[for *0 in subnets: subnets.*0.availability_zone]"}
    "#);
}

#[test]
fn what_was_not_stored_by_us_is_refused() {
    let refused = [
        "{}",
        r#"{"colour": 1}"#,
        "1.5",
        "18446744073709551615",
        r#"{"fraction": ["1", "0"]}"#,
        r#"{"fraction": ["1", "-170141183460469231731687303715884105728"]}"#,
        r#"{"fraction": ["x", "1"]}"#,
        r#"{"cidr": "10.0.0.0"}"#,
        r#"{"cidr": "10.0.0.1/8"}"#,
        r#"{"size": 1, "percent": 2}"#,
        r#"{"unknown": [{"call": ["frobnicate", []]}]}"#,
        r#"{"unknown": [{"call": ["len", [{"step": 0}]]}]}"#,
        r#"{"unknown": []}"#,
        r#"{"map": [[1]]}"#,
    ];
    let errors = refused.map(|text| match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("{text}: {value}"),
        Err(error) => format!("{text}: {error}"),
    });
    insta::assert_snapshot!(errors.join("\n"), @r#"
    {}: a stored value names its type at line 1 column 2
    {"colour": 1}: unknown stored type 'colour' at line 1 column 9
    1.5: invalid type: floating point `1.5`, expected a stored value at line 1 column 3
    18446744073709551615: integer out of range at line 1 column 20
    {"fraction": ["1", "0"]}: not a fraction at line 1 column 24
    {"fraction": ["1", "-170141183460469231731687303715884105728"]}: not a fraction at line 1 column 63
    {"fraction": ["x", "1"]}: not a fraction at line 1 column 24
    {"cidr": "10.0.0.0"}: invalid IP address syntax at line 1 column 19
    {"cidr": "10.0.0.1/8"}: 10.0.0.1/8 has host bits at line 1 column 22
    {"size": 1, "percent": 2}: trailing comma at line 1 column 11
    {"unknown": [{"call": ["frobnicate", []]}]}: unknown function 'frobnicate' at line 1 column 43
    {"unknown": [{"call": ["len", [{"step": 0}]]}]}: no step 0 before its use at line 1 column 47
    {"unknown": []}: a term has a step at line 1 column 15
    {"map": [[1]]}: invalid length 1, expected a tuple of size 2 at line 1 column 12
    "#);
}

#[test]
fn a_term_is_stored_flat_however_deep_it_is() {
    let mut deep = unknown("x");
    for _ in 0..200 {
        deep = Func::Add.call(values![deep, 1]).expect("waits");
    }
    let stored = serde_json::to_string(&deep).expect("stored");
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("read back"), deep);
}

#[test]
fn what_a_term_uses_twice_is_stored_once() {
    let mut doubled = unknown("x");
    for _ in 0..3 {
        doubled = Func::Add.call(vec![doubled.clone(), doubled]).expect("waits");
    }
    insta::assert_snapshot!(serde_json::to_string(&doubled).expect("stored"), @r#"{"unknown":[{"own":["x"]},{"call":["+",[{"step":0},{"step":0}]]},{"call":["+",[{"step":1},{"step":1}]]},{"call":["+",[{"step":2},{"step":2}]]}]}"#);
}
