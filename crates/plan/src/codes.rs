//! The diagnostics that only a plan can find. Each code has a page in the book.

/// A delete and a create that look like a rename without `moved` (warning).
pub const LOOKS_RENAMED: u16 = 310;
/// No object is there for an `existing` or adopted resource.
pub const NOT_FOUND: u16 = 311;
/// Several objects are there for an `existing` or adopted resource.
pub const AMBIGUOUS: u16 = 312;
/// A protected resource would be deleted.
pub const PROTECTED: u16 = 313;
/// A pattern of the command line that names nothing.
pub const NOTHING_SELECTED: u16 = 314;
/// With `--region`, something that is needed from another region is not up to date.
pub const ELSEWHERE: u16 = 315;
/// A `moved` that can't be followed (warning), or a `forget` of what the program has (error).
pub const CONTRADICTION: u16 = 316;
/// More than one object carries the mark of one resource (warning).
pub const SECOND_OBJECT: u16 = 317;
/// An object that can't be adopted as the program describes it.
pub const NOT_ADOPTABLE: u16 = 318;
/// An object that its cloud calls failed (warning).
pub const FAILED_OBJECT: u16 = 319;
/// A create-first replacement of an object that can't be there twice.
pub const ONE_TOO_MANY: u16 = 320;
