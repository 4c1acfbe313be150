//! Numbers, quantities and addresses.

use std::net::Ipv4Addr;

use topo_model::{Diagnostic, Span, Value};

use super::Reader;
use crate::ast::ExprKind;

/// The units of durations with their milliseconds, longest first.
const TIME: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The units of sizes with their bytes.
const SIZE: [(&str, i64); 5] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl Reader<'_> {
    /// Whatever starts with a digit.
    pub(super) fn number(&mut self, text: &str, span: Span) -> ExprKind {
        match read(text, span) {
            Ok(value) => ExprKind::Literal(value),
            Err(found) => {
                self.errors.push(*found);
                ExprKind::Error
            }
        }
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

fn read(text: &str, span: Span) -> Read<Value> {
    if let Some(number) = text.strip_suffix('%') {
        return percent(number, span);
    }
    if let Some((address, prefix)) = text.split_once('/') {
        return cidr(address, prefix, span);
    }
    if text.contains('.') {
        return dotted(text, span);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        let int = integer(text).ok_or_else(|| too_large(text, "an Int", &i64::MAX.to_string(), span))?;
        return Ok(Value::Int(int));
    }
    quantity(text, span)
}

fn integer(text: &str) -> Option<i64> {
    text.bytes().filter(|b| *b != b'_').try_fold(0_i64, |n, b| n.checked_mul(10)?.checked_add(i64::from(b - b'0')))
}

fn too_large(text: &str, what: &str, limit: &str, span: Span) -> Box<Diagnostic> {
    let message = format!("{text} is out of range: {what} is at most {limit}");
    Box::new(Diagnostic::error(205, span, message, "too large"))
}

fn syntax(span: Span, message: String, label: &str) -> Diagnostic {
    Diagnostic::error(1, span, message, label)
}

fn percent(number: &str, span: Span) -> Read<Value> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit() || b == b'_') {
        let message = format!("`{number}%` is not a percentage");
        return Err(Box::new(syntax(span, message, "can't be read").help("write `50%` or `99.95%`")));
    }
    if fraction.len() > 6 {
        let message = format!("`{number}%` has {} decimals: a percentage has at most 6", fraction.len());
        let kept = fraction.get(..6).unwrap_or(fraction);
        let fix = format!("{whole}.{kept}%");
        let found = Diagnostic::error(205, span, message, "too many decimals");
        return Err(Box::new(found.fix(format!("write `{fix}`"), span, fix)));
    }
    let value = integer(whole).and_then(|w| {
        let fraction = integer(&format!("{fraction:0<6}"))?;
        w.checked_mul(1_000_000)?.checked_add(fraction)
    });
    let limit = format!("{}%", i64::MAX / 1_000_000);
    value.map(Value::Percent).ok_or_else(|| too_large(&format!("{number}%"), "a Percent", &limit, span))
}

fn octets(text: &str) -> Result<Ipv4Addr, String> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 {
        return Err(format!("`{text}` has {} numbers: an address has four", parts.len()));
    }
    let mut bytes = [0; 4];
    for (byte, part) in bytes.iter_mut().zip(&parts) {
        if part.len() > 1 && part.starts_with('0') {
            return Err(format!("`{part}` in `{text}` has a leading zero, which some tools read as octal"));
        }
        *byte = part
            .parse()
            .map_err(|_| format!("`{part}` in `{text}` is not a part of an address: those are 0 to 255"))?;
    }
    Ok(Ipv4Addr::from(bytes))
}

fn cidr(address: &str, prefix: &str, span: Span) -> Read<Value> {
    const FORM: &str = "write four numbers of 0 to 255 and a length of 0 to 32, such as `10.2.0.0/16`";
    let ip =
        octets(address).map_err(|message| Box::new(syntax(span, message, "not a range of addresses").help(FORM)))?;
    let net = prefix.parse().ok().and_then(|length: u8| ipnet::Ipv4Net::new(ip, length).ok());
    let Some(net) = net else {
        let message = format!("`/{prefix}` in `{address}/{prefix}` is not a prefix length: those are 0 to 32");
        return Err(Box::new(syntax(span, message, "not a range of addresses").help(FORM)));
    };
    if net.network() != ip {
        let fix = net.trunc().to_string();
        let message = format!("{net} has host bits set: a /{prefix} that holds {ip} starts at {}", net.network());
        let found = Diagnostic::error(402, span, message, format!("the bits after the first {prefix} are not zero"));
        return Err(Box::new(found.fix(format!("write `{fix}`, or `{ip}` for one address"), span, fix)));
    }
    Ok(Value::Cidr(net.into()))
}

