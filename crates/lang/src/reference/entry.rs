//! What is known of a kind, a component or a function, ready to be written down.

use topo_model::{AttrId, Creation, Func, Kind, KindAttribute, Need, SourceMap, Type, Unique, Value};
use topo_syntax::ast::{self, StmtKind};

use crate::checker::Checker;
use crate::modules::DeclId;

/// What an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A kind of resource.
    Kind,
    /// A component of the standard library.
    Component,
    /// A built-in function.
    Function,
}

/// A kind, a component or a function.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is.
    pub sort: Sort,
    /// The full name: `aws.ec2.Vpc`, `std.net.Network`, `cidr.subnet`.
    pub name: String,
    /// Of a kind where its objects live; of a function its signature; of a component nothing.
    pub headline: String,
    /// The documentation, without space around it.
    pub docs: String,
    /// Attributes, or parameters.
    pub inputs: Vec<Member>,
    /// Outputs.
    pub outputs: Vec<Member>,
    /// What it checks.
    pub checks: Vec<Rule>,
    /// What else holds of it, in sentences.
    pub notes: Vec<String>,
    /// Of a component what it is made of: the address inside, and the full name.
    pub makes: Vec<(String, String)>,
    /// Of a function a call, and what it gives.
    pub example: Option<(&'static str, &'static str)>,
    /// Of a function what it is about.
    pub topic: &'static str,
}

/// An attribute, a parameter or an output.
#[derive(Debug, Clone)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The type, in source form.
    pub ty: String,
    /// The default, in source form.
    pub default: Option<String>,
    /// What else is to be said, in words: `required`, `a change replaces the object`.
    pub traits: Vec<String>,
    /// The resource that it takes.
    pub takes: Option<Takes>,
    /// The documentation.
    pub docs: String,
}

/// An attribute that takes a resource.
#[derive(Debug, Clone)]
pub struct Takes {
    /// The kind's full name.
    pub kind: String,
    /// The output that is sent.
    pub output: String,
    /// Whether it may be of another region.
    pub any_region: bool,
}

/// A check: what must hold, and what is said where it does not.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The condition, in source form.
    pub cond: String,
    /// The message, in source form.
    pub message: String,
    /// The code.
    pub code: String,
}

impl Entry {
    /// The last part of the name.
    pub fn last(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// The module: the name without its last part.
    pub fn module(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(module, _)| module)
    }

    /// The first sentence of the documentation, or its first line.
    pub fn summary(&self) -> String {
        let paragraph = self.docs.lines().map(str::trim).take_while(|line| !line.is_empty());
        let text = paragraph.collect::<Vec<_>>().join(" ");
        match text.find(". ") {
            Some(end) => text[..=end].to_owned(),
            None => text,
        }
    }

    fn new(sort: Sort, name: String, docs: &str) -> Entry {
        Entry {
            sort,
            name,
            headline: String::new(),
            docs: docs.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            checks: Vec::new(),
            notes: Vec::new(),
            makes: Vec::new(),
            example: None,
            topic: "",
        }
    }
}

impl Member {
    fn new(name: &str, ty: String, docs: &str) -> Member {
        let docs = docs.trim().to_owned();
        Member { name: name.to_owned(), ty, default: None, traits: Vec::new(), takes: None, docs }
    }
}

pub(super) fn function(func: Func) -> Entry {
    let mut entry = Entry::new(Sort::Function, func.name().to_owned(), func.docs());
    entry.headline = func.signature().to_owned();
    entry.example = func.example();
    entry.topic = func.topic();
    entry
}

