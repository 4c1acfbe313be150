//! Calls as lines of a table.

use topo_model::{Func, Term, Value};

/// One line a call: in source form, then what it gives, `!` what it refuses.
pub(crate) fn table(calls: &[(Func, Vec<Value>)]) -> String {
    let mut out = String::new();
    for (func, args) in calls {
        let shown = Term::Call { func: *func, args: args.clone() }.to_string();
        match func.call(args.clone()) {
            Ok(Value::Unknown(term)) if matches!(&*term, Term::Call { func: f, args: a } if f == func && a == args) => {
                out.push_str(&format!("{shown}  waits\n"));
            }
            Ok(value) => out.push_str(&format!("{shown}  = {value}\n")),
            Err(error) => {
                let help = error.help.map_or(String::new(), |help| format!(" ({help})"));
                out.push_str(&format!("{shown}  ! T{:04} {}{help}\n", error.code, error.message));
            }
        }
    }
    out
}

/// `[Len: "text"] [Add: 1, 2]` as a [`table`].
macro_rules! calls {
    ($([$func:ident: $($arg:expr),* $(,)?])*) => {
        $crate::calls::table(&[$((topo_model::Func::$func, $crate::values::values![$($arg),*])),*])
    };
}

pub(crate) use calls;
