//! Natural keys: T0104, or the code that the kind names, for two resources that would be one
//! object to the cloud, or that a program takes from it twice.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use topo_model::{AttrId, Creation, Diagnostic, Kind, KindId, Origin, ResId, Span, Symbol, Value};

use super::Expander;
use super::findings::Role;
use super::origin::Read;

/// What no two objects share: the kind, which of its keys, the region, and the values of the
/// key's attributes, as the cloud compares them. References are outputs of resources here, so
/// equal ones are equal values.
type Key<'v> = (KindId, usize, Option<Symbol>, Vec<Option<Cow<'v, Value>>>);

/// Two resources of one key.
struct Clash<'k> {
    first: usize,
    second: usize,
    key: NaturalKey<'k>,
    /// How many more the same two statements have.
    more: usize,
}

impl<'p> Expander<'p> {
    /// Finds out before the cloud does, which would be halfway through an apply.
    pub(super) fn check_keys(&mut self) {
        for clash in self.clashes() {
            let found = self.clash(&clash);
            let (reads, role) = self.both(&clash);
            let rule = found.span();
            self.report_of(clash.second, found, (reads, rule), role);
        }
        self.check_adopted();
    }

    /// T0104 for one object that two resources adopt, or that one adopts and another only
    /// looks up.
    fn check_adopted(&mut self) {
        let mut seen: FxHashMap<(KindId, Option<Symbol>, &Value), usize> = FxHashMap::default();
        let mut found: Vec<(usize, Diagnostic)> = Vec::new();
        for (second, resource) in self.resources.iter().enumerate() {
            let (Origin::Adopted(from) | Origin::Existing(Some(from))) = &resource.origin else { continue };
            let first = *seen.entry((resource.kind, resource.region, from)).or_insert(second);
            let adopted = [first, second].map(|at| matches!(self.resources[at].origin, Origin::Adopted(_)));
            if first == second || adopted == [false, false] {
                continue;
            }
            let kind = self.program.catalogue.kind(resource.kind).name;
            let [one, other] = [first, second].map(|at| self.addresses.render(self.resources[at].address));
            let message = format!("`{one}` and `{other}` are the same `{kind}`, {}", self.short(from));
            let (before, here) = self.places(first, second);
            let clash = Diagnostic::error(104, here, message, format!("takes it as `{other}`"));
            let clash = clash.help(format!("keep one statement for it, and write `{one}` where the other one is used"));
            found.push((
                second,
                if before == here { clash } else { clash.label(before, format!("takes it as `{one}`")) },
            ));
        }
        for (second, clash) in found {
            let address = self.resources[second].address;
            self.report_at(clash, Some(address), self.anchors[second]);
        }
    }

