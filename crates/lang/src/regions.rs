//! The regions of AWS and their zones: which codes exist is data, not grammar.
//!
//! Commercial regions, <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>.
//! Which zones an account sees under a letter differs where a region has more
//! than three; a project's `zones` says what holds for it.

use rustc_hash::FxHashMap;
use topo_model::Symbol;

/// A region's code and the letters of its zones, sorted by code.
static REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "abc"),
    ("ap-east-1", "abc"),
    ("ap-east-2", "abc"),
    ("ap-northeast-1", "acd"),
    ("ap-northeast-2", "abcd"),
    ("ap-northeast-3", "abc"),
    ("ap-south-1", "abc"),
    ("ap-south-2", "abc"),
    ("ap-southeast-1", "abc"),
    ("ap-southeast-2", "abc"),
    ("ap-southeast-3", "abc"),
    ("ap-southeast-4", "abc"),
    ("ap-southeast-5", "abc"),
    ("ap-southeast-6", "abc"),
    ("ap-southeast-7", "abc"),
    ("ca-central-1", "abd"),
    ("ca-west-1", "abc"),
    ("eu-central-1", "abc"),
    ("eu-central-2", "abc"),
    ("eu-north-1", "abc"),
    ("eu-south-1", "abc"),
    ("eu-south-2", "abc"),
    ("eu-west-1", "abc"),
    ("eu-west-2", "abc"),
    ("eu-west-3", "abc"),
    ("il-central-1", "abc"),
    ("me-central-1", "abc"),
    ("me-south-1", "abc"),
    ("mx-central-1", "abc"),
    ("sa-east-1", "abc"),
    ("us-east-1", "abcdef"),
    ("us-east-2", "abc"),
    ("us-west-1", "ab"),
    ("us-west-2", "abcd"),
];

/// The regions that a project knows: the built-in table, and over it the project's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Regions {
    own: FxHashMap<Symbol, Vec<Symbol>>,
}

impl Regions {
    /// Sets a region's zones in place of the table's.
    pub(crate) fn set(&mut self, region: Symbol, zones: Vec<Symbol>) {
        self.own.insert(region, zones);
    }

    /// Whether the region exists.
    pub(crate) fn knows(&self, region: Symbol) -> bool {
        self.own.contains_key(&region) || REGIONS.binary_search_by_key(&region.as_str(), |(code, _)| code).is_ok()
    }

    /// A region's zones.
    pub(crate) fn zones(&self, region: Symbol) -> Option<Vec<Symbol>> {
        if let Some(zones) = self.own.get(&region) {
            return Some(zones.clone());
        }
        let at = REGIONS.binary_search_by_key(&region.as_str(), |(code, _)| code).ok()?;
        let (code, letters) = REGIONS[at];
        Some(letters.chars().map(|letter| Symbol::new(&format!("{code}{letter}"))).collect())
    }

    /// The built-in codes, sorted.
    pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
        REGIONS.iter().map(|(code, _)| *code)
    }
}
