//! Many voters at once: what the ballot box bears, and where its time goes. `cargo load`.
//!
//! A *town* is prepared once and kept: an election that is open, with its voters' keys and their signed ballots. A *run* copies its data folder,
//! starts the real collector over it, logs the voters in, and lets them cast; what is measured is the collector alone.

pub mod attack;
pub mod client;
pub mod cpu;
pub mod parties;
pub mod report;
pub mod run;
pub mod town;