    fn clashes(&self) -> Vec<Clash<'p>> {
        let kinds = self.program.catalogue.kinds();
        let keys: Vec<Vec<NaturalKey<'p>>> = kinds.iter().map(natural_keys).collect();
        let mut seen: FxHashMap<Key<'_>, usize> = FxHashMap::default();
        let mut clashes: Vec<Clash<'p>> = Vec::new();
        let mut by_place: FxHashMap<(Span, Span), usize> = FxHashMap::default();
        for (second, resource) in self.resources.iter().enumerate() {
            if matches!(resource.origin, Origin::Existing(_)) {
                continue;
            }
            let kind = &kinds[resource.kind.0 as usize];
            for (at, key) in keys[resource.kind.0 as usize].iter().enumerate() {
                let value = |id: &AttrId| Some(kind.canonical(kind.attr(*id).name, resource.value(*id)?));
                let values: Vec<Option<Cow<'_, Value>>> = key.attributes.iter().map(value).collect();
                // Where the cloud decides all of it, it decides on another each time.
                if values.iter().all(Option::is_none) {
                    continue;
                }
                let region = resource.region.filter(|_| !key.in_any_region);
                let first = *seen.entry((resource.kind, at, region, values)).or_insert(second);
                if first != second {
                    let at = *by_place.entry(self.places(first, second)).or_insert(clashes.len());
                    match clashes.get_mut(at) {
                        Some(known) => known.more += 1,
                        None => clashes.push(Clash { first, second, key: *key, more: 0 }),
                    }
                    break;
                }
            }
        }
        clashes
    }

    /// The user's statements behind two resources.
    pub(super) fn places(&self, first: usize, second: usize) -> (Span, Span) {
        let (one, other) = (self.whence(first), self.whence(second));
        // One statement of a component, used twice: what used it tells them apart.
        if one == other && self.anchors[first] != self.anchors[second] {
            return (self.anchors[first], self.anchors[second]);
        }
        (one, other)
    }

    /// Where the values are set that two resources share.
    fn both(&self, clash: &Clash<'_>) -> (Vec<Read<'p>>, Role) {
        let kind = self.program.catalogue.kind(self.resources[clash.second].kind);
        let known = |id: &&AttrId| self.resources[clash.second].value(**id).is_some_and(Value::is_ground);
        let names = clash.key.attributes.iter().filter(known).map(|id| kind.attr(*id).name);
        let reads = names.flat_map(|name| [clash.second, clash.first].map(|at| self.setting(ResId(at as u32), name)));
        let inside = self.in_library(self.resources[clash.second].span);
        (reads.flatten().collect(), if inside { Role::Pair } else { Role::Plain })
    }

    fn clash(&self, clash: &Clash<'_>) -> Diagnostic {
        let (first, second) = (&self.resources[clash.first], &self.resources[clash.second]);
        let kind = self.program.catalogue.kind(second.kind);
        let names: Vec<Symbol> = clash.key.attributes.iter().map(|id| kind.attr(*id).name).collect();
        let values: Vec<String> = clash
            .key
            .attributes
            .iter()
            .filter_map(|id| {
                let (is, was) = (second.value(*id)?, first.value(*id)?);
                let other =
                    if is == was { String::new() } else { format!(" (or {}, which is one name)", self.short(was)) };
                Some(format!("`{}` = {}{other}", kind.attr(*id).name, self.short(is)))
            })
            .collect();
        let place = match (clash.key.in_any_region, second.region) {
            (false, Some(region)) => region.to_string(),
            (true, Some(_)) => "all regions".to_owned(),
            (_, None) => "the account".to_owned(),
        };
        let (one, other) = (self.addresses.render(first.address), self.addresses.render(second.address));
        let message =
            format!("`{one}` and `{other}` are the same `{}` in {place}: both have {}", kind.name, values.join(", "));
        let (before, here) = self.places(clash.first, clash.second);
        let more = match clash.more {
            0 => String::new(),
            more => format!(", and {more} more like it"),
        };
        let mut found = Diagnostic::error(clash.key.code, here, message, format!("makes `{other}`{more}"));
        if before != here {
            found = found.label(before, format!("makes `{one}`"));
        }
        // What the library computes is set by a parameter of the component that was used twice.
        let inside = self.program.sources.file(second.span).is_some_and(|f| f.library);
        if inside && first.span == second.span {
            return found.help("they are made inside a component that is used twice: set its `name` on one of the two");
        }
        let each = if names.len() == 1 { "a value" } else { "values" };
        found
            .help(format!("give one of them {each} of its own for {}, or leave it out", crate::suggest::listed(&names)))
    }
}

/// Attributes that tell the objects of a kind apart.
#[derive(Clone, Copy)]
struct NaturalKey<'k> {
    attributes: &'k [AttrId],
    in_any_region: bool,
    code: u16,
}

/// What tells the objects of a kind apart, once each.
fn natural_keys(kind: &Kind) -> Vec<NaturalKey<'_>> {
    let created: &[&[AttrId]] = match &kind.creation {
        Creation::Key(key) => &[key, &kind.identity],
        Creation::Name(key) => &[key],
        Creation::Token | Creation::CallerReference | Creation::Nothing => &[],
    };
    let unique = kind.unique.iter().map(|u| NaturalKey {
        attributes: &u.attributes,
        in_any_region: u.in_any_region,
        code: u.code.map_or(104, |code| code.0),
    });
    let created = created.iter().map(|key| NaturalKey { attributes: key, in_any_region: false, code: 104 });
    let mut keys: Vec<NaturalKey<'_>> = Vec::new();
    for key in unique.chain(created) {
        if !key.attributes.is_empty() && keys.iter().all(|known| known.attributes != key.attributes) {
            keys.push(key);
        }
    }
    keys
}
