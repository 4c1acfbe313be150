//! Whether a rollout's order can hold: T0304 for a region of which everything would have to
//! wait for a later one.

use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Origin, ResId, Symbol};

use super::Expander;
use super::frame::Run;

/// A resource that waits for a later wave than its region's, and what it waits for.
struct Pushed {
    resource: usize,
    by: ResId,
}

impl Expander<'_> {
    /// Each resource's wave is the later of its region's and those of what it depends on; a
    /// region of which none keeps its own would move as a whole.
    pub(super) fn order_holds(&mut self) {
        let Some(item) = self.program.rollouts.iter().find(|r| Some(r.env.name) == self.env) else { return };
        let waves: FxHashMap<Symbol, u32> = (0..)
            .zip(&item.rollout.order)
            .flat_map(|(wave, regions)| regions.iter().map(move |region| (*region, wave)))
            .collect();
        let mut kept: FxHashMap<Symbol, Option<Pushed>> = FxHashMap::default();
        // What a resource depends on was made before it, so its wave is known.
        let mut wave_of: Vec<u32> = Vec::with_capacity(self.resources.len());
        for (at, resource) in self.resources.iter().enumerate() {
            let own = resource.region.and_then(|region| waves.get(&region)).copied().unwrap_or(0);
            let (mut wave, mut by) = (own, None);
            resource.for_each_dependency(&mut |id| {
                let id = self.target(id);
                if let Some(theirs) = wave_of.get(id.0 as usize).filter(|theirs| **theirs > wave) {
                    (wave, by) = (*theirs, Some(id));
                }
            });
            wave_of.push(wave);
            let Some(region) = resource.region.filter(|region| waves.contains_key(region)) else { continue };
            if matches!(resource.origin, Origin::Existing(_)) {
                continue;
            }
            match by {
                None => _ = kept.insert(region, None),
                Some(by) => _ = kept.entry(region).or_insert(Some(Pushed { resource: at, by })),
            }
        }
        let mut found = Vec::new();
        for (region, span) in &item.places {
            let Some(Some(Pushed { resource, by })) = kept.get(region) else { continue };
            let address = |id: usize| self.addresses.render(self.resources[id].address);
            let later = wave_of[by.0 as usize] as usize;
            let regions = crate::suggest::listed(&item.rollout.order[later]);
            let message = format!("{region} can't go before {regions}: everything in it waits for {regions}");
            let waits = format!("{} waits for {}", address(*resource), address(by.0 as usize));
            let anchor = self.anchors[*resource];
            let place = if anchor.is_none() { self.resources[*resource].span } else { anchor };
            let mended = behind(&item.rollout.order, *region, later);
            let contradicted = Diagnostic::error(304, *span, message, "would move to a later wave as a whole");
            let help = format!("put {region} behind {regions}, or beside it: `order = {mended}`");
            found.push(contradicted.label(place, waits).fix(help, item.order, mended));
        }
        let run = Run::new(&self.program.topology, None, None);
        found.into_iter().for_each(|found| self.report(&run, found));
    }
}

/// The order as it is written, with a region moved behind a later wave.
fn behind(order: &[Vec<Symbol>], region: Symbol, later: usize) -> String {
    let mut waves: Vec<Vec<Symbol>> = Vec::with_capacity(order.len() + 1);
    for (at, wave) in order.iter().enumerate() {
        waves.push(wave.iter().copied().filter(|r| *r != region).collect());
        if at == later {
            waves.push(vec![region]);
        }
    }
    let wave = |wave: &Vec<Symbol>| match wave.as_slice() {
        [one] => one.to_string(),
        several => format!("[{}]", several.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ")),
    };
    format!("[{}]", waves.iter().filter(|w| !w.is_empty()).map(wave).collect::<Vec<_>>().join(", "))
}
