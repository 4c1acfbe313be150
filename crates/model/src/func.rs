//! The built-in functions and operators, over values of which some may be unknown.
//!
//! *Refuses to know*: types (a checked program's arguments fit), places in text, files and
//! the table of zones: the caller resolves `file` and `zones` itself.

mod args;
mod choice;
mod collection;
mod compare;
mod network;
mod number;
mod signature;
mod text;

use std::ops::RangeInclusive;

use crate::{Term, Value};
use args::Args;

macro_rules! functions {
    ($( $(#[doc = $doc:literal])* $variant:ident = $name:literal, )*) => {
        /// A built-in function, or an operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Func { $( $(#[doc = $doc])* $variant, )* }

        impl Func {
            /// All of them.
            pub const ALL: &'static [Func] = &[$(Func::$variant,)*];

            /// The name: of a function as it is called (`cidr.split`), of an operator its
            /// sign (`+`).
            pub fn name(self) -> &'static str {
                match self { $(Func::$variant => $name,)* }
            }

            /// What it does, in the words of its documentation.
            pub fn docs(self) -> &'static str {
                match self { $(Func::$variant => concat!($($doc, "\n",)*),)* }
            }
        }
    };
}

functions! {
    /// How many characters a string, elements a list or entries a map has.
    Len = "len",
    /// A map's keys, in source order.
    Keys = "keys",
    /// A map's values, in source order.
    Values = "values",
    /// A list's first element; `none` when it has none.
    First = "first",
    /// A list's one element; an error when there are none or more.
    Only = "only",
    /// A list sorted: numbers by size, text by code point.
    Sort = "sort",
    /// A list from its end.
    Reverse = "reverse",
    /// A list without what stands in it before.
    Distinct = "distinct",
    /// A list of lists as one list.
    Flatten = "flatten",
    /// Maps or records as one; of equal keys the last wins.
    Merge = "merge",
    /// The integers from the first up to, not including, the second; `range(b)` starts at 0.
    Numbers = "range",
    /// Every unordered pair of a list's elements, each pair sorted.
    Pairs = "pairs",
    /// Two lists as one list of pairs, as long as the shorter.
    Zip = "zip",
    /// Whether a list has an element, a map a key or a string a part.
    Contains = "contains",
    /// The least of the arguments, or of a list.
    Min = "min",
    /// The greatest of the arguments, or of a list.
    Max = "max",
    /// The sum of a list of Int, Percent, Duration or Size.
    Sum = "sum",
    /// The smallest Int that is not below a fraction.
    Ceil = "ceil",
    /// The largest Int that is not above a fraction.
    Floor = "floor",
    /// The nearest Int; halves go away from zero.
    Round = "round",
    /// A number without its sign.
    Abs = "abs",
    /// A list of strings as one, with a separator between them.
    Join = "join",
    /// A string cut at each separator.
    Split = "split",
    /// A string with every occurrence of one text replaced by another.
    Replace = "replace",
    /// A string in lower case.
    Lower = "lower",
    /// A string in upper case.
    Upper = "upper",
    /// A string without white space at its ends.
    Trim = "trim",
    /// Whether a string starts with another.
    StartsWith = "starts_with",
    /// Whether a string ends with another.
    EndsWith = "ends_with",
    /// Whether all of a string is as a regular expression says.
    Matches = "matches",
    /// Whether a string is a JSON document.
    IsJson = "is_json",
    /// A text with each `{}` replaced by the next argument.
    Format = "format",
    /// A value as a JSON document.
    Json = "json",
    /// A string's bytes in Base64.
    Base64 = "base64",
    /// The SHA-256 digest of a string's bytes, in hexadecimal.
    Sha256 = "sha256",
    /// The text of a file, by its path from the file that says so; the path is a literal.
    File = "file",
    /// The first `n` zones of a region; an error when it has fewer. The project's `zones` sets what there is.
    Zones = "zones",
    /// A range of addresses from its text, IPv4 or IPv6: `cidr("2001:db8::/56")`.
    Cidr = "cidr",
    /// The `i`-th part of a range whose prefix is `new_bits` longer, counted from 0.
    CidrSubnet = "cidr.subnet",
    /// A range cut into the next power of two at least `n`, the first `n` of the parts.
    CidrSplit = "cidr.split",
    /// The `i`-th address of a range; from its end when negative.
    CidrHost = "cidr.host",
    /// The length of a range's prefix: 16 for `10.0.0.0/16`.
    CidrPrefix = "cidr.prefix",
    /// Whether two ranges share an address.
    CidrOverlaps = "cidr.overlaps",
    /// Whether one range holds all of another, or an address.
    CidrContains = "cidr.contains",
    /// Whether no two ranges of a list share an address.
    Disjoint = "disjoint",
    /// A secret by its source, `"ssm:/path"`. Its value is nowhere in plans and state.
    Secret = "secret",
    /// Boolean or.
    Or = "or",
    /// Boolean and.
    And = "and",
    /// Boolean not.
    Not = "not",
    /// Equality.
    Eq = "==",
    /// Inequality.
    Ne = "!=",
    /// Less.
    Lt = "<",
    /// Less or equal.
    Le = "<=",
    /// Greater.
    Gt = ">",
    /// Greater or equal.
    Ge = ">=",
    /// Membership: `x in list`, `x in 1..10`.
    In = "in",
    /// The left value, or the right one where it is `none`.
    Coalesce = "??",
    /// The integers from `a` through `b`, both included.
    Through = "..",
    /// Sum.
    Add = "+",
    /// Difference.
    Sub = "-",
    /// Product.
    Mul = "*",
    /// Quotient: exact, a fraction where it must be.
    Div = "/",
    /// Negation.
    Neg = "neg",
    /// The parts of a string with `${}`, as one: scalars as they print, strings bare.
    Interpolate = "interpolate",
    /// A record's field: `x.field`; the name is the second argument, a String.
    Field = ".",
    /// The same where the record may be `none`: `x?.field`.
    OptionalField = "?.",
    /// A map's or list's element: `m[k]`.
    Index = "[]",
    /// `if c then a else b`.
    If = "if",
}

