//! A small world for the planner: programs in one line a resource, and a cloud in memory that
//! is applied to as strictly as a real one would be.

pub(crate) mod cloud;
pub(crate) mod kinds;
pub(crate) mod show;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use topo_model::{
    Addresses, Attribute, Code, Creation, DeferredCheck, Desired, Diagnostic, Func, Lifecycle, Moved, Need, Object,
    Origin, Output, Project, Recorded, ReplaceOrder, ResId, Resource, Rollout, Span, Symbol, Term, Value,
};
use topo_plan::{Found, Observed, Options, Planned, pattern};

/// A program, a log and a cloud.
pub(crate) struct World {
    pub(crate) desired: Desired,
    pub(crate) recorded: Recorded,
    pub(crate) cloud: Vec<Object>,
    pub(crate) out: Vec<Option<Symbol>>,
    pub(crate) skipped: bool,
    pub(crate) options: Options,
    pub(crate) made: u32,
}

impl World {
    /// Nothing is there yet.
    pub(crate) fn new(program: &str) -> World {
        World {
            desired: desired(program),
            recorded: Recorded::default(),
            cloud: Vec::new(),
            out: Vec::new(),
            skipped: false,
            options: Options::default(),
            made: 0,
        }
    }

    /// The program is applied already.
    pub(crate) fn applied(program: &str) -> World {
        let mut world = World::new(program);
        world.apply();
        world
    }

    /// Edits the program.
    pub(crate) fn program(&mut self, program: &str) -> &mut World {
        self.desired = desired(program);
        self
    }

    /// What observation would find.
    pub(crate) fn observed(&self) -> Observed {
        let reached = |region: &Option<Symbol>| !self.out.contains(region);
        let objects = self.cloud.iter().filter(|o| !self.skipped && reached(&o.region)).cloned().collect();
        let mut found = Vec::new();
        for (id, resource) in self.desired.iter() {
            if reached(&resource.region) && !self.skipped {
                found.extend(self.find(resource).map(|f| (id, f)));
            }
        }
        let unreachable = self.out.iter().map(|r| (*r, "connection timed out".to_owned())).collect();
        Observed { objects, found, unreachable, skipped: self.skipped }
    }

    fn find(&self, resource: &Resource) -> Option<Found> {
        let kind = self.desired.kind(resource);
        let by_id = match &resource.origin {
            Origin::Created => return None,
            Origin::Adopted(id) | Origin::Existing(Some(id)) => Some(id.clone()),
            Origin::Existing(None) => None,
        };
        let wanted = |o: &&Object| match &by_id {
            Some(id) => Value::str(o.id.0.as_str()) == *id,
            None => kind.identity.iter().all(|a| o.attributes.get(kind.attr(*a).name) == resource.value(*a)),
        };
        if kind.identity.iter().any(|a| resource.value(*a).is_some_and(|v| !v.is_ground())) {
            return None;
        }
        let objects = self.cloud.iter().filter(|o| o.kind == kind.name && o.region == resource.region);
        let objects: Vec<&Object> = objects.filter(wanted).collect();
        Some(match objects.as_slice() {
            [] => Found::Missing,
            [one] => Found::One((*one).clone()),
            many => Found::Many(many.iter().map(|o| o.id.clone()).collect()),
        })
    }

    pub(crate) fn planned(&self) -> Result<Planned, Vec<Diagnostic>> {
        topo_plan::plan(&self.desired, &self.recorded, &self.observed(), &self.options)
    }

    /// The plan as text.
    pub(crate) fn plan(&self) -> String {
        show::planned(&self.planned())
    }

    pub(crate) fn drift(&self) -> String {
        show::planned(&topo_plan::drift(&self.desired, &self.recorded, &self.observed(), &self.options))
    }

    pub(crate) fn destroy(&self) -> String {
        show::planned(&topo_plan::destroy(&self.desired, &self.recorded, &self.observed(), &self.options))
    }

    /// Plans, applies, and checks that nothing is left to do.
    #[track_caller]
    pub(crate) fn apply(&mut self) {
        let planned = self.planned().unwrap_or_else(|found| panic!("{}", show::planned(&Err(found))));
        self.carry_out(&planned.plan);
        assert_eq!(self.plan(), "no changes\n", "after an apply nothing is left to do");
    }

    #[track_caller]
    pub(crate) fn object(&mut self, address: &str) -> &mut Object {
        let record = &self.recorded.resources[address];
        let (kind, region, id) = (record.kind, record.region, record.id.clone());
        let object = self.cloud.iter_mut().find(|o| o.kind == kind && o.region == region && o.id == id);
        object.expect("the object is there")
    }

