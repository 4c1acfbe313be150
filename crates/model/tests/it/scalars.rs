//! What arithmetic and the functions over texts give, refuse, and wait for.

use topo_model::{Func, ResId, Value};

use crate::calls::calls;
use crate::values::{
    cidr, fraction, gib, ip, list, map, percent, record, region, seconds, secret, tuple, unknown, values,
};

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

fn x() -> Value {
    unknown("x")
}

#[test]
fn integers() {
    let calls = calls! {
        [Add: 1, 2] [Add: MAX, 1] [Sub: MIN, 1] [Sub: 5, -3] [Mul: 6, 7] [Mul: MAX, 2] [Neg: 5] [Neg: MIN]
        [Abs: -5] [Abs: 5] [Abs: MIN] [Div: 6, 3] [Div: 7, 2] [Div: -7, 2] [Div: 1, 0] [Div: MIN, -1]
        [Add: 1, x()] [Add: 1, "a"] [Add: 1, seconds(1)] [Neg: x()] [Neg: "a"] [Abs: "a"] [Abs: x()]
        [Add: "a", "b"] [Add: 1]
    };
    insta::assert_snapshot!(calls, @r#"
    1 + 2  = 3
    9223372036854775807 + 1  ! T0205 9223372036854775807 + 1 is out of range: an Int lies between -9223372036854775808 and 9223372036854775807 (beside 1, the left side may be at most 9223372036854775806)
    -9223372036854775808 - 1  ! T0205 -9223372036854775808 - 1 is out of range: an Int lies between -9223372036854775808 and 9223372036854775807 (beside 1, the left side may be at least -9223372036854775807)
    5 - -3  = 8
    6 * 7  = 42
    9223372036854775807 * 2  ! T0205 9223372036854775807 * 2 is out of range: an Int lies between -9223372036854775808 and 9223372036854775807 (beside 2, the left side may be at most 4611686018427387903)
    -5  = -5
    -(-9223372036854775808)  ! T0205 -(-9223372036854775808) is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    abs(-5)  = 5
    abs(5)  = 5
    abs(-9223372036854775808)  ! T0205 abs(-9223372036854775808) is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    6 / 3  = 2
    7 / 2  = 7/2
    -7 / 2  = -7/2
    1 / 0  ! T0205 1 / 0 divides by zero (choose what holds without it: `if x == 0 then … else …`, or a range for it that begins above 0)
    -9223372036854775808 / -1  ! T0205 -9223372036854775808 / -1 is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    1 + x  waits
    1 + "a"  ! T0201 `+` does not take Int and String
    1 + 1s  ! T0201 `+` does not take Int and Duration
    -x  waits
    -"a"  ! T0201 `neg` takes a number here, found String
    abs("a")  ! T0201 `abs` takes a number here, found String
    abs(x)  waits
    "a" + "b"  ! T0201 `+` does not take String and String
    +(1)  ! T0201 `+` takes 2 arguments, found 1
    "#);
}

#[test]
fn fractions_and_percentages() {
    let calls = calls! {
        [Mul: 3, percent(50)] [Mul: percent(50), 4] [Mul: 7, Value::Percent(99_950_000)]
        [Mul: fraction(1, 3), percent(50)] [Mul: percent(50), percent(50)]
        [Add: fraction(1, 2), fraction(1, 3)] [Sub: fraction(1, 2), 1] [Mul: fraction(2, 3), 3]
        [Div: 1, fraction(1, 3)] [Div: fraction(1, 3), 0] [Div: fraction(1, 3), fraction(2, 3)]
        [Add: percent(50), Value::Percent(500_000)] [Sub: percent(10), percent(50)] [Add: Value::Percent(MAX), percent(1)]
        [Ceil: fraction(7, 2)] [Floor: fraction(7, 2)] [Round: fraction(7, 2)] [Round: fraction(10, 3)]
        [Ceil: fraction(-7, 2)] [Floor: fraction(-7, 2)] [Round: fraction(-7, 2)] [Round: fraction(-1, 3)]
        [Ceil: 5] [Round: fraction(i128::MAX, 1)] [Floor: fraction(i128::MIN + 1, 3)] [Ceil: percent(5)] [Floor: x()]
        [Neg: fraction(1, 2)] [Abs: fraction(-1, 2)] [Neg: percent(5)] [Abs: percent(-5)]
        [Mul: fraction(i128::MAX, 3), 2] [Add: fraction(1, i128::MAX), fraction(1, i128::MAX - 1)]
    };
    insta::assert_snapshot!(calls, @"
    3 * 50%  = 3/2
    50% * 4  = 2
    7 * 99.95%  = 13993/2000
    1/3 * 50%  = 1/6
    50% * 50%  ! T0201 `*` does not take Percent and Percent
    1/2 + 1/3  = 5/6
    1/2 - 1  = -1/2
    2/3 * 3  = 2
    1 / (1/3)  = 3
    1/3 / 0  ! T0205 1/3 / 0 divides by zero (choose what holds without it: `if x == 0 then … else …`, or a range for it that begins above 0)
    1/3 / (2/3)  = 1/2
    50% + 0.5%  = 50.5%
    10% - 50%  = -40%
    9223372036854.775807% + 1%  ! T0205 9223372036854.775807% + 1% is out of range: a Percent lies between -9223372036854.775808% and 9223372036854.775807% (beside 1%, the left side may be at most 9223372036853.775807%)
    ceil(7/2)  = 4
    floor(7/2)  = 3
    round(7/2)  = 4
    round(10/3)  = 3
    ceil(-7/2)  = -3
    floor(-7/2)  = -4
    round(-7/2)  = -4
    round(-1/3)  = 0
    ceil(5)  = 5
    round(170141183460469231731687303715884105727)  ! T0205 round(170141183460469231731687303715884105727) is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    floor(-170141183460469231731687303715884105727/3)  ! T0205 floor(-170141183460469231731687303715884105727/3) is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    ceil(5%)  ! T0201 `ceil` takes a number here, found Percent
    floor(x)  waits
    -(1/2)  = -1/2
    abs(-1/2)  = 1/2
    -5%  = -5%
    abs(-5%)  = 5%
    170141183460469231731687303715884105727/3 * 2  ! T0205 170141183460469231731687303715884105727/3 * 2 is out of range: its terms pass the 127 bits that a fraction is computed with
    1/170141183460469231731687303715884105727 + 1/170141183460469231731687303715884105726  ! T0205 1/170141183460469231731687303715884105727 + 1/170141183460469231731687303715884105726 is out of range: its terms pass the 127 bits that a fraction is computed with
    ");
}

#[test]
fn durations_and_sizes() {
    let calls = calls! {
        [Add: seconds(30), seconds(60)] [Sub: seconds(30), seconds(60)] [Mul: seconds(30), 3] [Mul: 3, seconds(30)]
        [Div: seconds(60), seconds(20)] [Div: seconds(60), seconds(40)] [Div: seconds(60), seconds(0)]
        [Div: seconds(60), 4] [Div: seconds(1), 3] [Div: seconds(1), 0] [Div: 1, seconds(1)]
        [Mul: Value::Duration(MAX), 2] [Mul: seconds(1), seconds(1)] [Neg: seconds(5)] [Abs: seconds(-5)]
        [Div: Value::Duration(MIN), -1] [Div: Value::Duration(MIN), Value::Duration(-1)] [Mul: seconds(1), percent(50)]
        [Mul: percent(150), seconds(10)] [Mul: gib(1), percent(25)] [Mul: Value::Duration(1), percent(50)]
        [Mul: Value::Duration(MAX), percent(200)]
        [Add: gib(1), gib(2)] [Sub: gib(1), gib(2)] [Mul: gib(1), 4] [Mul: 2, gib(1)] [Div: gib(3), gib(2)]
        [Div: gib(4), gib(2)] [Div: gib(1), 2] [Div: Value::Size(10), 3] [Add: Value::Size(MAX), gib(1)] [Neg: gib(1)]
        [Add: gib(1), seconds(1)]
        [Sum: list![1, 2, 3]] [Sum: list![seconds(1), seconds(2)]] [Sum: list![gib(1)]] [Sum: list![]]
        [Sum: list![], seconds(0)] [Sum: list![seconds(1)], seconds(0)] [Sum: list![1, fraction(1, 2)]]
        [Sum: list![MAX, 1]] [Sum: list![1, "a"]] [Sum: list!["a"]] [Sum: list![1, x()]] [Sum: x()]
    };
    insta::assert_snapshot!(calls, @r#"
    30s + 1m  = 1m30s
    30s - 1m  = -30s
    30s * 3  = 1m30s
    3 * 30s  = 1m30s
    1m / 20s  = 3
    1m / 40s  = 3/2
    1m / 0s  ! T0205 1m / 0s divides by zero (choose what holds without it: `if x == 0 then … else …`, or a range for it that begins above 0)
    1m / 4  = 15s
    1s / 3  ! T0205 1s / 3 is not a whole number of 1ms (it lies between 333ms and 334ms: write the one that is meant)
    1s / 0  ! T0205 1s / 0 divides by zero (choose what holds without it: `if x == 0 then … else …`, or a range for it that begins above 0)
    1 / 1s  ! T0201 `/` does not take Int and Duration
    106751991167d7h12m55s807ms * 2  ! T0205 106751991167d7h12m55s807ms * 2 is out of range: a Duration lies between -106751991167d7h12m55s808ms and 106751991167d7h12m55s807ms (beside 2, the left side may be at most 53375995583d15h36m27s903ms)
    1s * 1s  ! T0201 `*` does not take Duration and Duration
    -5s  = -5s
    abs(-5s)  = 5s
    -106751991167d7h12m55s808ms / -1  ! T0205 -106751991167d7h12m55s808ms / -1 is out of range: a Duration lies between -106751991167d7h12m55s808ms and 106751991167d7h12m55s807ms
    -106751991167d7h12m55s808ms / -1ms  ! T0205 -106751991167d7h12m55s808ms / -1ms is out of range: an Int lies between -9223372036854775808 and 9223372036854775807
    1s * 50%  = 500ms
    150% * 10s  = 15s
    1GiB * 25%  = 256MiB
    1ms * 50%  ! T0205 1ms * 50% is not a whole number of 1ms (it lies between 0s and 1ms: write the one that is meant)
    106751991167d7h12m55s807ms * 200%  ! T0205 106751991167d7h12m55s807ms * 200% is out of range: a Duration lies between -106751991167d7h12m55s808ms and 106751991167d7h12m55s807ms
    1GiB + 2GiB  = 3GiB
    1GiB - 2GiB  = -1GiB
    1GiB * 4  = 4GiB
    2 * 1GiB  = 2GiB
    3GiB / 2GiB  = 3/2
    4GiB / 2GiB  = 2
    1GiB / 2  = 512MiB
    10B / 3  ! T0205 10B / 3 is not a whole number of 1B (it lies between 3B and 4B: write the one that is meant)
    9223372036854775807B + 1GiB  ! T0205 9223372036854775807B + 1GiB is out of range: a Size lies between -8388608TiB and 9223372036854775807B (beside 1GiB, the left side may be at most 9223372035781033983B)
    -1GiB  = -1GiB
    1GiB + 1s  ! T0201 `+` does not take Size and Duration
    sum([1, 2, 3])  = 6
    sum([1s, 2s])  = 3s
    sum([1GiB])  = 1GiB
    sum([])  = 0
    sum([], 0s)  = 0s
    sum([1s], 0s)  = 1s
    sum([1, 1/2])  = 3/2
    sum([9223372036854775807, 1])  ! T0205 9223372036854775807 + 1 is out of range: an Int lies between -9223372036854775808 and 9223372036854775807 (beside 1, the left side may be at most 9223372036854775806)
    sum([1, "a"])  ! T0201 `sum` does not take Int and String
    sum(["a"])  ! T0201 `sum` takes a List of numbers here, found List
    sum([1, x])  waits
    sum(x)  waits
    "#);
}

#[test]
fn texts() {
    let calls = calls! {
        [Join: list!["a", "b"], ", "] [Join: list![], ","] [Join: list![1, region("ap-east-2")], "/"]
        [Join: list!["a", x()], ","] [Join: list![list![]], ","] [Join: x(), ","]
        [Split: "a,b,,c", ","] [Split: "", ","] [Split: "a", ""] [Split: x(), ","]
        [Replace: "a-b-c", "-", "+"] [Replace: "aaa", "aa", "b"] [Replace: "a", "", "b"]
        [Lower: "ÄB"] [Upper: "straße"] [Trim: " \t a b \n"] [StartsWith: "abc", "ab"] [StartsWith: "abc", "b"]
        [EndsWith: "abc", "bc"] [EndsWith: x(), "bc"] [Lower: 1]
        [Matches: "ab-1", "[a-z0-9-]+"] [Matches: "ab_1", "[a-z0-9-]+"] [Matches: "xab", "a|xab"]
        [Matches: "a", "(?x) a # one"] [Matches: "ab", "(?x) a # one"] [Matches: "a", "a)(b"] [Matches: "a", "["] [Matches: x(), "a"] [Matches: Value::None, "a"]
        [IsJson: "{\"a\": [1]}"] [IsJson: "{a: 1}"] [IsJson: ""] [IsJson: x()]
        [Format: "{}-{}", "a", 1] [Format: "a"] [Format: "{}", x()] [Format: "{} {}", 1] [Format: "a", x()]
        [Format: "{}", list![]] [Format: "{{}}", "a"] [Format: x(), 1]
        [Base64: "hello"] [Base64: ""] [Sha256: "hello"] [Sha256: x()]
        [Interpolate: "a", 1, true, percent(50), seconds(90), gib(1), cidr("10.0.0.0/8"), ip("::1"), region("ap-east-2")]
        [Interpolate: ] [Interpolate: "a", x()] [Interpolate: "a", list![]] [Interpolate: Value::None]
        [Interpolate: secret("ssm:/a")] [Interpolate: fraction(1, 2)] [Interpolate: Value::Resource(ResId(1))]
        [Secret: "ssm:/db/password"] [Secret: "vault:/db"] [Secret: "ssm:"] [Secret: x()]
        [File: "a.txt"] [Zones: region("ap-east-2"), 2]
    };
    insta::assert_snapshot!(calls, @r#"
    join(["a", "b"], ", ")  = "a, b"
    join([], ",")  = ""
    join([1, ap-east-2], "/")  = "1/ap-east-2"
    join(["a", x], ",")  waits
    join([[]], ",")  ! T0201 a List can't become part of a text
    join(x, ",")  waits
    split("a,b,,c", ",")  = ["a", "b", "", "c"]
    split("", ",")  = [""]
    split("a", "")  ! T0202 `split` can't cut a text at an empty separator (write what stands between the parts, for example `","`)
    split(x, ",")  waits
    replace("a-b-c", "-", "+")  = "a+b+c"
    replace("aaa", "aa", "b")  = "ba"
    replace("a", "", "b")  ! T0202 `replace` can't replace an empty text (write what is to be replaced, for example `"-"`; text is added in a string, `"${a}${b}"`)
    lower("ÄB")  = "äb"
    upper("straße")  = "STRASSE"
    trim(" \t a b \n")  = "a b"
    starts_with("abc", "ab")  = true
    starts_with("abc", "b")  = false
    ends_with("abc", "bc")  = true
    ends_with(x, "bc")  waits
    lower(1)  ! T0201 `lower` takes a String here, found Int
    matches("ab-1", "[a-z0-9-]+")  = true
    matches("ab_1", "[a-z0-9-]+")  = false
    matches("xab", "a|xab")  = true
    matches("a", "(?x) a # one")  = true
    matches("ab", "(?x) a # one")  = false
    matches("a", "a)(b")  ! T0202 "a)(b" is not a regular expression: found closing ')' without matching '('
    matches("a", "[")  ! T0202 "[" is not a regular expression: found unclosed character class
    matches(x, "a")  waits
    matches(none, "a")  ! T0201 `matches` takes a String here, found none
    is_json("{\"a\": [1]}")  = true
    is_json("{a: 1}")  = false
    is_json("")  = false
    is_json(x)  waits
    format("{}-{}", "a", 1)  = "a-1"
    format("a")  = "a"
    format("{}", x)  waits
    format("{} {}", 1)  ! T0202 "{} {}" has 2 `{}`, and `format` is given 1 value (give a value for each `{}`)
    format("a", x)  ! T0202 "a" has 0 `{}`, and `format` is given 1 value (write a `{}` where each value goes)
    format("{}", [])  ! T0201 a List can't become part of a text
    format("{{}}", "a")  = "{a}"
    format(x, 1)  waits
    base64("hello")  = "aGVsbG8="
    base64("")  = ""
    sha256("hello")  = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    sha256(x)  waits
    "a${1}${true}${50%}${1m30s}${1GiB}${10.0.0.0/8}${::1}${ap-east-2}"  = "a1true50%1m30s1GiB10.0.0.0/8::1ap-east-2"
    ""  = ""
    "a${x}"  waits
    "a${[]}"  ! T0201 a List can't become part of a text
    "${none}"  ! T0204 `none` can't become part of a text (say what stands in its place: `x ?? "-"`)
    "${secret("ssm:/a")}"  ! T0801 a secret can't become part of a text
    "${1/2}"  = "1/2"
    "${resource #1}"  ! T0201 a resource can't become part of a text
    secret("ssm:/db/password")  = secret("ssm:/db/password")
    secret("vault:/db")  ! T0202 "vault:/db" names no source of secrets (write `secret("ssm:/path")`)
    secret("ssm:")  ! T0202 "ssm:" names no source of secrets (write `secret("ssm:/path")`)
    secret(x)  waits
    file("a.txt")  ! T0201 `file` is decided while the program is read
    zones(ap-east-2, 2)  ! T0201 `zones` is decided while the program is read
    "#);
}

#[test]
fn texts_do_not_grow_without_bound() {
    let long = Value::str("a".repeat(1 << 13));
    let error = Func::Replace.call(values![long.clone(), "a", long]).expect_err("too long");
    insta::assert_snapshot!(error, @"`replace` would give 67108864 bytes: more than the 16777216 that a text may have");
    let long = Value::str("\u{1}".repeat(1 << 24));
    // Each text is the same one: written out, they take more than any machine has.
    let many = Value::list(vec![long.clone(); 200_000]);
    let calls = [
        Func::Json.call(values![many.clone()]),
        Func::Json.call(values![map! { long.clone() => 1 }]),
        Func::Json.call(values![long.clone()]),
        Func::Join.call(values![many, ""]),
        Func::Interpolate.call(values![long, "a"]),
    ];
    let errors = calls.map(|call| call.expect_err("too long").to_string());
    insta::assert_snapshot!(errors.join("\n"), @"
    `json` would give more than the 16777216 bytes that a text may have
    `json` would give more than the 16777216 bytes that a text may have
    `json` would give more than the 16777216 bytes that a text may have
    `join` would give 33554432 bytes: more than the 16777216 that a text may have
    this text would give 16777217 bytes: more than the 16777216 that a text may have
    ");
}

#[test]
fn the_length_of_a_document_is_known_before_it_is_made() {
    // A document of the greatest length there is, and one of a byte more.
    let rest = "{\"a\":[null,true,-12,\"30s\",\"\\\"\\\\\\n\\u0001é\",{\"10.0.0.0/8\":{}}],\"b\":\"\"}".len();
    let of = |length: usize| {
        let parts =
            list![Value::None, true, -12, seconds(30), "\"\\\n\u{1}é", map! { cidr("10.0.0.0/8") => record! {} }];
        Func::Json.call(values![record! { a: parts, b: Value::str("x".repeat(length - rest)) }])
    };
    let text = of(1 << 24).expect("as long as may be");
    assert_eq!(text.as_str().map(str::len), Some(1 << 24));
    insta::assert_snapshot!(of((1 << 24) + 1).expect_err("a byte more"), @"`json` would give more than the 16777216 bytes that a text may have");
}

#[test]
fn patterns_are_bounded() {
    let long = "a".repeat(1_001);
    let error = Func::Matches.call(values!["a", &*long]).expect_err("too long");
    insta::assert_snapshot!(error, @"a pattern has at most 1000 bytes, and this one has 1001");
    assert!(Func::Matches.call(values!["a", "((a{1000}){1000}){1000}"]).is_err());
}

#[test]
fn documents() {
    let calls = calls! {
        [Json: record! { z: 1, a: list![true, Value::None, "x\"y"], unit: seconds(30), size: gib(20), part: percent(50) }]
        [Json: map! { tuple![region("ap-east-2"), region("ap-northeast-1")] => "pcx-1", tuple!["a", 1] => cidr("10.0.0.0/8") }]
        [Json: map! { 10 => "a", 9 => ip("10.0.0.1") }] [Json: tuple![1, fraction(1, 3)]] [Json: "text"] [Json: Value::None]
        [Json: record! {}] [Json: record! { a: x() }] [Json: record! { a: secret("ssm:/a") }]
        [Json: list![Value::Resource(ResId(1))]]
    };
    insta::assert_snapshot!(calls, @r#"
    json({ z = 1, a = [true, none, "x\"y"], unit = 30s, size = 20GiB, part = 50% })  = "{\"z\":1,\"a\":[true,null,\"x\\\"y\"],\"unit\":\"30s\",\"size\":\"20GiB\",\"part\":\"50%\"}"
    json({ (ap-east-2, ap-northeast-1) = "pcx-1", ("a", 1) = 10.0.0.0/8 })  = "{\"(ap-east-2, ap-northeast-1)\":\"pcx-1\",\"(\\\"a\\\", 1)\":\"10.0.0.0/8\"}"
    json({ 10 = "a", 9 = 10.0.0.1 })  = "{\"10\":\"a\",\"9\":\"10.0.0.1\"}"
    json((1, 1/3))  = "[1,\"1/3\"]"
    json("text")  = "\"text\""
    json(none)  = "null"
    json({})  = "{}"
    json({ a = x })  waits
    json({ a = secret("ssm:/a") })  ! T0801 a secret can't become part of a JSON document
    json([resource #1])  ! T0201 a resource can't become part of a JSON document (name the attribute or output that is meant: `vpc.id`)
    "#);
}
