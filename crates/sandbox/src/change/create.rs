//! Creates: each kind is made as effectively once, or not, as its service makes it.

use topo_model::{Attributes, Creation as Class, Kind, Symbol, Type, Value};
use topo_provider::{Creation, Error};

use super::{Circumstances, Staged, same, update};
use crate::mint::Mint;
use crate::refusal::{exists, invalid};
use crate::rules::{Again, Made, Rule, rule};
use crate::shape;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(super) fn stage(world: &mut World, new: &Creation, at: &Circumstances) -> Result<Staged, Error> {
    let catalogue = world.catalogue.clone();
    let Some(kind) = catalogue.by_name(new.kind) else {
        return Err(invalid("UnknownKind", format!("there is no kind {}", new.kind)));
    };
    if kind.regional != new.region.is_some() {
        let where_it_is = if kind.regional { "is made in a region" } else { "is global" };
        return Err(invalid("InvalidRegion", format!("{} {where_it_is}", new.kind)));
    }
    let rule = rule(new.kind);
    let draft = draft(kind, rule, new, at)?;
    if let Some(staged) = made_already(world, kind, rule, &draft, new, at)? {
        return Ok(staged);
    }
    let what = format!(
        "{}/{}/{}/{}/{}",
        new.kind,
        new.region.map_or("", Symbol::as_str),
        new.owner.project,
        new.owner.env,
        new.owner.path
    );
    let nth = world.count(&format!("made {what}"));
    let object = named(world, kind, rule, &Mint::new(at.seed, &what, nth), draft);
    let (key, id) = (object.key, object.object_id());
    world.put(object);
    Ok(Staged::Put { key, id, before: None })
}

/// The object that is asked for, as far as the creating call makes it; it has no id yet.
fn draft(kind: &Kind, rule: &dyn Rule, new: &Creation, at: &Circumstances) -> Result<Stored, Error> {
    let mut attributes = shape::typed(kind, &new.attributes)?;
    for later in rule.later() {
        attributes.remove(Symbol::new(later));
    }
    shape::fill(kind, &mut attributes);
    rule.decides(None, &mut attributes);
    shape::complete(kind, &attributes)?;
    let marked = kind.tagged() && !rule.later().contains(&"tags");
    let token = matches!(kind.creation, Class::Token | Class::CallerReference).then(|| new.owner.id.0.to_string());
    Ok(Stored {
        key: Key(u32::MAX),
        id: String::new(),
        kind: kind.name,
        region: new.region,
        attributes,
        outputs: Attributes::new(),
        owner: marked.then(|| new.owner.clone()),
        token,
        made_at: at.now,
        ready_at: at.after(kind.settles),
        hidden: at.hidden,
        parent: None,
        failed: None,
        facts: Attributes::new(),
    })
}

/// What a create comes to where the service knows its token, reference, name or key.
fn made_already(
    world: &mut World,
    kind: &Kind,
    rule: &dyn Rule,
    draft: &Stored,
    new: &Creation,
    at: &Circumstances,
) -> Result<Option<Staged>, Error> {
    match &kind.creation {
        Class::Token | Class::CallerReference => known_token(world, kind, rule, draft, at),
        Class::Name(_) => {
            let Some(place) = world.same_key(draft).map(Stored::place) else { return Ok(None) };
            // Tags are taken by creates alone.
            let mut want = Creation { attributes: draft.attributes.clone(), ..new.clone() };
            want.attributes.remove(Symbol::new("tags"));
            update::upsert(world, &place, &want, at).map(Some)
        }
        Class::Key(_) => {
            let same = world.same_key(draft).filter(|o| rule.same_key_same_object() && alike(rule, kind, draft, o));
            Ok(same.map(|o| Staged::Same(o.object_id())))
        }
        Class::Nothing => Ok(None),
    }
}

