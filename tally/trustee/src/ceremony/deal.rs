//! Round 3: a share for each trustee, sealed. Spec: 05-key-ceremony.

use super::seal::Address;
use super::{Refused, Revealed, RoundError, Setting, refused};
use crate::stream::Stream;
use ballot::encode::Point;
use ballot::transcript::Transcript;
use board::ceremony::Deal;
use board::{PostKind, Replay};
use rand_core::CryptoRng;

/// Has dealt; waits for all deals. The polynomials are gone: its own share comes back from its own deal.
#[must_use = "seal it before posting the deal"]
pub struct Dealt {
    pub(super) setting: Setting,
    pub(super) deal: Vec<u8>,
}

impl Revealed {
    /// Goes on when all reveals stand and verify.
    pub fn deal(self, replay: &Replay, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Dealt, Refused<Self>> {
        let ready = self.setting.running(replay).and_then(|s| self.setting.complete(replay, PostKind::Reveal, &s.reveals, &self.reveal));
        let made = ready.and_then(|()| self.make(replay, rng));
        let (state, deal) = refused(self, made)?;
        Ok(Dealt { setting: state.setting, deal })
    }

    fn make(&self, replay: &Replay, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Vec<u8>, RoundError> {
        let Setting { election, session, trustee, .. } = &self.setting;
        let mut t = Transcript::new("deal");
        t.append("reveal", &self.reveal);
        let mut witness = zeroize::Zeroizing::new(Vec::with_capacity(64 + self.reveal.len()));
        self.polynomials.encode(&mut witness);
        let stream = Stream::new(t.nonces(&witness, rng));
        let mut shares = Vec::new();
        for (recipient, member) in (1..=self.setting.n).zip(&replay.manifest().description().trustees.members) {
            let to = Point::decode(&member.share_key.0).map_err(|_| RoundError::ShareKey)?;
            let k = zeroize::Zeroizing::new(stream.scalar("ephemeral", recipient.into()));
            let address = Address { election, session, dealer: *trustee, recipient };
            shares.push(address.seal(&k, &to, &self.polynomials.at(recipient)).ok_or(RoundError::Unlucky)?);
        }
        Ok(Deal { head: self.setting.head(), shares }.to_bytes())
    }
}

impl Dealt {
    /// The deal to be posted.
    pub fn message(&self) -> &[u8] {
        &self.deal
    }
}
