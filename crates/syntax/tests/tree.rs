//! What small programs become: the tree, without places.

mod dump;

use dump::{address, expr, file};
use insta::assert_snapshot;
use topo_syntax::{parse, parse_address, parse_expr};

/// The tree of an expression.
#[track_caller]
fn value(text: &str) -> String {
    match parse_expr(text, 0) {
        Ok(read) => expr(&read),
        Err(errors) => format!("error: {}", errors[0].message),
    }
}

#[track_caller]
fn program(text: &str) -> String {
    let parsed = parse(text, 0);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors[0]);
    file(&parsed.file)
}

fn path(text: &str) -> String {
    match parse_address(text, 0) {
        Ok(read) => address(&read),
        Err(errors) => format!("error: {}", errors[0].message),
    }
}

#[test]
fn operators_bind_as_the_language_says() {
    assert_snapshot!(value("a or b and not c == d ?? e .. f + g * -h.i"), @"(Or a (And b (Not (Eq c (Coalesce d (Range e (Add f (Mul g (Neg (. h i))))))))))");
    assert_snapshot!(value("1 - 2 - 3"), @"(Sub (Sub Int:1 Int:2) Int:3)");
    assert_snapshot!(value("not not a"), @"(Not (Not a))");
    assert_snapshot!(value("-a + -5 - -30s"), @"(Sub (Add (Neg a) Int:-5) Duration:-30s)");
    assert_snapshot!(value("not a in b"), @"(Not (In a b))");
    assert_snapshot!(value("if a or b then c else d or e"), @"(if (Or a b) c (Or d e))");
    assert_snapshot!(value("a ?? if b then c else d"), @"(Coalesce a (if b c d))");
    assert_snapshot!(value("(a or b) and c"), @"(And (Or a b) c)");
    assert_snapshot!(value("a ?? b ?? c"), @"(Coalesce (Coalesce a b) c)");
}

