//! Ballots and opened ballots, decoded and verified on both sides. Spec: 06-ballot.

use super::agree;
use super::town::{DONE, KEY, MANIFEST, STYLES};
use ballot::rng::SeededRng;
use board::Entry;
use board::replay::ballot_district;
use std::collections::HashSet;
use std::sync::LazyLock;
use verifier::ballot::{BallotBytes, Decoded, Prefixes, cut};
use verifier::bytes::Fault;
use verifier::proof::{Bases, Part};

static PREFIXES: LazyLock<Prefixes> =
    LazyLock::new(|| Prefixes::new(&MANIFEST, &KEY.id, &KEY.columns.iter().map(|h| h.bytes).collect::<Vec<_>>()));
static BASES: LazyLock<Bases> =
    LazyLock::new(|| Bases { columns: KEY.columns.iter().map(|h| h.point).collect(), bits: verifier::group::ballot_bases(MANIFEST.bits) });

/// The first byte says whether the rest is a ballot or an opened one.
pub fn run(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, bytes)) => cast(bytes),
        Some((_, bytes)) => opened(bytes),
        None => {}
    }
}

fn cast(bytes: &[u8]) {
    let style = ballot_district(bytes).and_then(|district| STYLES.get(district)).ok_or_else(|| "BAL-2: no such district".to_owned());
    let decoded = style.and_then(|style| Ok((style, style.decode(bytes).map_err(|e| e.to_string())?)));
    let verifiers = read(bytes);
    agree("ballot", &decoded, &verifiers);
    let (Ok((style, ours)), Ok((ballot, decoded))) = (decoded, verifiers) else { return };
    assert_eq!(ours.bytes(), bytes);
    assert_eq!(style.assemble(*ours.context(), ours.parts().to_vec()).bytes(), bytes, "BAL-1: another encoding");
    let ours = style.verify(&ours, &mut SeededRng::new(b"ballot"));
    agree("ballot proof", &ours, &verify(&ballot, &decoded));
}

/// BAL-1 to BAL-4, and no `A` twice (BAL-6).
fn read(bytes: &[u8]) -> Result<(BallotBytes<'_>, Decoded), Fault> {
    let ballot = cut(bytes, &MANIFEST, &KEY.id)?;
    let mut decoded = Decoded::default();
    decoded.fill(&ballot)?;
    let mut seen = HashSet::new();
    let fresh = ballot.parts.iter().filter_map(|part| part.points.first()).all(|a| seen.insert(*a));
    if fresh { Ok((ballot, decoded)) } else { Err(Fault::new("BAL-6", "an A twice")) }
}

fn verify(ballot: &BallotBytes<'_>, decoded: &Decoded) -> Result<(), Fault> {
    let (mut points, mut scalars) = (decoded.points.as_slice(), decoded.scalars.as_slice());
    let parts = &MANIFEST.parts[usize::from(ballot.head.district)];
    for (number, (bytes, part)) in ballot.parts.iter().zip(parts).enumerate() {
        let (_, list) = MANIFEST.part(*part).expect("a part");
        let (here, rest) = points.split_at(bytes.points.len());
        let (its, more) = scalars.split_at(bytes.scalars.len());
        (points, scalars) = (rest, more);
        let transcript = PREFIXES.transcript(&MANIFEST, &ballot.head, number).expect("a part");
        let part = Part::new(&list.shape, bytes, here, its, transcript)?;
        if let Some(fault) = part.failing(&BASES).into_iter().next() {
            return Err(fault);
        }
    }
    Ok(())
}

fn opened(bytes: &[u8]) {
    let style = ballot_district(bytes).and_then(|district| STYLES.get(district)).ok_or_else(|| "BAL-2: no such district".to_owned());
    let ours = style.and_then(|style| {
        let opened = style.decode_opened(bytes).map_err(|e| e.to_string())?;
        assert_eq!(opened.to_bytes(), bytes);
        style.check_opened(&opened).map_err(|e| e.to_string())
    });
    agree("opened ballot", &ours, &check_opened(bytes));
}

fn check_opened(bytes: &[u8]) -> Result<(), Fault> {
    let unknown = || Fault::new("BAL-2", "no such district");
    let district = bytes.get(66..68).ok_or_else(unknown)?;
    let length = MANIFEST.ballot_length(u16::from_be_bytes([district[0], district[1]])).ok_or_else(unknown)?;
    let (ballot, opening) = bytes.split_at_checked(length).ok_or_else(unknown)?;
    let (cut, _) = read(ballot)?;
    verifier::opened::check(&MANIFEST, &PREFIXES, &BASES, &cut, ballot, opening)
}

/// Some ballots of the town.
pub fn seeds() -> Vec<Vec<u8>> {
    let entries = (0..DONE.entries.len()).map(|i| DONE.entry(i));
    let bytes = |entry| match entry {
        Entry::Ballot { ballot, .. } => Some([vec![0], ballot].concat()),
        Entry::Challenged { opened } => Some([vec![1], opened].concat()),
        _ => None,
    };
    entries.filter_map(bytes).take(4).collect()
}
