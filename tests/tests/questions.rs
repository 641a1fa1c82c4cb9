//! What voters and courts ask of a record, answered by the real verifier over whole records, as folders and behind a plain file server.
//! Spec: 14-questions. Also the page for people and the schema of everything that is printed as JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "questions/absence.rs"]
mod absence;
#[path = "questions/accounts.rs"]
mod accounts;
#[path = "questions/ask.rs"]
mod ask;
#[path = "questions/ballots.rs"]
mod ballots;
#[path = "questions/complaints.rs"]
mod complaints;
#[path = "questions/page.rs"]
mod page;
#[path = "questions/proofs.rs"]
mod proofs;
#[path = "questions/schema.rs"]
mod schema;
#[path = "questions/unknown.rs"]
mod unknown;
