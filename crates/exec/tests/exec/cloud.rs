//! A cloud in memory, strict and deterministic: every identity class, references that are
//! held, objects that are seen late or take a while, calls that are lost, and a process that
//! dies at a call.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;
use topo_model::{
    Attributes, Catalogue, Creation as Class, Intent, Kind, KindAttribute, KindOutput, Need, Object, ObjectId,
    Operation, Owner, Span, Status, Symbol, TopoId, Type, Value,
};
use topo_provider::{BatchChange, Creation, Error, ErrorKind, Place, Provider, Resolution, Scope};

/// What goes wrong with a changing call, by its number from 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The process dies before the call takes effect.
    KillBefore,
    /// The process dies after it, before the answer.
    KillAfter,
    /// The call is lost on its way.
    Drop,
    /// The answer is lost.
    Lose,
    /// The process dies; the call lands after so many reads by later ones.
    Late(u32),
    /// The call is refused.
    Refuse(ErrorKind),
}

#[derive(Debug, Clone)]
struct Stored {
    kind: Symbol,
    region: Option<Symbol>,
    attributes: Attributes,
    owner: Option<Owner>,
    token: TopoId,
    hidden: u32,
    pending: u32,
}

#[derive(Default)]
pub(crate) struct Inner {
    objects: BTreeMap<String, Stored>,
    made: u64,
    calls: u64,
    faults: Vec<(u64, Fault)>,
    dead: bool,
    late: Option<(u32, Creation)>,
    said: Vec<String>,
    busy: usize,
    busiest: usize,
    rings: bool,
}

/// The cloud.
#[derive(Default)]
pub(crate) struct TestCloud {
    pub(crate) inner: Mutex<Inner>,
    /// Woken when the process dies.
    pub(crate) died: Notify,
    /// How many reads do not see a new object.
    pub(crate) hide: u32,
    /// How many reads see it pending.
    pub(crate) slow: u32,
    /// A region that can't be reached.
    pub(crate) out: Mutex<Option<Symbol>>,
    /// Waits for a person: the ids of kind `t.Zone` stay so until this is set.
    pub(crate) delegated: Mutex<bool>,
    /// Makes every alarm ring from the first changing call on.
    pub(crate) alarming: bool,
    /// Answers about creates of which no trace is seen: it can't be told.
    pub(crate) untold: bool,
    /// Holds every call until it is told to go on.
    pub(crate) held: Option<tokio::sync::Semaphore>,
}

fn error(kind: ErrorKind, text: impl Into<String>) -> Error {
    Error::new(kind, format!("{kind:?}"), text)
}

fn name(attributes: &Attributes) -> String {
    attributes.get(Symbol::new("name")).and_then(Value::as_str).unwrap_or("?").to_owned()
}

