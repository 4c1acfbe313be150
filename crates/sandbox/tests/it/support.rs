//! A sandbox in a directory of its own, and short ways to ask it.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use topo_model::{
    Attributes, Catalogue, Intent, IntentId, Object, ObjectId, Operation, Owner, Status, Symbol, TopoId, Value,
};
use topo_provider::{BatchChange, Creation, Error, Place, Provider, Resolution, Scope};
use topo_sandbox::{Clock, Faults, Options, Sandbox};

use crate::kinds;

pub(crate) const TAIPEI: &str = "ap-east-2";
pub(crate) const TOKYO: &str = "ap-northeast-1";

/// The sandbox never waits, so one look at a future is enough.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a call waited"),
    }
}

pub(crate) struct Cloud {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
}

/// A directory that goes when it is dropped.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

pub(crate) fn options(faults: &str) -> Options {
    let faults = Faults::parse(faults).expect("the faults can be read");
    Options { faults, clock: Clock::stopped(0), patience: std::time::Duration::ZERO, ..Options::default() }
}

pub(crate) fn open(dir: &Path, options: Options) -> Cloud {
    open_with(dir, kinds::catalogue(), options)
}

fn open_with(dir: &Path, kinds: Arc<Catalogue>, options: Options) -> Cloud {
    let clock = options.clock.clone();
    Cloud { sandbox: Sandbox::open(dir, kinds, options).expect("the sandbox opens"), clock }
}

/// A sandbox with the kinds of the standard library, where things take so many times as long
/// as in the cloud.
pub(crate) fn stocked(pace: f64) -> (tempfile::TempDir, Cloud) {
    static KINDS: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(topo_lang::kinds()));
    let dir = directory();
    let cloud = open_with(dir.path(), KINDS.clone(), Options { pace, ..options("") });
    (dir, cloud)
}

/// A sandbox that nothing is wrong with.
pub(crate) fn fresh() -> (tempfile::TempDir, Cloud) {
    let dir = directory();
    let cloud = open(dir.path(), options(""));
    (dir, cloud)
}

/// One where things take as long as in the cloud.
pub(crate) fn slow() -> (tempfile::TempDir, Cloud) {
    let dir = directory();
    let cloud = open(dir.path(), Options { pace: 1.0, ..options("") });
    (dir, cloud)
}

pub(crate) fn owner(path: &str) -> Owner {
    Owner { id: TopoId(format!("id-{path}").into()), path: path.into(), project: "demo".into(), env: "test".into() }
}

pub(crate) fn attributes<const N: usize>(set: [(&str, Value); N]) -> Attributes {
    set.into_iter().map(|(name, value)| (Symbol::new(name), value)).collect()
}

pub(crate) fn text(value: &str) -> Value {
    Value::str(value)
}

pub(crate) fn cidr(range: &str) -> Value {
    Value::Cidr(range.parse().expect("a range"))
}

pub(crate) fn zone(name: &str) -> Value {
    Value::Zone(Symbol::new(name))
}

pub(crate) fn region(name: &str) -> Value {
    Value::Region(Symbol::new(name))
}

pub(crate) fn list(items: &[&str]) -> Value {
    Value::list(items.iter().map(|i| text(i)).collect())
}

pub(crate) fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::record(fields.map(|(name, value)| (Symbol::new(name), value)))
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().map(|(k, v)| (text(k), text(v))))
}

/// A kind and where it is made: global where the region is empty.
fn split(kind_at: &str) -> (Symbol, Option<Symbol>) {
    match kind_at.split_once('@') {
        Some((kind, region)) => (Symbol::new(&format!("aws.{kind}")), Some(Symbol::new(region))),
        None => (Symbol::new(&format!("aws.{kind_at}")), None),
    }
}

/// What `kind_at` (`ec2.Vpc@ap-east-2`) is to be.
pub(crate) fn creation<const N: usize>(kind_at: &str, path: &str, set: [(&str, Value); N]) -> Creation {
    let (kind, region) = split(kind_at);
    Creation { kind, region, owner: owner(path), attributes: attributes(set) }
}

pub(crate) fn place(kind_at: &str, id: &str) -> Place {
    let (kind, region) = split(kind_at);
    Place { kind, region, id: ObjectId(id.into()) }
}

/// The refusal, as `Kind Code: message`.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.expect_err("the call is refused");
    format!("{:?} {error}", error.kind)
}

impl Cloud {
    pub(crate) fn ask<const N: usize>(
        &self,
        kind_at: &str,
        path: &str,
        set: [(&str, Value); N],
    ) -> Result<String, Error> {
        now(self.sandbox.begin_create(&creation(kind_at, path, set))).map(|id| id.0.to_string())
    }

    #[track_caller]
    pub(crate) fn make<const N: usize>(&self, kind_at: &str, path: &str, set: [(&str, Value); N]) -> String {
        self.ask(kind_at, path, set).expect("the object is made")
    }

    pub(crate) fn converge<const N: usize>(
        &self,
        kind_at: &str,
        id: &str,
        path: &str,
        set: [(&str, Value); N],
    ) -> Result<(), Error> {
        now(self.sandbox.converge(&place(kind_at, id), &creation(kind_at, path, set)))
    }

    pub(crate) fn delete(&self, kind_at: &str, id: &str) -> Result<(), Error> {
        now(self.sandbox.delete(&place(kind_at, id), &Attributes::new()))
    }

    pub(crate) fn batch(&self, changes: &[BatchChange]) -> Result<Vec<ObjectId>, Error> {
        now(self.sandbox.batch(changes))
    }

