//! How wide a text is, without a font.
//!
//! The picture names the reader's own sans-serif fonts and ships none. Texts are measured as DejaVu
//! Sans sets them, the widest of those that browsers fall back to, so that no other overflows.

/// The advance of the characters from the space to the tilde, in thousandths of the size.
const ADVANCE: [i32; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];

/// The width of a text in pixels, at a size in pixels.
pub(crate) fn width(text: &str, size: i32, bold: bool) -> i32 {
    let thousandths: i32 = text.chars().map(advance).sum();
    // Bold letters are up to a seventh wider.
    let thousandths = if bold { thousandths * 8 / 7 } else { thousandths };
    (thousandths * size + 999) / 1000
}

fn advance(c: char) -> i32 {
    match c as u32 {
        at @ 0x20..=0x7e => ADVANCE[at as usize - 0x20],
        0xb7 => 318,
        // Ideographs and what else takes the whole square, and more: emoji.
        0x1100.. if !matches!(c, '\u{2000}'..='\u{2bff}') => 1300,
        _ => 1000,
    }
}

/// A text cut to a width, with an ellipsis where something is cut.
pub(crate) fn fit(text: &str, size: i32, bold: bool, most: i32) -> String {
    if width(text, size, bold) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if width(&format!("{cut}…"), size, bold) > most {
            cut.pop();
            break;
        }
    }
    cut.truncate(cut.trim_end_matches([' ', '.', '-']).len());
    cut + "…"
}

/// Parts set one after the other, with a separator, in as many lines as they need. Gives the
/// positions at which lines begin.
pub(crate) fn wrap(parts: &[String], separator: &str, size: i32, most: i32) -> Vec<std::ops::Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut taken) = (0, 0);
    for (at, part) in parts.iter().enumerate() {
        let wide = width(part, size, false) + width(separator, size, false);
        if at > start && taken + wide > most {
            lines.push(start..at);
            (start, taken) = (at, 0);
        }
        taken += wide;
    }
    if start < parts.len() {
        lines.push(start..parts.len());
    }
    lines
}
