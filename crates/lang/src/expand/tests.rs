//! `test` items: an environment is expanded and looked into.

use topo_model::{Code, Diagnostic, Func, Span, Value};

use super::Expander;
use super::frame::Run;
use crate::check::{TestItem, TestStep};
use crate::ir::{Expr, ExprKind};
use crate::program::Program;

/// What became of a test.
#[derive(Debug, Clone)]
pub struct TestOutcome {
    /// What is tested, in its own words.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What did not come out as expected; empty when it passed.
    pub failures: Vec<Diagnostic>,
}

impl TestOutcome {
    /// Whether everything came out as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// A test being run.
struct Running<'p> {
    program: &'p Program,
    plan: Option<(Expander<'p>, Option<Run<'p>>)>,
    locals: Vec<Value>,
    failures: Vec<Diagnostic>,
    /// Whether the current plan's errors are expected ones.
    expected: bool,
}

/// Runs a test.
pub(crate) fn run(program: &Program, test: &TestItem) -> TestOutcome {
    let mut running = Running { program, plan: None, locals: Vec::new(), failures: Vec::new(), expected: false };
    for step in &test.steps {
        running.step(step);
    }
    running.end_plan();
    TestOutcome { name: test.name.clone(), span: test.span, failures: running.failures }
}

impl Running<'_> {
    fn step(&mut self, step: &TestStep) {
        match step {
            TestStep::Plan(env) => {
                self.end_plan();
                let mut expander = Expander::new(self.program, *env);
                let run = expander.topology().map(|(run, _)| run);
                expander.check_objects();
                self.plan = Some((expander, run));
                self.expected = false;
            }
            TestStep::ExpectError { code, span } => self.expect_error(*code, *span),
            TestStep::Expect(cond) => self.expect(cond),
            TestStep::Let(value) => {
                let value = self.eval(value);
                self.locals.push(value.unwrap_or_default());
            }
        }
    }

    /// What the plan found and no `expect error` named fails the test.
    fn end_plan(&mut self) {
        if let Some((expander, _)) = self.plan.take()
            && !self.expected
        {
            self.failures.extend(expander.diagnostics.into_iter().filter(Diagnostic::is_error));
        }
    }

    fn expect_error(&mut self, code: Code, span: Span) {
        let Some((expander, _)) = &self.plan else { return };
        self.expected = true;
        if expander.diagnostics.iter().any(|d| d.is_error() && d.code == code) {
            return;
        }
        let found: Vec<String> = expander.diagnostics.iter().map(|d| format!("{}: {}", d.code, d.message)).collect();
        let message = format!("the plan was expected to fail with {code}, and it did not");
        let mut failure = Diagnostic::error(202, span, message, "not found");
        if !found.is_empty() {
            failure = failure.help(format!("it found {}", found.join("; ")));
        }
        self.failures.push(failure);
    }

    fn eval(&mut self, expr: &Expr) -> Option<Value> {
        let (expander, run) = self.plan.as_mut()?;
        let run = run.as_ref()?;
        expander.eval_with(run, expr, &mut self.locals)
    }

    fn expect(&mut self, cond: &Expr) {
        match self.eval(cond) {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                let message = format!("expected `{}`", self.program.sources.text(cond.span));
                let mut failure = Diagnostic::error(202, cond.span, message, "does not hold");
                self.add_sides(cond, &mut failure);
                self.failures.push(failure);
            }
            Some(value) => {
                let Some((expander, _)) = &self.plan else { return };
                let failure = expander.needs_now(&value, cond.span, "`expect`");
                self.failures.push(failure);
            }
            // Reported by the plan.
            None => {}
        }
    }

    /// Both sides of a comparison that failed.
    fn add_sides(&mut self, cond: &Expr, failure: &mut Diagnostic) {
        let sides: &[Expr] = match &cond.kind {
            ExprKind::And(both) | ExprKind::Or(both) => {
                both.iter().for_each(|side| self.add_sides(side, failure));
                return;
            }
            ExprKind::Call(Func::Not, operand) => {
                self.add_sides(&operand[0], failure);
                return;
            }
            ExprKind::Call(_, operands) => operands,
            _ => return,
        };
        for side in sides {
            if let Some(value) = self.eval(side)
                && let Some((expander, _)) = &self.plan
            {
                let text = format!("this is {}", expander.short(&value));
                failure.labels.push(topo_model::Label { span: side.span, text });
            }
        }
    }
}
