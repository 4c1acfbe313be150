//! The source form of values and terms: what a program would write.

use std::fmt::{Display, Formatter, Result, Write};

use crate::value::{duration, percent, quoted, size};
use crate::{Func, ResId, Term, Value};

/// Gives a resource's address; without one, resources print by their number.
type Address<'a> = Option<&'a dyn Fn(ResId) -> String>;

/// The source form. Unknown values print as their term.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_value(f, self, None)
    }
}

/// The source form: operators stand between their operands, with brackets where needed.
impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_term(f, self, None)
    }
}

impl Value {
    /// The source form, with every resource as its address: `vpc[ap-east-2].id`.
    pub fn render(&self, address: &dyn Fn(ResId) -> String) -> String {
        let mut out = String::new();
        // Writing to a String can't fail.
        let _ = write_value(&mut out, self, Some(address));
        out
    }

    /// The first characters of [`Value::render`], with `…` for those that are left out; they
    /// are not made.
    pub fn excerpt(&self, characters: usize, address: &dyn Fn(ResId) -> String) -> String {
        let mut out = Excerpt { text: String::new(), left: characters };
        match write_value(&mut out, self, Some(address)) {
            Ok(()) => out.text,
            Err(_) => out.text + "…",
        }
    }
}

/// A text that takes so many characters, and refuses more.
struct Excerpt {
    text: String,
    left: usize,
}

impl Write for Excerpt {
    fn write_str(&mut self, more: &str) -> Result {
        match more.char_indices().nth(self.left) {
            Some((at, _)) => {
                self.text.push_str(&more[..at]);
                self.left = 0;
                Err(std::fmt::Error)
            }
            None => {
                self.text.push_str(more);
                self.left -= more.chars().count();
                Ok(())
            }
        }
    }
}

impl Term {
    /// The source form, with every resource as its address: `vpc[ap-east-2].id`.
    pub fn render(&self, address: &dyn Fn(ResId) -> String) -> String {
        let mut out = String::new();
        // Writing to a String can't fail.
        let _ = write_term(&mut out, self, Some(address));
        out
    }
}

