//! Twice the mistakes take no more than about twice the time, whatever the mistake.
//!
//! Each shape is checked with a hundred mistakes and with eight hundred: what is linear takes
//! eight times as long, what is quadratic sixty-four times. What a program without mistakes takes,
//! reading the library above all, is taken off first. The shortest of several runs counts, and a shape
//! has several attempts, so that a busy machine fails nothing.

use std::fmt::Write as _;
use std::time::Instant;

use topo_lang::{Memory, Options, load};

/// Between eight times and sixty-four times.
const MOST: f64 = 24.0;

/// What is too short to be measured counts as so long, in seconds.
const LEAST: f64 = 2e-4;

/// A name, a frame, and the pieces repeated at the places of `@` in it, with their number for each `#`.
const SHAPES: [(&str, &str, &str); 77] = [
    ("unknown names", "topology main {\n@}\n", "let x# = nope#\n"),
    ("one unknown name", "topology main {\n@}\n", "let x# = nope\n"),
    ("unknown names beside locals", "topology main {\n@}\n", "let x# = [for y in [1]: nope#]\n"),
    ("unknown names in a loop", "topology main {\n@ for y in [1] {\n@ }\n}\n", "let x# = 1\n || let z# = nope#\n"),
    ("unknown names in components", "@topology main {}\n", "component C# { let x = nope# }\n"),
    ("unknown functions", "topology main {\n@}\n", "let x# = nope#(1)\n"),
    ("unknown names in one list", "topology main {\n let x = [@]\n}\n", "nope#, "),
    ("names like others", "topology main {\n@}\n", "let name# = nmae#\n"),
    ("names like an input", "@topology main {\n@}\n", "input name#: Int = 1\n || let x# = nmae#\n"),
    ("inputs of a wrong type", "@topology main {\n@}\n", "input name#: Int = 1\n || output o#: String = name#\n"),
    ("wrong types", "topology main {\n@}\n", "resource r#: core.Data { value = # }\n"),
    ("wrong types in one list", "topology main {\n let x = [@]\n}\n", "\"a\", 1, "),
    ("wrong types of a function", "topology main {\n@}\n", "let x# = upper(#)\n"),
    ("wrong outputs", "topology main {\n@}\n", "output o#: Int = \"#\"\n"),
    ("missing attributes", "topology main {\n@}\n", "resource r#: core.Data {}\n"),
    ("unknown attributes", "topology main {\n@}\n", "resource r#: core.Data { valeu = \"#\" }\n"),
    ("unknown attributes of one", "topology main {\n resource r: core.Data {\n@ }\n}\n", "valeu# = \"#\"\n"),
    ("attributes twice", "topology main {\n resource r: core.Data {\n@ }\n}\n", "value = \"#\"\n"),
    ("unknown fields", "topology main {\n let r = { one = 1 }\n@}\n", "let x# = r.oen\n"),
    ("unknown fields of a large record", "topology main {\n let r = {\n@ }\n@}\n", "abc# = 1\n || let x# = r.acb#\n"),
    (
        "known fields of a large record",
        "topology main {\n let r = {\n@ }\n@}\n",
        "abc# = 1\n || output x#: String = r.abc#\n",
    ),
    ("parameters that are missing", "component C {\n@}\ntopology main {\n resource c: C {}\n}\n", "param p#: Int\n"),
    (
        "a string outside its union",
        "type T = @ \"a\"\ntopology main {\n@}\n",
        "\"abc#\" | || output o#: T = \"acb#\"\n",
    ),
    ("optional values", "topology main {\n let x = first([1])\n@}\n", "let x# = x + #\n"),
    (
        "references across regions",
        "topology main {\n resource vpc: aws.ec2.Vpc at ap-east-2 { cidr_block = 10.0.0.0/8 }\n@}\n",
        "resource s#: aws.ec2.Subnet at ap-northeast-1 { vpc = vpc, cidr_block = cidr.subnet(10.0.0.0/16, 12, #), availability_zone = ap-northeast-1a }\n",
    ),
    ("no placement", "topology main {\n@}\n", "resource r#: aws.ec2.Vpc { cidr_block = 10.0.0.0/16 }\n"),
    (
        "checks of a kind",
        "topology main {\n@}\n",
        "resource h#: aws.route53.HealthCheck { health_check_config = { type = \"HTTPS\" } }\n",
    ),
    ("fields twice", "topology main {\n let r = {\n@ }\n}\n", "a = #\n"),
    ("keys twice", "topology main {\n let r = {\n@ }\n}\n", "\"a\" = #\n"),
    ("one name", "topology main {\n@}\n", "let x = #\n"),
    ("names twice", "topology main {\n@}\n", "let x# = 1\nlet x# = 2\n"),
    ("shadowed names", "topology main {\n let x = 1\n@}\n", "for x in [#] {}\n"),
    (
        "loops without a region",
        "topology main {\n@}\n",
        "for x# in [#] { resource r#: aws.ec2.Vpc { cidr_block = 10.0.0.0/16 } }\n",
    ),
    ("bad units", "topology main {\n@}\n", "let x# = 30s + #\n"),
    ("numbers out of range", "topology main {\n@}\n", "let x# = 9223372036854775807 + #\n"),
    ("divisions by zero", "topology main {\n@}\n", "let x# = # / 0\n"),
    ("checks refused", "topology main {\n@}\n", "check # < 0 else \"it is #\"\n"),
    (
        "checks refused in turns",
        "topology main {\n for n in range(0, len(\"@\")) {\n check n < 0 else \"it is ${n}\"\n }\n}\n",
        "x",
    ),
    (
        "components refused",
        "component C {\n param n: Int\n check n < 0 else \"it is ${n}\"\n}\ntopology main {\n@}\n",
        "resource c#: C { n = # }\n",
    ),
    (
        "overlapping subnets",
        "topology main {\n resource vpc: aws.ec2.Vpc at ap-east-2 { cidr_block = 10.0.0.0/8 }\n@}\n",
        "resource s#: aws.ec2.Subnet at ap-east-2 { vpc = vpc, cidr_block = cidr.subnet(10.0.0.0/16, 12, #), availability_zone = ap-east-2a }\nresource t#: aws.ec2.Subnet at ap-east-2 { vpc = vpc, cidr_block = cidr.subnet(10.0.0.0/16, 13, 2 * #), availability_zone = ap-east-2a }\n",
    ),
    (
        "subnets in one",
        "topology main {\n resource vpc: aws.ec2.Vpc at ap-east-2 { cidr_block = 10.0.0.0/8 }\n resource s: aws.ec2.Subnet at ap-east-2 { vpc = vpc, cidr_block = 10.0.0.0/16, availability_zone = ap-east-2a }\n@}\n",
        "resource s#: aws.ec2.Subnet at ap-east-2 { vpc = vpc, cidr_block = cidr.subnet(10.0.0.0/16, 12, #), availability_zone = ap-east-2a }\n",
    ),
    (
        "overlapping networks",
        "use std.net.{Network, PeeringMesh}\ntopology main {\n for r in [ap-east-2, ap-northeast-1] at r {\n@ }\n}\n",
        "resource n#: Network { cidr = 10.0.0.0/16 }\n",
    ),
    (
        "records beside a CNAME",
        "topology main {\n resource zone: aws.route53.HostedZone { name = \"a.example\" }\n@}\n",
        "resource r#: aws.route53.RecordSet { hosted_zone = zone, name = \"x.a.example\", type = if # == 0 then \"CNAME\" else \"A\", ttl = 60s, resource_records = [\"192.0.2.1\"], set_identifier = \"#\", failover = \"PRIMARY\" }\n",
    ),
    (
        "records of many places",
        "topology main {\n resource zone: aws.route53.HostedZone { name = \"a.example\" }\n@}\n",
        "resource r#: aws.route53.RecordSet { hosted_zone = zone, name = \"x.a.example\", type = \"A\", ttl = 60s, resource_records = [\"192.0.2\"], set_identifier = \"#\", geo_location = { country_code = \"C#\" } }\n",
    ),
    (
        "one record",
        "topology main {\n resource zone: aws.route53.HostedZone { name = \"a.example\" }\n@}\n",
        "resource r#: aws.route53.RecordSet { hosted_zone = zone, name = \"x.a.example\", type = \"A\", ttl = 60s, resource_records = [\"192.0.2.1\"] }\n",
    ),
    ("one bucket", "topology main {\n@}\n", "resource b#: aws.s3.Bucket at ap-east-2 { bucket_name = \"one-name\" }\n"),
    ("unknown kinds", "topology main {\n@}\n", "resource r#: Nope# {}\n"),
    ("kinds like others", "topology main {\n@}\n", "resource r#: Subnte {}\n"),
    ("unknown kinds of a module", "topology main {\n@}\n", "resource r#: aws.ec2.Vpcc# {}\n"),
    ("unknown modules", "@topology main {}\n", "use aws.nope#\n"),
    ("unknown names of a module", "use std.net.{@}\ntopology main {}\n", "Nope#, "),
    ("types like others", "@topology main {}\n", "type T# = Int\ntype UU# = TT#\n"),
    ("a chain of names", "topology main {\n let b0 = b2000\n@}\n", "let b# = bb#\n"),
    ("unknown types", "@topology main {}\n", "type T# = Nope#\n"),
    ("types of a ring", "type R = T0\n@topology main {}\n", "type T# = { a: T#, b: R }\n"),
    ("types twice", "@topology main {}\n", "type T = Int\n"),
    (
        "components of themselves",
        "@topology main {\n resource c: C0 {}\n}\n",
        "component C# {\n resource c: C# {}\n resource d: C0 {}\n}\n",
    ),
    ("a ring of names", "topology main {\n let a = b0\n@}\n", "let b# = [a, b#]\n"),
    ("projects", "@topology main {}\n", "project p#\n"),
    ("topologies", "@", "topology main# {}\n"),
    ("environments", "type E = { a: Int }\n@topology main(env: E) {}\n", "env e#: E { b = # }\n"),
    ("inputs without a value", "@topology main {}\n", "input i#: Int\n"),
    ("inputs twice", "@topology main {}\n", "input i: Int = #\n"),
    (
        "unknown regions",
        "topology main {\n@}\n",
        "resource r#: aws.ec2.Vpc at xx-east-# { cidr_block = 10.0.0.0/16 }\n",
    ),
    ("renames of nothing", "topology main {\n@", "}\nmoved a# -> b#\ntopology t# {\n"),
    ("renames of one", "@topology main {\n resource b: core.Data { value = \"\" }\n}\n", "moved a -> b\n"),
    (
        "renames of one to one",
        "@topology main {\n@}\n",
        "moved a# -> nope#\n || resource b#: core.Data { value = \"\" }\n",
    ),
    (
        "values that are known already",
        "topology main {\n@}\ntest \"t\" {\n plan\n@}\n",
        "resource b#: core.Data { value = \"\" }\n || known b#.id = \"x\"\nknown b#.value = \"x\"\n",
    ),
    ("tests that fail", "topology main {\n}\n@", "test \"t#\" {\n plan\n expect # < 0\n}\n"),
    ("steps that fail", "topology main {\n}\ntest \"t\" {\n plan\n@}\n", "expect # < 0\n"),
    (
        "checks that wait for what is known",
        "topology main {\n@}\ntest \"t\" {\n plan\n@}\n",
        "resource b#: core.Data { value = \"\" }\ncheck b#.id == \"\" else \"#\"\n || known b#.id = \"x\"\nlet y# = b#.id\n",
    ),
    (
        "what is known of nothing",
        "topology main {\n resource a: core.Data { value = \"\" }\n}\ntest \"t\" {\n plan\n@}\n",
        "known b#.id = \"#\"\n",
    ),
    (
        "what is known",
        "topology main {\n for n in range(0, 60) {\n resource a: core.Data { value = \"\" }\n}\n@}\ntest \"t\" {\n plan\n known a[0].id = \"x\"\n}\n",
        "check a[0].id == \"#\" else \"#\"\n",
    ),
    ("secrets that get out", "input s: Secret<String>\ntopology main {\n@}\n", "output o#: String = s\n"),
    (
        "missing attributes beside what is not syntax",
        "topology main {\n@}\n",
        "let x# == 1\nresource r#: core.Data {}\n",
    ),
    ("items that are not syntax", "@topology main {}\n", "input #x: Int\ninput x#: Int\n"),
    ("what is not syntax", "topology main {\n@}\n", "let x# == 1\n"),
];

