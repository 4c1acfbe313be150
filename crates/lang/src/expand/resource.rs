//! Resources: their address, their place, their attributes as the cloud gets them.

use std::sync::Arc;

use topo_model::{
    AttrId, Attribute, Diagnostic, Func, Kind, KindId, Lifecycle, Map, Need, Origin, ReplaceOrder, ResId, Resource,
    Span, Symbol, Term, Type, Value,
};

use super::frame::{Made, Reads, Run};
use super::{Expander, Inherited, Instance, MAX_DEPTH, MAX_INSTANCES};
use crate::ir::{self, ComponentId, Node, What};

/// What a statement says beside attributes, evaluated.
struct Common {
    region: Option<Symbol>,
    reads: Reads,
    inherited: Inherited,
}

impl<'p> Expander<'p> {
    /// A `resource` or `existing` statement in one frame.
    pub(crate) fn resource(
        &mut self,
        run: &mut Run<'p>,
        node: &'p Node,
        resource: &'p ir::Resource,
        frame: u32,
        inherited: &Inherited,
    ) -> Made {
        let up = resource.slots.len() as u16 - 1;
        let key = if up == 0 { None } else { run.key(frame, up) };
        let address = self.addresses.intern(run.address, resource.name, key);
        let outer = self.making.replace(address);
        let made = self.make(run, node, resource, frame, inherited);
        self.making = outer;
        let slot = resource.slots[0];
        match made {
            Some((value, made)) => {
                run.set(frame, slot, Some(value), Reads::default());
                made
            }
            None => {
                run.set(frame, slot, None, Reads::default());
                Made::Nothing
            }
        }
    }

    fn make(
        &mut self,
        run: &mut Run<'p>,
        node: &'p Node,
        resource: &'p ir::Resource,
        frame: u32,
        inherited: &Inherited,
    ) -> Option<(Value, Made)> {
        if let Some(when) = &resource.when
            && !self.condition(run, frame, when, "`when`")?
        {
            return Some((Value::None, Made::Nothing));
        }
        if self.resources.len() >= MAX_INSTANCES {
            let message = format!("the program has more than {MAX_INSTANCES} resources");
            self.report(run, Diagnostic::error(205, resource.name_span, message, "too many"));
            self.exhausted = true;
            return None;
        }
        let common = self.common(run, resource, frame, inherited)?;
        match &resource.what {
            What::Kind { kind, attributes } => {
                let id = self.object(run, node, resource, (*kind, attributes), frame, common)?;
                Some((Value::Resource(id), Made::One(id)))
            }
            What::Component { component, arguments } => {
                self.instance(run, resource, *component, arguments, frame, common)
            }
        }
    }

    fn common(
        &mut self,
        run: &Run<'p>,
        resource: &'p ir::Resource,
        frame: u32,
        inherited: &Inherited,
    ) -> Option<Common> {
        let region = match &resource.at {
            Some(at) => Some(self.place(run, frame, at)?),
            None => run.frames[frame as usize].here,
        };
        let mut reads = Reads::default();
        let mut inherited = inherited.clone();
        if let Some(after) = &resource.after {
            let (value, more) = self.eval(run, frame, after);
            reads.extend(&more);
            inherited.after.extend(&self.resources_in(&value?));
        }
        if let Some(lifecycle) = &resource.lifecycle {
            let value = self.eval(run, frame, lifecycle).0?;
            let outer = inherited.lifecycle.as_deref().cloned().unwrap_or_default();
            inherited.lifecycle = Some(Arc::new(self.lifecycle(run, &value, outer, lifecycle.span)?));
        }
        Some(Common { region, reads, inherited })
    }

