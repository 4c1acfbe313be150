//! Where ids come from.
//!
//! An id is derived from the sandbox's seed and from what it is for, with a number so that
//! it is never given twice. Calls that overtake each other therefore don't change ids: a
//! run that was killed and resumed ends in the same ids as one that was not.

use sha2::{Digest, Sha256};

/// A source of the characters of one id.
pub(crate) struct Mint([u8; 32]);

impl Mint {
    /// The source for the `nth` id of what `what` describes.
    pub(crate) fn new(seed: u64, what: &str, nth: u64) -> Mint {
        Mint(Sha256::digest(format!("{seed}/{what}/{nth}").as_bytes()).into())
    }

    /// A source that depends on a text alone, whatever the sandbox.
    pub(crate) fn of(text: &str) -> Mint {
        Mint(Sha256::digest(text.as_bytes()).into())
    }

    /// Lower-case hexadecimal digits, 64 at most.
    pub(crate) fn hex(&self, digits: usize) -> String {
        let mut out: String = self.0.iter().map(|b| format!("{b:02x}")).collect();
        out.truncate(digits);
        out
    }

    /// Upper-case letters and digits, 32 at most.
    pub(crate) fn upper(&self, length: usize) -> String {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        self.0.iter().take(length).map(|b| LETTERS[*b as usize % 36] as char).collect()
    }

    /// Lower-case letters, 32 at most.
    pub(crate) fn lower(&self, length: usize) -> String {
        self.0.iter().take(length).map(|b| (b'a' + b % 26) as char).collect()
    }

    /// A random-looking UUID.
    pub(crate) fn uuid(&self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// A number below a bound.
    pub(crate) fn number(&self, at: usize, below: u32) -> u32 {
        let pair = [self.0[(at * 2) % 32], self.0[(at * 2 + 1) % 32]];
        u32::from(u16::from_be_bytes(pair)) % below
    }
}