/// An address, or a number with a point, of which there are none.
fn dotted(text: &str, span: Span) -> Read<Value> {
    let dots = text.bytes().filter(|b| *b == b'.').count();
    if dots == 1 {
        let found =
            syntax(span, format!("`{text}`: there are no numbers with a point"), "neither an Int nor a quantity");
        return Err(Box::new(match decimal(text) {
            Some(fix) => found.fix(format!("write `{fix}`"), span, fix),
            None => found.help("write an Int, a percentage (`99.95%`), or a smaller unit (`1500ms`)"),
        }));
    }
    let address = octets(text).map_err(|message| {
        Box::new(syntax(span, message, "not an address").help("write four numbers of 0 to 255, such as `10.0.0.1`"))
    })?;
    Ok(Value::Ip(address.into()))
}

/// `1.5h` as `1h30m`.
fn decimal(text: &str) -> Option<String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let (whole, fraction) = number.split_once('.')?;
    let length = TIME.iter().find(|(u, _)| *u == unit)?.1;
    let scale = 10_i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let all = integer(whole)?.checked_mul(scale)?.checked_add(integer(fraction)?)?.checked_mul(length)?;
    (all % scale == 0).then(|| topo_model::value::duration(all / scale))
}

/// Digits with units: a duration (`1m30s`) or a size (`20GiB`).
fn quantity(text: &str, span: Span) -> Read<Value> {
    let mut rest = text;
    let mut total = 0_i64;
    let mut last = usize::MAX;
    let mut is_size = false;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(letters);
        let time = TIME.iter().position(|(u, _)| *u == unit);
        let size = SIZE.iter().position(|(u, _)| *u == unit);
        let first = last == usize::MAX;
        let (place, length) = match (time, size) {
            (Some(i), _) if first || (!is_size && i > last) => (i, TIME[i].1),
            (_, Some(i)) if first && next.is_empty() => (i, SIZE[i].1),
            (Some(_), _) if !is_size => return Err(unit_order(text, span)),
            _ => return Err(unknown_unit(text, number, unit, span)),
        };
        is_size = time.is_none();
        last = place;
        let what = if is_size { "a Size" } else { "a Duration" };
        let limit = if is_size { format!("{}B", i64::MAX) } else { format!("{}ms", i64::MAX) };
        total = integer(number)
            .and_then(|n| n.checked_mul(length)?.checked_add(total))
            .ok_or_else(|| too_large(text, what, &limit, span))?;
        rest = next;
    }
    Ok(if is_size { Value::Size(total) } else { Value::Duration(total) })
}

fn unit_order(text: &str, span: Span) -> Box<Diagnostic> {
    let message = format!("in `{text}` the units do not go from large to small");
    Box::new(syntax(span, message, "each unit once, the largest first").help("write, for example, `1h30m` or `1m30s`"))
}

fn unknown_unit(text: &str, number: &str, unit: &str, span: Span) -> Box<Diagnostic> {
    if unit.is_empty() {
        let message = format!("`{number}` in `{text}` has no unit");
        return Box::new(syntax(span, message, "can't be read").help("write, for example, `1m30s`"));
    }
    if number.is_empty() {
        let message = format!("`{text}` is neither a number nor a quantity");
        return Box::new(syntax(span, message, "can't be read").help("write, for example, `30s`, `50%` or `20GiB`"));
    }
    let meant = match unit.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "min" | "mins" | "minute" | "minutes" => Some("m"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "msec" | "millis" => Some("ms"),
        "k" | "kb" | "ki" | "kib" => Some("KiB"),
        "mb" | "mi" | "mib" => Some("MiB"),
        "g" | "gb" | "gi" | "gib" => Some("GiB"),
        "t" | "tb" | "ti" | "tib" => Some("TiB"),
        _ => None,
    };
    let message = format!("`{unit}` in `{text}` is not a unit");
    let found = syntax(span, message, "a quantity with an unknown unit");
    Box::new(match meant {
        Some(meant) if text.len() == number.len() + unit.len() => {
            let fix = format!("{number}{meant}");
            found.fix(format!("write `{fix}`"), span, fix)
        }
        _ => found.help("the units are `ms`, `s`, `m`, `h`, `d` and `B`, `KiB`, `MiB`, `GiB`, `TiB`"),
    })
}
