//! Narrowing: where `x != none` is known to hold, `x` has the type without `?`.

use topo_model::{Symbol, Value};
use topo_syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

use super::Typer;

/// A name, or what a path of fields and elements leads to from one: what can be narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    root: Root,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(Symbol),
    Element(Key),
}

/// An index that is the same wherever it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Literal(Value),
    Place(Place),
    Tuple(Vec<Key>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Local(u32),
    Slot(u32, u32),
    Other(Symbol),
}

impl Typer<'_, '_> {
    /// The place that an expression names, if it does.
    pub(crate) fn place(&self, expr: &Expr) -> Option<Place> {
        match &expr.kind {
            ExprKind::Name(name) => {
                let root = if let Some(at) = self.locals.iter().rposition(|l| l.name == *name) {
                    Root::Local(at as u32)
                } else if let Some((scope, binding)) = self.lookup(*name) {
                    Root::Slot(scope, binding.slot)
                } else {
                    Root::Other(*name)
                };
                Some(Place { root, steps: Vec::new() })
            }
            ExprKind::Field { base, name, .. } => {
                let mut place = self.place(base)?;
                place.steps.push(Step::Field(name.name));
                Some(place)
            }
            ExprKind::Index { base, index } => {
                let mut place = self.place(base)?;
                place.steps.push(Step::Element(self.key(index)?));
                Some(place)
            }
            _ => None,
        }
    }

    fn key(&self, index: &Expr) -> Option<Key> {
        match &index.kind {
            ExprKind::Literal(value) => Some(Key::Literal(value.clone())),
            ExprKind::Tuple(parts) => parts.iter().map(|part| self.key(part)).collect::<Option<_>>().map(Key::Tuple),
            _ => self.place(index).map(Key::Place),
        }
    }

    /// What a `?.` was asked of is there where what it gave is there.
    fn narrow_bases(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Field { base, optional, .. } => {
                if *optional {
                    self.narrowed.extend(self.place(base));
                }
                self.narrow_bases(base);
            }
            ExprKind::Index { base, .. } => self.narrow_bases(base),
            _ => {}
        }
    }

    /// Whether an expression is known not to be `none` at this point.
    pub(crate) fn is_narrowed(&self, expr: &Expr) -> bool {
        !self.narrowed.is_empty() && self.place(expr).is_some_and(|place| self.narrowed.contains(&place))
    }

    /// Narrows what follows from a condition being `truth`, and gives the mark to go back
    /// to with [`Typer::widen`].
    pub(crate) fn narrow(&mut self, cond: &Expr, truth: bool) -> usize {
        let mark = self.narrowed.len();
        self.add_narrowed(cond, truth);
        mark
    }

    /// Forgets what was narrowed since.
    pub(crate) fn widen(&mut self, mark: usize) {
        self.narrowed.truncate(mark);
    }

    fn add_narrowed(&mut self, cond: &Expr, truth: bool) {
        match &cond.kind {
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.add_narrowed(operand, !truth),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } if truth => {
                self.add_narrowed(left, true);
                self.add_narrowed(right, true);
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } if !truth => {
                self.add_narrowed(left, false);
                self.add_narrowed(right, false);
            }
            ExprKind::Binary { op, left, right, .. } => {
                let there = match op {
                    BinaryOp::Ne => truth,
                    BinaryOp::Eq => !truth,
                    _ => return,
                };
                let compared = match (is_none(left), is_none(right)) {
                    (false, true) => left,
                    (true, false) => right,
                    _ => return,
                };
                if there {
                    self.narrowed.extend(self.place(compared));
                    self.narrow_bases(compared);
                }
            }
            _ => {}
        }
    }
}

fn is_none(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(value) if value.is_none())
}
