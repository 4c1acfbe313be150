//! The project's settings.

use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Project, RecordType, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, ItemKind};

use super::super::braces::{Allowed, Owner};
use super::super::statements::{field, union};
use super::super::{Sees, Typer};
use super::Placed;
use crate::checker::Checker;
use crate::modules::{FileId, PROJECT};
use crate::suggest;

impl Checker<'_> {
    pub(super) fn project(&mut self, placed: &[Placed<'_>]) -> Option<Project> {
        let found: Vec<(FileId, ast::Ident, &[ast::Field], Span)> = placed
            .iter()
            .filter_map(|(file, item)| match &item.kind {
                ItemKind::Project { name, fields } => Some((*file, *name, fields.as_slice(), item.span)),
                _ => None,
            })
            .collect();
        self.only_one("project", &found.iter().map(|(_, name, _, _)| *name).collect::<Vec<_>>());
        let Some((file, name, fields, span)) = found.first().copied() else {
            self.missing_item("project", "project my_project\n\n", true);
            return None;
        };
        let settings = self.settings(file, name, "project", fields, span, &project_type());
        let envs = placed.iter().filter_map(|(_, item)| match &item.kind {
            ItemKind::Env { name, .. } => Some(name.name),
            _ => None,
        });
        if self.modules.unread.is_empty() {
            self.accounts(fields, &envs.collect::<Vec<_>>());
        }
        self.zones_in_regions(fields);
        self.tags_of_aws(fields);
        self.state_somewhere(fields);
        let value = |at: usize| settings[at].clone();
        let pairs = |value: Value| match value {
            Value::Map(map) => map.iter().map(|(k, v)| (text_of(k), text_of(v))).collect(),
            _ => Vec::<(String, String)>::new(),
        };
        if let Some(Value::Map(zones)) = value(4) {
            for (region, zones) in zones.iter() {
                let zones = zones.items().unwrap_or_default();
                if let Value::Region(region) = region {
                    self.regions.set(*region, zones.iter().map(|z| Symbol::new(&text_of(z))).collect());
                }
            }
        }
        Some(Project {
            name: name.name,
            cloud: Symbol::new(&text_of(&value(0).unwrap_or_default())),
            state: text_of(&value(1).unwrap_or_default()),
            accounts: pairs(value(2).unwrap_or_default()).into_iter().map(|(k, v)| (Symbol::new(&k), v)).collect(),
            tags: pairs(value(3).unwrap_or_default()),
            span: name.span,
        })
    }

    /// The constant settings of an item, by position in their type; `None` where one was
    /// reported.
    pub(super) fn settings(
        &mut self,
        file: FileId,
        name: ast::Ident,
        what: &str,
        fields: &[ast::Field],
        span: Span,
        ty: &RecordType,
    ) -> Vec<Option<Value>> {
        let allowed: Vec<Allowed<'_>> =
            ty.fields.iter().map(|f| Allowed { name: f.name, ty: &f.ty, required: f.default.is_none() }).collect();
        let owner = Owner {
            text: format!("{what} `{}`", name.name),
            member: "setting",
            span: name.span,
            body: self.braces(name.span.hi, span),
            allowed: &allowed,
            reserved: if what == "rollout" { &["order"] } else { &[] },
            kind: None,
            at: None,
            choices: &[],
            declared: None,
        };
        // Regions in the project's `zones` are declared there.
        let declares = what == "project";
        let mut typer = Typer::new(self, file, Sees::Constants);
        typer.declares_regions = declares;
        let given = typer.check_fields(fields.iter().map(|f| (f.name, &f.value)), &owner);
        let mut values: Vec<Option<Value>> = ty.fields.iter().map(|f| f.default.clone()).collect();
        for (at, value) in given {
            values[at] = self.evaluate_constant(file, &value);
        }
        values
    }

    /// The braces of an item, from a position on.
    pub(crate) fn braces(&self, from: u32, item: Span) -> Span {
        let rest = Span::new(from, item.hi);
        match self.text(rest).find('{') {
            Some(at) => Span::new(from + at as u32, item.hi),
            None => rest.end(),
        }
    }

    pub(super) fn only_one(&mut self, what: &str, names: &[ast::Ident]) {
        for second in names.iter().skip(1) {
            let message = format!("a project has one `{what}`, and `{}` is a second one", second.name);
            let found = Diagnostic::error(104, second.span, message, "a second one");
            let found = found.label(names[0].span, "the first one");
            self.report(found.help(match what {
                "topology" => "keep one; what is used several times is a `component`",
                _ => "keep one of them",
            }));
        }
    }

    /// T0103 for an item that every project has.
    pub(super) fn missing_item(&mut self, what: &str, stub: &str, at_start: bool) {
        let files = &self.modules.module(PROJECT).files;
        let Some(file) = files.first().map(|f| self.modules.file(*f)) else {
            // A directory that can't be read is reported as that.
            if self.modules.diagnostics.is_empty() {
                let name = self.modules.world().name();
                let message = format!("there is no `.topo` file in `{name}`, so there is no `{what}`");
                let found = Diagnostic::error(103, Span::NONE, message, "nothing to read");
                self.report(found.help("`topo new` writes a first one"));
            }
            return;
        };
        if self.may_be_unread(what) {
            return;
        }
        let docs = self.text(file.span).lines().take_while(|l| l.starts_with("//!")).map(|l| l.len() as u32 + 1).sum();
        let (start, end): (u32, _) = (docs, file.span.end());
        let text_length = file.span.hi - file.span.lo;
        let start = file.span.lo + start.min(text_length);
        let (place, stub) =
            if at_start { (Span::new(start, start), stub.to_owned()) } else { (end, format!("\n{stub}")) };
        let message = match what {
            "project" => "no line of this directory is `project NAME`, which names what is made here".to_owned(),
            _ => format!("this project has no `{what}`"),
        };
        let found = Diagnostic::error(103, place, message, format!("a `{what}` is needed"));
        self.report(found.fix(format!("add `{}`", stub.trim()), place, stub));
    }

    /// Whether a line of the project that could not be read may be this item, or hide it.
    fn may_be_unread(&self, what: &str) -> bool {
        const OTHERS: [&str; 12] = [
            "use",
            "import",
            "type",
            "env",
            "component",
            "rollout",
            "moved",
            "input",
            "variable",
            "forget",
            "test",
            "#",
        ];
        let first = |line: &str| line.trim_start().split([' ', '\t']).next().unwrap_or_default().to_owned();
        let starts_it = |line: &str| {
            let word = first(line);
            word == what || suggest::nearest(&word, [what]).is_some()
        };
        // Of each file once, whether a line of it starts the item.
        let mut begun: FxHashMap<u32, bool> = FxHashMap::default();
        self.modules.unread.iter().any(|at| {
            let Some(file) = self.modules.sources.file(*at).filter(|file| !file.library) else { return false };
            let place = (at.lo - file.base) as usize;
            let start = file.text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
            let line = file.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let inside =
                ["  ", "\t", "}"].iter().any(|start| line.starts_with(start)) || OTHERS.contains(&first(line).as_str());
            !inside || *begun.entry(file.base).or_insert_with(|| file.text.lines().any(starts_it))
        })
    }

    /// T0101 for the account of an environment that there is not, T0202 for what is none.
    fn accounts(&mut self, fields: &[ast::Field], envs: &[Symbol]) {
        for (key, value) in entries(fields, "accounts") {
            let ast::BraceKey::Name(name) = key else { continue };
            if !envs.contains(&name.name) {
                let message = format!("there is no environment `{}` to have an account", name.name);
                self.report(match envs.is_empty() {
                    true => Diagnostic::error(101, name.span, message, "not known").help("the project has none"),
                    false => suggest::unknown(*name, message, envs, "the environments are"),
                });
            }
            if let ast::ExprKind::Literal(Value::Str(id)) = &value.kind
                && (id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit()))
            {
                let message = format!("\"{id}\" is not the number of an account: that has 12 digits");
                let found = Diagnostic::error(202, value.span, message, format!("{} characters", id.len()));
                self.report(found.help("write all 12, without spaces or dashes, for example \"112233445566\""));
            }
        }
    }

    /// T0202 for a tag whose key is AWS's own.
    fn tags_of_aws(&mut self, fields: &[ast::Field]) {
        for (key, _) in entries(fields, "tags") {
            if let ast::BraceKey::Key(ast::Expr { kind: ast::ExprKind::Literal(Value::Str(text)), span }) = key
                && of_aws(text)
            {
                let message = format!("the keys of tags that begin with `aws:` are AWS's own: \"{text}\"");
                self.report(Diagnostic::error(202, *span, message, "can't be set"));
            }
        }
    }

    /// T0202 for state that can be kept nowhere.
    fn state_somewhere(&mut self, fields: &[ast::Field]) {
        let Some(value) = fields.iter().find(|f| f.name.name == "state").map(|f| &f.value) else { return };
        let ast::ExprKind::Literal(Value::Str(url)) = &value.kind else { return };
        let kept = match url.split_once(':') {
            Some(("file", path)) => !path.trim_start_matches('/').is_empty(),
            Some(("s3", rest)) => rest.strip_prefix("//").is_some_and(|bucket| !bucket.is_empty()),
            _ => false,
        };
        if !kept {
            let message = format!("\"{url}\" does not say where state is kept");
            let found = Diagnostic::error(202, value.span, message, "no place for state");
            self.report(found.help("write \"file:DIRECTORY\" or \"s3://bucket/prefix\""));
        }
    }

    /// T0202 for a zone that is not in the region it is listed for.
    fn zones_in_regions(&mut self, fields: &[ast::Field]) {
        for (key, value) in entries(fields, "zones") {
            let ast::BraceKey::Key(ast::Expr { kind: ast::ExprKind::Literal(Value::Region(region)), .. }) = key else {
                continue;
            };
            let ast::ExprKind::List(zones) = &value.kind else { continue };
            for zone in zones {
                let ast::ExprKind::Literal(Value::Str(text)) = &zone.kind else { continue };
                if text.strip_prefix(region.as_str()).is_none_or(str::is_empty) {
                    let message = format!("\"{text}\" is not a zone of {region}");
                    let found = Diagnostic::error(202, zone.span, message, "in another region");
                    self.report(found.help(format!("the zones of a region begin with its code: \"{region}a\"")));
                }
            }
        }
    }
}

/// Whether a tag's key is one that AWS alone sets.
///
/// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
pub(crate) fn of_aws(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// The entries of a setting in braces.
fn entries<'a>(fields: &'a [ast::Field], name: &str) -> impl Iterator<Item = (&'a ast::BraceKey, &'a ast::Expr)> {
    let of = fields.iter().find(|f| f.name.name == name);
    let entries =
        of.and_then(|f| if let ast::ExprKind::Braces(entries) = &f.value.kind { Some(entries) } else { None });
    entries.into_iter().flatten().map(|e| (&e.key, &e.value))
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn project_type() -> RecordType {
    let strings = || Type::map(Type::String, Type::String);
    let empty = || Some(Value::map([]));
    let fields = vec![
        field("cloud", union(&["sandbox", "aws"]), Some(Value::str("sandbox"))),
        field("state", Type::String, Some(Value::str("file:.topo"))),
        field("accounts", strings(), empty()),
        field("tags", strings(), empty()),
        field("zones", Type::map(Type::Region, Type::list(Type::String)), empty()),
    ];
    RecordType { fields }
}
