//! What a second device may say of a ballot on the board: what it holds, if every byte of it fits. Spec: 16-second-device.

use crate::ballot::{self, Prefixes};
use crate::bytes::{Fault, Hash, Reader};
use crate::code::Code;
use crate::hash::{Labelled, labelled};
use crate::manifest::Manifest;
use crate::opened;
use crate::proof::Bases;

/// The election key, ready to make ballots again.
pub struct Maker<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// Key id.
    pub key: Hash,
    /// Transcripts up to the voter.
    pub prefixes: Prefixes,
    /// Points.
    pub bases: Bases,
}

/// A ballot that is what its code says.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its hash.
    pub hash: Hash,
    /// Position of the district.
    pub district: u16,
    /// The pseudonym.
    pub voter: Hash,
    /// Running number.
    pub number: u32,
    /// The integers, contest by contest.
    pub selections: Vec<Vec<u32>>,
}

/// Holds the entry at the code's index against code and pad. CHECK-2, CHECK-11 to CHECK-13.
pub fn look(maker: &Maker<'_>, code: &Code, entry: &[u8], pad: Option<&Hash>) -> Result<Shown, Fault> {
    code.belongs(&maker.manifest.election)?;
    let mut reader = Reader::new(entry);
    match (reader.u8()?, code.challenged) {
        (5, false) | (6, true) => {}
        (5, true) => return Err(Fault::new("CHECK-11", "the program said that it opened this ballot, but it was cast and may count")),
        (6, false) => return Err(Fault::new("CHECK-11", "the program said that it cast this ballot, but it was opened and never counts")),
        _ => return Err(Fault::new("CHECK-11", "the entry is no ballot")),
    }
    reader.u8()?;
    if !code.challenged {
        reader.hash()?; // the envelope
    }
    let rest = reader.take(reader.left())?;
    let mut head = Reader::new(rest);
    head.take(66)?;
    let district = head.u16()?;
    let unreadable = |fault: Fault| fault.under("CHECK-13");
    let length = maker.manifest.ballot_length(district).ok_or_else(|| Fault::new("CHECK-13", "a ballot of no district"))?;
    let (bytes, published) = rest.split_at_checked(length).ok_or_else(|| Fault::new("CHECK-13", "the ballot is cut short"))?;
    let cut = ballot::cut(bytes, maker.manifest, &maker.key).map_err(unreadable)?;
    let hash = labelled("ballot", bytes);

    let parts = maker.manifest.parts.get(usize::from(district)).map_or(&[][..], Vec::as_slice);
    let lists: Vec<_> = parts.iter().filter_map(|part| maker.manifest.part(*part)).collect();
    let shapes: Vec<_> = lists.iter().map(|(_, list)| &list.shape).collect();
    let pad = if code.challenged { None } else { Some(pad.ok_or_else(|| Fault::new("CHECK-12", "there is no pad"))?) };
    let (seed, selections) = code.open(pad, &hash, &shapes)?;
    for ((contest, list), selection) in lists.iter().zip(&selections) {
        if list.shape.bits_of(contest.rule, selection).is_none() {
            return Err(Fault::new("CHECK-12", format!("no selection that contest {} allows", contest.id)));
        }
    }
    let mut opening = seed.to_vec();
    opening.extend(selections.iter().flatten().flat_map(|integer| integer.to_be_bytes()));
    opened::check(maker.manifest, &maker.prefixes, &maker.bases, &cut, bytes, &opening)
        .map_err(|_| Fault::new("CHECK-13", "the ballot on the board holds something else than the code says"))?;
    if code.challenged && published != opening || !code.challenged && !published.is_empty() {
        return Err(Fault::new("CHECK-13", "the ballot on the board was opened with something else than the code says"));
    }
    Ok(Shown { hash, district, voter: cut.head.voter, number: cut.head.number, selections })
}

impl Shown {
    /// Whether the ballot stands under the pseudonym of this person. CHECK-14.
    pub fn belongs_to(&self, election: &Hash, blinding: &Hash, person: &str) -> Result<(), Fault> {
        let pseudonym = Labelled::new("pseudonym").with(election).with(blinding).with(person.as_bytes()).done();
        if pseudonym == self.voter { Ok(()) } else { Err(Fault::new("CHECK-14", "the ballot is somebody else's")) }
    }
}
