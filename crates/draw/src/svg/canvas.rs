//! Shapes as text, and the room that texts take.

use std::fmt::Write;

use super::Label;
use crate::layout::Rect;
use crate::measure::{fit, width};

/// A picture in the making.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    out: String,
    /// Every text so far.
    pub(super) labels: Vec<Label>,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    pub(super) size: i32,
    pub(super) bold: bool,
    /// Classes, for its colour.
    pub(super) class: &'static str,
}

/// Which end of a text stands at the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Font {
    pub(super) const fn new(size: i32, bold: bool, class: &'static str) -> Font {
        Font { size, bold, class }
    }
}

impl Canvas {
    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// Begins a group with a tooltip.
    pub(super) fn open(&mut self, class: &str, title: &str) {
        let _ = write!(self.out, "<g class=\"{class}\">");
        if !title.is_empty() {
            let _ = write!(self.out, "<title>{}</title>", escaped(title));
        }
        self.out.push('\n');
    }

    pub(super) fn close(&mut self) {
        self.out.push_str("</g>\n");
    }

    pub(super) fn rect(&mut self, class: &str, rect: Rect, round: i32) {
        let Rect { x, y, w, h } = rect;
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{round}\"/>"
        );
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        let _ = writeln!(self.out, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (i32, i32), r: i32) {
        let _ = writeln!(self.out, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
    }

    /// A text in a room of a width; cut where it is longer. Gives how wide it is.
    pub(super) fn text(&mut self, font: Font, anchor: Anchor, at: (i32, i32), most: i32, text: &str) -> i32 {
        let shown = fit(text, font.size, font.bold, most);
        let wide = self.label(font, anchor, at, &shown);
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if font.bold { " b" } else { "" };
        let _ = writeln!(
            self.out,
            "<text class=\"{}{bold}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}>{}</text>",
            font.class,
            at.0,
            at.1,
            font.size,
            escaped(&shown)
        );
        wide
    }

    /// Several texts in one line, each with its class.
    pub(super) fn line(&mut self, font: Font, at: (i32, i32), parts: &[(String, String)]) {
        let whole: String = parts.iter().map(|(_, text)| text.as_str()).collect();
        self.label(font, Anchor::Start, at, &whole);
        let _ = write!(
            self.out,
            "<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\">",
            font.class, at.0, at.1, font.size
        );
        for (class, text) in parts {
            let _ = match class.as_str() {
                "" => write!(self.out, "{}", escaped(text)),
                class => write!(self.out, "<tspan class=\"{class}\">{}</tspan>", escaped(text)),
            };
        }
        self.out.push_str("</text>\n");
    }

    fn label(&mut self, font: Font, anchor: Anchor, (x, y): (i32, i32), text: &str) -> i32 {
        let wide = width(text, font.size, font.bold);
        let x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - wide / 2,
            Anchor::End => x - wide,
        };
        // From the tops of capitals to the ends of descenders.
        let (y, height) = (y - font.size * 4 / 5, font.size);
        self.labels.push(Label { text: text.to_owned(), x, y, width: wide, height });
        wide
    }
}

/// Text as XML writes it. Characters that XML can't hold are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
