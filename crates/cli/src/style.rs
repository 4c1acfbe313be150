//! The colours, by what they mean. Text is always made with them; [`crate::output`] takes
//! them out where they are not wanted.

use anstyle::{AnsiColor, Style};

/// Something comes into being.
pub(crate) const CREATE: Style = AnsiColor::Green.on_default();
/// Something changes.
pub(crate) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Something goes, or is wrong.
pub(crate) const DELETE: Style = AnsiColor::Red.on_default();
/// Something is renamed, taken over or let go.
pub(crate) const MOVE: Style = AnsiColor::Cyan.on_default();
/// A heading.
pub(crate) const HEAD: Style = Style::new().bold();
/// What can be read over.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// An error's first word.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// A warning's first word.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// A help's first word.
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default();

/// Text in a style.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
