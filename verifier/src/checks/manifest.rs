//! V2: the manifest is well formed. Rules MAN-1 to MAN-14, DEC-7.

use crate::manifest::Manifest;
use crate::report::{Check, Place};

/// Runs V2.
pub fn check(bytes: &[u8]) -> (Check, Option<Manifest>) {
    let mut check = Check::new("V2", "manifest");
    check.look();
    match Manifest::read(bytes) {
        Ok(manifest) => {
            for finding in &manifest.findings {
                check.finding(&Place::Manifest, finding.rule, finding.text.clone());
            }
            (check, Some(manifest))
        }
        Err(faults) => {
            faults.iter().for_each(|fault| check.fault(&Place::Manifest, fault));
            (check, None)
        }
    }
}