#[test]
fn suffixes_group_to_the_left() {
    assert_snapshot!(value("a.b?.c[d].e[(1, \"x\")]"), @r#"(index (. (index (?. (. a b) c) d) e) (tuple Int:1 String:"x"))"#);
    assert_snapshot!(value("cidr.split(b, 3)[0]"), @"(index (call cidr.split b Int:3) Int:0)");
    assert_snapshot!(value("zones(here, zones)"), @"(call zones here zones)");
}

#[test]
fn regions_are_tried_before_subtraction() {
    assert_snapshot!(value("[ap-east-2, ap-east-2a, us-west-2-lax-1a, ap - east - 2, a-b, ap-east-x, ap-east-2-b]"), @"[Region:ap-east-2 Zone:ap-east-2a Zone:us-west-2-lax-1a (Sub (Sub ap east) Int:2) (Sub a b) (Sub (Sub ap east) x) (Sub Region:ap-east-2 b)]");
}

#[test]
fn literals_have_the_value_they_name() {
    assert_snapshot!(value("[1_000, 99.95%, 0.000001%, 1m30s, 500ms, 7d, 20GiB, 10.2.0.0/16, 10.0.0.1, none, true]"), @"[Int:1000 Percent:99.95% Percent:0.000001% Duration:1m30s Duration:500ms Duration:7d Size:20GiB Cidr:10.2.0.0/16 Ip:10.0.0.1 none:none Bool:true]");
    assert_snapshot!(value(r#"["a", "", "q\"b\\s\n\t\${x}", "$5"]"#), @r#"[String:"a" String:"" String:"q\"b\\s\n\t\${x}" String:"$5"]"#);
}

#[test]
fn strings_have_parts() {
    assert_snapshot!(value(r#""a ${b} \${c} ${f("x ${y}")}""#), @r#"(text "a " b " ${c} " (call f (text "x " y)))"#);
    assert_snapshot!(value("\"\"\"\n    a ${b}\n      c\n\n    d\n    \"\"\""), @r#"(text "a " b "\n  c\n\nd")"#);
    assert_snapshot!(value("\"\"\"one \"quoted\" line\"\"\""), @r#"String:"one \"quoted\" line""#);
    assert_snapshot!(value("\"\"\"\r\n  a\r\n    b\r\n\"\"\""), @r#"String:"a\n  b""#);
    assert_snapshot!(value("\"\"\"\n    ${a}\n      b\n\"\"\""), @r#"(text a "\n  b")"#);
}

#[test]
fn braces_hold_names_or_keys() {
    assert_snapshot!(value("{ a = 1, \"b\" = 2, ap-east-2 = 3, (x) = 4, (1, y) = 5 }"), @r#"{a = Int:1, <String:"b"> = Int:2, <Region:ap-east-2> = Int:3, <x> = Int:4, <(tuple Int:1 y)> = Int:5}"#);
    assert_snapshot!(value("{}"), @"{}");
    assert_snapshot!(value("{ for (k, v) in m if v > 1 : k => v }"), @"{for (k v) in m if (Gt v Int:1): k => v}");
    assert_snapshot!(value("[for x in xs: (x, 1)]"), @"[for x in xs: (tuple x Int:1)]");
}

#[test]
fn lone_values_are_one_value() {
    assert_snapshot!(value(""), @"error: expected a value, found nothing");
    assert_snapshot!(value("1 2"), @"error: expected an operator or the end of the line, found `2`");
    assert_snapshot!(value("1\n2"), @"error: expected the end of the text, found `2`");
    assert_snapshot!(value("1 }"), @"error: expected the end of the text, found `}`");
    assert_snapshot!(value("  [1,\n 2]  "), @"[Int:1 Int:2]");
    assert_snapshot!(value("[1"), @"error: this `[` is never closed");
    assert_snapshot!(value("\"a"), @r#"error: this string has no closing `"`: a string ends on the line it starts on"#);
}

#[test]
fn addresses_are_read_alone() {
    assert_snapshot!(path("net[ap-east-2].vpc"), @"net[Region:ap-east-2] vpc");
    assert_snapshot!(path("mesh.link[(ap-east-2, ap-northeast-1)]"), @"mesh link[(tuple Region:ap-east-2 Region:ap-northeast-1)]");
    assert_snapshot!(path("a[*].b[\"k\"]"), @r#"a[*] b[String:"k"]"#);
    assert_snapshot!(path("a."), @"error: expected a name, found the end of the text");
    assert_snapshot!(path("a[1]."), @"error: expected a name, found the end of the text");
}

#[test]
fn a_component_with_documentation() {
    assert_snapshot!(program(
        r#"//! The file.
use std.net.{Network}

/// Two lines
/// of it.
component A {
  /// Where.
  param r: Region? = none // not this
  param n: Int in 1..10

  // nor this
  /// One a region.
  for (k, v) in xs at k {
    resource x: ec2.Vpc when v.on from "vpc-1" { a = 1, tags = { b = 2 } }
  }
  check n > 1 else T0401 "no"
  output o: Map<String, Vpc.id> = x
}
"#
    ), @r#"
    [The file.] 
    use std.net names Network
    [Two lines / of it.] component A
      [Where.] param r (optional Region) = none:none
      param n (Int Int:1..Int:10)
      [One a region.] for (k v) in xs at k
        resource x ec2.Vpc when (. v on) from String:"vpc-1" {a = Int:1, tags = {b = Int:2}}
      check (Gt n Int:1) else T0401 String:"no"
      output o (Map String Vpc.id) x
    "#);
}

#[test]
fn items_of_every_sort() {
    assert_snapshot!(program(
        r#"use aws.ec2
use "./parts".{A, B}
project p { cloud = "aws" }
type T = { /// Documented.
  a: "x" | "y" = "x"
  b: (A, List<B?>)? }
env e: T {
  let z = 1
  a = z
  region ap-east-2 { b = 2 }
}
topology main(env: T) { existing d: K { a = none } }
rollout e { bake = 10m }
moved a[*].b -> c
forget d["x"]
input i: Secret<String>
test "it holds" {
  plan e
  plan
  let n = 1
  expect a == n
  expect error T0401
}
"#
    ), @r#"
    use aws.ec2
    use "./parts" names A B
    project p {cloud = String:"aws"}
    type T {[Documented.] a: (union "x" "y") = String:"x", b: (optional (tuple A (List (optional B))))}
    env e T
      let z Int:1
      a = z
      region ap-east-2 {b = Int:2}
    topology main(env T)
      existing d K {a = none:none}
    rollout e {bake = Duration:10m}
    moved a[*] b to c
    forget d[String:"x"]
    input i (Secret String)
    test "it holds"
      plan e
      plan -
      let n Int:1
      expect (Eq a n)
      expect error T0401
    "#);
}

#[test]
fn a_kind_with_every_member() {
    assert_snapshot!(program(
        r#"kind K in region {
  /// The VPC.
  vpc: Vpc.id in any region immutable
  ttl: Duration in 1s..2d? = 3s write_only
  one of { a: Int?, b: Int? }
  output id: String
  check a != none else "no"
  unique (vpc, ttl)
  unique (ttl) in any region else T0702
  identity (vpc)
  settles in 2s
  visible in 5s
  creates by key (vpc, ttl)
  batched by vpc
}
kind L global { value: String }
"#
    ), @r#"
    kind K in region
      [The VPC.] vpc: (Vpc.id in any region) immutable
      ttl: (optional (Duration Duration:1s..Duration:2d)) write_only = Duration:3s
      one of (a: (optional Int)) (b: (optional Int))
      output id String
      check (Ne a none:none) else String:"no"
      unique vpc ttl
      unique ttl (in any region) else T0702
      identity vpc
      settles Duration:2s
      visible Duration:5s
      creates key (vpc ttl)
      batched vpc
    kind L global
      value: String
    "#);
}

#[test]
fn what_can_not_be_read_leaves_its_name() {
    let parsed =
        parse("component A {\n  let a = = 1\n  resource b: K { = }\n  resource c: K { d = ! }\n}\ntype T Int\n", 0);
    let names: Vec<&str> = parsed.file.unread.iter().map(|n| n.name.as_str()).collect();
    assert_snapshot!(names.join(" "), @"a T");
    assert_snapshot!(file(&parsed.file), @r#"
    component A
      resource b K {}
      resource c K {d = ERROR}
    "#);
}
