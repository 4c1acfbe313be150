//! `test` items: an environment is expanded and looked into.
//!
//! A test sees what a plan sees. What only an apply would tell stays unknown until a
//! `known` step says it; then the checks that waited for it are decided, as an apply would.

mod explain;
mod known;

use std::collections::BTreeMap;
use std::rc::Rc;

use topo_model::{Code, Diagnostic, ResId, Span, Symbol, Value};

pub(crate) use known::Settled;

use super::Expander;
use super::frame::Run;
use crate::check::{TestItem, TestStep};
use crate::ir::Expr;
use crate::program::{Program, Prove};

/// What became of a test.
#[derive(Debug, Clone)]
pub struct TestOutcome {
    /// What is tested, in its own words.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What did not come out as expected; empty when it passed.
    pub failures: Vec<TestFailure>,
}

/// One thing that did not come out as expected.
#[derive(Debug, Clone)]
pub struct TestFailure {
    /// What is wrong, and where.
    pub finding: Diagnostic,
    /// The sides of the comparison that failed, where it is one.
    pub compared: Option<Compared>,
}

/// Two values that were compared.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The left one.
    pub left: Value,
    /// The right one.
    pub right: Value,
    /// The addresses of the resources in them.
    pub addresses: BTreeMap<ResId, String>,
    /// Whether they are too large to stand in labels, which speak of lines with `-` and `+`.
    pub large: bool,
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
    prove: Prove<'p>,
    /// How many plans it has.
    plans: usize,
    plan: Option<Planned<'p>>,
    locals: Vec<Value>,
    /// The names whose values something in them still waits for.
    waiting: Vec<usize>,
    failures: Vec<TestFailure>,
    /// Whether a name could not be given its value, which was reported.
    broken: bool,
}

/// A `plan` step, and what came of it.
struct Planned<'p> {
    span: Span,
    expander: Expander<'p>,
    run: Option<Rc<Run<'p>>>,
    /// The findings before this one are the plan's, or an apply's; those behind it come from
    /// looking into it.
    errors: Vec<Diagnostic>,
    /// The resources by their addresses, where a step asked for one.
    places: Option<known::Places>,
    /// Whether something is known since the errors were looked for.
    learned: bool,
    expected: Vec<(Code, Option<&'p str>, Span)>,
    /// Where its own failures begin.
    from: usize,
}

/// Runs a test.
pub(crate) fn run(program: &Program, test: &TestItem, prove: Prove<'_>) -> TestOutcome {
    let plans = test.steps.iter().filter(|step| matches!(step, TestStep::Plan(..))).count();
    let mut running = Running {
        program,
        prove,
        plans,
        plan: None,
        locals: Vec::new(),
        waiting: Vec::new(),
        failures: Vec::new(),
        broken: false,
    };
    for (at, step) in test.steps.iter().enumerate() {
        running.step(step, &test.steps[at + 1..]);
    }
    running.end_plan();
    TestOutcome { name: test.name.clone(), span: test.span, failures: running.failures }
}

impl<'p> Running<'p> {
    fn step(&mut self, step: &'p TestStep, rest: &'p [TestStep]) {
        match step {
            TestStep::Plan(env, span) => {
                self.end_plan();
                self.begin_plan(*env, *span, rest);
            }
            // Looked at when the plan ends, together with all that it found.
            TestStep::ExpectError { .. } => {}
            TestStep::Known(of) => self.known(of),
            TestStep::Expect(cond) => self.expect(cond),
            TestStep::Let(value) => {
                let value = self.eval(value);
                self.broken |= value.is_none();
                let value = value.unwrap_or_default();
                if !value.is_ground() {
                    self.waiting.push(self.locals.len());
                }
                self.locals.push(value);
            }
        }
    }

    fn begin_plan(&mut self, env: Option<Symbol>, span: Span, rest: &'p [TestStep]) {
        let mut expander = Expander::new(self.program, env);
        let run = expander.topology().map(|(run, _)| run);
        expander.rollout();
        expander.check_objects();
        expander.order_holds();
        let mut errors = expander.take_errors();
        if errors.is_empty() {
            errors = self.proofs(env);
        }
        let own = rest.iter().take_while(|step| !matches!(step, TestStep::Plan(..)));
        let expected = own
            .filter_map(|step| match step {
                TestStep::ExpectError { code, part, span } => Some((*code, part.as_deref(), *span)),
                _ => None,
            })
            .collect();
        let from = self.failures.len();
        let plan = Planned { span, expander, run, errors, places: None, learned: false, expected, from };
        self.plan = Some(plan);
    }

    /// What the proofs have against an environment that is right otherwise.
    fn proofs(&self, env: Option<Symbol>) -> Vec<Diagnostic> {
        let desired = Expander::new(self.program, env).expand().desired;
        let found = desired.iter().flat_map(|desired| (self.prove)(desired));
        found.filter(Diagnostic::is_error).collect()
    }

