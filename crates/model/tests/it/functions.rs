//! What the functions over lists and maps, comparisons and choices give, refuse, and wait for.

use topo_model::{Func, ResId, Value};

use crate::calls::calls;
use crate::values::{
    call, cidr, fraction, gib, ip, list, map, percent, record, region, seconds, tuple, unknown, values,
};

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

fn x() -> Value {
    unknown("x")
}

fn xs(count: i64) -> Value {
    Value::list((0..count).map(Value::Int).collect())
}

#[test]
fn shapes_of_lists_and_maps() {
    let calls = calls! {
        [Len: "žluť"] [Len: list![x(), 1]] [Len: tuple![1, 2]] [Len: map! { "a" => x() }] [Len: x()] [Len: 3]
        [Len: map! { x() => 1 }]
        [Keys: map! { "b" => x(), "a" => 1 }] [Keys: map! {}] [Keys: x()] [Keys: list![]]
        [Values: map! { "b" => x(), "a" => 1 }] [Values: map! { x() => 1 }]
        [First: list![x(), 1]] [First: list![]] [First: x()] [First: "ab"]
        [Only: list![x()]] [Only: list![]] [Only: list![1, x(), "a"]] [Only: xs(11)] [Only: x()]
        [Reverse: list![1, x(), 3]] [Reverse: x()]
        [Flatten: list![list![1, x()], list![], list![2]]] [Flatten: list![list![1], x()]] [Flatten: list![1]]
        [Zip: list![1, 2, 3], list!["a", x()]] [Zip: list![], x()]
        [Numbers: 3] [Numbers: 2, 5] [Numbers: 5, 2] [Numbers: MIN, MAX] [Numbers: 1, x()] [Numbers: "a"]
        [Through: 1, 3] [Through: 3, 1] [Through: MAX, MAX] [Through: 1, 1_000_001] [Through: x(), 3]
        [Through: seconds(1), seconds(2)]
    };
    insta::assert_snapshot!(calls, @r#"
    len("žluť")  = 4
    len([x, 1])  = 2
    len((1, 2))  = 2
    len({ "a" = x })  = 1
    len(x)  waits
    len(3)  ! T0201 `len` takes a String, a List or a Map here, found Int
    len({ x = 1 })  waits
    keys({ "b" = x, "a" = 1 })  = ["b", "a"]
    keys({})  = []
    keys(x)  waits
    keys([])  ! T0201 `keys` takes a Map here, found List
    values({ "b" = x, "a" = 1 })  = [x, 1]
    values({ x = 1 })  waits
    first([x, 1])  = x
    first([])  = none
    first(x)  waits
    first("ab")  ! T0201 `first` takes a List here, found String
    only([x])  = x
    only([])  ! T0202 `only` expects one element, and the list is empty (`first(…)` gives the first one or `none`; `[for x in xs if …: x]` leaves those that are meant)
    only([1, x, "a"])  ! T0202 `only` expects one element, found 3: 1, x, "a" (`first(…)` gives the first one or `none`; `[for x in xs if …: x]` leaves those that are meant)
    only([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])  ! T0202 `only` expects one element, found 11: 0, 1, 2, 3, 4, 5, 6, 7 and 3 more (`first(…)` gives the first one or `none`; `[for x in xs if …: x]` leaves those that are meant)
    only(x)  waits
    reverse([1, x, 3])  = [3, x, 1]
    reverse(x)  waits
    flatten([[1, x], [], [2]])  = [1, x, 2]
    flatten([[1], x])  waits
    flatten([1])  ! T0201 `flatten` takes a List of lists here, found List
    zip([1, 2, 3], ["a", x])  = [(1, "a"), (2, x)]
    zip([], x)  waits
    range(3)  = [0, 1, 2]
    range(2, 5)  = [2, 3, 4]
    range(5, 2)  = []
    range(-9223372036854775808, 9223372036854775807)  ! T0205 `range` would give 18446744073709551615 elements: more than the 1000000 that a list may have
    range(1, x)  waits
    range("a")  ! T0201 `range` takes an Int here, found String
    1..3  = [1, 2, 3]
    3..1  = []
    9223372036854775807..9223372036854775807  = [9223372036854775807]
    1..1000001  ! T0205 `..` would give 1000001 elements: more than the 1000000 that a list may have
    x..3  waits
    1s..2s  ! T0201 `..` takes an Int here, found Duration
    "#);
    assert_eq!(Func::Numbers.call(values![1_000_000]).map(|list| list.items().map(<[_]>::len)), Ok(Some(1_000_000)));
}

#[test]
fn merged_maps_and_records() {
    let calls = calls! {
        [Merge: map! { "a" => 1, "b" => 2 }, map! { "c" => x(), "a" => 3 }]
        [Merge: record! { a: 1 }, record! { a: x() }, record! { b: 2 }]
        [Merge: list![map! { "a" => 1 }, map! { "b" => 2 }]] [Merge: map! { "a" => 1 }] [Merge: list![]]
        [Merge: map! {}, x()] [Merge: map! { x() => 1 }, map! {}]
        [Merge: map! {}, record! { a: 1 }] [Merge: record! {}, map! { "a" => 1 }] [Merge: 1, 2] [Merge: ]
    };
    insta::assert_snapshot!(calls, @r#"
    merge({ "a" = 1, "b" = 2 }, { "c" = x, "a" = 3 })  = { "a" = 3, "b" = 2, "c" = x }
    merge({ a = 1 }, { a = x }, { b = 2 })  = { a = x, b = 2 }
    merge([{ "a" = 1 }, { "b" = 2 }])  = { "a" = 1, "b" = 2 }
    merge({ "a" = 1 })  = { "a" = 1 }
    merge([])  = {}
    merge({}, x)  waits
    merge({ x = 1 }, {})  waits
    merge({}, { a = 1 })  ! T0201 `merge` takes Maps or records, all of one sort, found record
    merge({}, { "a" = 1 })  ! T0201 `merge` takes Maps or records, all of one sort, found Map
    merge(1, 2)  ! T0201 `merge` takes Maps or records, all of one sort, found Int
    merge()  ! T0201 `merge` takes at least 1 argument, found 0
    "#);
}

#[test]
fn order() {
    let calls = calls! {
        [Sort: list![3, fraction(5, 2), 1, MIN]] [Sort: list!["b", "a", "B", "ä"]]
        [Sort: list![seconds(90), seconds(5)]] [Sort: list![gib(2), gib(1)]] [Sort: list![percent(9), percent(-1)]]
        [Sort: list![region("ap-northeast-1"), region("ap-east-2")]]
        [Sort: list![cidr("10.1.0.0/16"), cidr("10.0.0.0/8"), cidr("2001:db8::/56"), cidr("9.0.0.0/8")]]
        [Sort: list![ip("10.0.0.10"), ip("10.0.0.9"), ip("::1")]]
        [Sort: list![tuple!["b", 1], tuple!["a", 2], tuple!["a", 1]]] [Sort: list![list![1, 2], list![1]]]
        [Sort: list![3, "a", 1]] [Sort: list![true, false]] [Sort: list![tuple![1, "a"], tuple![1, 2]]]
        [Sort: list![1, x()]] [Sort: x()] [Sort: 1]
        [Min: 3, 1, 2] [Min: list![3, 1, 2]] [Min: list![]] [Min: 1, x()] [Min: list![1, x()]] [Min: 4]
        [Min: 1, "a"] [Min: fraction(1, 2), 1] [Max: fraction(3, 2), 1] [Max: seconds(90), seconds(5)]
        [Max: list!["a", "b"]] [Max: list![]] [Max: x()] [Max: ]
        [Lt: 1, 2] [Lt: 2, 2] [Le: 2, 2] [Gt: 1, 2] [Ge: 2, 2] [Lt: "a", "b"] [Lt: seconds(5), gib(1)]
        [Lt: fraction(1, 3), fraction(1, 2)] [Gt: 1, fraction(1, 2)] [Lt: 1, x()] [Lt: tuple![1, 2], tuple![1, x()]]
        [Lt: ip("10.0.0.1"), ip("10.0.0.2")] [Le: Value::None, 1]
    };
    insta::assert_snapshot!(calls, @r#"
    sort([3, 5/2, 1, -9223372036854775808])  = [-9223372036854775808, 1, 5/2, 3]
    sort(["b", "a", "B", "ä"])  = ["B", "a", "b", "ä"]
    sort([1m30s, 5s])  = [5s, 1m30s]
    sort([2GiB, 1GiB])  = [1GiB, 2GiB]
    sort([9%, -1%])  = [-1%, 9%]
    sort([ap-northeast-1, ap-east-2])  = [ap-east-2, ap-northeast-1]
    sort([10.1.0.0/16, 10.0.0.0/8, 2001:db8::/56, 9.0.0.0/8])  = [9.0.0.0/8, 10.0.0.0/8, 10.1.0.0/16, 2001:db8::/56]
    sort([10.0.0.10, 10.0.0.9, ::1])  = [10.0.0.9, 10.0.0.10, ::1]
    sort([("b", 1), ("a", 2), ("a", 1)])  = [("a", 1), ("a", 2), ("b", 1)]
    sort([[1, 2], [1]])  = [[1], [1, 2]]
    sort([3, "a", 1])  ! T0201 `sort` can't compare "a" with 3: String and Int have no order
    sort([true, false])  ! T0201 `sort` can't compare false with true: Bool values have no order
    sort([(1, "a"), (1, 2)])  ! T0201 `sort` can't compare 2 with "a": Int and String have no order
    sort([1, x])  waits
    sort(x)  waits
    sort(1)  ! T0201 `sort` takes a List here, found Int
    min(3, 1, 2)  = 1
    min([3, 1, 2])  = 1
    min([])  ! T0202 `min` expects an element, and the list is empty (say what holds without any: `if len(xs) == 0 then … else min(xs)`)
    min(1, x)  waits
    min([1, x])  waits
    min(4)  = 4
    min(1, "a")  ! T0201 `min` can't compare "a" with 1: String and Int have no order
    min(1/2, 1)  = 1/2
    max(3/2, 1)  = 3/2
    max(1m30s, 5s)  = 1m30s
    max(["a", "b"])  = "b"
    max([])  ! T0202 `max` expects an element, and the list is empty (say what holds without any: `if len(xs) == 0 then … else max(xs)`)
    max(x)  waits
    max()  ! T0201 `max` takes at least 1 argument, found 0
    1 < 2  = true
    2 < 2  = false
    2 <= 2  = true
    1 > 2  = false
    2 >= 2  = true
    "a" < "b"  = true
    5s < 1GiB  ! T0201 `<` can't compare 5s with 1GiB: Duration and Size have no order
    1/3 < 1/2  = true
    1 > 1/2  = true
    1 < x  waits
    (1, 2) < (1, x)  waits
    10.0.0.1 < 10.0.0.2  = true
    none <= 1  ! T0201 `<=` can't compare none with 1: none and Int have no order
    "#);
}

#[test]
fn equality() {
    let calls = calls! {
        [Eq: 1, 1] [Ne: 1, 1] [Eq: "a", "b"] [Eq: 2, fraction(4, 2)] [Eq: fraction(1, 2), fraction(2, 4)] [Eq: 1, "1"]
        [Eq: Value::None, Value::None] [Eq: record! { a: x() }, Value::None] [Ne: list![x()], Value::None]
        [Eq: x(), Value::None] [Eq: x(), x()]
        [Eq: Value::Resource(ResId(1)), Value::Resource(ResId(1))]
        [Eq: Value::Resource(ResId(1)), Value::Resource(ResId(2))]
        [Eq: record! { a: 1, b: 2 }, record! { b: 2, a: 1 }] [Eq: record! { a: 1 }, record! { a: 1, b: 2 }]
        [Eq: record! { a: x() }, record! { a: 1 }] [Eq: record! { a: x(), b: 1 }, record! { a: 1, b: 2 }]
        [Eq: map! { 1 => x() }, map! { 2 => 1 }] [Eq: map! { 1 => x() }, map! { 1 => 1 }]
        [Eq: map! { 1 => 1, 2 => 2 }, map! { 2 => 2, 1 => 1 }] [Eq: map! { x() => 1 }, map! { 1 => 1 }]
        [Eq: list![1, x()], list![1, 2, 3]] [Eq: list![x(), 1], list![1, 2]] [Eq: list![x()], list![1]]
        [Eq: tuple![1, 2], tuple![1, 2]] [Eq: tuple![1], list![1]]
        [Distinct: list![1, "a", 1, list![2], list![2]]] [Distinct: list![1, x()]]
    };
    insta::assert_snapshot!(calls, @r#"
    1 == 1  = true
    1 != 1  = false
    "a" == "b"  = false
    2 == 2  = true
    1/2 == 1/2  = true
    1 == "1"  = false
    none == none  = true
    { a = x } == none  = false
    [x] != none  = true
    x == none  waits
    x == x  waits
    resource #1 == resource #1  = true
    resource #1 == resource #2  = false
    { a = 1, b = 2 } == { b = 2, a = 1 }  = true
    { a = 1 } == { a = 1, b = 2 }  = false
    { a = x } == { a = 1 }  waits
    { a = x, b = 1 } == { a = 1, b = 2 }  = false
    { 1 = x } == { 2 = 1 }  = false
    { 1 = x } == { 1 = 1 }  waits
    { 1 = 1, 2 = 2 } == { 2 = 2, 1 = 1 }  = true
    { x = 1 } == { 1 = 1 }  waits
    [1, x] == [1, 2, 3]  = false
    [x, 1] == [1, 2]  = false
    [x] == [1]  waits
    (1, 2) == (1, 2)  = true
    (1) == [1]  = false
    distinct([1, "a", 1, [2], [2]])  = [1, "a", [2]]
    distinct([1, x])  waits
    "#);
}

#[test]
fn membership() {
    let calls = calls! {
        [Contains: list![1, x()], 1] [Contains: list![1, x()], 2] [Contains: list![1, 2], 3] [Contains: list![1], x()]
        [Contains: list![], x()] [Contains: map! { "a" => x() }, "a"] [Contains: map! { "a" => 1 }, "b"]
        [Contains: map! { x() => 1 }, "b"] [Contains: "abc", "bc"] [Contains: "abc", ""] [Contains: "abc", 1]
        [Contains: x(), 1] [Contains: 1, 1]
        [In: 3, list![1, 3]] [In: "a", map! { "a" => 1 }] [In: "b", "abc"]
        [In: ip("10.0.0.1"), cidr("10.0.0.0/8")] [In: cidr("10.0.0.0/8"), cidr("10.0.0.0/16")] [In: 1, Value::None]
        [In: fraction(3, 1), list![1, 3]]
    };
    insta::assert_snapshot!(calls, @r#"
    contains([1, x], 1)  = true
    contains([1, x], 2)  waits
    contains([1, 2], 3)  = false
    contains([1], x)  waits
    contains([], x)  = false
    contains({ "a" = x }, "a")  = true
    contains({ "a" = 1 }, "b")  = false
    contains({ x = 1 }, "b")  waits
    contains("abc", "bc")  = true
    contains("abc", "")  = true
    contains("abc", 1)  ! T0201 `contains` takes a String here, found Int
    contains(x, 1)  waits
    contains(1, 1)  ! T0201 `contains` takes a List, a Map, a String or a Cidr here, found Int
    3 in [1, 3]  = true
    "a" in { "a" = 1 }  = true
    "b" in "abc"  = true
    10.0.0.1 in 10.0.0.0/8  = true
    10.0.0.0/8 in 10.0.0.0/16  = false
    1 in none  ! T0201 `in` takes a List, a Map, a String or a Cidr here, found none
    3 in [1, 3]  = true
    "#);
}

#[test]
fn pairs_are_unordered_and_each_is_sorted() {
    let calls = calls! {
        [Pairs: list![region("ap-northeast-1"), region("ap-east-2"), region("eu-west-1")]]
        [Pairs: list![1]] [Pairs: list![]] [Pairs: list![x()]] [Pairs: list![1, x()]] [Pairs: x()]
        [Pairs: list![1, "a"]] [Pairs: list![1, 1]]
    };
    insta::assert_snapshot!(calls, @r#"
    pairs([ap-northeast-1, ap-east-2, eu-west-1])  = [(ap-east-2, ap-northeast-1), (ap-northeast-1, eu-west-1), (ap-east-2, eu-west-1)]
    pairs([1])  = []
    pairs([])  = []
    pairs([x])  = []
    pairs([1, x])  waits
    pairs(x)  waits
    pairs([1, "a"])  ! T0201 `pairs` can't compare "a" with 1: String and Int have no order
    pairs([1, 1])  = [(1, 1)]
    "#);
    let error = Func::Pairs.call(values![xs(2000)]).expect_err("too many");
    insta::assert_snapshot!(error, @"`pairs` would give 1999000 elements: more than the 1000000 that a list may have");
}

#[test]
fn boolean_operators_look_no_further_than_they_must() {
    let calls = calls! {
        [And: true, true] [And: true, false] [And: false, x()] [And: x(), false] [And: true, x()] [And: x(), true]
        [And: x(), x()] [And: false, 1] [And: true, 1] [And: 1, false] [And: x(), 1]
        [Or: false, false] [Or: true, x()] [Or: x(), true] [Or: false, x()] [Or: x(), false] [Or: false, true]
        [Not: true] [Not: x()] [Not: 1]
    };
    insta::assert_snapshot!(calls, @"
    true and true  = true
    true and false  = false
    false and x  = false
    x and false  = false
    true and x  waits
    x and true  waits
    x and x  waits
    false and 1  = false
    true and 1  ! T0201 `and` takes a Bool here, found Int
    1 and false  ! T0201 `and` takes a Bool here, found Int
    x and 1  waits
    false or false  = false
    true or x  = true
    x or true  = true
    false or x  waits
    x or false  waits
    false or true  = true
    not true  = false
    not x  waits
    not 1  ! T0201 `not` takes a Bool here, found Int
    ");
}

#[test]
fn choices_leave_the_rest_alone() {
    let calls = calls! {
        [If: true, x(), 1] [If: false, x(), 1] [If: x(), 1, 2] [If: 1, 1, 2]
        [Coalesce: Value::None, x()] [Coalesce: 1, x()] [Coalesce: x(), 1] [Coalesce: list![x()], 1]
    };
    insta::assert_snapshot!(calls, @"
    if true then x else 1  = x
    if false then x else 1  = 1
    if x then 1 else 2  waits
    if 1 then 1 else 2  ! T0201 `if` takes a Bool here, found Int
    none ?? x  = x
    1 ?? x  = 1
    x ?? 1  waits
    [x] ?? 1  = [x]
    ");
}

#[test]
fn fields_and_elements() {
    let calls = calls! {
        [Field: record! { a: 1, b: x() }, "a"] [Field: record! { a: 1, b: x() }, "b"] [Field: record! { a: 1, b: 2 }, "c"]
        [Field: record! {}, "c"] [Field: x(), "a"] [Field: Value::None, "a"] [Field: 1, "a"]
        [Field: Value::Resource(ResId(3)), "id"]
        [OptionalField: Value::None, "a"] [OptionalField: record! { a: 1 }, "a"] [OptionalField: x(), "a"]
        [Index: map! { "a" => x(), "b" => 1 }, "a"] [Index: map! { "a" => x(), "b" => 1 }, "c"] [Index: map! {}, "c"]
        [Index: map! { "a" => 1 }, x()] [Index: map! { x() => 1 }, "a"] [Index: x(), "a"]
        [Index: map! { 1 => 0, 2 => 0, 3 => 0, 4 => 0, 5 => 0, 6 => 0, 7 => 0, 8 => 0, 9 => 0, 10 => 0 }, 0]
        [Index: map! { tuple!["a", "b"] => 1 }, tuple!["b", "a"]] [Index: map! { tuple!["a", "b"] => 1 }, tuple!["a", "b"]]
        [Index: list![x(), 1], 1] [Index: list![x(), 1], 0] [Index: list![x(), 1], 2] [Index: list![1], -1] [Index: list![], 0]
        [Index: list![1], 1] [Index: list![1], x()] [Index: list![1], "a"] [Index: tuple!["a", "b"], 1] [Index: tuple!["a"], 2]
        [Index: Value::None, 1] [Index: "abc", 1]
    };
    insta::assert_snapshot!(calls, @r#"
    { a = 1, b = x }.a  = 1
    { a = 1, b = x }.b  = x
    { a = 1, b = 2 }.c  ! T0102 there is no field `c`: the record has `a`, `b`
    {}.c  ! T0102 there is no field `c`: the record has no fields
    x.a  waits
    none.a  ! T0204 `none` has no field `a` (write `?.a` where the value may be `none`)
    1.a  ! T0201 `.` takes a record here, found Int
    resource #3.id  = (#3.id)
    none?.a  = none
    { a = 1 }?.a  = 1
    x?.a  waits
    { "a" = x, "b" = 1 }["a"]  = x
    { "a" = x, "b" = 1 }["c"]  ! T0202 there is no key "c": the map has "a", "b" (`"c" in …` tells whether it is there)
    {}["c"]  ! T0202 there is no key "c": the map is empty (`"c" in …` tells whether it is there)
    { "a" = 1 }[x]  waits
    { x = 1 }["a"]  waits
    x["a"]  waits
    { 1 = 0, 2 = 0, 3 = 0, 4 = 0, 5 = 0, 6 = 0, 7 = 0, 8 = 0, 9 = 0, 10 = 0 }[0]  ! T0202 there is no key 0: the map has 1, 2, 3, 4, 5, 6, 7, 8 and 2 more (`0 in …` tells whether it is there)
    { ("a", "b") = 1 }[("b", "a")]  ! T0202 there is no key ("b", "a"): the map has ("a", "b") (`("b", "a") in …` tells whether it is there)
    { ("a", "b") = 1 }[("a", "b")]  = 1
    [x, 1][1]  = 1
    [x, 1][0]  = x
    [x, 1][2]  ! T0202 there is no element 2: the list has 2 elements, at 0 to 1 (count from 0: the last element is 1)
    [1][-1]  ! T0202 there is no element -1: the list has 1 element, at 0 (count from 0: the last element is 0)
    [][0]  ! T0202 there is no element 0: the list is empty (`first(…)` gives the first one or `none`)
    [1][1]  ! T0202 there is no element 1: the list has 1 element, at 0 (count from 0: the last element is 0)
    [1][x]  waits
    [1]["a"]  ! T0201 `[]` takes an Int here, found String
    ("a", "b")[1]  = "b"
    ("a")[2]  ! T0202 there is no element 2: the tuple has 1 element, at 0 (count from 0: the last element is 0)
    none[1]  ! T0204 `none` has no elements
    "abc"[1]  ! T0201 `[]` takes a Map or a List here, found String
    "#);
}

#[test]
fn a_wrong_number_of_arguments_is_refused_by_every_function() {
    for func in Func::ALL {
        let arity = func.arity();
        if let Some(fewer) = arity.start().checked_sub(1) {
            let error = func.call(vec![Value::None; fewer]).expect_err("too few");
            assert_eq!(error.code, 201, "{error}");
        }
        if *arity.end() < usize::MAX {
            let error = func.call(vec![Value::None; arity.end() + 1]).expect_err("too many");
            assert_eq!(error.code, 201, "{error}");
        }
    }
}

#[test]
fn calls_inside_calls_wait_together() {
    let inner = call(Func::Len, vec![x()]);
    insta::assert_snapshot!(calls! { [Add: inner.clone(), 1] [Index: list![1], inner] }, @"
    len(x) + 1  waits
    [1][len(x)]  waits
    ");
}