impl TestCloud {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no test panics while it holds the cloud")
    }

    pub(crate) fn with_faults(self, faults: &[(u64, Fault)]) -> TestCloud {
        self.inner().faults = faults.to_vec();
        self
    }

    /// A new process: counts calls anew, with other faults.
    pub(crate) fn revive(&self, faults: &[(u64, Fault)]) {
        let mut inner = self.inner();
        (inner.dead, inner.calls) = (false, 0);
        inner.faults = faults.to_vec();
    }

    /// How many changing calls this process made.
    pub(crate) fn calls(&self) -> u64 {
        self.inner().calls
    }

    /// What was called, in order.
    pub(crate) fn said(&self) -> Vec<String> {
        self.inner().said.clone()
    }

    /// The most calls that were under way at once.
    pub(crate) fn busiest(&self) -> usize {
        self.inner().busiest
    }

    /// What stands, by name, with ids replaced by names: what two runs can be compared by.
    pub(crate) fn content(&self) -> Vec<String> {
        let inner = self.inner();
        let mut lines: Vec<String> = inner
            .objects
            .values()
            .map(|o| {
                let of = |v: &Value| match v.as_str().and_then(|id| inner.objects.get(id)) {
                    Some(target) => format!("@{}", name(&target.attributes)),
                    None => v.to_string(),
                };
                let attributes: Vec<String> = o.attributes.iter().map(|(n, v)| format!("{n}={}", of(v))).collect();
                let owner = o.owner.as_ref().map(|o| format!("{}/{}/{}", o.project, o.env, o.path));
                format!("{} {} [{}]", o.kind, attributes.join(" "), owner.unwrap_or_default())
            })
            .collect();
        lines.sort();
        lines
    }

    /// Takes the mark off an object behind everybody's back.
    pub(crate) fn strip(&self, wanted: &str) {
        let mut inner = self.inner();
        inner.objects.values_mut().filter(|o| name(&o.attributes) == wanted).for_each(|o| o.owner = None);
    }

    /// Changes an object's value behind everybody's back.
    pub(crate) fn edit(&self, wanted: &str, value: &str) {
        let mut inner = self.inner();
        let objects = inner.objects.values_mut().filter(|o| name(&o.attributes) == wanted);
        objects.for_each(|o| o.attributes.set(Symbol::new("value"), Value::str(value)));
    }

    /// Removes an object behind everybody's back.
    pub(crate) fn vanish(&self, wanted: &str) {
        self.inner().objects.retain(|_, o| name(&o.attributes) != wanted);
    }

    /// Puts an object there behind everybody's back.
    pub(crate) fn appear(
        &self,
        kind: &str,
        region: Option<&str>,
        attributes: Attributes,
        owner: Option<Owner>,
    ) -> ObjectId {
        let new = Creation {
            kind: Symbol::new(kind),
            region: region.map(Symbol::new),
            owner: Owner { id: TopoId("theirs".into()), path: "".into(), project: "".into(), env: "".into() },
            attributes,
        };
        let mut inner = self.inner();
        let id = inner.insert(&new, 0, 0);
        inner.objects.get_mut(id.0.as_str()).expect("it was put there").owner = owner;
        id
    }

    fn outage(&self, region: Option<Symbol>) -> Result<(), Error> {
        match *self.out.lock().expect("no test panics here") {
            Some(out) if Some(out) == region => Err(error(ErrorKind::Outage, "no route")),
            _ => Ok(()),
        }
    }

    async fn read_gate(&self) {
        let dead = {
            let mut inner = self.inner();
            inner.rings = self.alarming;
            inner.land();
            inner.dead
        };
        if dead {
            pending::<()>().await;
        }
        tokio::task::yield_now().await;
    }

    /// One changing call with the faults that are asked for.
    async fn change<T>(
        &self,
        what: String,
        late: Option<&Creation>,
        effect: impl FnOnce(&mut Inner) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.inner().dead {
            pending::<()>().await;
        }
        {
            let mut inner = self.inner();
            inner.busy += 1;
            inner.busiest = inner.busiest.max(inner.busy);
        }
        match &self.held {
            Some(held) => held.acquire().await.expect("the semaphore stays open").forget(),
            None => tokio::task::yield_now().await,
        }
        let (fault, result) = {
            let mut inner = self.inner();
            inner.busy -= 1;
            inner.calls += 1;
            let call = inner.calls;
            let fault = inner.faults.iter().find(|(at, _)| *at == call).map(|(_, f)| f.clone());
            inner.said.push(what);
            let result = match &fault {
                Some(Fault::KillBefore) => None,
                Some(Fault::Late(reads)) => {
                    inner.late = late.map(|c| (*reads, c.clone()));
                    None
                }
                Some(Fault::Drop) => Some(Err(error(ErrorKind::Lost, "no answer"))),
                Some(Fault::Refuse(kind)) => Some(Err(error(*kind, "refused"))),
                Some(Fault::Lose) => {
                    let _ = effect(&mut inner);
                    Some(Err(error(ErrorKind::Lost, "no answer")))
                }
                Some(Fault::KillAfter) => {
                    let _ = effect(&mut inner);
                    None
                }
                None => Some(effect(&mut inner)),
            };
            if result.is_none() {
                inner.dead = true;
            }
            (fault, result)
        };
        match result {
            Some(result) => result,
            None => {
                let _fatal = fault;
                self.died.notify_one();
                pending().await
            }
        }
    }
}