pub(super) fn kind(kind: &Kind, sources: &SourceMap) -> Entry {
    let mut entry = Entry::new(Sort::Kind, kind.name.to_string(), &kind.docs);
    entry.headline = if kind.regional { "in a region" } else { "global" }.to_owned();
    entry.inputs = kind.attributes.iter().map(|attribute| member(kind, attribute)).collect();
    entry.outputs = kind
        .outputs
        .iter()
        .map(|output| {
            let traits = output.changes.then(|| "an update may change it".to_owned());
            let member = Member::new(output.name.as_str(), output.ty.to_string(), &output.docs);
            Member { traits: traits.into_iter().collect(), ..member }
        })
        .collect();
    let text = |message: &Value| message.as_str().map_or_else(|| message.to_string(), |text| format!("\"{text}\""));
    entry.checks = kind
        .checks
        .iter()
        .map(|check| {
            let code = check.code.map_or_else(|| "T0202".to_owned(), |code| code.to_string());
            Rule { cond: one_line(sources.text(check.span)), message: text(&check.message), code }
        })
        .collect();
    entry.notes = notes(kind);
    entry
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn member(kind: &Kind, attribute: &KindAttribute) -> Member {
    let ty = match attribute.need {
        // Of alternatives each is there where it is the one.
        Need::LeftToCloud if attribute.alternative.is_none() => Type::optional(attribute.ty.clone()),
        _ => attribute.ty.clone(),
    };
    let mut member = Member::new(attribute.name.as_str(), ty.to_string(), &attribute.docs);
    match (&attribute.need, attribute.alternative) {
        (Need::Default(value), _) => member.default = Some(value.to_string()),
        (_, Some(group)) => {
            let others = kind.attributes.iter().filter(|a| a.alternative == Some(group));
            let names: Vec<&str> = others.map(|a| a.name.as_str()).collect();
            member.traits.push(format!("exactly one of {}", names.join(", ")));
        }
        (Need::Required, None) => member.traits.push("required".to_owned()),
        (Need::LeftToCloud, None) => member.traits.push("left to the cloud when absent".to_owned()),
    }
    let flags = [
        (attribute.immutable, "a change replaces the object"),
        (attribute.secret, "secret"),
        (attribute.write_only, "never told back"),
        (attribute.unordered, "order does not count"),
    ];
    member.traits.extend(flags.iter().filter(|(set, _)| *set).map(|(_, text)| (*text).to_owned()));
    member.takes = takes(&attribute.ty);
    member
}

/// The first reference in a type.
fn takes(ty: &Type) -> Option<Takes> {
    match ty {
        Type::Reference { kind, output, any_region } => {
            Some(Takes { kind: kind.to_string(), output: output.to_string(), any_region: *any_region })
        }
        Type::Optional(of) | Type::Secret(of) | Type::List(of) => takes(of),
        Type::Map(of) => takes(&of.1),
        _ => None,
    }
}

fn notes(kind: &Kind) -> Vec<String> {
    let names = |ids: &[AttrId]| ids.iter().map(|id| kind.attr(*id).name.as_str()).collect::<Vec<_>>().join(", ");
    let place = |unique: &Unique| match kind.regional && !unique.in_any_region {
        true => "region",
        false => "account",
    };
    let shared = |of: &Unique| format!("No two objects of one {} share ({}).", place(of), names(&of.attributes));
    let mut notes: Vec<String> = kind.unique.iter().map(shared).collect();
    if !kind.identity.is_empty() {
        notes.push(format!("An object is found again by ({}).", names(&kind.identity)));
    }
    // What lives in the state alone is made once by that.
    if kind.name.as_str().starts_with("core.") {
        return notes;
    }
    notes.push(match &kind.creation {
        Creation::Token => "Created once by a client token.".to_owned(),
        Creation::CallerReference => "Created once by a caller reference.".to_owned(),
        Creation::Name(ids) => format!("Created once by its name, ({}): creating again changes it.", names(ids)),
        Creation::Key(ids) => format!("Created once by its key, ({}): a second one is refused.", names(ids)),
        Creation::Nothing => "The service has no way to create it once: topo finds it again by its tag.".to_owned(),
    });
    if kind.settles > 0 {
        notes.push(format!("Takes about {} to create.", Value::Duration(kind.settles)));
    }
    if let Some(by) = kind.batched_by {
        notes.push(format!("Changes with the same {} go as one atomic batch.", kind.attr(by).name));
    }
    notes
}

/// `None` for what is no component.
pub(super) fn component(checker: &mut Checker<'_>, decl: DeclId) -> Option<Entry> {
    let at = checker.modules.decl(decl);
    let ast = checker.modules.file(at.file).ast.clone();
    let item = ast.items.get(at.item as usize)?;
    let ast::ItemKind::Component { body, .. } = &item.kind else { return None };
    let mut entry = Entry::new(Sort::Component, at.full.to_string(), item.docs.as_deref().unwrap_or_default());
    let mut inside = Inside { checker, file: at.file, entry: &mut entry };
    body.iter().for_each(|stmt| inside.statement(stmt, false));
    Some(entry)
}

/// A component's body being read.
struct Inside<'a, 'w> {
    checker: &'a mut Checker<'w>,
    file: crate::modules::FileId,
    entry: &'a mut Entry,
}

impl Inside<'_, '_> {
    fn text(&self, span: topo_model::Span) -> String {
        one_line(self.checker.text(span))
    }

    fn statement(&mut self, stmt: &ast::Stmt, in_loop: bool) {
        let docs = stmt.docs.as_deref().unwrap_or_default();
        match &stmt.kind {
            StmtKind::Param { name, ty, default } => {
                let mut member = Member::new(name.name.as_str(), self.text(ty.span), docs);
                member.default = default.as_ref().map(|default| self.text(default.span));
                if default.is_none() && !matches!(ty.kind, ast::TypeKind::Optional(_)) {
                    member.traits.push("required".to_owned());
                }
                self.entry.inputs.push(member);
            }
            StmtKind::Output { name, ty, .. } => {
                let member = Member::new(name.name.as_str(), self.text(ty.span), docs);
                self.entry.outputs.push(member);
            }
            StmtKind::Resource(resource) => {
                let of = self.checker.resolve(self.file, &resource.kind, "a kind or component");
                let Some((of, _)) = of else { return };
                let full = self.checker.modules.decl(of).full.to_string();
                let name = resource.name.name;
                self.entry.makes.push((if in_loop { format!("{name}[…]") } else { name.to_string() }, full));
            }
            StmtKind::For { body, .. } => body.iter().for_each(|stmt| self.statement(stmt, true)),
            StmtKind::Check(check) => {
                let ast::Check { cond, code, message } = check;
                let code = code.map_or_else(|| "T0202".to_owned(), |code| code.name.to_string());
                let (cond, message) = (self.text(cond.span), self.text(message.span));
                self.entry.checks.push(Rule { cond, message, code });
            }
            _ => {}
        }
    }
}
