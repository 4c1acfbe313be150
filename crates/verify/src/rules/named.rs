//! Names that what is there has already (T0702): the language tells what the program makes apart; here
//! it is held against what the program looks up.

use std::collections::BTreeMap;

use topo_model::{Code, Diagnostic, Kind, ResId, Symbol, Value};

use crate::scene::Scene;

/// What tells objects apart: their kind, the attribute, the name, and the region where it counts.
type Key = (&'static str, &'static str, String, Option<Symbol>);

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Diagnostic>) {
    let mut there: BTreeMap<Key, ResId> = BTreeMap::new();
    let ids = || scene.desired.iter().map(|(id, _)| id);
    for id in ids().filter(|id| scene.is_existing(*id)) {
        for key in keys(scene, id) {
            there.entry(key).or_insert(id);
        }
    }
    // With nothing looked up there is nothing to compare.
    for id in ids().filter(|id| !there.is_empty() && scene.is_made(*id)) {
        let clash = keys(scene, id).into_iter().find_map(|key| Some((*there.get(&key)?, key)));
        findings.extend(clash.map(|(known, key)| taken(scene, id, known, &key)));
    }
}

fn keys(scene: &Scene<'_>, id: ResId) -> Vec<Key> {
    let kind = scene.desired.kind(scene.resource(id));
    let unique = kind.unique.iter().filter(|unique| unique.code == Some(Code(702)));
    let single = unique.filter_map(|unique| match unique.attributes.as_slice() {
        [one] => Some((kind.attr(*one).name, scene.region(id).filter(|_| !unique.in_any_region))),
        _ => None,
    });
    single.filter_map(|(name, region)| key(kind, name, scene.get(id, name.as_str()), region)).collect()
}

fn key(kind: &Kind, attribute: Symbol, value: &Value, region: Option<Symbol>) -> Option<Key> {
    let name = kind.canonical(attribute, value).as_str()?.to_owned();
    Some((kind.name.as_str(), attribute.as_str(), name, region))
}

fn taken(scene: &Scene<'_>, id: ResId, known: ResId, (kind, attribute, _, region): &Key) -> Diagnostic {
    let name = scene.text(id, attribute).unwrap_or_default();
    let (new, old) = (scene.address(id), scene.address(known));
    let place = region.map_or("the account".to_owned(), |region| region.to_string());
    let message =
        format!("`{new}` is to make the `{kind}` \"{name}\", which `{old}` looks up: {place} has one of that name");
    Diagnostic::error(702, scene.span(id, attribute), message, format!("makes \"{name}\""))
        .label(scene.place(known), format!("`{old}` is there already"))
        .help(format!("use `{old}`, or give `{new}` a name of its own"))
}
