//! What the log is told: pure functions from a record, an intent and an object to the next
//! record. Whatever is made stays in some record until it is seen gone.

use topo_model::{
    Attributes, Creation, Deposed, Intent, Object, ObjectId, Owner, RecordedResource, ReplaceOrder, Symbol, TopoId,
    Value,
};

use crate::cloud::Facts;

/// What an intent does not say about a resource.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lifecycle {
    pub(crate) protect: bool,
    pub(crate) replace: Option<ReplaceOrder>,
}

/// The record once an intent's object exists, or has the settings that the intent sent; not
/// ready yet. `old` is the record of the address so far.
pub(crate) fn made(
    old: Option<&RecordedResource>,
    intent: Intent,
    id: ObjectId,
    outputs: Attributes,
    lifecycle: Lifecycle,
    keep_old: bool,
) -> RecordedResource {
    let mut deposed = old.map(|o| o.deposed.clone()).unwrap_or_default();
    let same = |o: &RecordedResource| o.topo_id == intent.topo_id || (&o.id, o.region) == (&id, intent.region);
    if let Some(old) = old.filter(|o| keep_old && !same(o)) {
        deposed.push(depose(old));
    }
    deposed.retain(|d| d.topo_id != intent.topo_id || d.id != id);
    RecordedResource {
        address: intent.address,
        kind: intent.kind,
        region: intent.region,
        topo_id: intent.topo_id,
        id,
        ready: false,
        attributes: settled(intent.attributes),
        outputs,
        needs: intent.needs,
        protect: lifecycle.protect,
        replace: lifecycle.replace,
        deposed,
    }
}

fn depose(old: &RecordedResource) -> Deposed {
    Deposed {
        topo_id: old.topo_id.clone(),
        id: old.id.clone(),
        region: old.region,
        attributes: old.attributes.clone(),
        outputs: old.outputs.clone(),
        needs: old.needs.clone(),
    }
}

/// The record without one of its objects; `None` when that was the last. It takes both ids to
/// tell an object: a call that landed late makes a second one under the same id of ours, and
/// two regions can give the same id. When the current object goes while deposed ones are left, the newest of them stands in as an unfinished
/// current one: it must not be forgotten, and the next plan replaces or deletes it.
pub(crate) fn without(old: &RecordedResource, topo_id: &TopoId, id: &ObjectId) -> Option<RecordedResource> {
    let mut new = old.clone();
    new.deposed.retain(|d| d.topo_id != *topo_id || d.id != *id);
    if new.topo_id != *topo_id || new.id != *id {
        return Some(new);
    }
    let heir = new.deposed.pop()?;
    Some(RecordedResource {
        topo_id: heir.topo_id,
        id: heir.id,
        region: heir.region,
        attributes: heir.attributes,
        outputs: heir.outputs,
        needs: heir.needs,
        ready: false,
        ..new
    })
}

/// Whether an object is what our call made: by the service's own word where it is asked by
/// token, reference or tag; by its mark; by being just what we wanted where there is no mark
/// and our call may have been made (`doubt`).
pub(crate) fn ours(facts: &Facts, mine: &Owner, want: &Attributes, doubt: bool, object: &Object) -> bool {
    match (&object.owner, &facts.creation) {
        (Some(owner), _) if owner.id == mine.id => true,
        (Some(owner), Creation::Key(_) | Creation::Name(_)) => {
            owner.path == mine.path && owner.project == mine.project && owner.env == mine.env
        }
        (Some(_), _) => false,
        (None, Creation::Token | Creation::CallerReference | Creation::Nothing) => true,
        (None, Creation::Key(_) | Creation::Name(_)) => !facts.tagged && doubt && has_all(facts, want, object),
    }
}

/// Whether an object has every attribute that is wanted, as far as clouds tell them.
pub(crate) fn has_all(facts: &Facts, want: &Attributes, object: &Object) -> bool {
    topo_plan::in_line(&facts.kind, want, &object.attributes)
}

