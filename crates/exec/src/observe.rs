//! Asking the cloud about everything that the program or the record knows, in bulk.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::task::JoinSet;
use topo_model::{
    Attributes, Desired, Object, ObjectId, Origin, Recorded, RecordedResource, ResId, Resolve, Resource, Symbol, Value,
    evaluate,
};
use topo_plan::{Found, Observed};
use topo_provider::{Error as CallError, ErrorKind, Place, Provider, Scope};

use crate::cloud::patiently;
use crate::{Cloud, Error};

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The program; `None` when everything is to be destroyed, or only drift is asked for.
    pub desired: Option<&'a Desired>,
    /// The record.
    pub recorded: &'a Recorded,
    /// The only region to look at, beside the global services; `None` for all.
    pub region: Option<Symbol>,
    /// Whether to look at what is recorded; where not, only lookups are made, and the record
    /// stands in for the rest.
    pub refresh: bool,
}

/// Asks about everything that the program or the record knows: regions side by side, in
/// bulk, by mark and by known id. Then looks up what `existing` and adopted resources are,
/// as far as what identifies them is known. A region that can't be reached is in the answer.
///
/// # Errors
///
/// A region that can be reached and refuses to tell.
pub async fn observe<P: Provider>(cloud: &Cloud<'_, P>, view: &View<'_>) -> Result<Observed, Error> {
    let mut observed = Observed { skipped: !view.refresh, ..Observed::default() };
    if view.refresh {
        scan(cloud, view, &mut observed).await?;
    }
    if let Some(desired) = view.desired {
        look_up(cloud, view, desired, &mut observed).await?;
    }
    observed.unreachable.sort();
    observed.unreachable.dedup_by(|a, b| a.0 == b.0);
    Ok(observed)
}

/// What to ask one region.
#[derive(Debug, Default)]
struct Ask {
    kinds: Vec<Symbol>,
    known: Vec<(Symbol, ObjectId)>,
    seen: FxHashSet<Symbol>,
}

impl Ask {
    fn kind(&mut self, kind: Symbol) {
        if self.seen.insert(kind) {
            self.kinds.push(kind);
        }
    }
}

/// What to ask, region by region, in the order that they are met.
#[derive(Debug, Default)]
struct Asks {
    asks: Vec<(Option<Symbol>, Ask)>,
    at: FxHashMap<Option<Symbol>, usize>,
    only: Option<Symbol>,
}

impl Asks {
    fn of(&mut self, region: Option<Symbol>) -> Option<&mut Ask> {
        if self.only.is_some() && region.is_some() && region != self.only {
            return None;
        }
        let at = *self.at.entry(region).or_insert_with(|| {
            self.asks.push((region, Ask::default()));
            self.asks.len() - 1
        });
        Some(&mut self.asks[at].1)
    }
}

fn asks(view: &View<'_>) -> Asks {
    let mut asks = Asks { only: view.region, ..Asks::default() };
    for resource in view.desired.iter().flat_map(|d| &d.resources) {
        let kind = view.desired.map(|d| d.kind(resource));
        let Some(kind) = kind.filter(|k| !k.state_only() && !matches!(resource.origin, Origin::Existing(_))) else {
            continue;
        };
        if let Some(ask) = asks.of(resource.region) {
            ask.kind(kind.name);
        }
    }
    for record in view.recorded.resources.values().filter(|r| !r.kind.as_str().starts_with("core.")) {
        let deposed = record.deposed.iter().map(|d| (d.region, &d.id));
        for (region, id) in std::iter::once((record.region, &record.id)).chain(deposed) {
            if let Some(ask) = asks.of(region) {
                ask.kind(record.kind);
                ask.known.push((record.kind, id.clone()));
            }
        }
    }
    asks
}

