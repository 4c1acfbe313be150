//! What holds for all values.

use proptest::prelude::*;
use topo_model::{Fraction, Func, Map, ResId, Resolve, SecretRef, Symbol, Term, Value, evaluate};

use crate::values::{cidr, list};

fn symbol() -> impl Strategy<Value = Symbol> {
    "[a-z][a-z0-9_]{0,6}".prop_map(|name| Symbol::new(&name))
}

fn net() -> impl Strategy<Value = ipnet::IpNet> {
    let v4 = (any::<u32>(), 0..=32_u8).prop_map(|(bits, prefix)| {
        ipnet::IpNet::new(std::net::Ipv4Addr::from_bits(bits).into(), prefix).expect("a prefix").trunc()
    });
    let v6 = (any::<u128>(), 0..=128_u8).prop_map(|(bits, prefix)| {
        ipnet::IpNet::new(std::net::Ipv6Addr::from_bits(bits).into(), prefix).expect("a prefix").trunc()
    });
    prop_oneof![v4, v6]
}

fn fraction() -> impl Strategy<Value = Fraction> {
    let small = (-1000..1000_i128, 1..1000_i128);
    let any = (any::<i128>(), any::<i128>());
    prop_oneof![small, any].prop_filter_map("no fraction", |(num, den)| Fraction::new(num, den))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<String>().prop_map(Value::str),
        any::<i64>().prop_map(Value::Percent),
        fraction().prop_map(|x| Value::Fraction(x.into())),
        any::<i64>().prop_map(Value::Duration),
        any::<i64>().prop_map(Value::Size),
        net().prop_map(Value::Cidr),
        any::<std::net::IpAddr>().prop_map(Value::Ip),
        symbol().prop_map(Value::Region),
        symbol().prop_map(Value::Zone),
        any::<u32>().prop_map(|id| Value::Resource(ResId(id))),
        (any::<String>(), any::<Option<String>>()).prop_map(|(source, version)| {
            Value::Secret(SecretRef { source: source.into(), version: version.map(Into::into) }.into())
        }),
    ]
}

fn func() -> impl Strategy<Value = Func> {
    (0..Func::ALL.len()).prop_map(|i| Func::ALL[i])
}

fn leaf() -> impl Strategy<Value = Value> {
    let output = (any::<u32>(), symbol()).prop_map(|(id, name)| Term::Output { resource: ResId(id), name });
    let own = prop::collection::vec(symbol(), 1..3).prop_map(Term::Own);
    prop_oneof![4 => scalar(), 1 => prop_oneof![output, own].prop_map(Value::unknown)]
}

fn composite(leaf: impl Strategy<Value = Value> + 'static, calls: bool) -> BoxedStrategy<Value> {
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..4);
        let plain = prop_oneof![
            many().prop_map(Value::list),
            many().prop_map(Value::tuple),
            prop::collection::vec((inner.clone(), inner.clone()), 0..4).prop_map(Value::map),
            prop::collection::vec((symbol(), inner.clone()), 0..4).prop_map(Value::record),
        ];
        if !calls {
            return plain.boxed();
        }
        let call = (func(), many()).prop_map(|(func, args)| Value::unknown(Term::Call { func, args }));
        prop_oneof![plain, call].boxed()
    })
    .boxed()
}

/// Any value at all.
fn value() -> impl Strategy<Value = Value> {
    composite(leaf(), true)
}

/// Any value with nothing unknown.
fn ground() -> impl Strategy<Value = Value> {
    composite(scalar(), false)
}

/// A function with arguments that it often takes: small numbers, and texts, lists, maps
/// and records of them.
fn likely_call() -> impl Strategy<Value = (Func, Vec<Value>)> {
    let atom = || {
        prop_oneof![
            3 => (-5..20_i64).prop_map(Value::Int),
            2 => "[a-c,{}]{0,4}".prop_map(Value::str),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => net().prop_map(Value::Cidr),
            1 => Just(Value::None),
            1 => (-5..20_i64).prop_map(Value::Duration),
            1 => (-5..20_i64).prop_map(Value::Percent),
        ]
    };
    let record = ("[a-c]", atom()).prop_map(|(name, v)| Value::record([(Symbol::new(&name), v)]));
    let arg = prop_oneof![
        3 => atom(),
        1 => prop::collection::vec((0..9_i64).prop_map(Value::Int), 0..4).prop_map(Value::list),
        1 => prop::collection::vec(net().prop_map(Value::Cidr), 0..4).prop_map(Value::list),
        1 => prop::collection::vec(atom(), 0..4).prop_map(Value::list),
        1 => prop::collection::vec((atom(), atom()), 0..4).prop_map(Value::map),
        1 => record,
    ];
    (func(), prop::collection::vec(arg, 0..4)).prop_map(|(func, mut args)| {
        args.resize(args.len().clamp(*func.arity().start(), *func.arity().end()), Value::Int(1));
        (func, args)
    })
}