    pub(crate) fn see(&self, kind_at: &str, id: &str) -> Option<Object> {
        now(self.sandbox.read(&place(kind_at, id))).expect("the region can be reached")
    }

    #[track_caller]
    pub(crate) fn look(&self, kind_at: &str, id: &str) -> Object {
        self.see(kind_at, id).expect("the object is there")
    }

    #[track_caller]
    pub(crate) fn status(&self, kind_at: &str, id: &str) -> Status {
        self.look(kind_at, id).status
    }

    #[track_caller]
    pub(crate) fn get(&self, kind_at: &str, id: &str, name: &str) -> Value {
        let object = self.look(kind_at, id);
        let name = Symbol::new(name);
        object.attributes.get(name).or_else(|| object.outputs.get(name)).cloned().unwrap_or_default()
    }

    pub(crate) fn resolve<const N: usize>(&self, kind_at: &str, path: &str, set: [(&str, Value); N]) -> Resolution {
        let new = creation(kind_at, path, set);
        let intent = Intent {
            id: IntentId(1),
            operation: Operation::Create,
            address: path.to_owned(),
            kind: new.kind,
            region: new.region,
            topo_id: new.owner.id.clone(),
            object: None,
            attributes: new.attributes,
            needs: Vec::new(),
            at: 0,
        };
        now(self.sandbox.resolve(&intent, &new.owner)).expect("the region can be reached")
    }

    /// Our objects of some kinds, by id.
    pub(crate) fn observe(&self, kinds_at: &[&str], known: &[(&str, &str)]) -> Vec<String> {
        let places: Vec<(Symbol, Option<Symbol>)> = kinds_at.iter().map(|k| split(k)).collect();
        let kinds: Vec<Symbol> = places.iter().map(|(kind, _)| *kind).collect();
        let known: Vec<(Symbol, ObjectId)> =
            known.iter().map(|(kind_at, id)| (split(kind_at).0, ObjectId((*id).into()))).collect();
        let scope = Scope { project: "demo", env: "test", region: places[0].1, kinds: &kinds, known: &known };
        let found = now(self.sandbox.observe(&scope)).expect("the region can be reached");
        found.into_iter().map(|o| o.id.0.to_string()).collect()
    }

    /// What is there: kinds and ids, those that the cloud made by itself too.
    pub(crate) fn content(&self) -> Vec<String> {
        let objects = self.sandbox.objects();
        objects.iter().map(|o| format!("{} {}", o.kind.as_str().trim_start_matches("aws."), o.id)).collect()
    }

    /// How many objects of a kind there are.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.sandbox.objects().iter().filter(|o| o.kind.as_str() == format!("aws.{kind}")).count()
    }

    /// A VPC with an internet gateway, when it is to have one, and two subnets in two zones. All of
    /// it is ready.
    #[track_caller]
    pub(crate) fn network(&self, path: &str, open: bool) -> Network {
        let vpc = self.vpc(TAIPEI, path, "10.2.0.0/16");
        self.clock.advance(10_000);
        let subnet = |name: &str, range: &str, in_zone: &str| {
            let set = [("vpc", text(&vpc)), ("cidr_block", cidr(range)), ("availability_zone", zone(in_zone))];
            self.make("ec2.Subnet@ap-east-2", &format!("{path}.{name}"), set)
        };
        let (a, b) = (subnet("a", "10.2.0.0/24", "ap-east-2a"), subnet("b", "10.2.1.0/24", "ap-east-2b"));
        let attachment = open.then(|| {
            let gateway = self.make("ec2.InternetGateway@ap-east-2", &format!("{path}.gateway"), []);
            self.clock.advance(10_000);
            let set = [("vpc", text(&vpc)), ("internet_gateway", text(&gateway))];
            self.make("ec2.VpcGatewayAttachment@ap-east-2", &format!("{path}.attachment"), set)
        });
        self.clock.advance(10_000);
        Network { vpc, a, b, attachment: attachment.unwrap_or_default() }
    }

    #[track_caller]
    pub(crate) fn group(&self, path: &str, vpc: &str) -> String {
        let name = path.replace('.', "-");
        let set = [("vpc", text(vpc)), ("group_name", text(&name)), ("group_description", text("for a test"))];
        self.make("ec2.SecurityGroup@ap-east-2", path, set)
    }

    /// The refusal with ids in words.
    #[track_caller]
    pub(crate) fn refused<const N: usize>(
        &self,
        kind_at: &str,
        path: &str,
        set: [(&str, Value); N],
        ids: &[(&str, &str)],
    ) -> String {
        in_words(&refusal(self.ask(kind_at, path, set)), ids)
    }

    #[track_caller]
    pub(crate) fn vpc(&self, at: &str, path: &str, range: &str) -> String {
        let set = [("cidr_block", cidr(range)), ("enable_dns_hostnames", Value::Bool(true))];
        self.make(&format!("ec2.Vpc@{at}"), path, set)
    }
}

/// What [`Cloud::network`] made.
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) attachment: String,
}

/// A text with words in place of ids.
pub(crate) fn in_words(said: &str, ids: &[(&str, &str)]) -> String {
    ids.iter().fold(said.to_owned(), |said, (id, word)| said.replace(id, word))
}

/// The object that a resolution found.
#[track_caller]
pub(crate) fn happened(resolution: Resolution) -> Option<String> {
    match resolution {
        Resolution::Happened(object) => object.map(|o| o.id.0.to_string()),
        other => panic!("expected to be told what happened, not {other:?}"),
    }
}