impl Inner {
    fn land(&mut self) {
        let Some((reads, creation)) = self.late.take() else { return };
        if reads == 0 {
            let _ = self.create(&creation, 0, 0);
        } else {
            self.late = Some((reads - 1, creation));
        }
    }

    fn insert(&mut self, new: &Creation, hidden: u32, pending: u32) -> ObjectId {
        self.made += 1;
        let class = class(new.kind);
        let id = match class {
            Class::Key(_) | Class::Name(_) => format!("{}/{}", new.kind, name(&new.attributes)),
            _ => format!("{}-{}", new.kind, self.made),
        };
        let marked = tagged(new.kind) && class != Class::CallerReference;
        let stored = Stored {
            kind: new.kind,
            region: new.region,
            attributes: new.attributes.clone(),
            owner: marked.then(|| new.owner.clone()),
            token: new.owner.id.clone(),
            hidden,
            pending,
        };
        self.objects.insert(id.clone(), stored);
        ObjectId(id.into())
    }

    fn check_links(&self, attributes: &Attributes) -> Result<(), Error> {
        for link in ["one", "two"].map(Symbol::new) {
            if let Some(id) = attributes.get(link).and_then(Value::as_str)
                && !self.objects.contains_key(id)
            {
                return Err(error(ErrorKind::Invalid, format!("there is no {id}")));
            }
        }
        Ok(())
    }

    fn create(&mut self, new: &Creation, hidden: u32, pending: u32) -> Result<ObjectId, Error> {
        self.check_links(&new.attributes)?;
        let same = |o: &Stored| o.kind == new.kind && o.region == new.region;
        let by_name = |o: &Stored| same(o) && name(&o.attributes) == name(&new.attributes);
        let existing = self.objects.iter().find(|(_, o)| match class(new.kind) {
            Class::Token | Class::CallerReference => same(o) && o.token == new.owner.id,
            Class::Key(_) | Class::Name(_) => by_name(o),
            Class::Nothing => false,
        });
        let existing = existing.map(|(id, _)| id.clone());
        match (existing, class(new.kind)) {
            (None, _) => Ok(self.insert(new, hidden, pending)),
            (Some(id), Class::Token) => Ok(ObjectId(id.into())),
            (Some(id), Class::Name(_)) => {
                self.converge(&id, new)?;
                Ok(ObjectId(id.into()))
            }
            (Some(id), _) => Err(error(ErrorKind::Exists, format!("{id} exists"))),
        }
    }

    fn converge(&mut self, id: &str, want: &Creation) -> Result<(), Error> {
        self.check_links(&want.attributes)?;
        let object = self.objects.get_mut(id).ok_or_else(|| error(ErrorKind::NotFound, format!("no {id}")))?;
        object.attributes = want.attributes.clone();
        object.owner = tagged(want.kind).then(|| want.owner.clone());
        Ok(())
    }

    fn delete(&mut self, id: &str) -> Result<(), Error> {
        if !self.objects.contains_key(id) {
            return Err(error(ErrorKind::NotFound, format!("no {id}")));
        }
        let links = |o: &Stored| {
            ["one", "two"].iter().any(|l| o.attributes.get(Symbol::new(l)).and_then(Value::as_str) == Some(id))
        };
        if let Some(user) = self.objects.values().find(|o| links(o)) {
            return Err(error(ErrorKind::Dependency, format!("{} uses {id}", name(&user.attributes))));
        }
        self.objects.remove(id);
        Ok(())
    }

