//! Decimal numbers of fixed scale, for arithmetic in template expressions.

use std::fmt;

/// A decimal with eight places, exact in addition, subtraction and multiplication by whole numbers.
///
/// Multiplication and division round half away from zero at the eighth place. Every operation returns
/// `None` where the result does not fit, so nothing wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i128);

const ONE: i128 = 100_000_000;

impl Decimal {
    /// A whole number.
    #[must_use]
    pub fn whole(n: i64) -> Decimal {
        Decimal(i128::from(n) * ONE)
    }

    /// An amount given in its smallest unit (分, cents).
    #[must_use]
    pub fn from_minor(minor: i128) -> Option<Decimal> {
        minor.checked_mul(ONE / 100).map(Decimal)
    }

    /// The amount in its smallest unit, rounded half away from zero.
    #[must_use]
    pub fn minor(self) -> i128 {
        divide(self.0, ONE / 100)
    }

    /// Reads `12`, `-0.5`, `1200000.00`, `1,200.5`; at most eight decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let whole = if whole.contains(',') {
            // Commas must group by three; `parse_money` knows how.
            (super::parse_money(whole)? / 100).to_string()
        } else {
            whole.to_owned()
        };
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(&whole) || !digits(decimals) || decimals.len() > 8 {
            return None;
        }
        let fraction: i128 = format!("{decimals:0<8}").parse().ok()?;
        let value = whole
            .parse::<i128>()
            .ok()?
            .checked_mul(ONE)?
            .checked_add(fraction)?;
        Some(Decimal(if negative { -value } else { value }))
    }

    /// The value when it is a whole number that is not negative.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        if self.0 % ONE == 0 {
            u64::try_from(self.0 / ONE).ok()
        } else {
            None
        }
    }

    /// Sum.
    #[must_use]
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_add(other.0).map(Decimal)
    }

    /// Difference.
    #[must_use]
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_sub(other.0).map(Decimal)
    }

    /// Product.
    #[must_use]
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_mul(other.0).map(|p| Decimal(divide(p, ONE)))
    }

    /// Quotient; `None` also for a division by zero.
    #[must_use]
    pub fn over(self, other: Decimal) -> Option<Decimal> {
        if other.0 == 0 {
            return None;
        }
        let (top, bottom) = (self.0.checked_mul(ONE)?, other.0);
        Some(Decimal(if bottom < 0 {
            divide(top.checked_neg()?, bottom.checked_neg()?)
        } else {
            divide(top, bottom)
        }))
    }

    /// Quotient rounded down to a whole number.
    #[must_use]
    pub fn div_floor(self, other: Decimal) -> Option<Decimal> {
        if other.0 == 0 {
            return None;
        }
        let down = self.0.checked_div(other.0)?;
        let exact = self.0 % other.0 == 0;
        let down = if !exact && ((self.0 < 0) != (other.0 < 0)) {
            down - 1
        } else {
            down
        };
        down.checked_mul(ONE).map(Decimal)
    }

    /// Remainder of [`Decimal::div_floor`].
    #[must_use]
    pub fn remainder(self, other: Decimal) -> Option<Decimal> {
        self.minus(self.div_floor(other)?.times(other)?)
    }

    /// The same size with the other sign.
    #[must_use]
    pub fn negated(self) -> Option<Decimal> {
        self.0.checked_neg().map(Decimal)
    }

    /// Rounded half away from zero to `places` decimals (at most eight).
    #[must_use]
    pub fn round(self, places: u32) -> Decimal {
        let unit = 10i128.pow(8 - places.min(8));
        Decimal(divide(self.0, unit).saturating_mul(unit))
    }

    /// True for 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Division by a positive number, rounded half away from zero.
fn divide(top: i128, bottom: i128) -> i128 {
    let (quotient, rest) = (top / bottom, top % bottom);
    if rest.unsigned_abs() * 2 >= bottom.unsigned_abs() {
        quotient + top.signum()
    } else {
        quotient
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", size / ONE.unsigned_abs())?;
        let fraction = format!("{:08}", size % ONE.unsigned_abs());
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() {
            Ok(())
        } else {
            write!(f, ".{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).expect("a decimal")
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(d("0.1").plus(d("0.2")), Some(d("0.3")));
        assert_eq!(d("1200000.00").times(d("0.3")), Some(d("360000")));
        assert_eq!(
            d("10").over(d("4")).map(|x| x.to_string()),
            Some("2.5".to_owned())
        );
        assert_eq!(
            d("-10").over(d("-3")).map(|x| x.to_string()),
            Some("3.33333333".to_owned())
        );
        assert_eq!(d("1").over(d("0")), None);
        assert_eq!(d("-7").div_floor(d("2")), Some(d("-4")));
        assert_eq!(d("-7").remainder(d("2")), Some(d("1")));
        assert_eq!(d("2.345").round(2).to_string(), "2.35");
        assert_eq!(d("-2.345").minor(), -235);
        assert_eq!(d("1,200.50").to_string(), "1200.5");
        assert_eq!(
            d("99999999999999999999").times(d("99999999999999999999")),
            None
        );
        for bad in ["", "-", "1.", ".1", "1.123456789", "1e3", "1,2", "NaN"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }
}