/// Attributes as they stand once they are set: a tag that was to go is gone.
fn settled(attributes: Attributes) -> Attributes {
    let settle = |(name, value): (Symbol, &Value)| match value {
        Value::None => None,
        Value::Map(map) if name == "tags" => {
            let kept = map.iter().filter(|(_, v)| !v.is_none()).map(|(k, v)| (k.clone(), v.clone()));
            Some((name, Value::map(kept)))
        }
        value => Some((name, value.clone())),
    };
    let plain = |(name, value): (Symbol, &Value)| !value.is_none() && name != "tags";
    if attributes.iter().all(plain) { attributes } else { attributes.iter().filter_map(settle).collect() }
}

#[cfg(test)]
mod tests {
    use topo_model::{IntentId, Operation, Symbol};

    use super::*;

    fn record(topo_id: &str, deposed: &[&str]) -> RecordedResource {
        RecordedResource {
            address: "net.vpc".into(),
            kind: Symbol::new("aws.ec2.Vpc"),
            region: None,
            topo_id: TopoId(topo_id.into()),
            id: ObjectId(format!("vpc-{topo_id}").into()),
            ready: true,
            attributes: Attributes::new(),
            outputs: Attributes::new(),
            needs: Vec::new(),
            protect: false,
            replace: None,
            deposed: deposed.iter().map(|d| depose(&record(d, &[]))).collect(),
        }
    }

    fn intent(topo_id: &str) -> Intent {
        Intent {
            id: IntentId(1),
            operation: Operation::Create,
            address: "net.vpc".into(),
            kind: Symbol::new("aws.ec2.Vpc"),
            region: None,
            topo_id: TopoId(topo_id.into()),
            object: None,
            attributes: Attributes::new(),
            needs: Vec::new(),
            at: 0,
        }
    }

    fn ids(record: &RecordedResource) -> (String, Vec<String>) {
        (record.topo_id.to_string(), record.deposed.iter().map(|d| d.topo_id.to_string()).collect())
    }

    #[test]
    fn a_new_object_deposes_the_old_one_once() {
        let object = || ObjectId("vpc-c".into());
        let old = record("b", &["a"]);
        let new = made(Some(&old), intent("c"), object(), Attributes::new(), Lifecycle::default(), true);
        assert_eq!(ids(&new), ("c".into(), vec!["a".into(), "b".into()]));
        assert!(!new.ready);
        let again = made(Some(&new), intent("c"), object(), Attributes::new(), Lifecycle::default(), true);
        assert_eq!(ids(&again), ids(&new));
        let in_place_of_a_lost_one =
            made(Some(&old), intent("c"), object(), Attributes::new(), Lifecycle::default(), false);
        assert_eq!(ids(&in_place_of_a_lost_one), ("c".into(), vec!["a".into()]));
    }

    #[test]
    fn no_object_is_forgotten_before_it_is_gone() {
        let old = record("c", &["a", "b"]);
        let without = |record: &RecordedResource, s: &str| {
            super::without(record, &TopoId(s.into()), &ObjectId(format!("vpc-{s}").into()))
        };
        let without_a = without(&old, "a").expect("two are left");
        assert_eq!(ids(&without_a), ("c".into(), vec!["b".into()]));
        let without_current = without(&old, "c").expect("two are left");
        assert_eq!(ids(&without_current), ("b".into(), vec!["a".into()]));
        assert!(!without_current.ready);
        assert_eq!(without(&record("c", &[]), "c"), None);
        let late = super::without(&old, &TopoId("c".into()), &ObjectId("vpc-late".into()));
        assert_eq!(late.as_ref(), Some(&old), "a second object under the same id of ours is not the recorded one");
    }

    #[test]
    fn a_tag_that_was_to_go_is_not_recorded() {
        let tags = |tags: &[(&str, Value)]| -> Attributes {
            let map = Value::map(tags.iter().map(|(k, v)| (Value::str(*k), v.clone())));
            [(Symbol::new("tags"), map)].into_iter().collect()
        };
        let sent = tags(&[("a", Value::str("1")), ("b", Value::None)]);
        assert_eq!(settled(sent), tags(&[("a", Value::str("1"))]));
    }
}
