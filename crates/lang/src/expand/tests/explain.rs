//! Why an expectation does not hold: the parts that decide it, each with its value.

use std::collections::BTreeMap;

use topo_model::{Diagnostic, Func, Label, ResId, Span, Value};

use super::{Compared, Running};
use crate::ir::{Expr, ExprKind};

/// Longer than this a value stands in no label where it is one of two that are compared.
const LONG: usize = 60;

/// How much of a condition a message repeats.
const QUOTED: usize = 80;

/// What is said of a condition.
struct Account {
    labels: Vec<Label>,
    compared: Option<Compared>,
}

impl Running<'_> {
    /// The finding for a condition that does not hold.
    pub(super) fn explain(&mut self, cond: &Expr) -> (Diagnostic, Option<Compared>) {
        let source = self.program.sources.text(cond.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let quoted = match source.char_indices().nth(QUOTED) {
            Some((at, _)) => format!("{}…", &source[..at]),
            None => source,
        };
        let mut account = Account { labels: Vec::new(), compared: None };
        self.account(cond, true, &mut account);
        let mut found = Diagnostic::error(202, cond.span, format!("expected `{quoted}`"), "does not hold");
        found.labels.extend(account.labels);
        (found, account.compared)
    }

    /// Says why a condition is not what was wanted of it.
    fn account(&mut self, cond: &Expr, wanted: bool, account: &mut Account) {
        match &cond.kind {
            ExprKind::Convert(of, _) => self.account(of, wanted, account),
            ExprKind::Call(Func::Not, operand) => self.account(&operand[0], !wanted, account),
            ExprKind::And(both) | ExprKind::Or(both) => {
                for part in both.iter() {
                    if self.value(part) == Some(Value::Bool(!wanted)) {
                        self.account(part, wanted, account);
                        // The other is not evaluated where this one decides.
                        if matches!(cond.kind, ExprKind::And(_)) == wanted {
                            return;
                        }
                    }
                }
            }
            ExprKind::If(parts) => {
                let chosen = self.value(&parts[0]);
                self.label(&parts[0], account);
                self.account(&parts[if chosen == Some(Value::Bool(true)) { 1 } else { 2 }], wanted, account);
            }
            ExprKind::Call(func, operands) => self.sides(*func, operands, account),
            _ => self.label(cond, account),
        }
    }

    fn sides(&mut self, func: Func, operands: &[Expr], account: &mut Account) {
        let compares = matches!(func, Func::Eq | Func::Ne | Func::Lt | Func::Le | Func::Gt | Func::Ge);
        if let ([left, right], true) = (operands, compares)
            && let (Some(a), Some(b)) = (self.value(left), self.value(right))
            && account.compared.is_none()
        {
            let large = func == Func::Eq && (self.text(&a).len() > LONG || self.text(&b).len() > LONG);
            let addresses = self.addresses([&a, &b]);
            account.compared = Some(Compared { left: a, right: b, addresses, large });
            if large {
                account.labels.push(label(left.span, "has the lines with `-` below"));
                account.labels.push(label(right.span, "has the lines with `+` below"));
                return;
            }
        }
        for operand in operands {
            self.label(operand, account);
            if let ExprKind::Call(of, arguments) = &operand.kind
                && of.is_function()
            {
                arguments.iter().for_each(|argument| self.label(argument, account));
            }
        }
    }

    /// What an expression is, unless it says so itself; and where that is set.
    fn label(&mut self, expr: &Expr, account: &mut Account) {
        if account.labels.iter().any(|label| label.span == expr.span) {
            return;
        }
        let Some(value) = self.value(expr) else { return };
        let Some(plan) = &self.plan else { return };
        let text = plan.expander.short(&value);
        if text != self.program.sources.text(expr.span) {
            account.labels.push(label(expr.span, format!("this is {text}")));
        }
        let ExprKind::Read { base, attribute: Some(attribute), .. } = &expr.kind else { return };
        let attribute = *attribute;
        let Some(Value::Resource(id)) = self.value(base) else { return };
        let Some(plan) = &self.plan else { return };
        let id = plan.expander.target(id);
        let set = plan.expander.resources[id.0 as usize].attributes[attribute.0 as usize].as_ref();
        let in_library = |span: Span| self.program.sources.file(span).is_none_or(|f| f.library);
        if let Some(set) = set.filter(|set| !in_library(set.span)) {
            account.labels.push(label(set.span, format!("`{}` has it from here", plan.expander.address(id))));
        }
    }

    /// A value again; it was evaluated before without a report.
    fn value(&mut self, expr: &Expr) -> Option<Value> {
        let plan = self.plan.as_mut()?;
        let value = plan.expander.eval_with(plan.run.as_ref()?, expr, &mut self.locals);
        plan.expander.diagnostics.clear();
        value
    }

    fn text(&self, value: &Value) -> String {
        let Some(plan) = &self.plan else { return String::new() };
        value.render(&|id| plan.expander.address(plan.expander.target(id)))
    }

    fn addresses(&self, values: [&Value; 2]) -> BTreeMap<ResId, String> {
        let mut addresses = BTreeMap::new();
        if let Some(plan) = &self.plan {
            for value in values {
                value.for_each_resource(&mut |id| {
                    addresses.insert(id, plan.expander.address(plan.expander.target(id)));
                });
            }
        }
        addresses
    }
}

fn label(span: Span, text: impl Into<String>) -> Label {
    Label { span, text: text.into() }
}
