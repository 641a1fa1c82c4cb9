use crate::{Case, entropy, hashes, load, points};
use verifier::ballot::{self, BallotBytes, Decoded, Prefixes};
use verifier::bytes::{Fault, Hash};
use verifier::manifest::Manifest;
use verifier::proof::{Bases, Part, Sum};
use verifier::{group, hash, opened};

struct Setting {
    manifest: Manifest,
    prefixes: Prefixes,
    bases: Bases,
}

fn setting(case: Case<'_>) -> Setting {
    let manifest = crate::manifest(case.get("manifest"));
    let columns = points(case.list("H"));
    let bytes: Vec<Hash> = columns.iter().map(|h| h.bytes).collect();
    let prefixes = Prefixes::new(&manifest, &case.hash("key"), &bytes);
    let bases = Bases { columns: columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(manifest.bits) };
    Setting { manifest, prefixes, bases }
}

/// BAL-5 for all parts.
fn verify(setting: &Setting, ballot: &BallotBytes<'_>, decoded: &Decoded) -> Result<(), Fault> {
    let (mut points, mut scalars) = (decoded.points.as_slice(), decoded.scalars.as_slice());
    let (mut sum, mut weights) = (Sum::new(&setting.bases), entropy().weights(&[0; 32]));
    for (number, bytes) in ballot.parts.iter().enumerate() {
        let part = setting.manifest.parts[usize::from(ballot.head.district)][number];
        let (_, list) = setting.manifest.part(part).unwrap();
        let (here, rest) = points.split_at(bytes.points.len());
        let (its, more) = scalars.split_at(bytes.scalars.len());
        (points, scalars) = (rest, more);
        let transcript = setting.prefixes.transcript(&setting.manifest, &ballot.head, number).unwrap();
        let part = Part::new(&list.shape, bytes, here, its, transcript).unwrap();
        part.keeps_constraint().map_err(|fault| fault.under("BAL-5"))?;
        sum.add(&part, &mut weights);
    }
    if sum.is_zero(&setting.bases) { Ok(()) } else { Err(Fault::new("BAL-5", "")) }
}

fn accept(setting: &Setting, case: Case<'_>, bytes: &[u8]) -> Result<(), Fault> {
    // DEVIATIONS 6: the page says BAL-4, the vectors the rule beneath it.
    let beneath = |fault: Fault| if fault.text.ends_with("(DEC-6)") { Fault::new("DEC-6", fault.text) } else { fault };
    let ballot = ballot::cut(bytes, &setting.manifest, &case.hash("key")).map_err(beneath)?;
    let mut decoded = Decoded::default();
    decoded.fill(&ballot)?;
    verify(setting, &ballot, &decoded)?;
    let mut seen = case.get("seen").as_array().map(|seen| hashes(seen)).unwrap_or_default();
    for part in &ballot.parts {
        if seen.contains(&part.points[0]) {
            return Err(Fault::new("BAL-6", ""));
        }
        seen.push(part.points[0]);
    }
    Ok(())
}

#[test]
fn ballots() {
    for case in load("06-ballot", "06-ballot@v1.0.0").cases() {
        let setting = setting(case);
        if case.kind() == "ballot" {
            let bytes = case.bytes("ballot");
            if case.check(accept(&setting, case, &bytes)).is_some()
                && let Some(expected) = case.on_the_way("ballot_hash").as_str()
            {
                assert_eq!(hex::encode(hash::labelled("ballot", &bytes)), expected, "{}", case.name());
            }
        } else {
            case.check(open(&setting, case));
        }
    }
}

fn open(setting: &Setting, case: Case<'_>) -> Result<(), Fault> {
    let opened = case.bytes("opened");
    let mut reader = verifier::bytes::Reader::new(&opened);
    let district = u16::from_be_bytes([opened[66], opened[67]]);
    let bytes = reader.take(setting.manifest.ballot_length(district).unwrap())?;
    let opening = reader.take(32 + 4 * setting.manifest.ballot_integers(district).unwrap())?;
    reader.finish()?;
    let ballot = ballot::cut(bytes, &setting.manifest, &case.hash("key"))?;
    opened::check(&setting.manifest, &setting.prefixes, &setting.bases, &ballot, bytes, opening)
}
