//! Exact fractions.

use std::cmp::Ordering;

/// An exact fraction; the denominator is positive and the two share no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    /// Numerator.
    pub num: i128,
    /// Denominator, above zero.
    pub den: i128,
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Fraction {
    /// `num / den` in lowest terms; `None` when `den` is zero, or one of them has no
    /// opposite of its sign (`i128::MIN`).
    pub fn new(num: i128, den: i128) -> Option<Fraction> {
        if den == 0 || num == i128::MIN || den == i128::MIN {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs()) as i128 * den.signum();
        Some(Fraction { num: num / divisor, den: den / divisor })
    }

    /// The largest integer not above.
    pub fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    /// The smallest integer not below.
    pub fn ceil(self) -> i128 {
        self.floor() + i128::from(self.num.rem_euclid(self.den) != 0)
    }

    /// The nearest integer, halves away from zero.
    pub fn round(self) -> i128 {
        let (whole, rest) = (self.num.abs() / self.den, self.num.abs() % self.den);
        self.num.signum() * (whole + i128::from(rest >= self.den - rest))
    }

    /// The integer it is, when it is one.
    pub fn exact(self) -> Option<i128> {
        (self.den == 1).then_some(self.num)
    }

    /// The sum; `None` when it leaves the range that is computed exactly.
    pub fn checked_add(self, other: Fraction) -> Option<Fraction> {
        // Over the least common denominator, which stays in range longest.
        let common = gcd(self.den.unsigned_abs(), other.den.unsigned_abs()) as i128;
        let left = self.num.checked_mul(other.den / common)?;
        let right = other.num.checked_mul(self.den / common)?;
        Fraction::new(left.checked_add(right)?, (self.den / common).checked_mul(other.den)?)
    }

    /// The difference; `None` when it leaves the range that is computed exactly.
    pub fn checked_sub(self, other: Fraction) -> Option<Fraction> {
        self.checked_add(other.checked_neg()?)
    }

    /// The product; `None` when it leaves the range that is computed exactly.
    pub fn checked_mul(self, other: Fraction) -> Option<Fraction> {
        // Crosswise in lowest terms first, so that only what is truly large overflows.
        let left = Fraction::new(self.num, other.den)?;
        let right = Fraction::new(other.num, self.den)?;
        Fraction::new(left.num.checked_mul(right.num)?, left.den.checked_mul(right.den)?)
    }

    /// The quotient; `None` when `other` is zero or it leaves the range that is computed
    /// exactly.
    pub fn checked_div(self, other: Fraction) -> Option<Fraction> {
        self.checked_mul(Fraction::new(other.den, other.num)?)
    }

    /// The same below zero, or above.
    pub fn checked_neg(self) -> Option<Fraction> {
        Some(Fraction { num: self.num.checked_neg()?, den: self.den })
    }
}

impl From<i64> for Fraction {
    fn from(int: i64) -> Fraction {
        Fraction { num: i128::from(int), den: 1 }
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value; exact, since it compares the continued fractions and multiplies nothing.
impl Ord for Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        let (mut left, mut right) = (*self, *other);
        let mut turned = false;
        loop {
            let whole = left.floor().cmp(&right.floor());
            let (rest_left, rest_right) = (left.num.rem_euclid(left.den), right.num.rem_euclid(right.den));
            let ordering = match (whole, rest_left, rest_right) {
                (Ordering::Equal, 0, 0) => Ordering::Equal,
                (Ordering::Equal, 0, _) => Ordering::Less,
                (Ordering::Equal, _, 0) => Ordering::Greater,
                (Ordering::Equal, _, _) => {
                    // Of the rests' reciprocals the greater belongs to the lesser.
                    left = Fraction { num: left.den, den: rest_left };
                    right = Fraction { num: right.den, den: rest_right };
                    turned = !turned;
                    continue;
                }
                (different, _, _) => different,
            };
            return if turned { ordering.reverse() } else { ordering };
        }
    }
}

/// `num/den`, or just the integer it is.
impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.exact() {
            Some(int) => write!(f, "{int}"),
            None => write!(f, "{}/{}", self.num, self.den),
        }
    }
}
