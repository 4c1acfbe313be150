//! Tests.

use topo_model::{Diagnostic, Span, Type};
use topo_syntax::ast;

use super::super::{Scope, Sees, Typer};
use super::{Items, TestItem, TestStep};
use crate::checker::Checker;
use crate::modules::FileId;

impl Checker<'_> {
    pub(super) fn test(
        &mut self,
        file: FileId,
        name: &str,
        span: Span,
        steps: &[ast::TestStep],
        scopes: &[Scope],
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
                        self.report(Diagnostic::error(101, env.span, message, "not known"));
                    }
                    None if takes_env => {
                        let message = "`plan` needs the name of an environment";
                        self.report(Diagnostic::error(103, *span, message, "which environment?"));
                    }
                    None => {}
                }
            } else if !planned {
                let message = format!("test \"{name}\" has no `plan` before what it expects");
                self.report(Diagnostic::error(103, span, message, "needs `plan ENV` first"));
                planned = true;
            }
        }
        let mut typer = Typer::new(self, file, Sees::Everything);
        typer.scopes =
            vec![Scope { names: scopes[0].names.clone(), types: scopes[0].types.clone(), ..Scope::default() }];
        for step in steps {
            match step {
                ast::TestStep::Plan { env, .. } => typed.push(TestStep::Plan(env.map(|e| e.name))),
                ast::TestStep::Expect(cond) => typed.push(TestStep::Expect(typer.check(cond, &Type::Bool))),
                ast::TestStep::ExpectError { code, span } => {
                    if let Some(code) = typer.cx.code(*code) {
                        typed.push(TestStep::ExpectError { code, span: *span });
                    }
                }
                ast::TestStep::Let { name, value } => {
                    let value = typer.infer(value);
                    typer.bind_local(*name, value.ty);
                    typed.push(TestStep::Let(value.expr));
                }
            }
        }
        TestItem { name: name.to_owned(), span, steps: typed }
    }
}
