//! Voter lists of the Estonian election information system: VIS3-EHS 3, "Valijate nimekiri EHS-le", version 2.
//!
//! List 0 has everybody; each next one has what changes. They are applied whole or not at all, one after the other, each signed; a list that
//! is bad is skipped by an order that is signed too. The numbers of paragraphs in messages are those of that specification.

pub mod api;
mod districts;
mod list;
mod register;
mod skip;

pub use districts::{Districts, DistrictsFile};
pub use list::{List, Record};
pub use register::{Place, Register, link};
pub use skip::SkipOrder;

/// What is wrong with a list or an order: the document with its paragraph, and the line from 1, but never who stands there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("VIS3-EHS {paragraph}{}: {text}", if *line > 0 { format!(", line {line}") } else { String::new() })]
pub struct Bad {
    pub paragraph: &'static str,
    /// 0 if it is about the file.
    pub line: usize,
    pub text: String,
}

impl Bad {
    fn new(paragraph: &'static str, line: usize, text: impl Into<String>) -> Self {
        Self { paragraph, line, text: text.into() }
    }
}

/// `KOV_2021`, `RK_2023_E_2`: one to 28 characters of ASCII; nothing is concluded from its parts.
fn is_election(text: &str) -> bool {
    (1..=28).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Decimal digits, so many of them.
fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `0000.1`, `0784.12`
pub fn is_district(text: &str) -> bool {
    text.split_once('.').is_some_and(|(unit, number)| is_digits(unit, 4..=4) && is_digits(number, 1..=2))
}

/// `0000.101`
pub fn is_candidate(text: &str) -> bool {
    text.split_once('.').is_some_and(|(unit, number)| is_digits(unit, 4..=4) && is_digits(number, 3..=4))
}

/// An Estonian personal code, by its form.
pub fn is_person(text: &str) -> bool {
    is_digits(text, 11..=11)
}

/// A number without leading zeros.
fn number(text: &str) -> Option<u64> {
    (is_digits(text, 1..=6) && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// A time of RFC 3339.
fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}
