//! What a value of a type looks like: to stand where one is missing, and to be shown in a
//! message. Knows types only: neither what is in scope nor what a kind's checks allow.

use topo_model::{Symbol, Type, Value};

/// A value of a type that can stand in a program as it is, if the type has literals.
pub(crate) fn placeholder(ty: &Type) -> String {
    match ty {
        Type::Bool => "false".to_owned(),
        Type::Int(range) => range.map_or(1, |(low, _)| low).to_string(),
        Type::String | Type::Secret(_) | Type::Unknown => "\"\"".to_owned(),
        Type::Percent => "50%".to_owned(),
        Type::Fraction => "1".to_owned(),
        Type::Duration(range) => Value::Duration(range.map_or(30_000, |(low, _)| low)).to_string(),
        Type::Size(range) => Value::Size(range.map_or(1 << 30, |(low, _)| low)).to_string(),
        Type::Cidr => "10.0.0.0/16".to_owned(),
        Type::Ip => "10.0.0.1".to_owned(),
        Type::Region => "ap-east-2".to_owned(),
        Type::Zone => "ap-east-2a".to_owned(),
        Type::Union(names) => names.first().map_or("\"\"".to_owned(), |n| format!("\"{n}\"")),
        Type::List(_) => "[]".to_owned(),
        Type::Map(_) => "{}".to_owned(),
        Type::Tuple(parts) => format!("({})", parts.iter().map(placeholder).collect::<Vec<_>>().join(", ")),
        Type::Record(record) => {
            let required = record.fields.iter().filter(|f| f.default.is_none());
            let fields: Vec<String> = required.map(|f| format!("{} = {}", f.name, placeholder(&f.ty))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Type::Optional(_) | Type::None => "none".to_owned(),
        Type::Kind(name) | Type::Component(name) | Type::Reference { kind: name, .. } => snake(*name),
    }
}

/// The name that an instance usually has: `vpc` for `aws.ec2.Vpc`.
fn snake(name: Symbol) -> String {
    let last = name.as_str().rsplit('.').next().unwrap_or_default();
    let mut snake = String::new();
    for (at, c) in last.chars().enumerate() {
        if c.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Whether some part of every value of a type is a resource, which a program has no literal for.
pub(crate) fn needs_instances(ty: &Type) -> bool {
    match ty {
        Type::Kind(_) | Type::Component(_) | Type::Reference { .. } => true,
        Type::Secret(of) => needs_instances(of),
        Type::Tuple(parts) => parts.iter().any(needs_instances),
        Type::Record(record) => record.fields.iter().any(|f| f.default.is_none() && needs_instances(&f.ty)),
        _ => false,
    }
}

/// Values of a type that an attribute of this name may have, the simplest first.
pub(crate) fn candidates(name: Symbol, ty: &Type) -> Vec<String> {
    let mut all = vec![placeholder(ty), example(ty)];
    if let Type::Record(_) = ty {
        all.reverse();
    }
    let texts = || {
        let own = name.as_str().replace('_', "-");
        let others = ["example.com", "example.com.", "https://example.com", "/name", "{}", "text"];
        std::iter::once(own.as_str()).chain(others).map(|text| Value::str(text).to_string()).collect::<Vec<_>>()
    };
    match ty {
        Type::String | Type::Secret(_) => all = texts(),
        // What its elements have to say together is the writer's.
        Type::List(of) if matches!(**of, Type::Record(_)) => all.truncate(1),
        Type::List(of) if matches!(**of, Type::String) => all.extend(texts().iter().map(|text| format!("[{text}]"))),
        Type::Int(_) => all.extend(["2", "60", "80", "443"].map(str::to_owned)),
        Type::Duration(_) => all.extend(["1m", "5m", "1h", "1d", "7d"].map(str::to_owned)),
        Type::Union(names) => all.extend(names.iter().map(|name| format!("\"{name}\""))),
        Type::Cidr => all.push("10.0.0.0/24".to_owned()),
        _ => {}
    }
    all
}

/// A value of a type for a message, with something in every list and text.
pub(crate) fn example(ty: &Type) -> String {
    match ty {
        Type::String | Type::Unknown => "\"text\"".to_owned(),
        Type::Secret(_) => "secret(\"ssm:/path\")".to_owned(),
        Type::Optional(of) => example(of),
        Type::List(of) => format!("[{}]", example_inside(of)),
        Type::Map(of) => format!("{{ {} = {} }}", example(&of.0), example_inside(&of.1)),
        Type::Tuple(parts) => format!("({})", parts.iter().map(example).collect::<Vec<_>>().join(", ")),
        Type::Record(record) => {
            let required = record.fields.iter().filter(|f| f.default.is_none());
            let mut fields: Vec<String> = required.map(|f| format!("{} = {}", f.name, example(&f.ty))).collect();
            if fields.is_empty() {
                fields.extend(record.fields.first().map(|f| format!("{} = {}", f.name, example(&f.ty))));
            }
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        other => placeholder(other),
    }
}

/// An example in a list or a map: what only the program makes is left open.
fn example_inside(ty: &Type) -> String {
    if matches!(ty, Type::Kind(_) | Type::Component(_) | Type::Reference { .. }) {
        "…".to_owned()
    } else {
        example(ty)
    }
}

/// A number with the unit that a type is counted in, in a step that lies in its range if one does.
pub(crate) fn with_unit(number: &str, ty: &Type) -> Option<String> {
    const DURATIONS: [(&str, i64); 5] = [("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("ms", 1)];
    const SIZES: [(&str, i64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("TiB", 1 << 40), ("KiB", 1 << 10)];
    let (units, range): (&[(&str, i64)], _) = match ty.narrowed() {
        Type::Duration(range) => (&DURATIONS, range),
        Type::Size(range) => (&SIZES, range),
        Type::Percent => return Some(format!("{number}%")),
        _ => return None,
    };
    let amount = number.replace('_', "").parse::<i64>().ok();
    let inside = |step: i64| match (range, amount.and_then(|amount| amount.checked_mul(step))) {
        (Some((low, high)), Some(value)) => *low <= value && value <= *high,
        (None, value) => value.is_some(),
        (Some(_), None) => false,
    };
    let unit = units.iter().find(|(_, step)| inside(*step))?;
    Some(format!("{number}{}", unit.0))
}
