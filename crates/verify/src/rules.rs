//! Rules that hold without a loss: what can't work whatever happens.

mod certificate;
mod design;
mod guard;
mod named;
pub(crate) mod probe;
mod route;
mod watch;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use topo_model::{Diagnostic, Span};

use crate::dns::Dns;
use crate::scene::Scene;

/// Judges everything by every rule.
pub(crate) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    let proved = findings.len();
    probe::judge(scene, dns, findings);
    route::judge(scene, findings);
    guard::judge(scene, dns, findings);
    certificate::judge(scene, dns, findings);
    watch::judge(scene, findings);
    named::judge(scene, findings);
    design::judge(scene, dns, findings);
    let judged = findings.split_off(proved);
    findings.extend(once(scene, judged));
}

/// One statement makes many resources, and all of them may have one fault: the first tells of the
/// others.
fn once(scene: &Scene<'_>, judged: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let regions: BTreeSet<&str> = scene.desired.resources.iter().filter_map(|r| r.region).map(|r| r.as_str()).collect();
    let mut kept: Vec<(Diagnostic, usize)> = Vec::new();
    let mut known: BTreeMap<(u16, Vec<Span>, Vec<String>), usize> = BTreeMap::new();
    for found in judged {
        let places = found.labels.iter().map(|label| label.span).collect();
        match known.entry((found.code.0, places, shape(&regions, &found.message))) {
            Entry::Occupied(at) => kept[*at.get()].1 += 1,
            Entry::Vacant(at) => {
                at.insert(kept.len());
                kept.push((found, 0));
            }
        }
    }
    let told = kept.into_iter().map(|(mut found, more)| {
        if let (Some(label), 1..) = (found.labels.first_mut(), more) {
            label.text = format!("{}, and {more} more like it", label.text);
        }
        found
    });
    told.collect()
}

/// The words of a message without keys and regions: what is the same for all instances of a statement.
fn shape(regions: &BTreeSet<&str>, message: &str) -> Vec<String> {
    let mut depth = 0;
    let outside = |c: &char| {
        depth += i32::from(*c == '[') - i32::from(*c == ']');
        depth == 0 && *c != ']'
    };
    let text: String = message.chars().filter(outside).collect();
    let words = text.split([' ', ',', ':', '`']).filter(|word| !regions.contains(word));
    words.map(str::to_owned).collect()
}
