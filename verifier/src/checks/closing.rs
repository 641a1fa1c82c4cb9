//! V16: the counted set recomputed and held against the closing entry. Rules SET-3 to SET-5, UNIT.

use crate::counted::CountedSet;
use crate::report::{Check, Place};

/// Runs V16.
pub fn check(set: &CountedSet, closing: (u64, [u8; 32], [u8; 32])) -> Check {
    let mut check = Check::new("V16", "counted set");
    check.look();
    let place = Place::Entry(closing.0);
    if closing.1 != set.hash {
        check.fail(&place, "SET-4", "states another counted set");
    }
    if closing.2 != set.root {
        check.fail(&place, "SET-5", "states another closing root");
    }
    check
}
