//! What a test gives a value to: the output of a resource, by the resource's address.

use topo_model::{Diagnostic, Span, Symbol, Type};
use topo_syntax::ast::{self, ItemKind};

use super::renames::Level;
use crate::checker::Checker;
use crate::modules::DeclKind;
use crate::suggest;

impl Checker<'_> {
    /// The type of an output; what is unknown on the way there is reported.
    pub(super) fn output_type(
        &mut self,
        topology: &Level<'_>,
        address: &ast::AddressPattern,
        output: ast::Ident,
    ) -> Type {
        match self.output_at(topology, &address.steps, output) {
            Ok(ty) => ty,
            Err(found) => {
                if let Some(found) = found {
                    self.report(*found);
                }
                Type::Unknown
            }
        }
    }

    fn output_at(
        &mut self,
        level: &Level<'_>,
        steps: &[ast::AddressStep],
        output: ast::Ident,
    ) -> Result<Type, Option<Box<Diagnostic>>> {
        let (step, rest) = steps.split_first().ok_or(None)?;
        let Some(resource) = level.resources.get(&step.name.name) else {
            let names = level.names();
            let message = format!("{} has no resource `{}`", level.text, step.name.name);
            let found = Diagnostic::error(101, step.name.span, message, "not known");
            let near = self.modules.comparisons.nearest(step.name.name, &names);
            return Err(Some(Box::new(suggest::with_near(found, step.name, near, &names, "it has"))));
        };
        let (decl, _) = self.resolve(level.file, &resource.kind, "a kind or component").ok_or(None)?;
        let of = self.modules.decl(decl);
        if of.kind == DeclKind::Component {
            let ast = self.modules.file(of.file).ast.clone();
            let Some(ItemKind::Component { body, .. }) = ast.items.get(of.item as usize).map(|i| &i.kind) else {
                return Err(None);
            };
            let inside = Level::new(of.file, body, format!("component `{}`", of.full));
            if rest.is_empty() {
                return Err(Some(Box::new(of_a_component(&inside, step, output))));
            }
            return self.output_at(&inside, rest, output);
        }
        let info = self.kind(decl);
        if let Some(next) = rest.first() {
            let message = format!("`{}` is a resource of a cloud: there is nothing in it", step.name.name);
            let found = Diagnostic::error(101, next.name.span, message, "not known");
            let help = format!("an address ends with an output: `{}.{}`", step.name.name, next.name.name);
            return Err(Some(Box::new(match info.readable(next.name.name) {
                Some(_) => found.fix(help, Span::new(next.name.span.hi, output.span.hi), ""),
                None => found.help(format!("write an output behind `{}`", step.name.name)),
            })));
        }
        match info.readable(output.name) {
            Some((_, ty)) => Ok(ty.narrowed().clone()),
            None => {
                let message = format!("`{}` has no `{}`", of.full, output.name);
                let found = Diagnostic::error(102, output.span, message, "not known");
                let outputs: Vec<Symbol> = info.outputs.iter().map(|(name, _)| *name).collect();
                Err(Some(Box::new(suggest::with_names(found, output, &outputs, "its outputs are"))))
            }
        }
    }
}

/// T0101 for what a component gives: it is made of its resources' outputs.
fn of_a_component(inside: &Level<'_>, step: &ast::AddressStep, output: ast::Ident) -> Diagnostic {
    let message = format!(
        "`known` takes an output of a cloud's resource, and `{}` is an instance of a component, which computes its own",
        step.name.name
    );
    Diagnostic::error(101, output.span, message, "no cloud decides this").help(format!(
        "name a resource in it: {} has {}",
        inside.text,
        suggest::listed(&inside.names())
    ))
}
