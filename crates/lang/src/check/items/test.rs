//! Tests.

use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Span, Type};
use topo_syntax::ast;

use super::super::{Scope, Sees, Typer};
use super::renames::Level;
use super::{Items, Known, Placed, TestItem, TestStep};
use crate::checker::Checker;
use crate::modules::FileId;

impl Checker<'_> {
    /// All tests, in source order.
    pub(super) fn tests(&mut self, placed: &[Placed<'_>], topology: (&[Scope], &Level<'_>), items: &mut Items) {
        let (scopes, topology) = topology;
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        // Every test sees the topology's names, and declares none beside them.
        let mut scope = Scope { names: scopes[0].names.clone(), types: scopes[0].types.clone(), ..Scope::default() };
        for (file, item) in placed {
            let ast::ItemKind::Test { name, name_span, steps } = &item.kind else { continue };
            if let Some(before) = seen.get(&**name) {
                let message = format!("the test \"{name}\" is declared twice");
                let found = Diagnostic::error(104, *name_span, message, "declared again here");
                let found = found.label(*before, "declared first here");
                let other = topo_model::value::quoted(&format!("{name}, again"));
                self.report(found.fix(
                    format!("give one of them another name, for example {other}"),
                    *name_span,
                    other,
                ));
                continue;
            }
            seen.insert(name, *name_span);
            let test = self.test(*file, (name, *name_span), steps, (&mut scope, topology), items);
            items.tests.push(test);
        }
    }

    fn test(
        &mut self,
        file: FileId,
        (name, span): (&str, Span),
        steps: &[ast::TestStep],
        (scope, topology): (&mut Scope, &Level<'_>),
        items: &Items,
    ) -> TestItem {
        let mut typed = Vec::with_capacity(steps.len());
        let takes_env = items.env_type.is_some();
        let mut planned = false;
        for step in steps {
            if let ast::TestStep::Plan { env, span } = step {
                planned = true;
                match env {
                    Some(env) if takes_env => self.known_env(*env, items),
                    Some(env) => {
                        let message = "the topology takes no environment, so `plan` names none";
                        let found = Diagnostic::error(101, env.span, message, "not known");
                        self.report(found.fix("write `plan` alone", env.span, ""));
                    }
                    None if takes_env => {
                        let message = "`plan` needs the name of an environment";
                        let found = Diagnostic::error(103, *span, message, "which environment?");
                        let first = items.envs.first().map(|e| e.name.name);
                        self.report(match first {
                            Some(env) => found.fix(format!("write `plan {env}`"), span.end(), format!(" {env}")),
                            None => found.help("write `plan ENVIRONMENT`"),
                        });
                    }
                    None => {}
                }
            } else if !planned {
                let message = format!("test \"{name}\" has no `plan` before what it expects");
                let found = Diagnostic::error(103, span, message, "needs `plan ENV` first");
                let plan = items
                    .envs
                    .first()
                    .filter(|_| takes_env)
                    .map_or_else(|| "plan".to_owned(), |e| format!("plan {}", e.name.name));
                self.report(found.help(format!("write `{plan}` on a line before it")));
                planned = true;
            }
        }
        let mut typer = Typer::new(self, file, Sees::Everything);
        typer.scopes = vec![std::mem::take(scope)];
        typer.outputs = items.topology.iter().flat_map(|of| &of.shown).map(|of| (of.name, of.slot)).collect();
        for step in steps {
            match step {
                ast::TestStep::Plan { env, span } => typed.push(TestStep::Plan(env.map(|e| e.name), *span)),
                ast::TestStep::Expect(cond) => typed.push(TestStep::Expect(typer.check(cond, &Type::Bool))),
                ast::TestStep::ExpectError { code, part, span } => {
                    if let Some(code) = typer.cx.code(*code) {
                        typed.push(TestStep::ExpectError { code, part: part.clone(), span: *span });
                    }
                }
                ast::TestStep::Known { address, output, value, .. } => {
                    let ty = typer.cx.output_type(topology, address, *output);
                    let value = typer.check(value, &ty);
                    if let Some(of) = typer.cx.pattern(file, address) {
                        typed.push(TestStep::Known(Box::new(Known { of, output: *output, value })));
                    }
                }
                ast::TestStep::Let { name, value } => {
                    let value = typer.infer(value);
                    typer.bind_local(*name, value.ty);
                    typed.push(TestStep::Let(value.expr));
                }
            }
        }
        *scope = typer.scopes.swap_remove(0);
        TestItem { name: name.to_owned(), span, steps: typed }
    }
}
