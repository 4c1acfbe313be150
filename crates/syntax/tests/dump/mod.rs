//! Trees as short text, without places.

use topo_syntax::ast::{
    AddressKey, AddressPattern, AddressStep, BraceKey, Docs, EnvEntry, Expr, ExprKind, Field, File, Item, ItemKind,
    KindAttribute, KindMember, Pattern, Stmt, StmtKind, StringPart, TestStep, TypeExpr, TypeKind, Use, UseFrom,
};

/// Prefix form: `(+ a b)`.
pub(crate) fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Error => "ERROR".to_owned(),
        ExprKind::Literal(v) => format!("{}:{v}", v.type_name()),
        ExprKind::Interpolation(parts) => {
            let part = |p: &StringPart| match p {
                StringPart::Text(t) => format!("{t:?}"),
                StringPart::Expr(e) => expr(e),
            };
            format!("(text {})", all(parts, part))
        }
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Field { base, name, optional } => {
            format!("({} {} {})", if *optional { "?." } else { "." }, expr(base), name.name)
        }
        ExprKind::Index { base, index } => format!("(index {} {})", expr(base), expr(index)),
        ExprKind::Call { func, args } => format!("(call {} {})", func.name, all(args, expr)),
        ExprKind::Unary { op, operand } => format!("({op:?} {})", expr(operand)),
        ExprKind::Binary { op, left, right, .. } => format!("({op:?} {} {})", expr(left), expr(right)),
        ExprKind::If { cond, then, otherwise } => format!("(if {} {} {})", expr(cond), expr(then), expr(otherwise)),
        ExprKind::List(items) => format!("[{}]", all(items, expr)),
        ExprKind::Tuple(items) => format!("(tuple {})", all(items, expr)),
        ExprKind::Braces(entries) => {
            let entry = |e: &topo_syntax::ast::BraceEntry| match &e.key {
                BraceKey::Name(n) => format!("{} = {}", n.name, expr(&e.value)),
                BraceKey::Key(k) => format!("<{}> = {}", expr(k), expr(&e.value)),
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        ExprKind::ListFor(l) => {
            format!("[for {} in {}{}: {}]", pattern(&l.pattern), expr(&l.source), cond(&l.cond), expr(&l.value))
        }
        ExprKind::MapFor(m) => format!(
            "{{for {} in {}{}: {} => {}}}",
            pattern(&m.pattern),
            expr(&m.source),
            cond(&m.cond),
            expr(&m.key),
            expr(&m.value)
        ),
    }
}

fn all<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn cond(cond: &Option<Expr>) -> String {
    cond.as_ref().map(|c| format!(" if {}", expr(c))).unwrap_or_default()
}

fn pattern(p: &Pattern) -> String {
    match p {
        Pattern::Name(n) => n.name.to_string(),
        Pattern::Tuple(names, _) => format!("({})", all(names, |n| n.name.to_string())),
    }
}

pub(crate) fn address(a: &AddressPattern) -> String {
    let step = |s: &AddressStep| match &s.key {
        None => s.name.name.to_string(),
        Some(AddressKey::Any) => format!("{}[*]", s.name.name),
        Some(AddressKey::Key(k)) => format!("{}[{}]", s.name.name, expr(k)),
    };
    all(&a.steps, step)
}

