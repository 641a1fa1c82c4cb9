//! The checks of specs/12, in its order. Each looks at records, counts them, names every failure, and goes on.

pub mod anchor;
pub mod annulments;
pub mod answers;
pub mod ballots;
pub mod blobs;
pub mod ceremony;
pub mod chains;
pub mod changes;
pub mod closing;
pub mod drills;
pub mod entries;
pub mod envelopes;
pub mod files;
pub mod intents;
pub mod log;
pub mod manifest;
pub mod mixes;
pub mod openings;
pub mod phases;
pub mod register;
pub mod result;
pub mod roll;
pub mod roll_openings;