fn repeated(frame: &str, piece: &str, count: usize) -> String {
    let mut text = String::from("project p\n");
    let mut pieces = piece.split(" || ");
    for (at, part) in frame.split('@').enumerate() {
        let piece = if at == 0 { "" } else { pieces.next().expect("a piece for each place") };
        text.extend((0..count).map(|at| piece.replace('#', &at.to_string())).filter(|_| at > 0));
        text.push_str(part);
    }
    text
}

/// Everything that a check and a test do; gives the seconds it took and the number of findings.
fn time(text: &str) -> (f64, usize) {
    let world = Memory::new([("main.topo", text.to_owned())]);
    let start = Instant::now();
    let loaded = load(&world, &Options::default());
    let mut count = loaded.diagnostics.len();
    if let Some(program) = &loaded.program {
        let all = program.environments();
        let all: Vec<_> = if all.is_empty() { vec![None] } else { all.into_iter().map(Some).collect() };
        count += all.into_iter().map(|env| program.expand(env).diagnostics.len()).sum::<usize>();
        count += (0..program.tests())
            .filter_map(|at| program.run_test(at, &|_| Vec::new()))
            .map(|t| t.failures.len())
            .sum::<usize>();
    }
    (start.elapsed().as_secs_f64(), count)
}

/// The shortest of some runs, in seconds.
fn shortest(text: &str) -> f64 {
    (0..3).map(|_| time(text).0).fold(f64::MAX, f64::min)
}

#[test]
fn many_mistakes_of_one_kind_take_linear_time() {
    let mut wrong = String::new();
    for (name, frame, piece) in SHAPES {
        let [none, short, long] = [1, 100, 800].map(|count| repeated(frame, piece, count));
        let found = time(&short).1;
        assert!(found > 0, "{name}: nothing is found");
        let mut best = f64::MAX;
        for _ in 0..5 {
            let (none, short, long) = (shortest(&none), shortest(&short), shortest(&long));
            best = best.min((long - none) / (short - none).max(LEAST));
            if best < MOST {
                break;
            }
        }
        if best >= MOST {
            let _ = writeln!(wrong, "{name}: {best:.0} times as long for 8 times as many");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