    /// What was found and not expected fails the test, and what was expected and not found.
    fn end_plan(&mut self) {
        let Some(mut plan) = self.plan.take() else { return };
        plan.settle();
        topo_model::diag::sort(&mut plan.errors);
        let fits = |found: &Diagnostic, (code, part, _): &(Code, Option<&str>, Span)| {
            found.code == *code && part.is_none_or(|part| says(found, part))
        };
        let mut failures: Vec<Diagnostic> = Vec::new();
        for expected in &plan.expected {
            if !plan.errors.iter().any(|found| fits(found, expected)) {
                failures.push(not_refused(&plan, *expected));
            }
        }
        let surplus = plan.errors.iter().filter(|found| !plan.expected.iter().any(|e| fits(found, e)));
        failures.extend(surplus.map(|found| self.in_plan(found.clone(), plan.span)));
        let failures = failures.into_iter().map(|finding| TestFailure { finding, compared: None });
        self.failures.splice(plan.from..plan.from, failures);
    }

    /// Says which of several plans it is about.
    fn in_plan(&self, found: Diagnostic, plan: Span) -> Diagnostic {
        if self.plans > 1 { found.label(plan, "in this plan") } else { found }
    }

    fn fail(&mut self, finding: Diagnostic, compared: Option<Compared>) {
        let finding = match &self.plan {
            Some(plan) => self.in_plan(finding, plan.span),
            None => finding,
        };
        self.failures.push(TestFailure { finding, compared });
    }

    /// The value of an expression of the test; `None` where that was reported.
    fn eval(&mut self, expr: &Expr) -> Option<Value> {
        if self.broken {
            return None;
        }
        let plan = self.plan.as_mut()?;
        for at in std::mem::take(&mut self.waiting) {
            let local = plan.expander.with_known(std::mem::take(&mut self.locals[at]));
            if !local.is_ground() {
                self.waiting.push(at);
            }
            self.locals[at] = local;
        }
        let value = match &plan.run {
            Some(run) => plan.expander.eval_with(run, expr, &mut self.locals),
            None => None,
        };
        let found = plan.expander.take_errors();
        if value.is_none() && found.is_empty() {
            self.undecided(expr.span);
        }
        found.into_iter().for_each(|found| self.fail(found, None));
        value
    }

    /// What was refused has no value: that fails a test which expected the refusal, too.
    fn undecided(&mut self, span: Span) {
        let Some(plan) = &mut self.plan else { return };
        if plan.expected.is_empty() {
            return;
        }
        plan.settle();
        let message = "this can't be decided: the plan was refused where it is made";
        let mut found = Diagnostic::error(202, span, message, "has no value");
        if let Some(refused) = plan.errors.first() {
            found = found.label(refused.span(), refused.message.clone());
        }
        self.fail(found.help("a test of a refusal expects the error, and nothing of what was refused"), None);
    }

    fn expect(&mut self, cond: &Expr) {
        match self.eval(cond) {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                let (finding, compared) = self.explain(cond);
                self.fail(finding, compared);
            }
            Some(value) => {
                let Some(plan) = &self.plan else { return };
                let found = plan.expander.needs_now(&value, cond.span, "`expect`");
                let found = known::suggested(&plan.expander, found, &value);
                self.fail(found, None);
            }
        }
    }
}

impl Planned<'_> {
    /// Decides what waited for what is known by now.
    fn settle(&mut self) {
        if std::mem::take(&mut self.learned) {
            self.expander.settle();
            self.errors.extend(self.expander.take_errors());
        }
    }
}

impl Expander<'_> {
    /// The errors found so far; from here on others are.
    fn take_errors(&mut self) -> Vec<Diagnostic> {
        self.conclude();
        std::mem::take(&mut self.diagnostics).into_iter().filter(Diagnostic::is_error).collect()
    }
}

/// Whether a finding has a text in its message or at one of its places.
fn says(found: &Diagnostic, part: &str) -> bool {
    found.message.contains(part) || found.labels.iter().any(|label| label.text.contains(part))
}

/// T0202 for an error that was expected and did not come.
fn not_refused(plan: &Planned<'_>, (code, part, span): (Code, Option<&str>, Span)) -> Diagnostic {
    let same: Vec<&Diagnostic> = plan.errors.iter().filter(|found| found.code == code).collect();
    if let (Some(part), Some(first)) = (part, same.first()) {
        let message = format!("the plan was refused with {code} as expected, and no message of it has \"{part}\"");
        let found = Diagnostic::error(202, span, message, "says something else");
        return found
            .label(first.span(), first.message.clone())
            .help("write a part of what it says, or leave the text out: the code alone is enough");
    }
    if let Some(first) = plan.errors.first() {
        let message = format!("the plan was expected to be refused with {code}, and was refused with {}", first.code);
        return Diagnostic::error(202, span, message, "another error was found")
            .label(first.span(), first.message.clone())
            .help(format!("if that one is meant, write `expect error {}`", first.code));
    }
    let message = format!("the plan was expected to be refused with {code}, and nothing is wrong with it");
    Diagnostic::error(202, span, message, "not found").help(
        "only what a plan finds can be expected; with an error in its syntax, names or types a program runs no test",
    )
}
