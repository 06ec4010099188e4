//! The words lawyers use for numbers, amounts, days and lengths of time, printed and read back.
//!
//! Everything is exact: amounts are integers of the smallest unit, numbers are decimals of fixed
//! scale, days are calendar days. Nothing here is a floating-point number.

mod date;
mod decimal;
mod money;
mod number;
mod period;

pub use date::Date;
pub use decimal::Decimal;
pub use money::{money, parse_money, parse_rmb_upper, rmb_upper};
pub use number::{
    circled, en_number_word, en_words, letters, ordinal, parse_en_number, parse_zh_number, roman,
    zh_number,
};
pub use period::{Period, Unit};
