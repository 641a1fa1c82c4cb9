//! Ballots that must not be on a board: copies, turned and ill-formed ciphertexts, proofs of other things. V11, V12.

mod copies;
mod forgeries;

use super::case::{Case, Row, entry, row};
use super::orders::plus_order;
use crate::insider::{Insider, Item, Setup, town};
use crate::lab;
use ballot::ballot::Part;
use ballot::encode::Point;
use ballot::manifest::Rule;
use ballot::{Ballot, Ciphertext, Context, RistrettoPoint, Scalar};

/// Bytes before the parts; then the mayor's `A`, four `B`, six points of the proof, four bits and three more scalars; the council's `A`, …
pub const HEAD: usize = 136;
pub const MAYOR: usize = 32 * (4 + 4 + 10);

/// The town with honest ballots of some voters, and then these bytes in a batch of their own.
fn with(check: &'static str, rule: &'static str, make: impl FnOnce(&mut Insider) -> Vec<u8>) -> Case {
    let mut i = town::opened();
    i.cast(&[(0, town::vote(0, 0)), (1, town::vote(0, 1)), (2, town::vote(1, 3)), (4, town::vote(2, 1)), (6, town::vote(3, 2))]);
    let bytes = make(&mut i);
    let at = i.batch(vec![Item::Cast(bytes)]) + 1;
    i.finish();
    Case::of(i).fails(check, rule, entry(at))
}

/// An honest ballot of voter 5, changed.
fn changed(check: &'static str, rule: &'static str, change: impl FnOnce(&Insider, &mut Vec<u8>)) -> Case {
    with(check, rule, |i| {
        let mut bytes = i.ballot(5, &town::vote(0, 0)).bytes().to_vec();
        change(i, &mut bytes);
        bytes
    })
}

fn part(change: impl FnOnce(&mut Ciphertext, &Insider)) -> Case {
    with("V12", "BAL-5", |i| {
        let ballot = i.ballot(5, &town::vote(0, 0));
        let mut parts = ballot.parts().to_vec();
        change(&mut parts[0].ciphertext, i);
        again(i, &ballot, parts).bytes().to_vec()
    })
}

/// Other parts in the place of a ballot's.
pub fn again(i: &Insider, ballot: &Ballot, parts: Vec<Part>) -> Ballot {
    i.styles()[ballot.district()].assemble(*ballot.context(), parts)
}

fn p(point: RistrettoPoint) -> Point {
    Point::from_point(point).unwrap()
}

/// A ballot of voter 5 whose first part holds these numbers with a proof about other bits.
fn cunning(m: [i64; 4], bits: [u8; 4]) -> impl FnOnce(&mut Insider) -> Vec<u8> {
    move |i| {
        let ballot = i.ballot(5, &town::vote(0, 0));
        let signed = |m: i64| if m < 0 { -Scalar::from(m.unsigned_abs()) } else { Scalar::from(m as u64) };
        let one = i.cunning_part(ballot.context(), (ballot.district(), 0), (&m.map(signed), &bits), None, |_| {});
        let parts = vec![one, ballot.parts()[1].clone()];
        again(i, &ballot, parts).bytes().to_vec()
    }
}

pub fn rows() -> Vec<Row> {
    let mut rows = encodings();
    rows.extend(copies::rows());
    rows.extend(forgeries::rows());
    rows.extend(batches());
    rows
}

