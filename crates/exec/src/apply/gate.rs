//! What must hold before the next wave is entered.

use rustc_hash::FxHashMap;
use topo_model::{Attributes, Object, ObjectId, RecordedResource, Symbol, Value};
use topo_plan::{Op, Plan};
use topo_provider::{Place, Provider, Scope};

use crate::Cloud;
use crate::cloud::patiently;

/// The kind whose objects a gate watches.
const ALARM: &str = "aws.cloudwatch.Alarm";

/// What the watched alarms say, by id.
pub(crate) type Alarms = Vec<(String, Place, Option<Value>)>;

/// Reads every alarm that is recorded. Where there is none a gate has nothing to watch.
pub(crate) async fn alarms<P: Provider>(
    cloud: &Cloud<'_, P>,
    recorded: impl Iterator<Item = &RecordedResource>,
) -> Alarms {
    let mut alarms = Vec::new();
    for record in recorded.filter(|r| r.kind == ALARM) {
        let place = Place { kind: record.kind, region: record.region, id: record.id.clone() };
        let seen = patiently(cloud.time, || cloud.provider.read(&place)).await;
        let state = seen.ok().flatten().and_then(|o| o.outputs.get(Symbol::new("state_value")).cloned());
        alarms.push((record.address.clone(), place, state));
    }
    alarms
}

/// Why the gate stays shut: an alarm went to ALARM since `before`, or does not tell. An alarm
/// that was in ALARM before tells nothing of the wave, and one without data is not in ALARM.
pub(crate) fn shut(before: &Alarms, now: &Alarms) -> Option<String> {
    let alarm = Value::str("ALARM");
    now.iter().find_map(|(address, place, state)| match state {
        None => Some(format!("the alarm {address} can't be read")),
        Some(state) if *state == alarm => {
            let was = before.iter().find(|(_, p, _)| p == place).and_then(|(_, _, s)| s.as_ref());
            (was != Some(&alarm)).then(|| format!("the alarm {address} went to ALARM"))
        }
        Some(_) => None,
    })
}

/// Why the gate stays shut where nothing is known of before: an alarm is in ALARM.
pub(crate) fn ringing(now: &Alarms) -> Option<String> {
    let alarm = Value::str("ALARM");
    let ringing = now.iter().find(|(_, _, state)| state.as_ref() == Some(&alarm));
    ringing.map(|(address, _, _)| format!("the alarm {address} is in ALARM"))
}

/// Objects by kind and id.
type Known = Vec<(Symbol, ObjectId)>;

/// An object that a wave changes or removes, with what the plan saw of it.
struct Touched<'a> {
    address: &'a str,
    kind: Symbol,
    region: Option<Symbol>,
    id: &'a ObjectId,
    before: &'a Attributes,
    removed: bool,
}

/// Looks again, in bulk, at what a wave changes or removes; says what is not as the plan
/// saw it. An object that is to be removed and is gone already is no surprise: the waves
/// before may have taken it along.
pub(crate) async fn changed_since<P: Provider>(cloud: &Cloud<'_, P>, plan: &Plan, wave: u32) -> Option<String> {
    let touched = touched(plan, wave);
    let mut regions: Vec<(Option<Symbol>, Known)> = Vec::new();
    for Touched { kind, region, id, .. } in &touched {
        let at = regions.iter().position(|(r, _)| r == region).unwrap_or_else(|| {
            regions.push((*region, Known::new()));
            regions.len() - 1
        });
        regions[at].1.push((*kind, (*id).clone()));
    }
    let mut objects: FxHashMap<(Symbol, Option<Symbol>, ObjectId), Object> = FxHashMap::default();
    for (region, known) in regions {
        let mut kinds: Vec<Symbol> = known.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let scope = Scope { project: cloud.project, env: cloud.env, region, kinds: &kinds, known: &known };
        match patiently(cloud.time, || cloud.provider.observe(&scope)).await {
            Ok(found) => objects.extend(found.into_iter().map(|o| ((o.kind, o.region, o.id.clone()), o))),
            Err(error) => return Some(format!("it can't be told whether the plan still holds: {error}")),
        }
    }
    touched.into_iter().find_map(|t| match objects.get(&(t.kind, t.region, t.id.clone())) {
        None if t.removed => None,
        None => Some(format!("{} is gone since the plan was made; plan again", t.address)),
        Some(object) => {
            let kind = cloud.catalogue.by_name(t.kind)?;
            let changed = t.before.iter().find(|(name, value)| {
                let one: Attributes = [(*name, (*value).clone())].into_iter().collect();
                !topo_plan::in_line(kind, &one, &object.attributes)
            });
            let told = |name| format!("{}.{name} was changed outside since the plan was made; plan again", t.address);
            changed.map(|(name, _)| told(name))
        }
    })
}

/// What a wave's steps change or remove.
fn touched(plan: &Plan, wave: u32) -> Vec<Touched<'_>> {
    let steps = plan.steps.iter().filter(|s| s.wave == wave && matches!(s.op, Op::Update | Op::Delete));
    let one = |step: &topo_plan::Step| {
        let node = &plan.nodes[step.node.0 as usize];
        let detail = node.detail.as_deref().filter(|_| !node.kind.as_str().starts_with("core."))?;
        let object = detail.object.as_ref()?;
        Some(Touched {
            address: &node.address,
            kind: node.kind,
            region: object.region,
            id: &object.id,
            before: detail.before.as_ref()?,
            removed: step.op == Op::Delete,
        })
    };
    steps.filter_map(one).collect()
}
