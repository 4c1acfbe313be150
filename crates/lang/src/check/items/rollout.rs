//! Rollouts and renames.

use topo_model::{Diagnostic, Pattern, PatternKey, PatternStep, RecordType, Rollout, Span, Symbol, Type, Value};
use topo_syntax::ast;

use super::super::statements::{field, length_of_time, union};
use super::{Items, RolloutItem};
use crate::checker::Checker;
use crate::modules::FileId;
use crate::suggest;

impl Checker<'_> {
    pub(super) fn known_env(&mut self, env: ast::Ident, items: &Items) {
        if items.envs.iter().all(|e| e.name.name != env.name) {
            let names: Vec<Symbol> = items.envs.iter().map(|e| e.name.name).collect();
            let message = format!("there is no environment `{}`", env.name);
            let found = suggest::unknown(env, message, &names, "the environments are");
            self.report(found);
        }
    }

    pub(super) fn rollout(
        &mut self,
        file: FileId,
        env: ast::Ident,
        fields: &[ast::Field],
        span: Span,
        items: &mut Items,
    ) {
        self.known_env(env, items);
        if let Some(before) = items.rollouts.iter().find(|r| r.env.name == env.name) {
            let message = format!("environment `{}` has two rollouts", env.name);
            let found = Diagnostic::error(104, env.span, message, "the second one");
            let found = found.label(before.env.span, "the first one");
            self.report(found.help("write all settings into one of them, and remove the other"));
            return;
        }
        let (order, rest): (Vec<ast::Field>, Vec<ast::Field>) =
            fields.iter().cloned().partition(|f| f.name.name == "order");
        let settings = self.settings(file, env, "rollout", &rest, span, &rollout_type());
        let text = |at: usize| settings[at].as_ref().and_then(|v| v.as_str().map(str::to_owned));
        let Some(order) = order.first() else {
            let message = format!("rollout `{}` needs `order`: its regions, the first first", env.name);
            let regions: Vec<Symbol> = items
                .envs
                .iter()
                .filter(|e| e.name.name == env.name)
                .flat_map(|e| e.regions.iter().map(|r| r.name))
                .collect();
            let list: Vec<&str> = regions.iter().map(|r| r.as_str()).collect();
            let order = format!("order = [{}]", list.join(", "));
            let found = Diagnostic::error(103, env.span, message, "missing `order`");
            let braces = self.braces(env.span.hi, span);
            self.report(match self.text(braces).starts_with('{') {
                true => {
                    let rest = if rest.is_empty() { "" } else { "," };
                    found.fix(
                        format!("add `{order}`"),
                        Span::new(braces.lo + 1, braces.lo + 1),
                        format!(" {order}{rest}"),
                    )
                }
                false => found.fix(format!("add `{{ {order} }}`"), braces, format!(" {{ {order} }}")),
            });
            return;
        };
        let (waves, places) = self.waves(file, &order.value);
        let rollout = Rollout {
            order: waves,
            bake: settings[0].as_ref().and_then(Value::as_millis).unwrap_or(0),
            gate: text(1),
            approve: settings[2].as_ref().and_then(Value::as_bool).unwrap_or(false),
            revert: text(3).as_deref() == Some("revert"),
            span,
        };
        items.rollouts.push(RolloutItem { env, rollout, places, order: order.value.span });
    }

    /// `[a, [b, c]]`: a list inside is one wave.
    pub(super) fn waves(&mut self, file: FileId, order: &ast::Expr) -> (Vec<Vec<Symbol>>, Vec<(Symbol, Span)>) {
        let (mut waves, mut places) = (Vec::new(), Vec::new());
        let ast::ExprKind::List(entries) = &order.kind else {
            let computed = self.constant(file, order, &Type::list(Type::Region));
            for region in computed.iter().flat_map(|list| list.items().unwrap_or_default()) {
                if let Value::Region(code) = region {
                    waves.push(vec![*code]);
                    places.push((*code, order.span));
                }
            }
            return (waves, places);
        };
        for entry in entries {
            let members: &[ast::Expr] = match &entry.kind {
                ast::ExprKind::List(members) => members,
                _ => std::slice::from_ref(entry),
            };
            if members.is_empty() {
                let message = "a wave has one region at least";
                let found = Diagnostic::error(304, entry.span, message, "no region");
                self.report(found.help("remove it, or write the regions that move together into it"));
            }
            let mut wave = Vec::new();
            for member in members {
                if let Some(Value::Region(code)) = self.constant(file, member, &Type::Region) {
                    wave.push(code);
                    places.push((code, member.span));
                }
            }
            waves.push(wave);
        }
        (waves, places)
    }

    pub(super) fn pattern(&mut self, file: FileId, pattern: &ast::AddressPattern) -> Option<Pattern> {
        let mut steps = Vec::with_capacity(pattern.steps.len());
        for step in &pattern.steps {
            let key = match &step.key {
                None => PatternKey::Absent,
                Some(ast::AddressKey::Any) => PatternKey::Any,
                Some(ast::AddressKey::Key(expr)) => {
                    PatternKey::Key(self.constant(file, expr, &Type::Unknown)?.to_string())
                }
            };
            steps.push(PatternStep { name: step.name.name, key });
        }
        Some(Pattern { steps, span: pattern.span })
    }
}

fn rollout_type() -> RecordType {
    let fields = vec![
        field("bake", length_of_time(), Some(Value::Duration(0))),
        field("gate", Type::optional(union(&["alarms"])), Some(Value::None)),
        field("approve", Type::Bool, Some(Value::Bool(false))),
        field("on_fail", union(&["halt", "revert"]), Some(Value::str("halt"))),
    ];
    RecordType { fields }
}