fn write_value(out: &mut dyn Write, value: &Value, address: Address<'_>) -> Result {
    match value {
        Value::None => out.write_str("none"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(i) => write!(out, "{i}"),
        Value::Str(s) => out.write_str(&quoted(s)),
        Value::Percent(p) => out.write_str(&percent(*p)),
        Value::Fraction(x) => write!(out, "{x}"),
        Value::Duration(ms) => out.write_str(&duration(*ms)),
        Value::Size(bytes) => out.write_str(&size(*bytes)),
        Value::Cidr(c) => write!(out, "{c}"),
        Value::Ip(ip) => write!(out, "{ip}"),
        Value::Region(s) | Value::Zone(s) => out.write_str(s.as_str()),
        Value::List(items) => write_sequence(out, "[", items, "]", address),
        Value::Tuple(items) => write_sequence(out, "(", items, ")", address),
        Value::Map(map) => write_entries(out, map.iter(), address),
        Value::Record(record) => write_entries(out, record.iter(), address),
        Value::Secret(s) => write!(out, "secret({})", quoted(&s.source)),
        Value::Resource(id) => match address {
            Some(address) => out.write_str(&address(*id)),
            None => write!(out, "resource #{}", id.0),
        },
        Value::Unknown(term) => write_term(out, term, address),
    }
}

fn write_sequence(out: &mut dyn Write, open: &str, items: &[Value], close: &str, address: Address<'_>) -> Result {
    out.write_str(open)?;
    for (i, item) in items.iter().enumerate() {
        out.write_str(if i == 0 { "" } else { ", " })?;
        write_value(out, item, address)?;
    }
    out.write_str(close)
}

fn write_entries<'v, K: Key>(
    out: &mut dyn Write,
    entries: impl ExactSizeIterator<Item = (K, &'v Value)>,
    address: Address<'_>,
) -> Result {
    if entries.len() == 0 {
        return out.write_str("{}");
    }
    for (i, (key, value)) in entries.enumerate() {
        out.write_str(if i == 0 { "{ " } else { ", " })?;
        key.write(out, address)?;
        out.write_str(" = ")?;
        write_value(out, value, address)?;
    }
    out.write_str(" }")
}

/// What stands before the `=` of an entry: any value in a map, a name in a record.
trait Key {
    fn write(&self, out: &mut dyn Write, address: Address<'_>) -> Result;
}

impl Key for &Value {
    fn write(&self, out: &mut dyn Write, address: Address<'_>) -> Result {
        write_value(out, self, address)
    }
}

impl Key for crate::Symbol {
    fn write(&self, out: &mut dyn Write, _: Address<'_>) -> Result {
        out.write_str(self.as_str())
    }
}

fn write_term(out: &mut dyn Write, term: &Term, address: Address<'_>) -> Result {
    match term {
        Term::Output { resource, name } => match address {
            Some(address) => write!(out, "{}.{name}", address(*resource)),
            None => write!(out, "(#{}.{name})", resource.0),
        },
        Term::Own(path) => write_path(out, path),
        Term::Each(each) => {
            write!(out, "[for {} in ", each.item)?;
            write_path(out, &each.of)?;
            if each.cond != Value::Bool(true) {
                out.write_str(" if ")?;
                write_value(out, &each.cond, address)?;
            }
            out.write_str(": ")?;
            write_value(out, &each.value, address)?;
            out.write_str("]")
        }
        Term::Call { func, args } => write_call(out, *func, args, address),
    }
}

fn write_path(out: &mut dyn Write, path: &[crate::Symbol]) -> Result {
    for (i, name) in path.iter().enumerate() {
        write!(out, "{}{name}", if i == 0 { "" } else { "." })?;
    }
    Ok(())
}

/// How tightly an expression holds together; a looser one in a tighter one's place takes
/// brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    If,
    Or,
    And,
    Not,
    Comparison,
    Coalesce,
    Range,
    Sum,
    Product,
    Sign,
    Suffix,
    Atom,
}

fn level_of(func: Func) -> Level {
    match func {
        Func::If => Level::If,
        Func::Or => Level::Or,
        Func::And => Level::And,
        Func::Not => Level::Not,
        Func::Eq | Func::Ne | Func::Lt | Func::Le | Func::Gt | Func::Ge | Func::In => Level::Comparison,
        Func::Coalesce => Level::Coalesce,
        Func::Through => Level::Range,
        Func::Add | Func::Sub => Level::Sum,
        Func::Mul | Func::Div => Level::Product,
        Func::Neg => Level::Sign,
        Func::Field | Func::OptionalField | Func::Index => Level::Suffix,
        _ => Level::Atom,
    }
}

fn level(value: &Value) -> Level {
    match value {
        Value::Unknown(term) => match &**term {
            Term::Call { func, .. } => level_of(*func),
            _ => Level::Atom,
        },
        Value::Fraction(x) if x.den != 1 => Level::Product,
        Value::Fraction(x) if x.num < 0 => Level::Sign,
        Value::Int(i) | Value::Percent(i) | Value::Duration(i) | Value::Size(i) if *i < 0 => Level::Sign,
        _ => Level::Atom,
    }
}

fn write_operand(out: &mut dyn Write, value: &Value, least: Level, address: Address<'_>) -> Result {
    if level(value) >= least {
        return write_value(out, value, address);
    }
    out.write_str("(")?;
    write_value(out, value, address)?;
    out.write_str(")")
}

fn write_call(out: &mut dyn Write, func: Func, args: &[Value], address: Address<'_>) -> Result {
    match (func, args) {
        (Func::If, [cond, then, other]) => {
            out.write_str("if ")?;
            write_operand(out, cond, Level::Or, address)?;
            out.write_str(" then ")?;
            write_operand(out, then, Level::Or, address)?;
            out.write_str(" else ")?;
            write_operand(out, other, Level::If, address)
        }
        (Func::Not, [operand]) => {
            out.write_str("not ")?;
            write_operand(out, operand, Level::Not, address)
        }
        (Func::Neg, [operand]) => {
            out.write_str("-")?;
            write_operand(out, operand, Level::Suffix, address)
        }
        (Func::Field | Func::OptionalField, [of, Value::Str(name)]) => {
            write_operand(out, of, Level::Suffix, address)?;
            write!(out, "{}{name}", func.name())
        }
        (Func::Index, [of, key]) => {
            write_operand(out, of, Level::Suffix, address)?;
            write_sequence(out, "[", std::slice::from_ref(key), "]", address)
        }
        (Func::Interpolate, parts) => write_interpolation(out, parts, address),
        (_, [left, right]) if !func.is_function() => write_binary(out, func, left, right, address),
        _ => {
            out.write_str(func.name())?;
            write_sequence(out, "(", args, ")", address)
        }
    }
}

fn write_binary(out: &mut dyn Write, func: Func, left: &Value, right: &Value, address: Address<'_>) -> Result {
    // The left operand may be of the operator's own level where operators chain.
    let (least_left, least_right) = match level_of(func) {
        Level::Or => (Level::Or, Level::And),
        Level::And => (Level::And, Level::Not),
        Level::Sum => (Level::Sum, Level::Product),
        Level::Product => (Level::Product, Level::Sign),
        Level::Comparison => (Level::Coalesce, Level::Coalesce),
        Level::Coalesce => (Level::Coalesce, Level::Range),
        _ => (Level::Sum, Level::Sum),
    };
    write_operand(out, left, least_left, address)?;
    let space = if func == Func::Through { "" } else { " " };
    write!(out, "{space}{}{space}", func.name())?;
    write_operand(out, right, least_right, address)
}

/// `"https://${host}/"`: the texts between are strings, everything else is an expression.
fn write_interpolation(out: &mut dyn Write, parts: &[Value], address: Address<'_>) -> Result {
    out.write_str("\"")?;
    for part in parts {
        if let Value::Str(text) = part {
            let literal = quoted(text);
            out.write_str(&literal[1..literal.len() - 1])?;
        } else {
            out.write_str("${")?;
            write_value(out, part, address)?;
            out.write_str("}")?;
        }
    }
    out.write_str("\"")
}
