//! Complaints: made by one trustee, judged by everyone, with exactly one at fault. Spec: 05-key-ceremony, KEY-9.

use super::polynomial::share_fits;
use super::seal::Address;
use super::{RoundError, Setting, ShareKey};
use ballot::Manifest;
use ballot::encode::Point;
use ballot::proof::equality::Statement;
use ballot::transcript::Transcript;
use board::ceremony::{Complaint, Session};
use rand_core::CryptoRng;

/// The outcome of a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Judgement {
    pub complainer: u16,
    pub dealer: u16,
    /// One of the two.
    pub culprit: u16,
}

/// The context of the complaint's proof (02-encoding, `complaint`).
fn transcript(election: &ballot::Hash, session: &ballot::Hash, dealer: u16, trustee: u16) -> Transcript {
    let mut t = Transcript::new("complaint");
    t.append("election", election);
    t.append("session", session);
    t.append_u64("dealer", dealer.into());
    t.append_u64("trustee", trustee.into());
    t
}

/// Opens the one disputed key: `S = e_j·R`, with a proof. It opens no other share.
pub(super) fn make(
    setting: &Setting,
    session: &Session,
    dealer: u16,
    key: &ShareKey,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Complaint, RoundError> {
    let sealed = session.deals.get(&dealer).and_then(|(deal, _)| deal.shares.get(usize::from(setting.trustee) - 1));
    let sealed = sealed.ok_or(RoundError::NoKey)?;
    let shared = key.shared(&sealed.ephemeral).ok_or(RoundError::ShareKey)?;
    let own = Point::decode(&key.public()).map_err(|_| RoundError::ShareKey)?;
    let statement = Statement { d: &sealed.ephemeral, x_g: &own, x_d: &shared };
    let context = transcript(&setting.election, &setting.session, dealer, setting.trustee);
    let proof = statement.prove(key.secret(), context, rng).ok_or(RoundError::Unlucky)?;
    Ok(Complaint { head: setting.head(), dealer, shared, proof })
}

/// Judges a complaint of a session: if its proof fails, or it names nobody, the complainer is at fault; else the share is opened with
/// `S`, and whoever is wrong about it is. Nothing only if the complainer is no trustee of the session.
pub fn judge(manifest: &Manifest, session: &Session, complaint: &Complaint) -> Option<Judgement> {
    let (complainer, dealer) = (complaint.head.trustee, complaint.dealer);
    let at = usize::from(complainer).checked_sub(1)?;
    let key = Point::decode(&manifest.description().trustees.members.get(at)?.share_key.0).ok()?;
    let dealer_is_wrong = || {
        let (deal, _) = session.deals.get(&dealer)?;
        let (reveal, _) = session.reveals.get(&dealer)?;
        let sealed = deal.shares.get(at)?;
        let election = manifest.id();
        let statement = Statement { d: &sealed.ephemeral, x_g: &key, x_d: &complaint.shared };
        statement.verify(&complaint.proof, transcript(&election, &session.id, dealer, complainer)).ok()?;
        let address = Address { election: &election, session: &session.id, dealer, recipient: complainer };
        let share = address.open(&complaint.shared, sealed, manifest.columns() as u16);
        Some(share.is_none_or(|share| !share_fits(reveal, manifest.trustees().1 as u16, complainer, &share)))
    };
    let culprit = if dealer_is_wrong().unwrap_or(false) { dealer } else { complainer };
    Some(Judgement { complainer, dealer, culprit })
}
