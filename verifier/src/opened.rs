//! Challenged ballots: the whole ballot made again from its seed and selections. Spec: 06-ballot, Making one and CHAL-1.

use crate::ballot::{BallotBytes, Prefixes};
use crate::bytes::{Fault, Hash, Reader};
use crate::entry::BALLOT_HEAD;
use crate::group::{self, Point, Scalar};
use crate::manifest::Manifest;
use crate::proof::{Bases, times};
use crate::shape::Shape;
use crate::transcript::Transcript;

/// Holds a ballot against its opening: `seed`, then the integers of all parts. CHAL-1.
pub fn check(
    manifest: &Manifest,
    prefixes: &Prefixes,
    bases: &Bases,
    ballot: &BallotBytes<'_>,
    bytes: &[u8],
    opening: &[u8],
) -> Result<(), Fault> {
    let fault = |text: &str| Fault::new("CHAL-1", text);
    let mut reader = Reader::new(opening);
    let seed = reader.hash()?;
    let mut made = Reader::new(bytes).take(BALLOT_HEAD)?.to_vec();
    let parts = manifest.parts.get(usize::from(ballot.head.district)).map_or(&[][..], Vec::as_slice);
    for (number, part) in parts.iter().enumerate() {
        let (contest, list) = manifest.part(*part).ok_or_else(|| fault("no such contest"))?;
        let selection = (0..list.shape.w).map(|_| reader.u32()).collect::<Result<Vec<_>, _>>()?;
        let bits = list.shape.bits_of(contest.rule, &selection);
        let bits = bits.ok_or_else(|| fault(&format!("the selection in contest {} breaks its rule", contest.id)))?;
        let transcript = prefixes.transcript(manifest, &ballot.head, number).ok_or_else(|| fault("no such contest"))?;
        made.extend(make(&list.shape, &selection, &bits, &seed, transcript, bases));
    }
    reader.finish()?;
    if bytes == made { Ok(()) } else { Err(fault("not what the seed and the selections give")) }
}

/// The part that an honest program makes from a seed. Spec: 06-ballot, Making one; 04-proofs, BIT-1 to BIT-3.
///
/// `transcript` is the main transcript up to `previous`; `bits` are those of the selection.
pub fn make(shape: &Shape, selection: &[u32], bits: &[bool], seed: &Hash, transcript: Transcript, bases: &Bases) -> Vec<u8> {
    let mut private = transcript.clone();
    private.bytes("seed", seed);
    let absorbed: Vec<u8> = bits.iter().map(|bit| u8::from(*bit)).collect();
    private.bytes("bits", &absorbed);
    let (r, s) = (private.challenge("r"), private.challenge("s"));
    let solved = usize::from(shape.constraint.is_some());
    let mut a: Vec<Scalar> = (solved..bits.len()).map(|_| private.challenge("a")).collect();
    if let Some((row, _)) = &shape.constraint {
        let first = -row.iter().skip(1).zip(&a).map(|(l, a)| times(*l, a)).sum::<Scalar>();
        a.insert(0, first);
    }
    let [rho_r, rho_s, rho_c, rho_d] = ["rho_r", "rho_s", "rho_c", "rho_d"].map(|label| private.challenge(label));

    let mut transcript = transcript;
    let mut out = Vec::new();
    let mut send = |transcript: &mut Transcript, label: &'static str, point: &Point| {
        let bytes = group::encode(point);
        transcript.bytes(label, &bytes);
        out.extend(bytes);
    };
    // A sum over P_0 and P_1..P_k.
    let commit = |first: Scalar, rest: Vec<Scalar>| {
        let scalars: Vec<Scalar> = std::iter::once(first).chain(rest).collect();
        let (points, _) = bases.bits.split_at_checked(scalars.len()).unwrap_or((&bases.bits, &[]));
        group::msm(&scalars, points)
    };
    send(&mut transcript, "A", &group::times_g(&r));
    transcript.number("B", shape.w as u64);
    for (m, h) in selection.iter().zip(&bases.columns) {
        send(&mut transcript, "B", &(group::times_g(&Scalar::from(*m)) + r * h));
    }
    let as_scalar = |bit: &bool| Scalar::from(u8::from(*bit));
    send(&mut transcript, "V", &commit(s, bits.iter().map(as_scalar).collect()));
    let y = group::powers(&transcript.challenge("y"), shape.w);
    send(&mut transcript, "T_A", &group::times_g(&rho_r));
    let mut masked = Scalar::ZERO;
    for (bit, a) in shape.bits.iter().zip(&a) {
        if let Some(y) = usize::from(bit.integer).checked_sub(1).and_then(|i| y.get(i)) {
            masked += times(bit.coefficient, a) * y;
        }
    }
    let (columns, _) = bases.columns.split_at_checked(shape.w).unwrap_or((&bases.columns, &[]));
    send(&mut transcript, "T_B", &(group::times_g(&masked) + rho_r * group::msm(&y, columns)));
    send(&mut transcript, "T_V", &commit(rho_s, a.clone()));
    let crossed = a.iter().zip(bits).map(|(a, bit)| if *bit { -a } else { *a }).collect();
    send(&mut transcript, "C", &commit(rho_c, crossed));
    send(&mut transcript, "D", &commit(rho_d, a.iter().map(|a| -(a * a)).collect()));
    let x = transcript.challenge("x");
    for (a, bit) in a.iter().zip(bits) {
        out.extend((x * as_scalar(bit) + a).to_bytes());
    }
    for response in [x * r + rho_r, x * s + rho_s, x * rho_c + rho_d] {
        out.extend(response.to_bytes());
    }
    out
}