    /// Somebody changes an object behind topo's back.
    #[track_caller]
    pub(crate) fn outside(&mut self, address: &str, settings: &str) {
        let changed = words(settings).map(|w| setting(w, &|_| None)).collect::<Vec<_>>();
        let object = self.object(address);
        for (name, key, value) in changed {
            put(&mut object.attributes, name, key, value);
        }
    }

    /// Somebody deletes one.
    #[track_caller]
    pub(crate) fn vanish(&mut self, address: &str) {
        let id = self.object(address).id.clone();
        self.cloud.retain(|o| o.id != id);
    }
}

fn put(attributes: &mut topo_model::Attributes, name: &str, key: Option<&str>, value: Value) {
    let name = Symbol::new(name);
    let Some(key) = key else { return attributes.set(name, value) };
    let old = if let Some(Value::Map(map)) = attributes.get(name) { map.as_ref().clone() } else { Default::default() };
    let mut map = old;
    map.insert(Value::str(key), value);
    attributes.set(name, Value::Map(Arc::new(map)));
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// `name=value`, `tags.key=value`.
fn setting<'a>(word: &'a str, resource: &dyn Fn(&str) -> Option<ResId>) -> (&'a str, Option<&'a str>, Value) {
    let (name, text) = word.split_once('=').expect("a setting has a value");
    let (name, key) = name.split_once('.').map_or((name, None), |(n, k)| (n, Some(k)));
    (name, key, value(text, resource))
}

/// `1`, `true`, `none`, `[a,b]`, `{a:1,b:2}`, `$vpc.id`, `$vpc.tags#key`, anything else is text.
fn value(text: &str, resource: &dyn Fn(&str) -> Option<ResId>) -> Value {
    if let Some(items) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Value::list(items.split(',').filter(|i| !i.is_empty()).map(|i| value(i, resource)).collect());
    }
    if let Some(fields) = text.strip_prefix("{:").and_then(|t| t.strip_suffix('}')) {
        let field = |f: &str| f.split_once(':').map(|(n, v)| (Symbol::new(n), value(v, resource)));
        return Value::record(fields.split(',').filter_map(field));
    }
    if let Some(path) = text.strip_prefix('$') {
        let (path, key) = path.split_once('#').map_or((path, None), |(path, key)| (path, Some(key)));
        let (address, name) = path.rsplit_once('.').expect("a reference names an output");
        let resource = resource(address).unwrap_or_else(|| panic!("{address} is not in the program"));
        let output = Value::unknown(Term::Output { resource, name: Symbol::new(name) });
        let Some(key) = key else { return output };
        return Value::unknown(Term::Call { func: Func::Index, args: vec![output, Value::str(key)] });
    }
    if let Some(secret) = text.strip_prefix("secret:") {
        let (source, version) = secret.split_once('@').map_or((secret, None), |(s, v)| (s, Some(v.into())));
        return Value::Secret(Arc::new(topo_model::SecretRef { source: source.into(), version }));
    }
    match text {
        "none" => Value::None,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text.parse().map_or_else(|_| Value::str(text), Value::Int),
    }
}

/// A program: one resource a line, `address: Kind @region setting… +flag…`; and
/// `rollout a,b c`, `moved a -> b`, `forget a`, `output name=value`, `check name=value message`.
pub(crate) fn desired(program: &str) -> Desired {
    let lines: Vec<&str> = program.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//")).collect();
    let catalogue = Arc::new(kinds::catalogue());
    let mut desired = empty(catalogue);
    let is_item = |l: &&&str| l.split_once(": ").is_some_and(|(a, _)| !a.contains(' '));
    let addresses = lines.iter().filter(is_item).filter_map(|l| l.split_once(": ").map(|(a, _)| a));
    let names: FxHashMap<&str, ResId> = addresses.enumerate().map(|(at, a)| (a, ResId(at as u32))).collect();
    let find = |address: &str| names.get(address).copied();
    for (number, line) in lines.iter().enumerate() {
        let span = Span::new(number as u32 * 10 + 1, number as u32 * 10 + 9);
        if is_item(&line) {
            let (address, rest) = line.split_once(": ").expect("an address");
            let resource = resource(&mut desired, address, rest, span, &find);
            desired.resources.push(resource);
        } else {
            item(&mut desired, line, span, &find);
        }
    }
    desired.digest = format!("{:x}", program.bytes().fold(7_u64, |h, b| h.wrapping_mul(31).wrapping_add(b.into())));
    desired
}