/// Why a function refuses its arguments. The caller knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FuncError {
    /// The diagnostic code that fits: 202, 205, 402, …
    pub code: u16,
    /// The finding with the actual values.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl FuncError {
    fn new(code: u16, message: impl Into<String>) -> FuncError {
        FuncError { code, message: message.into(), help: None }
    }

    fn help(self, text: impl Into<String>) -> FuncError {
        FuncError { help: Some(text.into()), ..self }
    }
}

impl std::fmt::Display for FuncError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FuncError {}

/// Why a function has no result.
enum Stop {
    /// It must look into an argument that is unknown.
    Waits,
    /// It refuses its arguments.
    Refuses(FuncError),
}

impl From<FuncError> for Stop {
    fn from(error: FuncError) -> Stop {
        Stop::Refuses(error)
    }
}

type Outcome = Result<Value, Stop>;

/// The most elements that a function gives: what a program writes by mistake must not
/// take the machine's memory.
const MAX_ELEMENTS: usize = 1_000_000;

/// The longest text that a function gives, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// The longest pattern that a text is held against, in bytes.
pub const MAX_PATTERN: usize = 1_000;

/// What a function that chooses among its arguments wants of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Its value.
    Yes,
    /// Nothing: what is wrong with it does not count.
    No,
    /// That is not known before the first argument is.
    Perhaps,
}

impl Func {
    /// A function by the name it is called by; operators are not among them.
    pub fn by_name(name: &str) -> Option<Func> {
        Func::ALL.iter().copied().find(|f| f.name() == name && f.is_function())
    }

    /// Whether it is called by name, rather than written as an operator.
    pub fn is_function(self) -> bool {
        self < Func::Or
    }

    /// How many arguments it takes.
    pub fn arity(self) -> RangeInclusive<usize> {
        use Func::*;
        match self {
            Interpolate => 0..=usize::MAX,
            Merge | Min | Max | Format => 1..=usize::MAX,
            Numbers | Sum => 1..=2,
            Len | Keys | Values | First | Only | Sort | Reverse | Distinct | Flatten | Pairs | Ceil | Floor | Round
            | Abs | Lower | Upper | Trim | Json | IsJson | Base64 | Sha256 | File | Cidr | CidrPrefix | Disjoint
            | Secret | Not | Neg => 1..=1,
            Replace | CidrSubnet | If => 3..=3,
            Zip | Contains | Join | Split | StartsWith | EndsWith | Matches | Zones | CidrSplit | CidrHost
            | CidrOverlaps | CidrContains | Or | And | Eq | Ne | Lt | Le | Gt | Ge | In | Coalesce | Through | Add
            | Sub | Mul | Div | Field | OptionalField | Index => 2..=2,
        }
    }

    /// Applies the function. When an argument that it must look into is unknown, the
    /// result is an unknown term over the arguments.
    ///
    /// `sum` takes a second argument, what the sum of no elements is: `0` where it is not
    /// given, which is wrong for a list of Duration.
    ///
    /// # Errors
    ///
    /// Overflow, division by zero, a missing key, an address out of range.
    pub fn call(self, args: Vec<Value>) -> Result<Value, FuncError> {
        match self.apply(Args::new(self, &args)) {
            Ok(value) => Ok(value),
            Err(Stop::Waits) => Ok(Value::unknown(Term::Call { func: self, args })),
            Err(Stop::Refuses(error)) => Err(error),
        }
    }

    fn apply(self, args: Args<'_>) -> Outcome {
        use Func::*;
        args.check_count()?;
        match self {
            Len | Keys | Values | First | Only | Reverse | Distinct | Flatten | Merge | Numbers | Pairs | Zip
            | Contains | Through | In => collection::apply(args),
            Sort | Min | Max | Eq | Ne | Lt | Le | Gt | Ge => compare::apply(args),
            Sum | Ceil | Floor | Round | Abs | Add | Sub | Mul | Div | Neg => number::apply(args),
            Join | Split | Replace | Lower | Upper | Trim | StartsWith | EndsWith | Matches | IsJson | Format
            | Json | Base64 | Sha256 | Secret | Interpolate => text::apply(args),
            Cidr | CidrSubnet | CidrSplit | CidrHost | CidrPrefix | CidrOverlaps | CidrContains | Disjoint => {
                network::apply(args)
            }
            Or | And | Not | Coalesce | Field | OptionalField | Index | If => choice::apply(args),
            File | Zones => {
                Err(FuncError::new(201, format!("`{}` is decided while the program is read", self.name())).into())
            }
        }
    }

    /// What it wants of the argument at `index` (from 1 on), given its first one. All but
    /// `and`, `or`, `??` and `if` want every argument.
    pub(crate) fn asks(self, first: &Value, index: usize) -> Asks {
        let wanted = match (self, first) {
            (Func::And | Func::Or | Func::Coalesce | Func::If, Value::Unknown(_)) => return Asks::Perhaps,
            (Func::And, Value::Bool(b)) => *b,
            (Func::Or, Value::Bool(b)) => !*b,
            (Func::Coalesce, left) => left.is_none(),
            (Func::If, Value::Bool(b)) => *b == (index == 1),
            _ => true,
        };
        if wanted { Asks::Yes } else { Asks::No }
    }
}