fn known_token(
    world: &World,
    kind: &Kind,
    rule: &dyn Rule,
    draft: &Stored,
    at: &Circumstances,
) -> Result<Option<Staged>, Error> {
    let Some(token) = draft.token.as_deref() else { return Ok(None) };
    let code = rule.codes().exists;
    if world.note(&burned(kind.name, token)).is_some() {
        return Err(exists(code, format!("the reference {token} was used by an object that is deleted")));
    }
    let Some(made) = world.by_token(kind.name, draft.region, token) else { return Ok(None) };
    let word = if kind.creation == Class::Token { "token" } else { "reference" };
    let used = || format!("the {word} {token} was used for {}", made.id);
    match rule.again() {
        Again::SameFor(ms) if at.now - made.made_at > ms => Ok(None),
        Again::Same | Again::SameFor(_) if alike(rule, kind, draft, made) => Ok(Some(Staged::Same(made.object_id()))),
        _ if kind.creation == Class::Token => {
            Err(invalid("IdempotentParameterMismatch", format!("{}, with other settings", used())))
        }
        _ => Err(exists(code, used())),
    }
}

/// The note that says a caller reference can't be used again.
pub(super) fn burned(kind: Symbol, token: &str) -> String {
    format!("burned {kind}/{token}")
}

/// Whether an object has the settings that a create asks for.
fn alike(rule: &dyn Rule, kind: &Kind, asked: &Stored, made: &Stored) -> bool {
    let later = |name: Symbol| rule.later().contains(&name.as_str());
    let sent = kind.attributes.iter().filter(|a| !later(a.name) && a.name != "tags");
    sent.filter_map(|a| Some((a, asked.attributes.get(a.name)?)))
        .all(|(a, value)| made.attributes.get(a.name).is_some_and(|there| same(kind, a, value, there)))
}

/// Gives a draft its number, id and outputs.
fn named(world: &mut World, kind: &Kind, rule: &dyn Rule, mint: &Mint, mut object: Stored) -> Stored {
    object.key = world.new_key();
    if object.id.is_empty() {
        object.id = rule.id(mint, &object);
    }
    let mut outputs = Attributes::new();
    for output in &kind.outputs {
        let value = match output.name.as_str() {
            "id" => Value::str(object.id.as_str()),
            "arn" => Value::str(rule.arn(&object)),
            _ => invented(mint, output.name, &output.ty),
        };
        outputs.set(output.name, value);
    }
    let mut special = Attributes::new();
    rule.outputs(mint, &object, &mut special);
    for (name, value) in special.iter().filter(|(name, _)| kind.output(*name).is_some()) {
        outputs.set(name, value.clone());
    }
    object.outputs = outputs;
    object
}

/// The value of an output that no rule knows.
fn invented(mint: &Mint, name: Symbol, ty: &Type) -> Value {
    match ty {
        Type::String => {
            let scheme = if name.as_str().ends_with("_url") { "https://" } else { "" };
            Value::str(format!("{scheme}{}-{}", name.as_str().replace('_', "-"), mint.hex(12)))
        }
        Type::Bool => Value::Bool(false),
        Type::Int(_) => Value::Int(0),
        Type::List(_) => Value::list(Vec::new()),
        Type::Map(_) => Value::map([]),
        _ => Value::None,
    }
}

/// Makes an object that the cloud makes by itself with another: without a mark, gone with
/// its parent. Without the kind in the catalogue there is none.
pub(crate) fn child<const N: usize>(
    world: &mut World,
    parent: &Stored,
    kind: &str,
    id: Option<String>,
    attributes: [(&str, Value); N],
    made: &Made<'_>,
) {
    let catalogue = world.catalogue.clone();
    let Some(kind) = catalogue.by_name(Symbol::new(kind)) else { return };
    let told = attributes.into_iter().map(|(name, value)| (Symbol::new(name), value));
    let mut attributes: Attributes = told.filter(|(name, _)| kind.attribute(*name).is_some()).collect();
    shape::fill(kind, &mut attributes);
    let object = Stored {
        id: id.unwrap_or_default(),
        kind: kind.name,
        region: if kind.regional { parent.region } else { None },
        attributes,
        owner: None,
        token: None,
        parent: Some(parent.key),
        ..parent.clone()
    };
    let object = named(world, kind, rule(kind.name), made.mint, object);
    world.put(object);
}