    /// What a statement says, over what the instance around it says.
    fn lifecycle(&mut self, run: &Run<'p>, value: &Value, outer: Lifecycle, span: Span) -> Option<Lifecycle> {
        if !value.is_ground() {
            let found = self.needs_now(value, span, "`lifecycle`");
            self.report(run, found);
            return None;
        }
        let own = value.field("ignore").and_then(Value::items).unwrap_or_default();
        let mut ignore = outer.ignore;
        for path in own.iter().filter_map(Value::as_str) {
            if ignore.iter().all(|known| known != path) {
                ignore.push(path.to_owned());
            }
        }
        Some(Lifecycle {
            protect: value.field("protect").and_then(Value::as_bool).unwrap_or(outer.protect),
            ignore,
            replace: match value.field("replace").and_then(Value::as_str) {
                Some("create_first") => Some(ReplaceOrder::CreateFirst),
                Some("delete_first") => Some(ReplaceOrder::DeleteFirst),
                _ => outer.replace,
            },
            timeout: value.field("timeout").and_then(Value::as_millis).or(outer.timeout),
        })
    }

    /// One object of a kind.
    fn object(
        &mut self,
        run: &Run<'p>,
        node: &'p Node,
        resource: &'p ir::Resource,
        (kind_id, given): (KindId, &'p [(AttrId, ir::Expr)]),
        frame: u32,
        common: Common,
    ) -> Option<ResId> {
        let kind = self.program.catalogue.kind(kind_id);
        let Common { region, mut reads, inherited } = common;
        let region = if kind.regional { region } else { None };
        if kind.regional && region.is_none() {
            let found = self.unplaced(run, resource, kind);
            if found.span() == run.anchor {
                self.report_at(found, None, Span::NONE);
            } else {
                self.report(run, found);
            }
        }
        let mut lowering = Lowering { resource, kind, region, reads: &mut reads, raw: Vec::new() };
        let attributes = self.attributes(run, frame, (kind_id, given), &mut lowering);
        let raw = lowering.raw;
        let mut attributes = attributes?;
        if !resource.existing {
            if !self.one_of_each(run, resource, kind, &attributes) {
                return None;
            }
            self.fill_defaults(kind_id, kind, &mut attributes);
        }
        let from = match &resource.from {
            Some(from) => {
                let id = self.eval(run, frame, from).0?;
                // What exists is looked up during the apply; what is adopted is planned.
                if !resource.existing && !id.is_ground() {
                    let found = self.needs_now(&id, from.span, "the `from` of what is adopted");
                    self.report(run, found);
                    return None;
                }
                Some(id)
            }
            None => None,
        };
        if kind.regional && region.is_none() {
            return None;
        }
        let id = ResId(self.resources.len() as u32);
        self.raw.extend(raw.into_iter().map(|(at, value)| ((id, at), value)));
        let origin = match (resource.existing, from) {
            (true, from) => Origin::Existing(from),
            (false, Some(from)) => Origin::Adopted(from),
            (false, None) => Origin::Created,
        };
        let mut after = inherited.after;
        after.extend(&reads);
        let address = self.making?;
        let library = self.program.sources.file(node.span).is_some_and(|f| f.library);
        self.anchors.push(run.anchor);
        self.makers.push((resource, run.id, frame));
        self.resources.push(Resource {
            address,
            kind: kind_id,
            region,
            origin,
            attributes: attributes.into(),
            after: after.iter().collect(),
            lifecycle: inherited.lifecycle,
            span: node.span,
            anchor: if library { run.anchor } else { Span::NONE },
        });
        Some(id)
    }

    /// The attributes that the program sets, as the cloud gets them; `None` after a report.
    fn attributes(
        &mut self,
        run: &Run<'p>,
        frame: u32,
        (kind_id, given): (KindId, &'p [(AttrId, ir::Expr)]),
        lowering: &mut Lowering<'_>,
    ) -> Option<Vec<Option<Attribute>>> {
        let kind = self.program.catalogue.kind(kind_id);
        let mut attributes: Vec<Option<Attribute>> = vec![None; kind.attributes.len()];
        let mut complete = true;
        for (at, expr) in given {
            let (value, reads) = self.eval(run, frame, expr);
            lowering.reads.extend(&reads);
            let Some(value) = value else {
                complete = false;
                continue;
            };
            // `none` is as good as left out.
            if value.is_none() {
                continue;
            }
            let value = if self.program.lowers(kind_id, *at) {
                let mut found = Vec::new();
                let lowered = self.lower(&value, &kind.attr(*at).ty, (expr, &mut found), lowering);
                complete &= found.is_empty();
                for found in found {
                    let found = self.own_region(run, frame, (expr, lowering.region), found);
                    self.report(run, found);
                }
                lowering.raw.push((*at, value));
                lowered
            } else {
                value
            };
            attributes[at.0 as usize] = Some(Attribute { value, span: expr.span });
        }
        complete.then_some(attributes)
    }

    /// Of alternatives exactly one is set.
    fn one_of_each(
        &mut self,
        run: &Run<'p>,
        resource: &ir::Resource,
        kind: &Kind,
        attributes: &[Option<Attribute>],
    ) -> bool {
        let groups = kind.attributes.iter().filter_map(|a| a.alternative).max().map_or(0, |g| g + 1);
        for group in 0..groups {
            let members: Vec<usize> =
                (0..kind.attributes.len()).filter(|at| kind.attributes[*at].alternative == Some(group)).collect();
            let names: Vec<Symbol> = members.iter().map(|at| kind.attributes[*at].name).collect();
            let set: Vec<usize> = members.iter().copied().filter(|at| attributes[*at].is_some()).collect();
            let names = crate::suggest::listed(&names);
            let found = match set.as_slice() {
                [_] => continue,
                [] => {
                    let message = format!("`{}` needs one of {names}", kind.name);
                    let found = Diagnostic::error(103, resource.name_span, message, "none of them is set");
                    found.help("give one of them a value that is not `none`")
                }
                [first, rest @ ..] => {
                    let place = |at: &usize| attributes[*at].as_ref().map_or(Span::NONE, |a| a.span);
                    let message = format!("`{}` takes only one of {names}", kind.name);
                    let first_name = kind.attributes[*first].name;
                    let mut found = Diagnostic::error(202, place(&rest[0]), message, "a second one");
                    found = found.label(place(first), format!("`{first_name}` is set here"));
                    found.help("remove all but one of them")
                }
            };
            self.report(run, found);
            return false;
        }
        true
    }

    /// Puts in what the schema defaults to, and the project's tags.
    fn fill_defaults(&self, id: KindId, kind: &Kind, attributes: &mut [Option<Attribute>]) {
        for (attribute, value) in kind.attributes.iter().zip(attributes.iter_mut()) {
            if let (None, Need::Default(default)) = (&value, &attribute.need) {
                *value = Some(Attribute { value: default.clone(), span: Span::NONE });
            }
        }
        let tags = &self.program.project.tags;
        let Some(at) = self.tags[id.0 as usize] else { return };
        if tags.is_empty() {
            return;
        }
        let project: Map = tags.iter().map(|(k, v)| (Value::str(k.as_str()), Value::str(v.as_str()))).collect();
        let slot = &mut attributes[at.0 as usize];
        let (own, span) = match slot.take() {
            Some(own) => (own.value, own.span),
            None => (Value::map([]), Span::NONE),
        };
        // The resource's own tags win; the project's stand first.
        let merged = Func::Merge.call(vec![Value::Map(Arc::new(project)), own.clone()]).unwrap_or(own);
        *slot = Some(Attribute { value: merged, span });
    }

    /// A value as the cloud gets it: of each resource the output that is sent.
    fn lower(&mut self, value: &Value, schema: &Type, of: Found<'_>, lowering: &mut Lowering<'_>) -> Value {
        let (expr, found) = of;
        let mut each = |value: &Value, schema: &Type| self.lower(value, schema, (expr, found), lowering);
        match (value, schema) {
            (_, Type::Optional(of) | Type::Secret(of)) => each(value, of),
            (Value::Resource(id), Type::Reference { output, any_region, .. }) => {
                let (id, via) = self.resolve(*id);
                via.into_iter().for_each(|id| lowering.reads.add(id));
                if !any_region {
                    found.extend(self.other_region(id, expr, lowering));
                }
                Value::unknown(Term::Output { resource: id, name: *output })
            }
            (Value::Unknown(term), Type::Reference { .. }) => match &**term {
                Term::Call { func, args } => {
                    let args = args.iter().map(|arg| each(arg, schema)).collect();
                    Value::unknown(Term::Call { func: *func, args })
                }
                _ => value.clone(),
            },
            (Value::List(items), _) => {
                let of = if let Type::List(of) = schema { of } else { schema };
                Value::list(items.iter().map(|v| each(v, of)).collect())
            }
            (Value::Map(map), _) => {
                let of = if let Type::Map(of) = schema { &of.1 } else { schema };
                let map: Map = map.iter().map(|(k, v)| (k.clone(), each(v, of))).collect();
                Value::Map(Arc::new(map))
            }
            (Value::Tuple(parts), Type::Tuple(types)) => {
                Value::tuple(parts.iter().zip(types.iter()).map(|(v, ty)| each(v, ty)).collect())
            }
            (Value::Record(record), Type::Record(ty)) => {
                let fields = record.iter().map(|(name, v)| {
                    let ty = ty.field(name).map_or(&Type::Unknown, |f| &f.ty);
                    (name, each(v, ty))
                });
                Value::record(fields.collect::<Vec<_>>())
            }
            _ => value.clone(),
        }
    }

    /// T0302 for an instance of a component of the library: once, whatever is in it.
    pub(super) fn unplaced_instance(&self, statement: Span) -> Diagnostic {
        let name = self.program.sources.text(statement);
        let message = format!("what `{name}` makes lives in one region, and nothing says in which");
        Diagnostic::error(302, statement, message, "no placement")
    }

    /// T0302.
    fn unplaced(&self, run: &Run<'p>, resource: &ir::Resource, kind: &Kind) -> Diagnostic {
        let message =
            format!("`{}` is an `{}`, which lives in one region, and nothing says in which", resource.name, kind.name);
        let found = match self.in_library(resource.name_span) && !run.anchor.is_none() {
            true => self.unplaced_instance(run.anchor),
            false => Diagnostic::error(302, resource.name_span, message, "no placement"),
        };
        self.place_it(found, if run.anchor.is_none() { resource.name_span } else { run.anchor })
    }

    /// The fix of T0302: a statement is placed; in the library, the user's own.
    pub(super) fn place_it(&self, found: Diagnostic, name: Span) -> Diagnostic {
        let region = self.declared.as_ref().and_then(|d| d.first()).map_or("ap-east-2", |r| r.as_str());
        let help = format!("write `at REGION` on it, for example `at {region}`, or put it into a `for … at …`");
        let place = self.program.sources.file(name).filter(|f| !f.library).and_then(|file| {
            let after = file.text.get((name.hi - file.base) as usize..)?;
            let path = after.trim_start_matches([':', ' ']);
            let rest = path.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
            let end = name.hi + (after.len() - rest.len()) as u32;
            Some(Span::new(end, end))
        });
        match place {
            Some(place) => found.fix(help, place, format!(" at {region}")),
            None => found.help(help),
        }
    }

    /// T0303 for a resource of another region; T0601 where a load balancer is to show a certificate of
    /// another region.
    ///
    /// <https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html>
    fn other_region(&self, id: ResId, expr: &ir::Expr, lowering: &Lowering<'_>) -> Option<Diagnostic> {
        let of = &self.resources[id.0 as usize];
        let (here, there) = (lowering.region?, of.region?);
        if here == there {
            return None;
        }
        let address = self.address(id);
        let name = lowering.resource.name;
        let message = format!("`{name}` is in {here} and refers to `{address}`, which is in {there}");
        let shown = self.program.catalogue.kind(of.kind).name == "aws.acm.Certificate"
            && matches!(lowering.kind.name.as_str(), "aws.elbv2.Listener" | "aws.elbv2.ListenerCertificate");
        let code = if shown { 601 } else { 303 };
        let found = Diagnostic::error(code, expr.span, message, format!("in {there}"));
        let found = found.label(lowering.resource.name_span, format!("in {here}"));
        Some(found.label(of.span, format!("`{address}` is in {there}")))
    }

    /// The fix of T0303 where the resource was chosen by a key: the one of the own region, if there is one.
    fn own_region(
        &mut self,
        run: &Run<'p>,
        frame: u32,
        (expr, region): (&'p ir::Expr, Option<Symbol>),
        found: Diagnostic,
    ) -> Diagnostic {
        let other = "a reference stays in its region: name a resource of this one, or put this one beside that";
        let (ir::ExprKind::Call(Func::Index, of), Some(region)) = (&expr.kind, region) else {
            return found.help(other);
        };
        let [base, key] = &**of else { return found.help(other) };
        match self.eval(run, frame, base).0 {
            Some(Value::Map(map)) if map.get(&Value::Region(region)).is_some() => {
                let text = self.program.sources.text(base.span);
                found.fix(format!("take the one of its own region: `{text}[here]`"), key.span, "here")
            }
            _ => found.help(other),
        }
    }

    /// What a component makes.
    fn instance(
        &mut self,
        run: &Run<'p>,
        resource: &'p ir::Resource,
        id: ComponentId,
        arguments: &'p [(u32, ir::Expr)],
        frame: u32,
        common: Common,
    ) -> Option<(Value, Made)> {
        let component = &self.program.components[id.0 as usize];
        if run.depth >= MAX_DEPTH {
            let message = format!("components stand in each other more than {MAX_DEPTH} deep");
            self.report(run, Diagnostic::error(205, resource.name_span, message, "too deep"));
            return None;
        }
        self.turns += 1;
        if self.turns > MAX_INSTANCES {
            let message =
                format!("the program has more than {MAX_INSTANCES} instances of components and turns of loops");
            self.report(run, Diagnostic::error(205, resource.name_span, message, "too many"));
            self.exhausted = true;
            return None;
        }
        let mut inner = self.begin(Run::new(component, self.making, common.region));
        inner.statement = Some((resource, run.id, frame));
        inner.depth = run.depth + 1;
        let written_by_user = self.program.sources.file(resource.name_span).is_some_and(|f| !f.library);
        inner.anchor = if written_by_user { resource.name_span } else { run.anchor };
        let mut complete = true;
        for (slot, argument) in arguments {
            let (value, reads) = self.eval(run, frame, argument);
            complete &= value.is_some();
            inner.set(0, *slot, value, reads);
        }
        if !complete {
            return None;
        }
        let mut inherited = common.inherited;
        inherited.after.extend(&common.reads);
        let first = self.resources.len() as u32;
        let outer = self.making.take();
        let order = self.body(&mut inner, &inherited);
        self.making = outer;
        let inner = self.keep(inner);
        let value = self.shown(&inner, first)?;
        Some((value, Made::Many(order)))
    }

    /// An instance as its user sees it: a record of its outputs and parameters.
    fn shown(&mut self, run: &Run<'p>, first: u32) -> Option<Value> {
        let mut fields = Vec::with_capacity(run.component.shown.len());
        let mut reads = Vec::new();
        for shown in &run.component.shown {
            let slot = run.slot(0, 0, shown.slot);
            fields.push((shown.name, slot.value.clone()?));
            if !slot.reads.is_empty() {
                reads.push((shown.name, slot.reads.clone()));
            }
        }
        let Value::Record(record) = Value::record(fields) else { return None };
        let members = first..self.resources.len() as u32;
        let instance = Instance { _record: record.clone(), reads, members, run: run.id };
        self.instances.insert(Arc::as_ptr(&record) as usize, instance);
        Some(Value::Record(record))
    }
}

/// A resource whose attributes are being lowered.
struct Lowering<'a> {
    resource: &'a ir::Resource,
    kind: &'a Kind,
    /// Where it is.
    region: Option<Symbol>,
    reads: &'a mut Reads,
    /// Attributes that take resources, as they were given.
    raw: Vec<(AttrId, Value)>,
}

/// The expression that is lowered, and what is wrong with it.
type Found<'a> = (&'a ir::Expr, &'a mut Vec<Diagnostic>);
