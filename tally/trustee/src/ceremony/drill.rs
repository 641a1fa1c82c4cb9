//! The drill: every trustee shows that its share is alive. Spec: 05-key-ceremony, DRILL.

use crate::key_share::KeyShare;
use crate::open::lagrange;
use ballot::encode::Point;
use ballot::proof::equality::Statement;
use ballot::{Hash, RistrettoPoint};
use board::ceremony::{Ceremony, Drill, DrillAnswer, Head, drill_point, drill_transcript};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_core::CryptoRng;

/// Why a drill is not answered, or does not add up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum DrillError {
    #[error("DRILL-1: the record asks for no drill of a confirmed key")]
    None,
    #[error("DRILL-1: this trustee has answered the drill")]
    Answered,
    #[error("KEY-7: the key share is not that of the confirmed key")]
    Share,
    #[error("DRILL-2: the answers of trustees {first:?} and {other:?} give different points")]
    Quorums { first: Vec<u16>, other: Vec<u16> },
    #[error("an identity was drawn by chance (2^-250); answer again")]
    Unlucky,
}

/// Answers the last drill of the record. The point is derived here, so the drill decrypts nothing for anybody.
pub fn answer_drill(
    share: &KeyShare,
    election: &Hash,
    ceremony: &Ceremony,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, DrillError> {
    let keys = ceremony.confirmed().ok_or(DrillError::None)?;
    let drill = ceremony.drills().last().filter(|d| d.key == keys.key.id()).ok_or(DrillError::None)?;
    if drill.right.contains_key(&share.trustee()) {
        return Err(DrillError::Answered);
    }
    share.check(keys).map_err(|_| DrillError::Share)?;
    let point = drill_point(election, &drill.key, drill.number, &drill.nonce).ok_or(DrillError::Unlucky)?;
    let public = keys.shares.get(usize::from(share.trustee()) - 1).ok_or(DrillError::Share)?;
    let mut answers = Vec::new();
    for ((x, x_g), column) in share.columns().iter().zip(public).zip(1..) {
        let answer = Point::from_point(x * point.point()).ok_or(DrillError::Unlucky)?;
        let context = drill_transcript(election, &drill.key, drill.number, share.trustee(), column);
        let proof = Statement { d: &point, x_g, x_d: &answer }.prove(x, context, rng).ok_or(DrillError::Unlucky)?;
        answers.push((answer, proof));
    }
    Ok(DrillAnswer { head: Head { session: share.session(), trustee: share.trustee() }, number: drill.number, answers }.to_bytes())
}

/// Quorums up to this number are all tried.
const MOST: usize = 200;

/// DRILL-2: every quorum of `t` right answers gives the same points. It follows from the proofs, and is checked all the same: a key
/// whose threshold was raised would show here, before the first vote (F03).
pub fn check_quorums(drill: &Drill, t: usize) -> Result<(), DrillError> {
    let right: Vec<u16> = drill.right.keys().copied().collect();
    let quorums = all_quorums(&right, t).unwrap_or_else(|| cyclic(&right, t));
    let mut first: Option<(&Vec<u16>, Vec<RistrettoPoint>)> = None;
    for quorum in &quorums {
        let points = interpolate(drill, quorum).ok_or(DrillError::None)?;
        match &first {
            None => first = Some((quorum, points)),
            Some((_, expected)) if *expected == points => {}
            Some((first, _)) => return Err(DrillError::Quorums { first: (*first).clone(), other: quorum.clone() }),
        }
    }
    Ok(())
}

/// `Σ λ_j·Y_j,c` for each column.
fn interpolate(drill: &Drill, quorum: &[u16]) -> Option<Vec<RistrettoPoint>> {
    let lambda = lagrange(quorum).ok()?;
    let answers = quorum.iter().map(|j| drill.right.get(j)).collect::<Option<Vec<_>>>()?;
    let columns = answers.first()?.len();
    let column = |c: usize| {
        let points = answers.iter().map(|a| a.get(c).map(|p| *p.point())).collect::<Option<Vec<_>>>()?;
        Some(RistrettoPoint::vartime_multiscalar_mul(&lambda, points))
    };
    (0..columns).map(column).collect()
}

/// All sublists of length `t`, or nothing if there are more than 200.
fn all_quorums(list: &[u16], t: usize) -> Option<Vec<Vec<u16>>> {
    let mut prefixes: Vec<(Vec<u16>, usize)> = vec![(Vec::new(), 0)]; // with the place from which they may grow
    for length in 1..=t {
        let last = list.len().checked_sub(t - length); // so that enough remain: every prefix then becomes a quorum
        let grow = |(prefix, from): &(Vec<u16>, usize)| {
            let places = list.iter().enumerate().take(last.unwrap_or(0)).skip(*from);
            places.map(|(at, j)| ([prefix.as_slice(), &[*j]].concat(), at + 1)).collect::<Vec<_>>()
        };
        prefixes = prefixes.iter().flat_map(grow).collect();
        if prefixes.len() > MOST {
            return None;
        }
    }
    Some(prefixes.into_iter().map(|(quorum, _)| quorum).collect())
}

/// `j, j+1, …, j+t-1`, around the list, from every `j`.
fn cyclic(list: &[u16], t: usize) -> Vec<Vec<u16>> {
    let from = |start: usize| list.iter().cycle().skip(start).take(t).copied().collect();
    if t > list.len() { Vec::new() } else { (0..list.len()).map(from).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorums() {
        assert_eq!(all_quorums(&[1, 2, 4], 2).unwrap(), [[1, 2], [1, 4], [2, 4]]);
        assert_eq!(all_quorums(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 5).unwrap().len(), 126);
        assert_eq!(all_quorums(&(1..=60).collect::<Vec<_>>(), 59).unwrap().len(), 60);
        assert_eq!(all_quorums(&(1..=30).collect::<Vec<_>>(), 15), None);
        assert_eq!(all_quorums(&(1..=200).collect::<Vec<_>>(), 1).unwrap().len(), MOST);
        assert_eq!(all_quorums(&(1..=201).collect::<Vec<_>>(), 1), None);
        assert_eq!(cyclic(&[1, 2, 4], 2), [[1, 2], [2, 4], [4, 1]]);
        assert_eq!(cyclic(&[1, 2], 2), [[1, 2], [2, 1]]);
        assert!(all_quorums(&[1], 2).unwrap().is_empty() && cyclic(&[1], 2).is_empty());
    }
}