fn item(desired: &mut Desired, line: &str, span: Span, find: &dyn Fn(&str) -> Option<ResId>) {
    let (head, rest) = line.split_once(' ').expect("an item");
    match head {
        "rollout" => {
            let order = rest.split(' ').map(|wave| wave.split(',').map(Symbol::new).collect()).collect();
            desired.rollout = Some(Rollout { order, bake: 0, gate: None, approve: false, revert: false, span });
        }
        "moved" => {
            let (from, to) = rest.split_once(" -> ").expect("two addresses");
            let (from, to) = (pattern(from).expect("an address"), pattern(to).expect("an address"));
            desired.moved.push(Moved { from, to, span });
        }
        "forget" => desired.forget.push(pattern(rest).expect("an address")),
        "output" => {
            let (name, _, value) = setting(rest, find);
            desired.outputs.push(Output { name: Symbol::new(name), value, span });
        }
        "check" => {
            let (cond, message) = rest.split_once(' ').expect("a condition and a message");
            let (_, _, cond) = setting(cond, find);
            let message = Value::str(message);
            desired.checks.push(DeferredCheck { cond, message, code: Code(202), instance: None, span });
        }
        other => panic!("{other} is no item"),
    }
}

fn empty(catalogue: Arc<topo_model::Catalogue>) -> Desired {
    Desired {
        project: Project {
            name: Symbol::new("demo"),
            cloud: Symbol::new("sandbox"),
            state: "file:.topo".into(),
            accounts: Vec::new(),
            tags: Vec::new(),
            span: Span::NONE,
        },
        env: Some(Symbol::new("test")),
        catalogue,
        addresses: Addresses::default(),
        resources: Vec::new(),
        outputs: Vec::new(),
        checks: Vec::new(),
        objectives: Vec::new(),
        rollout: None,
        regions: Vec::new(),
        moved: Vec::new(),
        forget: Vec::new(),
        inputs: Vec::new(),
        digest: String::new(),
    }
}

fn resource(
    desired: &mut Desired,
    address: &str,
    rest: &str,
    span: Span,
    find: &dyn Fn(&str) -> Option<ResId>,
) -> Resource {
    let mut rest = words(rest).peekable();
    let kind = Symbol::new(rest.next().expect("a kind"));
    let kind = desired.catalogue.find(kind).unwrap_or_else(|| panic!("{kind} is no kind"));
    let schema = desired.catalogue.kind(kind);
    let region = rest.next_if(|w| w.starts_with('@')).map(|w| Symbol::new(&w[1..]));
    let mut set = topo_model::Attributes::new();
    let mut lifecycle = Lifecycle::default();
    let (mut after, mut origin, mut anchor) = (Vec::new(), Origin::Created, Span::NONE);
    for word in rest {
        let Some(flag) = word.strip_prefix('+') else {
            let (name, key, value) = setting(word, find);
            put(&mut set, name, key, value);
            continue;
        };
        let (flag, argument) = flag.split_once('=').unwrap_or((flag, ""));
        match flag {
            "after" => after.extend(argument.split(';').map(|a| find(a).expect("a resource"))),
            "protect" => lifecycle.protect = true,
            "ignore" => lifecycle.ignore.push(argument.to_owned()),
            "delete_first" => lifecycle.replace = Some(ReplaceOrder::DeleteFirst),
            "create_first" => lifecycle.replace = Some(ReplaceOrder::CreateFirst),
            "from" => origin = Origin::Adopted(Value::str(argument)),
            "library" => anchor = Span::new(span.lo + 1000, span.hi + 1000),
            "existing" => origin = Origin::Existing((!argument.is_empty()).then(|| Value::str(argument))),
            other => panic!("{other} is no flag"),
        }
    }
    let value = |attribute: &topo_model::KindAttribute| match (set.get(attribute.name), &attribute.need) {
        (Some(value), _) => Some(Attribute { value: value.clone(), span }),
        (None, Need::Default(value)) => Some(Attribute { value: value.clone(), span: Span::NONE }),
        (None, _) => None,
    };
    let attributes = schema.attributes.iter().map(value).collect();
    let address = desired.addresses.intern(None, Symbol::new(address), None);
    let lifecycle = (lifecycle != Lifecycle::default()).then(|| Arc::new(lifecycle));
    Resource { address, kind, region, origin, attributes, after, lifecycle, span, anchor }
}

/// Whether a kind makes objects by a natural key.
pub(crate) fn key(kind: &topo_model::Kind) -> &[topo_model::AttrId] {
    match &kind.creation {
        Creation::Key(key) | Creation::Name(key) => key,
        _ => &[],
    }
}
