//! Natural keys: T0104 for two resources that would be one object to the cloud.

use rustc_hash::FxHashMap;
use topo_model::{AttrId, Creation, Diagnostic, Kind, KindId, Origin, Span, Symbol, Value};

use super::Expander;

/// What no two objects share: the kind, which of its keys, the region, and the values of the
/// key's attributes. References are outputs of resources here, so equal ones are equal values.
type Key<'v> = (KindId, usize, Option<Symbol>, Vec<Option<&'v Value>>);

/// Two resources of one key.
struct Clash {
    first: usize,
    second: usize,
    key: Vec<AttrId>,
    /// How many more the same two statements have.
    more: usize,
}

impl Expander<'_> {
    /// Finds out before the cloud does, which would be halfway through an apply.
    pub(super) fn check_keys(&mut self) {
        for clash in self.clashes() {
            let found = self.clash(&clash);
            let address = self.resources[clash.second].address;
            self.report_at(found, Some(address), self.anchors[clash.second]);
        }
    }

    fn clashes(&self) -> Vec<Clash> {
        let kinds = self.program.catalogue.kinds();
        let keys: Vec<Vec<&[AttrId]>> = kinds.iter().map(natural_keys).collect();
        let mut seen: FxHashMap<Key<'_>, usize> = FxHashMap::default();
        let mut clashes: Vec<Clash> = Vec::new();
        let mut by_place: FxHashMap<(Span, Span), usize> = FxHashMap::default();
        for (second, resource) in self.resources.iter().enumerate() {
            if matches!(resource.origin, Origin::Existing(_)) {
                continue;
            }
            for (at, key) in keys[resource.kind.0 as usize].iter().enumerate() {
                let values: Vec<Option<&Value>> = key.iter().map(|id| resource.value(*id)).collect();
                // Where the cloud decides all of it, it decides on another each time.
                if values.iter().all(Option::is_none) {
                    continue;
                }
                let first = *seen.entry((resource.kind, at, resource.region, values)).or_insert(second);
                if first != second {
                    let at = *by_place.entry(self.places(first, second)).or_insert(clashes.len());
                    match clashes.get_mut(at) {
                        Some(known) => known.more += 1,
                        None => clashes.push(Clash { first, second, key: key.to_vec(), more: 0 }),
                    }
                    break;
                }
            }
        }
        clashes
    }

    /// The user's statements behind two resources.
    fn places(&self, first: usize, second: usize) -> (Span, Span) {
        let (one, other) = (self.whence(first), self.whence(second));
        // One statement of a component, used twice: what used it tells them apart.
        if one == other && self.anchors[first] != self.anchors[second] {
            return (self.anchors[first], self.anchors[second]);
        }
        (one, other)
    }

    fn clash(&self, clash: &Clash) -> Diagnostic {
        let (first, second) = (&self.resources[clash.first], &self.resources[clash.second]);
        let kind = self.program.catalogue.kind(second.kind);
        let names: Vec<Symbol> = clash.key.iter().map(|id| kind.attr(*id).name).collect();
        let values: Vec<String> = clash
            .key
            .iter()
            .filter_map(|id| Some(format!("`{}` = {}", kind.attr(*id).name, self.short(second.value(*id)?))))
            .collect();
        let place = second.region.map_or_else(|| "the account".to_owned(), |region| region.to_string());
        let (one, other) = (self.addresses.render(first.address), self.addresses.render(second.address));
        let message =
            format!("`{one}` and `{other}` are the same `{}` in {place}: both have {}", kind.name, values.join(", "));
        let (before, here) = self.places(clash.first, clash.second);
        let more = match clash.more {
            0 => String::new(),
            more => format!(", and {more} more like it"),
        };
        let mut found = Diagnostic::error(104, here, message, format!("makes `{other}`{more}"));
        if before != here {
            found = found.label(before, format!("makes `{one}`"));
        }
        let each = if names.len() == 1 { "a value" } else { "values" };
        found
            .help(format!("give one of them {each} of its own for {}, or leave it out", crate::suggest::listed(&names)))
    }
}

/// The attributes that tell the objects of a kind apart, once each.
fn natural_keys(kind: &Kind) -> Vec<&[AttrId]> {
    let mut keys: Vec<&[AttrId]> = Vec::new();
    let created: &[&[AttrId]] = match &kind.creation {
        Creation::Key(key) => &[key, &kind.identity],
        Creation::Name(key) => &[key],
        Creation::Token | Creation::CallerReference | Creation::Nothing => &[],
    };
    for key in kind.unique.iter().map(Vec::as_slice).chain(created.iter().copied()) {
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
