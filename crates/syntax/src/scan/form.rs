//! The words that open items and statements, and what each opens.

/// Where a piece stands: what its neighbours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The file.
    Top,
    /// A topology, a component or a `for`.
    Statements,
    /// An `env`.
    Env,
    /// A `test`.
    Test,
    /// A `kind`.
    Kind,
}

/// What a piece is, by its first words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Use,
    Project,
    Type,
    Env,
    Topology,
    Component,
    Kind,
    Rollout,
    Moved,
    Input,
    Forget,
    Test,
    Param,
    Let,
    Resource,
    For,
    Check,
    Objective,
    Output,
    Field,
    Region,
    Plan,
    Expect,
    Known,
    Attribute,
    OneOf,
    KindOutput,
    Names,
    After,
    Creates,
    Batched,
    /// None of those its context allows.
    Unknown,
}

/// What stands in a form's braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// It has no braces of its own.
    Nothing,
    /// Fields, parsed together with the piece.
    Fields,
    /// Pieces.
    Pieces(Context),
}

impl Form {
    /// Whether no name of its own stands behind its first word.
    pub(crate) fn is_value(self) -> bool {
        let named = matches!(
            self,
            Form::Project
                | Form::Type
                | Form::Env
                | Form::Topology
                | Form::Component
                | Form::Kind
                | Form::Rollout
                | Form::Input
                | Form::Param
                | Form::Let
                | Form::Resource
                | Form::Objective
                | Form::Output
                | Form::KindOutput
                | Form::Plan
        );
        !named
    }

    /// What the form's braces hold.
    pub(crate) fn inside(self) -> Inside {
        match self {
            Form::Topology | Form::Component | Form::For => Inside::Pieces(Context::Statements),
            Form::Env => Inside::Pieces(Context::Env),
            Form::Test => Inside::Pieces(Context::Test),
            Form::Kind => Inside::Pieces(Context::Kind),
            Form::Project | Form::Rollout | Form::Resource | Form::Objective | Form::Region | Form::OneOf => {
                Inside::Fields
            }
            _ => Inside::Nothing,
        }
    }
}

/// The words that open items.
pub(crate) const ITEMS: [&str; 12] =
    ["use", "project", "type", "env", "topology", "component", "kind", "rollout", "moved", "input", "forget", "test"];

/// The words that open statements.
pub(crate) const STATEMENTS: [&str; 8] =
    ["param", "let", "resource", "existing", "for", "check", "objective", "output"];

/// The words of expressions, which are nobody's names.
pub(crate) const RESERVED: [&str; 12] =
    ["for", "in", "if", "then", "else", "and", "or", "not", "none", "true", "false", "let"];

/// Whether a word may be a name.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

impl Context {
    /// The words that open a piece here.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Context::Top => &ITEMS,
            Context::Statements => &STATEMENTS,
            Context::Env => &["let", "region"],
            Context::Test => &["plan", "known", "expect", "let"],
            Context::Kind => {
                &["output", "check", "unique", "identity", "one", "settles", "visible", "creates", "batched"]
            }
        }
    }

    /// Whether a word opens a piece here that nothing else can be, if a name follows it.
    pub(crate) fn opens(self, word: &str) -> bool {
        match self {
            Context::Kind => matches!(word, "output" | "check"),
            _ => self.words().contains(&word),
        }
    }

    /// The word that a first word was meant to be, where it is no word that opens a piece.
    pub(crate) fn meant(self, word: &str) -> Option<&'static str> {
        if ITEMS.contains(&word) || STATEMENTS.contains(&word) {
            return None;
        }
        let words = self.words();
        foreign(word).filter(|w| words.contains(w)).or_else(|| nearest(word, words))
    }

    /// The form of a piece by its first word and what stands after it.
    pub(crate) fn form(self, word: &str, next: &str) -> Form {
        match self {
            Context::Top => item(word),
            Context::Statements => statement(word),
            Context::Env => match word {
                "let" => Form::Let,
                "region" if next != "=" => Form::Region,
                _ => Form::Field,
            },
            Context::Test => match word {
                "plan" => Form::Plan,
                "expect" => Form::Expect,
                "known" => Form::Known,
                "let" => Form::Let,
                _ => Form::Unknown,
            },
            Context::Kind if next == ":" => Form::Attribute,
            Context::Kind => match word {
                "output" => Form::KindOutput,
                "check" => Form::Check,
                "unique" | "identity" => Form::Names,
                "one" if next == "of" => Form::OneOf,
                "settles" | "visible" => Form::After,
                "creates" => Form::Creates,
                "batched" => Form::Batched,
                _ => Form::Attribute,
            },
        }
    }
}

fn item(word: &str) -> Form {
    match word {
        "use" => Form::Use,
        "project" => Form::Project,
        "type" => Form::Type,
        "env" => Form::Env,
        "topology" => Form::Topology,
        "component" => Form::Component,
        "kind" => Form::Kind,
        "rollout" => Form::Rollout,
        "moved" => Form::Moved,
        "input" => Form::Input,
        "forget" => Form::Forget,
        "test" => Form::Test,
        _ => Form::Unknown,
    }
}

fn statement(word: &str) -> Form {
    match word {
        "param" => Form::Param,
        "let" => Form::Let,
        "resource" | "existing" => Form::Resource,
        "for" => Form::For,
        "check" => Form::Check,
        "objective" => Form::Objective,
        "output" => Form::Output,
        _ => Form::Unknown,
    }
}

/// The words of other languages that have one of ours.
fn foreign(word: &str) -> Option<&'static str> {
    Some(match word {
        "variable" => "input",
        "import" => "use",
        "environment" => "env",
        "locals" | "local" | "const" | "var" => "let",
        "data" => "existing",
        "foreach" | "for_each" => "for",
        "assert" | "validation" => "check",
        _ => return None,
    })
}

/// The closest of some words, where it is close.
pub(crate) fn nearest(word: &str, words: &[&'static str]) -> Option<&'static str> {
    let limit = (word.len() / 3).max(1);
    // Words that differ more in length than that are not measured: they may be very long.
    let near = words.iter().filter(|w| w.len().abs_diff(word.len()) <= limit && word.len() < 40);
    let rated = near.map(|w| (strsim::damerau_levenshtein(word, w), *w));
    rated.filter(|(distance, _)| *distance <= limit).min().map(|(_, w)| w)
}