fn encodings() -> Vec<Row> {
    let field = 32 * 8; // the mayor's `T_A`, somewhere in the proof
    vec![
        row("ballot: a byte more", "M33 B04 H01", || changed("V11", "BAL-1", |_, b| b.push(0))),
        row("ballot: a byte less", "M67", || changed("V11", "BAL-1", |_, b| _ = b.pop())),
        row("ballot: one option more", "M26", || changed("V11", "BAL-1", |_, b| b.extend([0; 64]))),
        row("ballot: one part only", "M26 C01", || changed("V11", "BAL-1", |_, b| b.truncate(HEAD + MAYOR))),
        row("ballot: another type", "B08", || changed("V11", "BAL-4", |_, b| b[0] = 17)),
        row("ballot: another election", "A13 E13", || changed("V11", "BAL-2", |_, b| b[2] ^= 1)),
        row("ballot: another key", "A13 E13", || changed("V11", "BAL-2", |_, b| b[34] ^= 1)),
        row("ballot: a district that does not exist", "E10 M16", || changed("V11", "BAL-2", |_, b| b[67] = 9)),
        row("ballot: number 0", "M08 F06", || changed("V11", "BAL-3", |_, b| b[103] = 0).loosely()),
        row("ballot: the first one names one before", "M08", || changed("V11", "BAL-3", |_, b| b[110] = 1).loosely()),
        row("ballot: the second one names none", "M08", || changed("V11", "BAL-3", |_, b| b[103] = 2).loosely()),
        row("ballot: A is the identity", "B02 M31", || changed("V11", "BAL-4", |_, b| b[HEAD..HEAD + 32].fill(0))),
        row("ballot: B is the identity", "B02 M31", || changed("V11", "BAL-4", |_, b| b[HEAD + 32..HEAD + 64].fill(0))),
        row("ballot: A and all B are the identity", "B02 M31", || changed("V11", "BAL-4", |_, b| b[HEAD..HEAD + 160].fill(0))),
        row("ballot: a commitment is the identity", "B02 A09", move || {
            changed("V11", "BAL-4", move |_, b| b[HEAD + field..HEAD + field + 32].fill(0))
        }),
        row("ballot: the field's order as a point", "B01 M32", || {
            changed("V11", "BAL-4", |_, b| {
                b[HEAD..HEAD + 32].fill(0xff);
                (b[HEAD], b[HEAD + 31]) = (0xed, 0x7f);
            })
        }),
        row("ballot: a point and the field's order", "B01 M32", || changed("V11", "BAL-4", |_, b| b[HEAD + 31] |= 0x80)),
        row("ballot: a negative encoding", "B01 M32", || changed("V11", "BAL-4", |_, b| b[HEAD] ^= 1)),
        row("ballot: a point of Edwards25519 with torsion", "B01 M32", || {
            changed("V11", "BAL-4", |_, b| {
                b[HEAD..HEAD + 32]
                    .copy_from_slice(&hex::decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").unwrap());
            })
        }),
        row("ballot: s + l in the last scalar", "B04 M30", || {
            changed("V11", "BAL-4", |_, b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&plus_order(s));
            })
        }),
        row("ballot: s + l in a bit's response", "B04 M30", || {
            changed("V11", "BAL-4", |_, b| {
                let at = HEAD + 32 * 11;
                let s: [u8; 32] = b[at..at + 32].try_into().unwrap();
                b[at..at + 32].copy_from_slice(&plus_order(s));
            })
        }),
        row("ballot: the order itself as a scalar", "B04 M30", || {
            changed("V11", "BAL-4", |_, b| {
                let at = b.len() - 32;
                b[at..].copy_from_slice(&plus_order([0; 32]));
            })
        }),
        row("ballot: a high bit in a scalar", "B04 M30", || changed("V11", "BAL-4", |_, b| *b.last_mut().unwrap() |= 0x80)),
        row("ballot: every block flipped, one by one", "M24 A09 B01 B04", every_block),
        row("ballot: the nonce 1 is a nonce", "B02", || {
            // A = G and B = m·G + H: bad for the voter, and no fault.
            let mut i = town::opened();
            let ballot = i.ballot(5, &town::vote(0, 0));
            let bits = i.bits(ballot.district(), 0, &town::vote(0, 0)[0]);
            let m: Vec<Scalar> = town::vote(0, 0)[0].iter().map(|m| Scalar::from(*m)).collect();
            let one = i.cunning_part(ballot.context(), (ballot.district(), 0), (&m, &bits), Some(Scalar::ONE), |_| {});
            let parts = vec![one, ballot.parts()[1].clone()];
            let bytes = again(&i, &ballot, parts).bytes().to_vec();
            i.batch(vec![Item::Cast(bytes)]);
            i.cast(&[(2, town::vote(1, 1)), (8, town::vote(1, 2))]);
            i.finish();
            Case::of(i)
        }),
    ]
}

/// Forty voters, each with another block of the ballot flipped in its lowest bit.
fn every_block() -> Case {
    let mut i = Insider::new(town::setup().manifest());
    i.ceremony();
    i.open_for(40);
    let blocks = (i.manifest.ballot_len(0) - HEAD) / 32;
    let (mut items, mut rules) = (Vec::new(), std::collections::HashMap::new());
    for block in 0..blocks {
        let mut bytes = i.ballot(block, &town::vote(block % 4, 1)).bytes().to_vec();
        let at = HEAD + 32 * block;
        bytes[at] ^= 2;
        let (w, k) = if block < 18 { (4, 4) } else { (1, 2) };
        let is_point = block % 18 < w + 7 && k > 0;
        let array: [u8; 32] = bytes[at..at + 32].try_into().unwrap();
        let decodes = if is_point { Point::decode(&array).is_ok() } else { ballot::encode::scalar(array).is_ok() };
        rules.insert(i.hash_of(&Item::Cast(bytes.clone())), decodes);
        items.push(Item::Cast(bytes));
    }
    items.sort_by_key(|item| i.hash_of(item));
    let hashes: Vec<_> = items.iter().map(|item| i.hash_of(item)).collect();
    let first = i.batch(items) + 1;
    i.end();
    i.fix();
    i.result();
    let mut case = Case::of(i);
    for (at, hash) in (first..).zip(hashes) {
        case = if rules[&hash] { case.fails("V12", "BAL-5", entry(at)) } else { case.fails("V11", "BAL-4", entry(at)) };
    }
    case
}