async fn scan<P: Provider>(cloud: &Cloud<'_, P>, view: &View<'_>, observed: &mut Observed) -> Result<(), Error> {
    let Asks { asks, .. } = asks(view);
    let mut answers: Vec<Option<Result<Vec<Object>, CallError>>> = asks.iter().map(|_| None).collect();
    let regions: Vec<Option<Symbol>> = asks.iter().map(|(region, _)| *region).collect();
    let mut scans = JoinSet::new();
    for (at, (region, ask)) in asks.into_iter().enumerate() {
        let (provider, time) = (Arc::clone(&cloud.provider), cloud.time);
        let (project, env) = (cloud.project.to_owned(), cloud.env.to_owned());
        scans.spawn(async move {
            let Ask { kinds, known, .. } = ask;
            let scope = Scope { project: &project, env: &env, region, kinds: &kinds, known: &known };
            (at, patiently(time, || provider.observe(&scope)).await)
        });
    }
    while let Some(scan) = scans.join_next().await {
        match scan {
            Ok((at, answer)) => answers[at] = Some(answer),
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    for (region, answer) in regions.iter().zip(answers) {
        match answer {
            Some(Ok(objects)) => observed.objects.extend(objects),
            Some(Err(error)) => refused(observed, *region, error)?,
            None => {}
        }
    }
    look_again(cloud, view, &regions, observed).await
}

/// An object that was just made may not be seen yet, and to take it for deleted would make a
/// second one. One that was never seen ready is looked for until its kind's visibility bound
/// has passed.
async fn look_again<P: Provider>(
    cloud: &Cloud<'_, P>,
    view: &View<'_>,
    asked: &[Option<Symbol>],
    observed: &mut Observed,
) -> Result<(), Error> {
    let mut unfinished: Vec<&RecordedResource> = view.recorded.resources.values().filter(|r| !r.ready).collect();
    if unfinished.is_empty() {
        return Ok(());
    }
    let seen: FxHashSet<(Symbol, &ObjectId)> = observed.objects.iter().map(|o| (o.kind, &o.id)).collect();
    unfinished.retain(|r| {
        let reachable = observed.unreachable.iter().all(|(out, _)| *out != r.region);
        reachable && asked.contains(&r.region) && !seen.contains(&(r.kind, &r.id))
    });
    let bound = |r: &RecordedResource| cloud.catalogue.by_name(r.kind).map_or(0, |k| k.visible);
    let most = unfinished.iter().map(|r| bound(r)).max().unwrap_or(0);
    let look = (most / 16).max(100);
    let mut waited = 0;
    loop {
        let mut missing = Vec::new();
        for record in unfinished {
            let place = Place { kind: record.kind, region: record.region, id: record.id.clone() };
            match patiently(cloud.time, || cloud.provider.read(&place)).await {
                Ok(Some(object)) => observed.objects.push(object),
                Ok(None) => missing.push(record),
                Err(error) if error.kind == ErrorKind::NotFound => missing.push(record),
                Err(error) => refused(observed, record.region, error)?,
            }
        }
        missing.retain(|r| waited < bound(r));
        if missing.is_empty() {
            return Ok(());
        }
        unfinished = missing;
        waited += look;
        cloud.time.wait(look).await;
    }
}

/// A region that can't be reached is an answer; one that refuses is an error.
fn refused(observed: &mut Observed, region: Option<Symbol>, source: CallError) -> Result<(), Error> {
    if source.kind != ErrorKind::Outage {
        return Err(Error::Observe { region, source });
    }
    observed.unreachable.push((region, source.to_string()));
    Ok(())
}

/// What a lookup asks for.
enum Lookup {
    Id(ObjectId),
    Identity(Attributes),
}

/// What is known while lookups are made: what earlier ones found, and the record.
struct Known<'a> {
    desired: &'a Desired,
    recorded: &'a Recorded,
    found: &'a FxHashMap<ResId, Object>,
}

impl Resolve for Known<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        if let Some(object) = self.found.get(&resource) {
            return object.outputs.get(name).or_else(|| object.attributes.get(name)).cloned();
        }
        let record = self.recorded.resources.get(&self.desired.address(resource))?;
        record.outputs.get(name).or_else(|| record.attributes.get(name)).cloned()
    }
}

async fn look_up<P: Provider>(
    cloud: &Cloud<'_, P>,
    view: &View<'_>,
    desired: &Desired,
    observed: &mut Observed,
) -> Result<(), Error> {
    let mut found: FxHashMap<ResId, Object> = FxHashMap::default();
    // A resource refers to earlier ones only, so one pass in order sees all that can be known.
    for (id, resource) in desired.iter().filter(|(_, r)| r.origin != Origin::Created) {
        if view.region.is_some() && resource.region.is_some() && resource.region != view.region {
            continue;
        }
        if matches!(resource.origin, Origin::Adopted(_)) && view.recorded.resources.contains_key(&desired.address(id)) {
            continue;
        }
        let known = Known { desired, recorded: view.recorded, found: &found };
        let Some(lookup) = lookup(desired, resource, &known) else { continue };
        let kind = desired.kind(resource).name;
        let region = resource.region;
        let answer = match lookup {
            Lookup::Id(id) => {
                let place = Place { kind, region, id };
                let read = patiently(cloud.time, || cloud.provider.read(&place)).await;
                read.map(|object| object.into_iter().collect::<Vec<Object>>())
            }
            Lookup::Identity(identity) => patiently(cloud.time, || cloud.provider.find(kind, region, &identity)).await,
        };
        match answer {
            Ok(objects) => {
                let answer = told(objects);
                if let Found::One(object) = &answer {
                    found.insert(id, object.clone());
                }
                observed.found.push((id, answer));
            }
            Err(error) if error.kind == ErrorKind::NotFound => observed.found.push((id, Found::Missing)),
            Err(error) => refused(observed, region, error)?,
        }
    }
    Ok(())
}

fn told(mut objects: Vec<Object>) -> Found {
    match (objects.len(), objects.pop()) {
        (1, Some(object)) => Found::One(object),
        (_, None) => Found::Missing,
        (_, Some(last)) => Found::Many(objects.into_iter().chain([last]).map(|o| o.id).collect()),
    }
}

/// What identifies a resource; `None` while that is not known.
fn lookup(desired: &Desired, resource: &Resource, known: &Known<'_>) -> Option<Lookup> {
    let ground = |value: &Value| evaluate(value, known).ok().filter(Value::is_ground);
    match &resource.origin {
        Origin::Created => None,
        Origin::Adopted(id) | Origin::Existing(Some(id)) => {
            ground(id)?.as_str().map(|id| Lookup::Id(ObjectId(id.into())))
        }
        Origin::Existing(None) => {
            let kind = desired.kind(resource);
            let set = kind.attributes.iter().zip(&resource.attributes).filter_map(|(a, v)| Some((a.name, v.as_ref()?)));
            // A schema's default says nothing of the object that is meant.
            let written = set.filter(|(_, v)| v.span != topo_model::Span::NONE);
            let identity = written.map(|(name, v)| Some((name, ground(&v.value)?))).collect::<Option<Attributes>>()?;
            Some(Lookup::Identity(identity))
        }
    }
}
