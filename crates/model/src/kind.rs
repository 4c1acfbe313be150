//! The schemas of kinds: what a resource type has, what may change in place, how an
//! object of it is created once. Read from `.topo` text; this is what the rest of the
//! engine sees of it.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::{Code, Span, Symbol, Type, Value};

/// A kind's position in the [`Catalogue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindId(pub u32);

/// An attribute's position in its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrId(pub u16);

/// A resource type.
#[derive(Debug, Clone)]
pub struct Kind {
    /// The full name, `aws.ec2.Vpc`.
    pub name: Symbol,
    /// The documentation comment.
    pub docs: String,
    /// Where it is declared.
    pub span: Span,
    /// Whether an object lives in one region, or in all.
    pub regional: bool,
    /// The attributes, in the order written.
    pub attributes: Vec<KindAttribute>,
    /// What a cloud tells about an object.
    pub outputs: Vec<KindOutput>,
    /// What must hold of an object.
    pub checks: Vec<KindCheck>,
    /// Attribute tuples that no two objects share.
    pub unique: Vec<Unique>,
    /// The attributes by which an object without tags is found again.
    pub identity: Vec<AttrId>,
    /// How a create is made effectively once.
    pub creation: Creation,
    /// How long a create typically takes, in milliseconds.
    pub settles: i64,
    /// After how long a created object is surely seen by reads, in milliseconds.
    pub visible: i64,
    /// Changes of objects that share this attribute's value can go as one atomic batch.
    pub batched_by: Option<AttrId>,
}

/// An attribute of a kind.
#[derive(Debug, Clone)]
pub struct KindAttribute {
    /// The name.
    pub name: Symbol,
    /// The documentation comment.
    pub docs: String,
    /// Its type; [`Type::Reference`] where it takes resources.
    pub ty: Type,
    /// What happens when a program leaves it out.
    pub need: Need,
    /// A change replaces the object.
    pub immutable: bool,
    /// Holds a secret: shown nowhere.
    pub secret: bool,
    /// A cloud never tells it back, so it can't be compared with what is there.
    pub write_only: bool,
    /// The list's order does not count.
    pub unordered: bool,
    /// Attributes with the same number are alternatives: exactly one is set.
    pub alternative: Option<u16>,
}

/// What happens when an attribute is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// It can't be.
    Required,
    /// The cloud decides, and whatever is there stays.
    LeftToCloud,
    /// It is this, and managed.
    Default(Value),
}

/// An output of a kind.
#[derive(Debug, Clone)]
pub struct KindOutput {
    /// The name.
    pub name: Symbol,
    /// The documentation comment.
    pub docs: String,
    /// Its type.
    pub ty: Type,
    /// An update in place may change it; all others are as long as the object is.
    pub changes: bool,
}

/// A `check` of a kind. Its terms' leaves are [`crate::Term::Own`].
#[derive(Debug, Clone)]
pub struct KindCheck {
    /// What must hold: a Bool once all is known. A check that involves an attribute that
    /// is absent does not apply.
    pub cond: Value,
    /// What to say when it doesn't: a String once all is known.
    pub message: Value,
    /// The code it names; T0202 otherwise.
    pub code: Option<Code>,
    /// Where it stands.
    pub span: Span,
}

/// A tuple of attributes that no two objects of a region (of the account, where the kind is
/// global) share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// The attributes.
    pub attributes: Vec<AttrId>,
    /// No two objects of different regions share it either.
    pub in_any_region: bool,
    /// The code it names; T0104 otherwise.
    pub code: Option<Code>,
}

/// How a create is made effectively once (see `shared` facts in the book's chapter on
/// kinds: "How an object is created once").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    /// The service takes a client token: the same token gives the same object.
    Token,
    /// The service takes a caller reference; a deleted object's reference stays burned.
    CallerReference,
    /// Creating again under the same name changes what is there: retry.
    Name(Vec<AttrId>),
    /// A second create under the same key fails with "exists already".
    Key(Vec<AttrId>),
    /// None of these: asked twice, it makes two. The tag in the create is all there is.
    Nothing,
}

/// What a kind's check says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It is broken; the text says how.
    Broken(String),
    /// It waits for a value that is not known yet.
    Waits,
    /// It is about an attribute that is absent: nothing to hold.
    Idle,
}