/// Adds to a scalar in a ballot.
pub fn shift(bytes: &mut [u8], at: usize, by: Scalar) {
    let s: [u8; 32] = bytes[at..at + 32].try_into().unwrap();
    bytes[at..at + 32].copy_from_slice((ballot::encode::scalar(s).unwrap() + by).as_bytes());
}

fn batches() -> Vec<Row> {
    let (z_s, z_c) = (HEAD + MAYOR - 64, HEAD + MAYOR - 32);
    // In each pair the errors cancel under equal weights: z_s·P_0 and z_c·P_0 stand in one equation each.
    let pair = move |one: (usize, i64), two: (usize, i64)| {
        let mut i = town::opened();
        let signed = |m: i64| if m < 0 { -Scalar::from(m.unsigned_abs()) } else { Scalar::from(m as u64) };
        let (mut a, mut b) = (i.ballot(5, &town::vote(0, 0)).bytes().to_vec(), i.ballot(7, &town::vote(1, 1)).bytes().to_vec());
        shift(&mut a, one.0, signed(one.1));
        shift(&mut b, two.0, signed(two.1));
        i.cast(&[(0, town::vote(0, 0)), (2, town::vote(1, 3))]);
        let at = i.batch(vec![Item::Cast(a), Item::Cast(b)]);
        i.cast(&[(1, town::vote(0, 0)), (6, town::vote(1, 3))]);
        i.finish();
        Case::of(i).fails("V12", "BAL-5", entry(at + 1)).fails("V12", "BAL-5", entry(at + 2))
    };
    vec![
        row("two wrong proofs that cancel under equal weights", "A15 M65", move || pair((z_s, 1), (z_s, -1))),
        row("two wrong proofs that cancel across equations", "A15 M65", move || pair((z_s, 1), (z_c, -1))),
        row("two wrong proofs that cancel under weights 1 and 2", "A15 M65", move || pair((z_s, 2), (z_s, -1))),
        row("a wrong proof that cancels within itself", "A15 M65", move || {
            changed("V12", "BAL-5", move |_, b| {
                shift(b, z_s, Scalar::ONE);
                shift(b, z_c, -Scalar::ONE);
            })
        }),
        row("a wrong ballot that cancels across its contests", "A15 M65 M66", move || {
            changed("V12", "BAL-5", move |_, b| {
                let end = b.len();
                shift(b, z_s, Scalar::ONE);
                shift(b, end - 64, -Scalar::ONE);
            })
        }),
        row("one wrong ballot among three hundred", "A15 M65", move || {
            let mut i = Insider::new(town::setup().manifest());
            i.ceremony();
            i.open_for(300);
            let mut items: Vec<Item> =
                (0..299).map(|v| Item::Cast(i.ballot(v, &town::vote(v % 4, v as u32 % 4)).bytes().to_vec())).collect();
            let mut wrong = i.ballot(299, &town::vote(0, 0)).bytes().to_vec();
            shift(&mut wrong, z_c, Scalar::ONE);
            items.push(Item::Cast(wrong.clone()));
            items.sort_by_key(|item| i.hash_of(item));
            let hash = i.hash_of(&Item::Cast(wrong));
            let within = items.iter().position(|item| i.hash_of(item) == hash).unwrap();
            let at = i.batch(items) + 1 + within;
            i.end();
            i.fix();
            i.result();
            Case::of(i).fails("V12", "BAL-5", entry(at))
        }),
        row("one wrong ballot alone", "A15", move || {
            let mut i = town::opened();
            let mut a = i.ballot(5, &town::vote(0, 0)).bytes().to_vec();
            shift(&mut a, z_s, Scalar::ONE);
            let at = i.batch(vec![Item::Cast(a)]) + 1;
            i.finish();
            Case::of(i).fails("V12", "BAL-5", entry(at))
        }),
    ]
}
