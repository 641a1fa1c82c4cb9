//! Round 2: the commitments to all coefficients. Spec: 05-key-ceremony.

use super::polynomial::Polynomials;
use super::{Committed, Refused, Setting, refused};
use board::{PostKind, Replay};

/// Has revealed; waits for all reveals. Secret.
#[must_use = "seal it before posting the reveal"]
pub struct Revealed {
    pub(super) setting: Setting,
    pub(super) polynomials: Polynomials,
    pub(super) reveal: Vec<u8>,
}

impl Committed {
    /// Goes on when all commits stand (F02: nobody's values can depend on ours any more).
    pub fn reveal(self, replay: &Replay) -> Result<Revealed, Refused<Self>> {
        let ready = self.setting.running(replay).and_then(|s| self.setting.complete(replay, PostKind::Commit, &s.commits, &self.message()));
        let (state, ()) = refused(self, ready)?;
        Ok(Revealed { setting: state.setting, polynomials: state.polynomials, reveal: state.reveal })
    }
}

impl Revealed {
    /// The reveal to be posted.
    pub fn message(&self) -> &[u8] {
        &self.reveal
    }
}
