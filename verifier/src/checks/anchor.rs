//! V1: the manifest is that of the election the caller means. Rules REC-4, MAN-1.

use crate::bytes::Hash;
use crate::report::{Check, Place, State};

/// Runs V1.
pub fn check(election: &Hash, given: Option<&Hash>) -> Check {
    let mut check = Check::new("V1", "anchor");
    check.look();
    match given {
        None => {
            check.state = State::NotAnchored;
            check.reason = "no election id was given".to_owned();
        }
        Some(given) if given == election => {}
        Some(given) => {
            let text = format!("hashes to {} and not to the given {}", hex::encode(election), hex::encode(given));
            check.fail(&Place::Manifest, "REC-4", text);
        }
    }
    check
}