impl KindCheck {
    /// Decides the check. `known` gives [`Value::None`] for an attribute that is absent.
    ///
    /// An absent attribute may be compared with `none`, or stand left of `??`; a check that
    /// would have to look into it (`len(records)`, `ttl < 60s`) does not apply. Every other
    /// error of evaluation breaks the check.
    pub fn decide(&self, known: &dyn crate::Resolve) -> Verdict {
        match crate::evaluate(&self.cond, known) {
            Ok(Value::Bool(true)) => Verdict::Holds,
            Ok(Value::Bool(false)) => match crate::evaluate(&self.message, known) {
                Ok(Value::Str(text)) => Verdict::Broken(text.to_string()),
                _ => Verdict::Broken("a check of the kind is broken".to_owned()),
            },
            Ok(Value::None) => Verdict::Idle,
            Ok(_) => Verdict::Waits,
            // 201, 204: a function was given `none` where it needs a value; everything else
            // was ruled out when the schema was read.
            Err(error) if matches!(error.code, 201 | 204) => Verdict::Idle,
            Err(error) => Verdict::Broken(error.message),
        }
    }
}

impl Kind {
    /// An attribute by name.
    pub fn attribute(&self, name: Symbol) -> Option<(AttrId, &KindAttribute)> {
        let at = self.attributes.iter().position(|a| a.name == name)?;
        Some((AttrId(at as u16), &self.attributes[at]))
    }

    /// An attribute by position.
    pub fn attr(&self, id: AttrId) -> &KindAttribute {
        &self.attributes[id.0 as usize]
    }

    /// What `here` is in its checks, for an object of a region: nothing where an attribute or an
    /// output has that name.
    pub fn here(&self, name: Symbol, region: Option<Symbol>) -> Option<Value> {
        let free = name == "here" && self.attribute(name).is_none() && self.output(name).is_none();
        region.filter(|_| free).map(Value::Region)
    }

    /// A value of an attribute in the form that objects are told apart by: names of the DNS
    /// without case and last dot, those of IAM without case.
    pub fn canonical<'v>(&self, attribute: Symbol, value: &'v Value) -> Cow<'v, Value> {
        let Value::Str(text) = value else { return Cow::Borrowed(value) };
        match (self.name.as_str(), attribute.as_str()) {
            ("aws.route53.HostedZone" | "aws.route53.RecordSet", "name") => Cow::Owned(Value::str(dns_name(text))),
            ("aws.iam.Role", "role_name")
            | ("aws.iam.Policy", "managed_policy_name")
            | ("aws.iam.InstanceProfile", "instance_profile_name") => Cow::Owned(Value::str(text.to_lowercase())),
            _ => Cow::Borrowed(value),
        }
    }

    /// An output by name.
    pub fn output(&self, name: Symbol) -> Option<&KindOutput> {
        self.outputs.iter().find(|o| o.name == name)
    }

    /// Whether objects live in the state log alone, with no cloud behind them: the kinds of
    /// namespace `core`.
    pub fn state_only(&self) -> bool {
        self.name.as_str().starts_with("core.")
    }

    /// Whether it takes tags, and so carries the owner's mark.
    pub fn tagged(&self) -> bool {
        self.attributes.iter().any(|a| a.name == "tags")
    }

    /// The service, by which limits are counted: `aws.ec2`.
    pub fn service(&self) -> &'static str {
        self.name.as_str().rsplit_once('.').map_or(self.name.as_str(), |(service, _)| service)
    }
}

/// A name of the DNS as it is compared: small letters, no dot at its end.
pub fn dns_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Every kind that a program can name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    kinds: Vec<Kind>,
    names: FxHashMap<Symbol, KindId>,
}

impl Catalogue {
    /// Takes a kind in, in place of one with the same name.
    pub fn add(&mut self, kind: Kind) -> KindId {
        if let Some(id) = self.names.get(&kind.name) {
            self.kinds[id.0 as usize] = kind;
            return *id;
        }
        let id = KindId(self.kinds.len() as u32);
        self.names.insert(kind.name, id);
        self.kinds.push(kind);
        id
    }

    /// A kind by its full name.
    pub fn find(&self, name: Symbol) -> Option<KindId> {
        self.names.get(&name).copied()
    }

    /// A kind by its full name.
    pub fn by_name(&self, name: Symbol) -> Option<&Kind> {
        self.find(name).map(|id| self.kind(id))
    }

    /// A kind.
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.kinds[id.0 as usize]
    }

    /// All kinds, in the order they were read.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}
