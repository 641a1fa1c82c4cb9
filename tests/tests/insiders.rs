//! Attacks by whoever writes the record: each changes one thing and recomputes the rest, and the verifier has to name what is
//! wrong, where, and by which rule, and nothing else. Beside them honest records, of which none may raise an alarm.
//!
//! The verifier runs in this process, as a library; one test holds the program against it. `HAAL_HONEST` sets how many random honest
//! records are checked, `HAAL_NOISE` how many disturbed ones; `HAAL_ROW` picks rows by a part of their name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "insiders/check.rs"]
mod check;
#[path = "insiders/files.rs"]
mod files;
#[path = "insiders/honest.rs"]
mod honest;
#[path = "insiders/noise.rs"]
mod noise;
#[path = "insiders/table.rs"]
mod table;