fn ty(t: &TypeExpr) -> String {
    match &t.kind {
        TypeKind::Error => "ERROR".to_owned(),
        TypeKind::Named(p) => p.parts.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join("."),
        TypeKind::Generic { name, args } => format!("({} {})", name.name, all(args, ty)),
        TypeKind::Tuple(parts) => format!("(tuple {})", all(parts, ty)),
        TypeKind::Record(fields) => {
            let field = |f: &topo_syntax::ast::FieldType| {
                format!("{}{}: {}{}", docs(&f.docs), f.name.name, ty(&f.ty), default(f.default.as_ref()))
            };
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        TypeKind::Union(words) => format!("(union {})", all(words, |w| format!("{:?}", w.0.as_str()))),
        TypeKind::Optional(t) => format!("(optional {})", ty(t)),
        TypeKind::Range { base, low, high } => format!("({} {}..{})", ty(base), expr(low), expr(high)),
        TypeKind::AnyRegion(t) => format!("({} in any region)", ty(t)),
    }
}

fn default(e: Option<&Expr>) -> String {
    e.map(|e| format!(" = {}", expr(e))).unwrap_or_default()
}

fn docs(d: &Docs) -> String {
    d.as_ref().map(|d| format!("[{}] ", d.replace('\n', " / "))).unwrap_or_default()
}

fn fields(all: &[Field]) -> String {
    all.iter().map(|f| format!("{} = {}", f.name.name, expr(&f.value))).collect::<Vec<_>>().join(", ")
}

/// One line for each item and statement.
pub(crate) fn file(f: &File) -> String {
    let mut out = docs(&f.docs);
    for u in &f.uses {
        out.push_str(&format!("\n{}", import(u)));
    }
    for i in &f.items {
        out.push_str(&item(i));
    }
    out.trim().to_owned()
}

fn import(u: &Use) -> String {
    let from = match &u.from {
        UseFrom::Library(p) => p.parts.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join("."),
        UseFrom::Directory(d, _) => format!("{d:?}"),
    };
    let names = u.names.as_ref().map(|n| format!(" names {}", all(n, |n| n.name.to_string()))).unwrap_or_default();
    format!("use {from}{names}")
}

fn item(i: &Item) -> String {
    let mut out = format!("\n{}", docs(&i.docs));
    out.push_str(&match &i.kind {
        ItemKind::Project { name, fields: f } => format!("project {} {{{}}}", name.name, fields(f)),
        ItemKind::Type { name, ty: t } => format!("type {} {}", name.name, ty(t)),
        ItemKind::Env { name, ty: t, body } => {
            let entry = |e: &EnvEntry| match e {
                EnvEntry::Let { name, value } => format!("\n  let {} {}", name.name, expr(value)),
                EnvEntry::Field(f) => format!("\n  {} = {}", f.name.name, expr(&f.value)),
                EnvEntry::Region { region, fields: f, .. } => format!("\n  region {} {{{}}}", region.name, fields(f)),
            };
            format!("env {} {}{}", name.name, ty(t), body.iter().map(entry).collect::<String>())
        }
        ItemKind::Topology { name, param, body } => {
            let param = param.as_ref().map(|(n, t)| format!("({} {})", n.name, ty(t))).unwrap_or_default();
            format!("topology {}{param}{}", name.name, stmts(body, 1))
        }
        ItemKind::Component { name, body } => format!("component {}{}", name.name, stmts(body, 1)),
        ItemKind::Kind(k) => {
            let scope = if k.regional { "in region" } else { "global" };
            format!("kind {} {scope}{}", k.name.name, k.members.iter().map(member).collect::<String>())
        }
        ItemKind::Rollout { env, fields: f } => format!("rollout {} {{{}}}", env.name, fields(f)),
        ItemKind::Moved { from, to } => format!("moved {} to {}", address(from), address(to)),
        ItemKind::Input { name, ty: t, default: d } => format!("input {} {}{}", name.name, ty(t), default(d.as_ref())),
        ItemKind::Forget(a) => format!("forget {}", address(a)),
        ItemKind::Test { name, steps, .. } => {
            let step = |s: &TestStep| match s {
                TestStep::Plan { env, .. } => format!("\n  plan {}", env.map_or("-", |e| e.name.as_str())),
                TestStep::Expect(e) => format!("\n  expect {}", expr(e)),
                TestStep::ExpectError { code, part, .. } => {
                    let part = part.as_ref().map(|p| format!(" {p:?}")).unwrap_or_default();
                    format!("\n  expect error {}{part}", code.name)
                }
                TestStep::Known { address: of, output, value, .. } => {
                    format!("\n  known {} . {} = {}", address(of), output.name, expr(value))
                }
                TestStep::Let { name, value } => format!("\n  let {} {}", name.name, expr(value)),
            };
            format!("test {name:?}{}", steps.iter().map(step).collect::<String>())
        }
    });
    out
}

fn member(m: &KindMember) -> String {
    let names = |all: &[topo_syntax::ast::Ident]| all.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(" ");
    let attribute = |a: &KindAttribute| {
        let modifiers: String = a.modifiers.iter().map(|m| format!(" {}", m.name)).collect();
        format!("{}{}: {}{modifiers}{}", docs(&a.docs), a.name.name, ty(&a.ty), default(a.default.as_ref()))
    };
    let text = match m {
        KindMember::Attribute(a) => attribute(a),
        KindMember::OneOf(list, _) => format!("one of {}", all(list, |a| format!("({})", attribute(a)))),
        KindMember::Output { docs: d, name, ty: t, modifiers } => {
            let modifiers: String = modifiers.iter().map(|m| format!(" {}", m.name)).collect();
            format!("{}output {} {}{modifiers}", docs(d), name.name, ty(t))
        }
        KindMember::Check(c) => format!("check {} else {}", expr(&c.cond), expr(&c.message)),
        KindMember::Unique { attributes, any_region, code } => {
            let any_region = if *any_region { " (in any region)" } else { "" };
            let code = code.map_or(String::new(), |code| format!(" else {}", code.name));
            format!("unique {}{any_region}{code}", names(attributes))
        }
        KindMember::Identity(n) => format!("identity {}", names(n)),
        KindMember::Settles(e) => format!("settles {}", expr(e)),
        KindMember::Visible(e) => format!("visible {}", expr(e)),
        KindMember::Creates { class, attributes } => format!("creates {} ({})", class.name, names(attributes)),
        KindMember::Batched(n) => format!("batched {}", n.name),
    };
    format!("\n  {text}")
}

fn stmts(body: &[Stmt], depth: usize) -> String {
    let indent = format!("\n{}", "  ".repeat(depth));
    body.iter().map(|s| format!("{indent}{}{}", docs(&s.docs), stmt(s, depth))).collect()
}

fn stmt(s: &Stmt, depth: usize) -> String {
    let clause = |word: &str, e: &Option<Expr>| e.as_ref().map(|e| format!(" {word} {}", expr(e))).unwrap_or_default();
    match &s.kind {
        StmtKind::Param { name, ty: t, default: d } => format!("param {} {}{}", name.name, ty(t), default(d.as_ref())),
        StmtKind::Let { name, ty: t, value } => {
            let t = t.as_ref().map(|t| format!("{} ", ty(t))).unwrap_or_default();
            format!("let {} {t}{}", name.name, expr(value))
        }
        StmtKind::Resource(r) => {
            let word = if r.existing { "existing" } else { "resource" };
            let kind = r.kind.parts.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join(".");
            let clauses = clause("at", &r.at) + &clause("when", &r.when) + &clause("from", &r.from);
            format!("{word} {} {kind}{clauses} {{{}}}", r.name.name, fields(&r.fields))
        }
        StmtKind::For { pattern: p, source, at, body } => {
            format!("for {} in {}{}{}", pattern(p), expr(source), clause("at", at), stmts(body, depth + 1))
        }
        StmtKind::Check(c) => {
            let code = c.code.map(|c| format!("{} ", c.name)).unwrap_or_default();
            format!("check {} else {code}{}", expr(&c.cond), expr(&c.message))
        }
        StmtKind::Objective { name, when, fields: f } => {
            format!("objective {}{} {{{}}}", name.name, clause("when", when), fields(f))
        }
        StmtKind::Output { name, ty: t, value } => format!("output {} {} {}", name.name, ty(t), expr(value)),
    }
}
