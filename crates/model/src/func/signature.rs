//! How functions are called: signatures, examples and topics, for the reference.
//!
//! A type that stands for several is a letter; `T…` is any number of arguments. The examples
//! are run by a test of the crate that evaluates programs.

use super::Func;

impl Func {
    /// The call with the types of its arguments and of what it gives; of operators the sign.
    pub fn signature(self) -> &'static str {
        use Func::*;
        match self {
            Len => "len(x: String | List<T> | Map<K, V>): Int",
            Keys => "keys(map: Map<K, V>): List<K>",
            Values => "values(map: Map<K, V>): List<V>",
            First => "first(list: List<T>): T?",
            Only => "only(list: List<T>): T",
            Sort => "sort(list: List<T>): List<T>",
            Reverse => "reverse(list: List<T>): List<T>",
            Distinct => "distinct(list: List<T>): List<T>",
            Flatten => "flatten(lists: List<List<T>>): List<T>",
            Merge => "merge(a: Map<K, V>, b: Map<K, V>…): Map<K, V>",
            Numbers => "range(from: Int, to: Int): List<Int>",
            Pairs => "pairs(list: List<T>): List<(T, T)>",
            Zip => "zip(a: List<A>, b: List<B>): List<(A, B)>",
            Contains => "contains(x: List<T> | Map<T, V> | String, part: T | String): Bool",
            Min => "min(a: T, b: T…): T",
            Max => "max(a: T, b: T…): T",
            Sum => "sum(list: List<T>): T",
            Ceil => "ceil(n: fraction): Int",
            Floor => "floor(n: fraction): Int",
            Round => "round(n: fraction): Int",
            Abs => "abs(n: T): T",
            Join => "join(list: List<String>, separator: String): String",
            Split => "split(text: String, separator: String): List<String>",
            Replace => "replace(text: String, from: String, to: String): String",
            Lower => "lower(text: String): String",
            Upper => "upper(text: String): String",
            Trim => "trim(text: String): String",
            StartsWith => "starts_with(text: String, start: String): Bool",
            EndsWith => "ends_with(text: String, end: String): Bool",
            Matches => "matches(text: String, pattern: String): Bool",
            IsJson => "is_json(text: String): Bool",
            Format => "format(text: String, a: T…): String",
            Json => "json(value: T): String",
            Base64 => "base64(text: String): String",
            Sha256 => "sha256(text: String): String",
            File => "file(path: String): String",
            Zones => "zones(region: Region, n: Int): List<Zone>",
            Cidr => "cidr(text: String): Cidr",
            CidrSubnet => "cidr.subnet(block: Cidr, new_bits: Int, i: Int): Cidr",
            CidrSplit => "cidr.split(block: Cidr, n: Int): List<Cidr>",
            CidrHost => "cidr.host(block: Cidr, i: Int): Ip",
            CidrPrefix => "cidr.prefix(block: Cidr): Int",
            CidrOverlaps => "cidr.overlaps(a: Cidr, b: Cidr): Bool",
            CidrContains => "cidr.contains(block: Cidr, part: Cidr | Ip): Bool",
            Disjoint => "disjoint(list: List<Cidr>): Bool",
            Secret => "secret(source: String): Secret<String>",
            operator => operator.name(),
        }
    }

    /// A call and what it gives, in source form; none for operators, and for what gives no
    /// value that can be shown.
    pub fn example(self) -> Option<(&'static str, &'static str)> {
        use Func::*;
        Some(match self {
            Len => (r#"len(["a", "b"])"#, "2"),
            Keys => (r#"keys({ "a" = 1, "b" = 2 })"#, r#"["a", "b"]"#),
            Values => (r#"values({ "a" = 1, "b" = 2 })"#, "[1, 2]"),
            First => ("first([3, 1, 2])", "3"),
            Only => (
                r#"only([for (r, role) in { ap-east-2 = "primary", us-east-1 = "standby" } if role == "standby": r])"#,
                "us-east-1",
            ),
            Sort => ("sort([3, 1, 2])", "[1, 2, 3]"),
            Reverse => ("reverse([3, 1, 2])", "[2, 1, 3]"),
            Distinct => ("distinct([1, 2, 1])", "[1, 2]"),
            Flatten => ("flatten([[1, 2], [3]])", "[1, 2, 3]"),
            Merge => (r#"merge({ "a" = 1, "b" = 2 }, { "b" = 3 })"#, r#"{ "a" = 1, "b" = 3 }"#),
            Numbers => ("range(2, 5)", "[2, 3, 4]"),
            Pairs => ("pairs([ap-east-2, ap-northeast-1])", "[(ap-east-2, ap-northeast-1)]"),
            Zip => (r#"zip([1, 2], ["a", "b"])"#, r#"[(1, "a"), (2, "b")]"#),
            Contains => (r#"contains(["a", "b"], "b")"#, "true"),
            Min => ("min(3, 1, 2)", "1"),
            Max => ("max([30s, 1m])", "1m"),
            Sum => ("sum([1, 2, 3])", "6"),
            Ceil => ("ceil(7 * 50%)", "4"),
            Floor => ("floor(7 * 50%)", "3"),
            Round => ("round(7 * 50%)", "4"),
            Abs => ("abs(-5)", "5"),
            Join => (r#"join(["a", "b"], "-")"#, r#""a-b""#),
            Split => (r#"split("a,b", ",")"#, r#"["a", "b"]"#),
            Replace => (r#"replace("a.b.c", ".", "-")"#, r#""a-b-c""#),
            Lower => (r#"lower("Taipei")"#, r#""taipei""#),
            Upper => (r#"upper("Taipei")"#, r#""TAIPEI""#),
            Trim => (r#"trim("  a ")"#, r#""a""#),
            StartsWith => (r#"starts_with("taipei", "tai")"#, "true"),
            EndsWith => (r#"ends_with("taipei", "pei")"#, "true"),
            Matches => (r#"matches("my-bucket", "[a-z0-9-]+")"#, "true"),
            IsJson => (r#"is_json("{}")"#, "true"),
            Format => (r#"format("{} of {}", 1, 3)"#, r#""1 of 3""#),
            Json => ("json({ min = 1, names = [\"a\"] })", r#""{\"min\":1,\"names\":[\"a\"]}""#),
            Base64 => (r#"base64("hello")"#, r#""aGVsbG8=""#),
            Sha256 => (r#"sha256("hello")"#, r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#),
            File => (r#"file("greeting.txt")"#, r#""hello""#),
            Zones => ("zones(ap-east-2, 2)", "[ap-east-2a, ap-east-2b]"),
            Cidr => (r#"cidr("10.2.0.0/16")"#, "10.2.0.0/16"),
            CidrSubnet => ("cidr.subnet(10.2.0.0/16, 8, 3)", "10.2.3.0/24"),
            CidrSplit => ("cidr.split(10.2.0.0/16, 3)", "[10.2.0.0/18, 10.2.64.0/18, 10.2.128.0/18]"),
            CidrHost => ("cidr.host(10.2.0.0/24, 10)", "10.2.0.10"),
            CidrPrefix => ("cidr.prefix(10.2.0.0/16)", "16"),
            CidrOverlaps => ("cidr.overlaps(10.2.0.0/16, 10.2.128.0/17)", "true"),
            CidrContains => ("cidr.contains(10.2.0.0/16, 10.2.0.10)", "true"),
            Disjoint => ("disjoint([10.2.0.0/16, 10.3.0.0/16])", "true"),
            _ => return None,
        })
    }

    /// What it is about, for lists of functions.
    pub fn topic(self) -> &'static str {
        match self {
            f if f <= Func::Contains => "Lists and maps",
            f if f <= Func::Abs => "Numbers",
            f if f <= Func::Sha256 => "Text",
            Func::File | Func::Secret => "From elsewhere",
            f if f <= Func::Disjoint => "Networks and regions",
            _ => "Operators",
        }
    }
}
