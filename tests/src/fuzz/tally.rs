//! Mixes and openings, decoded and verified on both sides. Specs: 09-mixing, 10-tally.

use super::agree;
use super::town::{BASES, DONE, KEY};
use crate::insider::town;
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use ballot::{Ciphertext, Hash};
use std::sync::LazyLock;
use trustee::mix::Statement as MixStatement;
use trustee::open::{Rows, Statement as OpenStatement};
use verifier::bytes::Fault;
use verifier::group::{self, Point};
use verifier::weights::Entropy;
use verifier::{hash, mix, opening};

/// The first mixed unit before its first stage.
static UNMIXED: LazyLock<(u32, Vec<Ciphertext>)> = LazyLock::new(|| {
    let sealed = town::sealed();
    let unit = sealed.mixed_units()[0];
    (unit as u32, sealed.units[unit].rows.clone())
});

static ENTROPY: LazyLock<Entropy> = LazyLock::new(|| Entropy::fresh().expect("entropy"));
static SHUFFLE_BASES: LazyLock<Vec<Point>> = LazyLock::new(|| group::shuffle_bases(0, 64));

fn counted() -> Hash {
    DONE.closed.expect("a closed election").counted
}

fn blocks<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Vec<Hash> {
    rows.flat_map(|row| row.as_chunks::<32>().0.to_vec()).collect()
}

/// The first stage of a unit, by mixer 1.
pub fn mix(bytes: &[u8]) {
    if let Ok(mix) = trustee::mix::Mix::from_bytes(bytes) {
        assert_eq!(mix.to_bytes(), bytes, "another encoding");
    }
    let (unit, inputs) = &*UNMIXED;
    let (key, counted, election) = (&DONE.keys().set.key, counted(), DONE.id());
    let width = DONE.units[*unit as usize].width;
    let statement = MixStatement { election: &election, key, counted: &counted, unit: *unit, stage: 1, mixer: 1, width, inputs };
    let ours = statement.read(bytes).and_then(|mix| statement.verify(&mix, &BASES, &mut SeededRng::new(b"mix")));
    let rows: Vec<Vec<u8>> = inputs.iter().map(Ciphertext::row).collect();
    agree("mix", &ours, &verify_mix(bytes, *unit, width, &blocks(rows.iter().map(Vec::as_slice))));
}

fn verify_mix(bytes: &[u8], unit: u32, width: usize, input: &[Hash]) -> Result<(), Fault> {
    let mix = mix::cut(bytes)?;
    let (n, w) = ((input.len() / (width + 1)) as u32, width as u16);
    let head = &mix.head;
    let named = (head.unit, head.stage, head.mixer, head.n, head.w) == (unit, 1, 1, n, w);
    if !named || head.input != hash::rows(n, w, input.as_flattened()) {
        return Err(Fault::new("MIX-12", "another statement"));
    }
    let (election, counted) = (DONE.id(), counted());
    let statement =
        mix::Statement { election: &election, key: &KEY, counted: &counted, input, decoded: None, bases: SHUFFLE_BASES.as_slice() };
    let verified = mix::verify(&mix, &statement, &sha256(bytes), 1 << 10, &ENTROPY);
    verified.map(drop).map_err(|faults| faults.into_iter().next().expect("a reason"))
}

/// That mix.
pub fn mix_seeds() -> Vec<Vec<u8>> {
    vec![DONE.units[UNMIXED.0 as usize].mixes[0].to_bytes()]
}

/// The units' openings by trustee 1.
pub fn opening(bytes: &[u8]) {
    if let Ok(opening) = trustee::open::Opening::from_bytes(bytes) {
        assert_eq!(opening.to_bytes(), bytes, "another encoding");
    }
    let Ok(head) = opening::head(bytes) else {
        assert!(trustee::open::Opening::from_bytes(bytes).is_err(), "the library reads what the verifier cannot");
        return;
    };
    let Some(unit) = DONE.units.get(head.unit as usize).filter(|unit| unit.to_open()) else { return };
    let (closed, rows) = (DONE.closed.expect("a closed election"), unit.opened_rows());
    let (stage, shares) = (unit.stage.expect("a stage"), &DONE.keys().set.shares);
    let statement = OpenStatement { closed: &closed, unit: head.unit, stage, rows: &rows, trustee: 1, public: &shares[0] };
    let ours = statement.read(bytes).and_then(|opening| statement.verify(&opening));
    agree("opening", &ours, &verify_opening(bytes, head.unit, &stage, &rows));
}

fn verify_opening(bytes: &[u8], unit: u32, stage: &Hash, rows: &Rows) -> Result<(), Fault> {
    let opening = opening::cut(bytes)?;
    let expected = opening::Head { trustee: 1, unit, stage_hash: *stage, n: rows.len() as u32, w: rows.width() as u16 };
    if opening.head != expected {
        return Err(Fault::new("OPEN-5", "another statement"));
    }
    let closed = DONE.closed.expect("a closed election");
    let (rows, pads) = (blocks(rows.encoded()), rows.pads());
    let (election, counted) = (DONE.id(), counted());
    let closed = (closed.size, closed.root);
    opening::verify(&opening, &opening::Statement { election: &election, key: &KEY, counted: &counted, closed, rows: &rows, pads })
}

/// One opening of a sum and one of a mixed unit.
pub fn opening_seeds() -> Vec<Vec<u8>> {
    DONE.units.iter().filter_map(|unit| Some(unit.openings.first()?.to_bytes())).collect()
}
