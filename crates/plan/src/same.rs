//! Whether two values mean the same.
//!
//! What a program wants is held against what is there. Lists that the schema calls
//! `unordered` are compared as sets, strings that hold a JSON object or list as documents,
//! DNS names without regard to case and a last dot; durations and sizes are numbers already.
//! Nothing, the empty text, the empty list and the empty map mean the same. In a record, a
//! field that is not set is left to the cloud, as an attribute is.

use topo_model::{KindAttribute, Record, Symbol, Value};

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sense {
    /// The outermost list is a set.
    unordered: bool,
    /// The kind deals with DNS, so that fields of certain names hold DNS names.
    dns_kind: bool,
    /// These strings are DNS names.
    dns: bool,
}

/// Attributes and fields that hold DNS names, in the kinds of Route 53 and ACM.
const DNS_NAMES: [&str; 5] =
    ["name", "dns_name", "domain_name", "fully_qualified_domain_name", "subject_alternative_names"];

/// Record types whose values are DNS names, or end in one.
const DNS_VALUES: [&str; 5] = ["CNAME", "NS", "PTR", "MX", "SRV"];

impl Sense {
    /// How an attribute of a kind is compared; `record_type` is the `type` of a record set.
    pub(crate) fn of(kind: Symbol, attribute: &KindAttribute, record_type: Option<&str>) -> Sense {
        let dns_kind = kind.as_str().starts_with("aws.route53.") || kind.as_str().starts_with("aws.acm.");
        let values = || attribute.name == "resource_records" && record_type.is_some_and(|t| DNS_VALUES.contains(&t));
        let dns = dns_kind && (DNS_NAMES.contains(&attribute.name.as_str()) || values());
        Sense { unordered: attribute.unordered, dns_kind, dns }
    }

    /// Compares to the letter, but for what always holds.
    pub(crate) const PLAIN: Sense = Sense { unordered: false, dns_kind: false, dns: false };

    fn inside(self) -> Sense {
        Sense { unordered: false, ..self }
    }

    fn field(self, name: Symbol) -> Sense {
        Sense { unordered: false, dns: self.dns_kind && DNS_NAMES.contains(&name.as_str()), ..self }
    }
}

/// Whether what is there is what is wanted.
pub(crate) fn same(want: &Value, have: Option<&Value>, sense: Sense) -> bool {
    let have = have.unwrap_or(&Value::None);
    match (want, have) {
        (Value::Record(want), Value::Record(have)) => fields(want, have, sense),
        (Value::Map(want), Value::Map(have)) => {
            want.len() == have.len() && want.iter().all(|(k, v)| same(v, have.get(k), sense.inside()))
        }
        (Value::List(want), Value::List(have)) if sense.unordered => as_sets(want, have, sense.inside()),
        (Value::List(want), Value::List(have)) | (Value::Tuple(want), Value::Tuple(have)) => {
            want.len() == have.len() && want.iter().zip(have.iter()).all(|(w, h)| same(w, Some(h), sense.inside()))
        }
        (Value::Secret(want), Value::Secret(have)) => {
            // A version that is not known on one side can't tell them apart.
            let versions = want.version.as_ref().zip(have.version.as_ref());
            want.source == have.source && versions.is_none_or(|(w, h)| w == h)
        }
        _ if is_empty(want) && is_empty(have) => true,
        _ => match (want.as_str(), have.as_str()) {
            (Some(want), Some(have)) => texts(want, have, sense),
            _ => want == have,
        },
    }
}

fn fields(want: &Record, have: &Record, sense: Sense) -> bool {
    want.iter().all(|(name, value)| value.is_none() || same(value, have.get(name), sense.field(name)))
}

fn as_sets(want: &[Value], have: &[Value], sense: Sense) -> bool {
    if want.len() != have.len() {
        return false;
    }
    let mut left: Vec<&Value> = have.iter().collect();
    want.iter().all(|w| match left.iter().position(|h| same(w, Some(h), sense)) {
        Some(at) => {
            left.swap_remove(at);
            true
        }
        None => false,
    })
}

/// Whether a value means that nothing is there.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::None => true,
        Value::Str(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

fn texts(want: &str, have: &str, sense: Sense) -> bool {
    want == have || (sense.dns && dns(want).eq_ignore_ascii_case(dns(have))) || same_document(want, have)
}

fn dns(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn same_document(want: &str, have: &str) -> bool {
    let document = |text: &str| {
        let text = text.trim_start();
        let parsed = || serde_json::from_str::<serde_json::Value>(text).ok();
        if text.starts_with(['{', '[']) { parsed() } else { None }
    };
    document(want).is_some_and(|want| document(have).is_some_and(|have| want == have))
}

/// Whether what was set has a field that is set no longer, and that is still there.
pub(crate) fn lets_go(want: &Value, recorded: Option<&Value>, have: Option<&Value>) -> bool {
    let (Value::Record(want), Some(Value::Record(recorded)), Some(Value::Record(have))) = (want, recorded, have) else {
        return false;
    };
    recorded.iter().filter(|(_, value)| !value.is_none()).any(|(name, old)| match want.get(name) {
        None | Some(Value::None) => have.get(name).is_some_and(|h| !is_empty(h)),
        Some(new) => lets_go(new, Some(old), have.get(name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::list(items.iter().map(|i| Value::str(*i)).collect())
    }

    const SET: Sense = Sense { unordered: true, ..Sense::PLAIN };
    const DNS: Sense = Sense { dns_kind: true, dns: true, unordered: true };

    #[test]
    fn sets_ignore_order_and_count_what_recurs() {
        assert!(same(&list(&["a", "b"]), Some(&list(&["b", "a"])), SET));
        assert!(!same(&list(&["a", "b"]), Some(&list(&["b", "a"])), Sense::PLAIN));
        assert!(!same(&list(&["a", "a"]), Some(&list(&["a", "b"])), SET));
    }

    #[test]
    fn documents_are_compared_by_what_they_hold() {
        let (a, b) = (Value::str(r#"{"a": 1, "b": [2]}"#), Value::str(r#"{"b":[2],"a":1}"#));
        assert!(same(&a, Some(&b), Sense::PLAIN));
        assert!(!same(&a, Some(&Value::str(r#"{"b":[3],"a":1}"#)), Sense::PLAIN));
        assert!(!same(&Value::str("1"), Some(&Value::str("1 ")), Sense::PLAIN));
    }

    #[test]
    fn dns_names_ignore_case_and_the_last_dot() {
        assert!(same(&list(&["Api.kimkao.io"]), Some(&list(&["api.kimkao.io."])), DNS));
        assert!(!same(&Value::str("a"), Some(&Value::str("A")), Sense::PLAIN));
    }

    #[test]
    fn a_field_that_is_not_set_is_left_to_the_cloud() {
        let field = |name: &str, value: Value| (Symbol::new(name), value);
        let want = Value::record([field("type", Value::str("TCP")), field("port", Value::None)]);
        let have = Value::record([field("type", Value::str("TCP")), field("port", Value::Int(443))]);
        assert!(same(&want, Some(&have), Sense::PLAIN));
        assert!(!lets_go(&want, Some(&want), Some(&have)));
        assert!(lets_go(&want, Some(&have), Some(&have)));
    }

    #[test]
    fn nothing_and_what_is_empty_are_alike() {
        for empty in [Value::None, Value::str(""), list(&[]), Value::map([])] {
            assert!(same(&empty, None, Sense::PLAIN), "{empty}");
        }
        assert!(!same(&Value::Bool(false), None, Sense::PLAIN));
        assert!(!same(&Value::str("x"), None, Sense::PLAIN));
    }
}
