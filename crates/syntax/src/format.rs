//! One layout for all programs.
//!
//! Its job: indentation, spaces, aligned columns, long lines broken at their brackets. It
//! works on the scanner's tokens, so it keeps every token and every comment; only commas
//! that separate nothing come and go. *Refuses to know*: the syntax tree.
//!
//! Line breaks are the author's, with these exceptions: what stands in braces is either on
//! one line or each entry has its own; a line that is too long is broken at its widest
//! brackets.

mod align;
mod atoms;
mod lines;
mod space;
#[cfg(test)]
mod tests;
mod wrap;

use topo_model::Diagnostic;

use crate::parse;

/// Lines longer than this are broken where they can be.
const WIDTH: usize = 120;

/// Lays a file out. A file with syntax errors is left alone.
///
/// # Errors
///
/// The syntax errors.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(text, 0);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let text = text.trim_start_matches('\u{feff}');
    let atoms = atoms::atoms(text);
    let atoms = atoms::entries_on_lines(atoms);
    let atoms = wrap::long_lines(space::spaced(atoms));
    let mut lines = lines::lines(atoms);
    align::columns(&mut lines);
    Ok(lines::print(&lines))
}