/// Knows what stands behind `[i]`: the argument at `i`.
struct Args<'a>(&'a [Value]);

impl Resolve for Args<'_> {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        self.0.get(path[0].as_str().parse::<usize>().ok()?).cloned()
    }
}

fn behind(i: usize) -> Value {
    Value::unknown(Term::Own(vec![Symbol::new(&i.to_string())]))
}

proptest! {
    #[test]
    fn what_is_stored_is_read_back(value in value()) {
        let stored = serde_json::to_string(&value).expect("stored");
        let read: Value = serde_json::from_str(&stored).expect("read back");
        prop_assert_eq!(serde_json::to_string(&read).expect("stored again"), stored);
        prop_assert_eq!(read, value);
    }

    #[test]
    fn nothing_ground_changes_when_it_is_evaluated(value in ground()) {
        prop_assert!(value.is_ground());
        prop_assert_eq!(evaluate(&value, &topo_model::Nothing), Ok(value));
    }

    #[test]
    fn no_value_makes_a_function_or_its_source_form_panic(func in func(), args in prop::collection::vec(value(), 0..4)) {
        let shown = Term::Call { func, args: args.clone() }.to_string();
        prop_assert!(!shown.is_empty());
        if let Ok(result) = func.call(args) {
            prop_assert!(!result.to_string().is_empty());
        }
    }

    #[test]
    fn a_term_over_what_becomes_known_is_the_direct_call((func, args) in likely_call()) {
        let direct = func.call(args.clone());
        let waiting = Value::unknown(Term::Call { func, args: (0..args.len()).map(behind).collect() });
        prop_assert_eq!(evaluate(&waiting, &Args(&args)), direct);
    }

    #[test]
    fn what_is_decided_early_stays_so((func, args) in likely_call(), hidden in any::<u8>()) {
        // Some arguments, or some elements of a list, are known later than the rest.
        let mut later = args.clone();
        let mut early = args.clone();
        for (i, arg) in args.iter().enumerate() {
            if hidden & (1 << i) != 0 {
                early[i] = behind(later.len());
                later.push(arg.clone());
            } else if let Value::List(items) = arg && hidden & (16 << i) != 0 && !items.is_empty() {
                let mut items = items.to_vec();
                later.push(items[0].clone());
                items[0] = behind(later.len() - 1);
                early[i] = Value::list(items);
            }
        }
        let direct = func.call(args);
        match func.call(early) {
            Ok(early) => {
                let finished = evaluate(&early, &Args(&later));
                // What a connective does not look at can't fail it.
                if !matches!((func, &direct), (Func::And | Func::Or, Err(_))) {
                    prop_assert_eq!(finished, direct);
                }
            }
            // The message may speak of what was known.
            Err(early) => prop_assert_eq!(direct.map_err(|e| e.code), Err(early.code)),
        }
    }

    #[test]
    fn units_print_whatever_they_hold(n in any::<i64>()) {
        for value in [Value::Percent(n), Value::Duration(n), Value::Size(n)] {
            let shown = value.to_string();
            prop_assert_eq!(shown.starts_with('-'), n < 0);
            prop_assert!(shown.ends_with(|c: char| c == '%' || c.is_ascii_alphabetic()));
        }
    }

    #[test]
    fn a_fraction_lies_between_its_floor_and_its_ceiling(x in fraction()) {
        let whole = |n: i128| Fraction { num: n, den: 1 };
        prop_assert!(x.den > 0);
        prop_assert!(whole(x.floor()) <= x && x <= whole(x.ceil()));
        prop_assert_eq!(x.ceil() - x.floor(), i128::from(x.den != 1));
        prop_assert!(x.round() == x.floor() || x.round() == x.ceil());
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_halves_away_from_zero(num in -10_000..10_000_i128, den in 1..100_i128) {
        let x = Fraction::new(num, den).expect("a fraction");
        let distance = (x.round() * den - num).abs() * 2;
        prop_assert!(distance <= den);
        if distance == den {
            prop_assert!(x.round().abs() * den > num.abs());
        }
    }

    #[test]
    fn fractions_add_and_multiply_as_numbers_do(
        (a, b) in (-1000..1000_i128, 1..1000_i128),
        (c, d) in (-1000..1000_i128, 1..1000_i128),
    ) {
        let (x, y) = (Fraction::new(a, b).expect("x"), Fraction::new(c, d).expect("y"));
        prop_assert_eq!(x.checked_add(y), Fraction::new(a * d + c * b, b * d));
        prop_assert_eq!(x.checked_sub(y), Fraction::new(a * d - c * b, b * d));
        prop_assert_eq!(x.checked_mul(y), Fraction::new(a * c, b * d));
        prop_assert_eq!(x.checked_div(y), Fraction::new(a * d, b * c));
        prop_assert_eq!(x.cmp(&y), (a * d).cmp(&(c * b)));
    }

    #[test]
    fn fractions_of_any_size_are_in_one_order(a in fraction(), b in fraction(), c in fraction()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn a_sum_taken_apart_again_is_what_it_was(a in any::<i64>(), b in any::<i64>()) {
        for unit in [Value::Int, Value::Duration, Value::Size, Value::Percent] {
            match Func::Add.call(vec![unit(a), unit(b)]) {
                Ok(sum) => prop_assert_eq!(Func::Sub.call(vec![sum, unit(b)]), Ok(unit(a))),
                Err(error) => prop_assert_eq!((error.code, a.checked_add(b)), (205, None)),
            }
        }
    }

    #[test]
    fn the_parts_of_a_range_are_apart_and_inside(block in net(), parts in 1..40_i64) {
        let Ok(cut) = Func::CidrSplit.call(vec![Value::Cidr(block), Value::Int(parts)]) else {
            prop_assert!(u32::from(block.max_prefix_len() - block.prefix_len()) < 6);
            return Ok(());
        };
        prop_assert_eq!(cut.items().map(<[_]>::len), Some(parts as usize));
        for part in cut.items().into_iter().flatten() {
            prop_assert_eq!(Func::CidrContains.call(vec![Value::Cidr(block), part.clone()]), Ok(Value::Bool(true)));
        }
        prop_assert_eq!(Func::Disjoint.call(vec![cut]), Ok(Value::Bool(true)));
    }

    #[test]
    fn ranges_are_disjoint_when_no_two_overlap(blocks in prop::collection::vec(net(), 0..6)) {
        let blocks: Vec<Value> = blocks.into_iter().map(Value::Cidr).collect();
        let mut apart = true;
        for (i, a) in blocks.iter().enumerate() {
            for b in &blocks[i + 1..] {
                apart &= Func::CidrOverlaps.call(vec![a.clone(), b.clone()]) == Ok(Value::Bool(false));
            }
        }
        prop_assert_eq!(Func::Disjoint.call(vec![Value::list(blocks)]), Ok(Value::Bool(apart)));
    }

    #[test]
    fn an_address_of_a_range_lies_in_it(block in net(), index in any::<i64>()) {
        for index in [index, 0, -1] {
            if let Ok(address) = Func::CidrHost.call(vec![Value::Cidr(block), Value::Int(index)]) {
                let inside = Func::CidrContains.call(vec![Value::Cidr(block), address]);
                prop_assert_eq!(inside, Ok(Value::Bool(true)));
            }
        }
    }

    #[test]
    fn equal_values_hash_alike(mut entries in prop::collection::vec((scalar(), scalar()), 0..5)) {
        use std::hash::BuildHasher;
        let hash = |map: &Map| rustc_hash::FxBuildHasher.hash_one(map);
        let map: Map = entries.iter().cloned().collect();
        entries = map.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        entries.reverse();
        let turned: Map = entries.into_iter().collect();
        prop_assert_eq!(hash(&map), hash(&turned));
        prop_assert_eq!(map, turned);
    }

    #[test]
    fn sorting_orders_and_keeps_everything(items in prop::collection::vec(any::<i64>(), 0..20)) {
        let mut expected = items.clone();
        expected.sort_unstable();
        let list = |items: Vec<i64>| Value::list(items.into_iter().map(Value::Int).collect());
        prop_assert_eq!(Func::Sort.call(vec![list(items)]), Ok(list(expected)));
    }
}

#[test]
fn a_list_of_every_type_sorts_to_an_error_and_not_to_a_panic() {
    let mixed =
        list![1, "a", true, Value::None, cidr("10.0.0.0/8"), list![], 2, "b", false, list![1, "x"], list![1, 2]];
    assert_eq!(Func::Sort.call(vec![mixed]).map_err(|e| e.code), Err(201));
}
