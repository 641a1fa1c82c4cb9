//! The public part of the key ceremony: messages, sessions, the key that everyone computes, drills. Spec: 05-key-ceremony.
//!
//! What is secret in it, and the judging of complaints, is the `trustee` library's.

mod messages;
mod session;

pub use messages::{Commit, Complaint, Confirm, Deal, DrillAnswer, EncryptedShare, Head, Reveal};
pub use session::{
    Ceremony, CeremonyError, Drill, DrillState, KeySet, Session, SessionState, drill_point, drill_transcript, knowledge_transcript,
};
