//! Round 4: the shares fit and the key is confirmed, or the first wrong dealer is named. Spec: 05-key-ceremony, KEY-7 and KEY-8.

use super::complaint;
use super::polynomial::share_fits;
use super::seal::Address;
use super::{Dealt, Refused, RoundError, Setting, ShareKey, refused};
use crate::key_share::KeyShare;
use ballot::Scalar;
use ballot::encode::Record;
use board::ceremony::{Confirm, Session};
use board::{PostKind, Replay};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Holds its share of the election key. The key is good once all trustees have confirmed it.
#[must_use = "seal it before posting the confirm"]
pub struct Confirmed {
    pub(super) setting: Setting,
    pub(super) share: KeyShare,
}

/// Has found a share that does not fit, and says so. The session is over.
#[must_use = "seal it before posting the complaint"]
pub struct Complained {
    pub(super) setting: Setting,
    pub(super) complaint: Vec<u8>,
}

/// How a ceremony ends for one trustee.
pub enum Finished {
    /// All shares fit.
    Confirmed(Confirmed),
    /// One does not.
    Complained(Complained),
}

enum Made {
    Share(KeyShare),
    Complaint(Vec<u8>),
}

impl Dealt {
    /// Goes on when all deals stand: opens and checks every share, and adds them up.
    pub fn finish(self, replay: &Replay, key: &ShareKey, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Finished, Refused<Self>> {
        let made = self.check(replay, key, rng);
        let (state, made) = refused(self, made)?;
        Ok(match made {
            Made::Share(share) => Finished::Confirmed(Confirmed { setting: state.setting, share }),
            Made::Complaint(complaint) => Finished::Complained(Complained { setting: state.setting, complaint }),
        })
    }

    fn check(&self, replay: &Replay, key: &ShareKey, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Made, RoundError> {
        let setting = &self.setting;
        let session = setting.running(replay)?;
        setting.complete(replay, PostKind::Deal, &session.deals, &self.deal)?;
        let member = replay.manifest().description().trustees.members.get(usize::from(setting.trustee) - 1);
        if member.is_none_or(|m| m.share_key.0 != key.public()) {
            return Err(RoundError::ShareKey);
        }
        let keys = session.keys.as_ref().ok_or(RoundError::NoKey)?;
        let mut sums = Zeroizing::new(vec![Scalar::ZERO; setting.columns.into()]);
        for dealer in 1..=setting.n {
            match self.share_of(session, dealer, key) {
                Some(share) => sums.iter_mut().zip(share.iter()).for_each(|(sum, f)| *sum += f),
                None => return complaint::make(setting, session, dealer, key, rng).map(|c| Made::Complaint(c.to_bytes())),
            }
        }
        let share = KeyShare::new(keys.key.id(), keys.session, setting.trustee, sums.to_vec());
        share.check(keys).map_err(|_| RoundError::NoKey)?; // follows from KEY-7; checked all the same
        Ok(Made::Share(share))
    }

    /// KEY-7
    fn share_of(&self, session: &Session, dealer: u16, key: &ShareKey) -> Option<Zeroizing<Vec<Scalar>>> {
        let Setting { election, trustee, t, columns, .. } = &self.setting;
        let (deal, _) = session.deals.get(&dealer)?;
        let sealed = deal.shares.get(usize::from(*trustee) - 1)?;
        let address = Address { election, session: &session.id, dealer, recipient: *trustee };
        let share = address.open(&key.shared(&sealed.ephemeral)?, sealed, *columns)?;
        let (reveal, _) = session.reveals.get(&dealer)?;
        share_fits(reveal, *t, *trustee, &share).then_some(share)
    }
}

impl Confirmed {
    /// The confirm to be posted.
    pub fn message(&self) -> Vec<u8> {
        Confirm { head: self.setting.head(), key: self.share.key() }.to_bytes()
    }

    /// The trustee's share. Of use once the session is confirmed.
    pub fn share(&self) -> &KeyShare {
        &self.share
    }

    /// Hands out the share.
    pub fn into_share(self) -> KeyShare {
        self.share
    }
}

impl Complained {
    /// The complaint to be posted.
    pub fn message(&self) -> &[u8] {
        &self.complaint
    }
}
