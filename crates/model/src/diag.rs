//! What is wrong with a program, as data. Only the command line renders it.

use crate::Span;

/// A diagnostic's stable code, shown as `T0401`. Each has a page in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

impl Code {
    /// Reads `T0401`.
    pub fn parse(text: &str) -> Option<Code> {
        let digits = text.strip_prefix('T')?;
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok().map(Code)
    }
}

/// The codes that a program's own checks may name: T0202, and what proofs find of networks, recovery,
/// certificates and names.
const OF_CHECKS: [u16; 17] = [202, 401, 402, 403, 404, 501, 502, 503, 504, 505, 506, 507, 601, 602, 701, 702, 801];

/// The other codes that there are.
const OTHERS: [u16; 35] = [
    1, 2, 3, 101, 102, 103, 104, 105, 201, 203, 204, 205, 301, 302, 303, 304, 310, 311, 312, 313, 314, 315, 316, 317,
    318, 319, 320, 508, 510, 511, 512, 513, 514, 520, 521,
];

impl Code {
    /// Whether a finding has it.
    pub fn is_known(self) -> bool {
        self.is_of_checks() || OTHERS.contains(&self.0)
    }

    /// Whether a `check` may name it: it says something of values, and nothing of the text.
    pub fn is_of_checks(self) -> bool {
        OF_CHECKS.contains(&self.0)
    }

    /// The codes that a `check` may name.
    pub fn of_checks() -> impl Iterator<Item = Code> {
        OF_CHECKS.into_iter().map(Code)
    }

    /// Every code.
    pub fn all() -> impl Iterator<Item = Code> {
        (0..1000).map(Code).filter(|code| code.is_known())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "T{:04}", self.0)
    }
}

/// Whether the run can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It can't.
    Error,
    /// It can, and a person should look.
    Warning,
}

/// A place that caused the finding, and what it has to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, in a few words; makes sense alone.
    pub text: String,
}

/// A fix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Help {
    /// What to do, in words.
    pub text: String,
    /// The same as an edit that the compiler would accept.
    pub edit: Option<Edit>,
}

/// A replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// True by itself, with the user's own words and values.
    pub message: String,
    /// The places; the first is the primary one.
    pub labels: Vec<Label>,
    /// The fix.
    pub help: Option<Help>,
    /// The instance it was found in, as an address, where the place alone does not tell.
    pub instance: Option<String>,
    /// Where the implementation made it.
    pub site: Site,
}

/// Where in the implementation a finding is made: for tests that ask of every one that a program
/// shows it. It is no part of what is found, so all are equal.
#[derive(Debug, Clone, Copy)]
pub struct Site(&'static std::panic::Location<'static>);

impl Site {
    /// The place in the sources.
    pub fn place(self) -> &'static std::panic::Location<'static> {
        self.0
    }
}

impl PartialEq for Site {
    fn eq(&self, _: &Site) -> bool {
        true
    }
}

impl Eq for Site {}

impl std::hash::Hash for Site {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Diagnostic {
    /// An error with its primary label.
    #[track_caller]
    pub fn error(code: u16, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: Code(code),
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { span, text: label.into() }],
            help: None,
            instance: None,
            site: Site(std::panic::Location::caller()),
        }
    }

    /// A warning with its primary label.
    #[track_caller]
    pub fn warning(code: u16, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message, label) }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds the fix in words.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(Help { text: text.into(), edit: None });
        self
    }

    /// Adds the fix in words and as an edit.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.help = Some(Help { text: text.into(), edit: Some(Edit { span, text: replacement.into() }) });
        self
    }

    /// Names the instance.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Diagnostic {
        self.instance = Some(address.into());
        self
    }

    /// The primary place.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::NONE, |l| l.span)
    }

    /// Whether it stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Puts findings in source order and drops those said twice.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    diagnostics.dedup_by(|a, b| a.code == b.code && a.span() == b.span() && a.message == b.message);
}
