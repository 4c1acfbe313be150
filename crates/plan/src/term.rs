//! Terms in a user's words: `vpc.id` in place of a number.

use topo_model::{Func, Term, Value};

use crate::Plan;

impl Plan {
    /// A term as a program would write it, with the plan's addresses.
    pub fn display_term(&self, term: &Term) -> String {
        match term {
            Term::Output { resource, name } => match self.nodes.get(resource.0 as usize) {
                Some(node) => format!("{}.{name}", node.address),
                None => term.to_string(),
            },
            Term::Own(_) | Term::Each(_) => term.to_string(),
            Term::Call { func, args } => self.display_call(*func, args),
        }
    }

    /// A value as a program would write it, with the plan's addresses.
    pub fn display_value(&self, value: &Value) -> String {
        let entry =
            |(key, value): (&Value, &Value)| format!("{} = {}", self.display_value(key), self.display_value(value));
        match value {
            Value::Unknown(term) => self.display_term(term),
            Value::Resource(id) => match self.nodes.get(id.0 as usize) {
                Some(node) => node.address.clone(),
                None => value.to_string(),
            },
            ground if ground.is_ground() => ground.to_string(),
            Value::List(items) => format!("[{}]", self.all(items)),
            Value::Tuple(items) => format!("({})", self.all(items)),
            Value::Map(map) => format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", ")),
            Value::Record(record) => {
                let fields = record.iter().map(|(name, value)| format!("{name} = {}", self.display_value(value)));
                format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }

    fn all(&self, items: &[Value]) -> String {
        items.iter().map(|item| self.display_value(item)).collect::<Vec<_>>().join(", ")
    }

    fn display_call(&self, func: Func, args: &[Value]) -> String {
        let show = |value: &Value| self.operand(value);
        match (func, args) {
            (Func::Interpolate, parts) => self.interpolation(parts),
            (Func::Field, [of, Value::Str(name)]) => format!("{}.{name}", show(of)),
            (Func::OptionalField, [of, Value::Str(name)]) => format!("{}?.{name}", show(of)),
            (Func::Index, [of, key]) => format!("{}[{}]", show(of), self.display_value(key)),
            (Func::If, [cond, yes, no]) => format!("if {} then {} else {}", show(cond), show(yes), show(no)),
            (Func::Not, [of]) => format!("not {}", show(of)),
            (Func::Neg, [of]) => format!("-{}", show(of)),
            (func, [a, b]) if !func.is_function() => format!("{} {} {}", show(a), func.name(), show(b)),
            (func, args) => format!("{}({})", func.name(), self.all(args)),
        }
    }

    /// An operand, in brackets where it is an operation itself.
    fn operand(&self, value: &Value) -> String {
        let text = self.display_value(value);
        let bare = [Func::Field, Func::OptionalField, Func::Index, Func::Interpolate];
        match value {
            Value::Unknown(term) => match &**term {
                Term::Call { func, .. } if !func.is_function() && !bare.contains(func) => format!("({text})"),
                _ => text,
            },
            _ => text,
        }
    }

    fn interpolation(&self, parts: &[Value]) -> String {
        let mut out = String::from("\"");
        for part in parts {
            match part {
                Value::Str(text) => {
                    let quoted = topo_model::value::quoted(text);
                    out.push_str(&quoted[1..quoted.len() - 1]);
                }
                other => {
                    out.push_str("${");
                    out.push_str(&self.display_value(other));
                    out.push('}');
                }
            }
        }
        out.push('"');
        out
    }
}
