//! Honest records.
use super::case::{Case, Row, row};
use e2e::insider::town;
pub fn rows() -> Vec<Row> {
    vec![row("the town", "", || Case::of(town::done()))]
}
