//! The conformance kit: records by an insider who deviates at one step and recomputes everything after it, and beside them honest ones,
//! each with what a verifier must say. `cargo conformance` writes them out and tries any verifier on them.
//!
//! A row makes its case anew each time, and always the same one.

mod absent;
mod amended;
mod ballots;
pub mod case;
mod ceremony;
mod challenged;
mod counted;
mod envelopes;
pub mod expect;
mod faults;
mod files;
mod honest;
pub mod index;
mod manifest;
mod mixes;
mod openings;
mod orders;
mod phases;
pub mod replay;
mod results;
pub mod score;
pub mod shelf;
mod weak_mixes;
pub mod work;
pub mod zip;

pub use case::{Case, Row, Trustee};
pub use expect::{Expected, Note, Others, Said};
pub use honest::counted_as_meant;

/// Attacks and faults.
pub fn attacks() -> Vec<Row> {
    [
        manifest::rows(),
        files::rows(),
        orders::rows(),
        phases::rows(),
        ceremony::rows(),
        ballots::rows(),
        challenged::rows(),
        counted::rows(),
        amended::rows(),
        mixes::rows(),
        weak_mixes::rows(),
        openings::rows(),
        results::rows(),
        faults::rows(),
        absent::rows(),
        envelopes::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Records in which nobody lies.
pub fn honest() -> Vec<Row> {
    [honest::rows(), amended::honest(), envelopes::honest()].into_iter().flatten().collect()
}