    fn see(&mut self, id: &str, delegated: bool) -> Option<Object> {
        let rings = self.rings && self.calls > 0;
        let stored = self.objects.get_mut(id)?;
        if stored.hidden > 0 {
            stored.hidden -= 1;
            return None;
        }
        let status = if stored.pending > 0 {
            stored.pending -= 1;
            Status::Pending
        } else if stored.kind == "t.Zone" && !delegated {
            Status::WaitingForHuman("delegate the zone".to_owned())
        } else {
            Status::Ready
        };
        let mut outputs: Attributes = [(Symbol::new("id"), Value::str(id))].into_iter().collect();
        if stored.kind == ALARM {
            outputs.set(Symbol::new("state_value"), Value::str(if rings { "ALARM" } else { "OK" }));
        }
        Some(Object {
            id: ObjectId(id.into()),
            kind: stored.kind,
            region: stored.region,
            attributes: stored.attributes.clone(),
            outputs,
            owner: stored.owner.clone(),
            status,
        })
    }
}

impl Provider for TestCloud {
    async fn account(&self) -> Result<String, Error> {
        Ok("test".to_owned())
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Vec<Object>, Error> {
        self.read_gate().await;
        self.outage(scope.region)?;
        let mut inner = self.inner();
        let ids: Vec<String> = inner
            .objects
            .iter()
            .filter(|(id, o)| {
                let known = scope.known.iter().any(|(k, i)| *k == o.kind && i.0 == id.as_str());
                let mine = o.owner.as_ref().is_some_and(|w| w.project == scope.project && w.env == scope.env);
                o.region == scope.region && scope.kinds.contains(&o.kind) && (known || mine)
            })
            .map(|(id, _)| id.clone())
            .collect();
        Ok(ids.iter().filter_map(|id| inner.see(id, true)).collect())
    }

    async fn find(&self, kind: Symbol, region: Option<Symbol>, by: &Attributes) -> Result<Vec<Object>, Error> {
        self.read_gate().await;
        self.outage(region)?;
        let mut inner = self.inner();
        let matches =
            |o: &Stored| o.kind == kind && o.region == region && by.iter().all(|(n, v)| o.attributes.get(n) == Some(v));
        let ids: Vec<String> = inner.objects.iter().filter(|(_, o)| matches(o)).map(|(id, _)| id.clone()).collect();
        Ok(ids.iter().filter_map(|id| inner.see(id, true)).collect())
    }

    async fn read(&self, at: &Place) -> Result<Option<Object>, Error> {
        self.read_gate().await;
        self.outage(at.region)?;
        let delegated = *self.delegated.lock().expect("no test panics here");
        Ok(self.inner().see(&at.id.0, delegated))
    }

    async fn begin_create(&self, new: &Creation) -> Result<ObjectId, Error> {
        self.outage(new.region)?;
        let (hide, slow) = (self.hide, self.slow);
        self.change(format!("create {}", name(&new.attributes)), Some(new), |c| c.create(new, hide, slow)).await
    }

    async fn converge(&self, at: &Place, want: &Creation) -> Result<(), Error> {
        self.outage(at.region)?;
        self.change(format!("converge {}", name(&want.attributes)), None, |c| c.converge(&at.id.0, want)).await
    }

    async fn delete(&self, at: &Place, last: &Attributes) -> Result<(), Error> {
        self.outage(at.region)?;
        self.change(format!("delete {}", name(last)), None, |c| c.delete(&at.id.0)).await
    }

    async fn batch(&self, changes: &[BatchChange]) -> Result<Vec<ObjectId>, Error> {
        let (hide, slow) = (self.hide, self.slow);
        let one = |inner: &mut Inner, change: &BatchChange| match change {
            BatchChange::Create(new) => inner.create(new, hide, slow),
            BatchChange::Update(id, want) => inner.converge(&id.0, want).map(|()| id.clone()),
            BatchChange::Delete(at, _) => inner.delete(&at.id.0).map(|()| at.id.clone()),
        };
        let all = |inner: &mut Inner| {
            let before = inner.objects.clone();
            let done: Result<Vec<ObjectId>, Error> = changes.iter().map(|c| one(inner, c)).collect();
            if done.is_err() {
                inner.objects = before;
            }
            done
        };
        self.change(format!("batch of {}", changes.len()), None, all).await
    }

    async fn resolve(&self, intent: &Intent, _: &Owner) -> Result<Resolution, Error> {
        self.read_gate().await;
        self.outage(intent.region)?;
        let mut inner = self.inner();
        if intent.operation != Operation::Create {
            let id = intent.object.clone().expect("an update or delete names its object");
            return Ok(Resolution::Happened(inner.see(&id.0, true).map(Box::new)));
        }
        let key = name(&intent.attributes);
        let same = |o: &Stored| o.kind == intent.kind && o.region == intent.region;
        let found = inner.objects.iter().find(|(_, o)| match class(intent.kind) {
            Class::Key(_) | Class::Name(_) => same(o) && name(&o.attributes) == key,
            _ => same(o) && o.token == intent.topo_id,
        });
        let Some(id) = found.map(|(id, _)| id.clone()) else {
            let untold = Resolution::Unknown("look for it by hand".to_owned());
            return Ok(if self.untold { untold } else { Resolution::NotVisible });
        };
        Ok(match inner.see(&id, true) {
            Some(object) => Resolution::Happened(Some(Box::new(object))),
            None => Resolution::NotVisible,
        })
    }

    fn parallel(&self, _: &str) -> usize {
        4
    }
}

/// How a kind of the tests is created once.
pub(crate) fn class(kind: Symbol) -> Class {
    let key = || vec![topo_model::AttrId(0)];
    match kind.as_str() {
        "t.Token" => Class::Token,
        "t.Reference" | "t.Zone" => Class::CallerReference,
        "t.Name" => Class::Name(key()),
        "t.Key" | "t.Record" | "t.Marked" => Class::Key(key()),
        _ => Class::Nothing,
    }
}

fn tagged(kind: Symbol) -> bool {
    !matches!(kind.as_str(), "t.Key" | "t.Record")
}

pub(crate) const ALARM: &str = "aws.cloudwatch.Alarm";

pub(crate) const KINDS: [&str; 9] =
    ["t.Token", "t.Reference", "t.Name", "t.Key", "t.Marked", "t.Bare", "t.Record", "t.Zone", ALARM];

/// The kinds of the tests: `name` is the key, `one` and `two` refer to others.
pub(crate) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for full in KINDS.iter().chain(&["core.Data"]) {
        let kind_name = Symbol::new(full);
        let attribute = |name: &str, immutable: bool| KindAttribute {
            name: Symbol::new(name),
            docs: String::new(),
            ty: Type::String,
            need: Need::LeftToCloud,
            immutable,
            secret: false,
            write_only: false,
            unordered: false,
            alternative: None,
        };
        let mut attributes = vec![
            attribute("name", true),
            attribute("value", false),
            attribute("one", false),
            attribute("two", false),
            attribute("shape", true),
        ];
        if tagged(kind_name) {
            attributes.push(attribute("tags", false));
        }
        catalogue.add(Kind {
            name: kind_name,
            docs: String::new(),
            span: Span::NONE,
            regional: false,
            attributes,
            outputs: vec![KindOutput {
                name: Symbol::new("id"),
                docs: String::new(),
                ty: Type::String,
                changes: false,
            }],
            checks: Vec::new(),
            unique: Vec::new(),
            identity: Vec::new(),
            creation: class(kind_name),
            settles: 1000,
            visible: 10_000,
            batched_by: None,
        });
    }
    catalogue
}
