//! Bytes that are nearly right, at every place of a ballot where a point or scalar stands. Spec: 02-encoding; attacks B01–B04.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::{BallotError, BallotStyle, HEAD_LEN};
use ballot::encode::{DecodeError, Point, Reader, scalar};
use ballot::manifest::Rule;
use ballot::{ElectionKey, RistrettoPoint, Scalar};
use common::*;
use curve25519_dalek::constants::{ED25519_BASEPOINT_COMPRESSED, EIGHT_TORSION};

/// Bytes that are no canonical encoding of a ristretto255 point (RFC 9496, A.2, and relatives).
fn bad_points() -> Vec<[u8; 32]> {
    let p = {
        let mut p = [0xff; 32];
        (p[0], p[31]) = (0xed, 0x7f);
        p
    };
    let plus = |mut base: [u8; 32], n: u8| {
        base[0] += n;
        base
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut high = *point(g(Scalar::ONE)).bytes();
    high[31] |= 0x80;
    let mut bad = vec![[0xff; 32], p, plus(p, 1), plus(p, 2), one, high, ED25519_BASEPOINT_COMPRESSED.to_bytes()];
    bad.extend(EIGHT_TORSION.iter().map(|t| t.compress().to_bytes()).filter(|t| *t != [0; 32]));
    // The negative of a field element that is a good encoding: p - s.
    let good = *point(g(Scalar::from(5u8))).bytes();
    let mut borrow = 0i16;
    let negative: Vec<u8> = p
        .iter()
        .zip(&good)
        .map(|(a, b)| {
            let d = i16::from(*a) - i16::from(*b) - borrow;
            borrow = i16::from(d < 0);
            d.rem_euclid(256) as u8
        })
        .collect();
    bad.push(negative.try_into().unwrap());
    bad
}

fn sample_one() -> Sample {
    sample(&[(Rule::Choose { min: 1, max: 2, blank: true }, 3), (Rule::List {}, 9)])
}

/// Offsets of all points and of all scalars of a ballot.
fn places(style: &BallotStyle) -> (Vec<usize>, Vec<usize>) {
    let (mut points, mut scalars, mut at) = (Vec::new(), Vec::new(), HEAD_LEN);
    for shape in style.shapes() {
        for i in 0..shape.width() + shape.bits().len() + 10 {
            if i < shape.width() + 7 {
                points.push(at)
            } else {
                scalars.push(at)
            }
            at += 32;
        }
    }
    assert_eq!(at, style.ballot_len());
    (points, scalars)
}

fn patched(bytes: &[u8], at: usize, new: &[u8; 32]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + 32].copy_from_slice(new);
    bytes
}

#[test]
fn points_are_canonical_and_never_the_identity() {
    for bytes in bad_points() {
        assert_eq!(Point::decode(&bytes), Err(DecodeError::Point), "{}", hex::encode(bytes));
    }
    assert_eq!(Point::decode(&[0; 32]), Err(DecodeError::Identity));
    assert_eq!(Point::from_point(RistrettoPoint::default()), None);
    let sample = sample_one();
    let style = &sample.styles[0];
    let good = honest(&sample, &first(1), 1);
    for at in places(style).0 {
        for bytes in bad_points() {
            let read = style.decode(&patched(good.bytes(), at, &bytes));
            assert_eq!(read.unwrap_err(), BallotError::Decode(DecodeError::Point), "offset {at}");
        }
        let read = style.decode(&patched(good.bytes(), at, &[0; 32]));
        assert_eq!(read.unwrap_err(), BallotError::Decode(DecodeError::Identity), "offset {at}");
    }
}

/// B02: components that look odd and are points are judged by the proof alone, and it fails.
#[test]
fn degenerate_ciphertexts_are_refused() {
    let sample = sample_one();
    let style = &sample.styles[0];
    let good = honest(&sample, &first(1), 1);
    let h = sample.key.columns();
    for at in places(style).0 {
        for odd in [g(Scalar::ONE), *h[0].point(), -g(Scalar::ONE)] {
            let bytes = patched(good.bytes(), at, point(odd).bytes());
            assert!(style.decode(&bytes).and_then(|b| style.verify(&b, &mut rng("v"))).is_err(), "offset {at}");
        }
    }
}

/// B04: a second encoding of a response is no encoding.
#[test]
fn scalars_are_canonical() {
    // ℓ in little-endian
    let order = {
        let mut order = (-Scalar::ONE).to_bytes();
        order[0] += 1;
        order
    };
    let plus_order = |s: [u8; 32]| {
        let mut carry = 0u16;
        let sum: Vec<u8> = s
            .iter()
            .zip(order)
            .map(|(a, b)| {
                let sum = u16::from(*a) + u16::from(b) + carry;
                carry = sum >> 8;
                sum as u8
            })
            .collect();
        let sum: [u8; 32] = sum.try_into().unwrap();
        sum
    };
    for bad in [order, plus_order([0; 32]), plus_order(Scalar::ONE.to_bytes()), [0xff; 32]] {
        assert_eq!(scalar(bad), Err(DecodeError::Scalar));
    }
    let sample = sample_one();
    let style = &sample.styles[0];
    let good = honest(&sample, &first(1), 1);
    for at in places(style).1 {
        let there: [u8; 32] = good.bytes()[at..at + 32].try_into().unwrap();
        for bad in [plus_order(there), order] {
            let read = style.decode(&patched(good.bytes(), at, &bad));
            assert_eq!(read.unwrap_err(), BallotError::Decode(DecodeError::Scalar), "offset {at}");
        }
        for bit in [0x20, 0x40, 0x80] {
            let mut high = there;
            high[31] |= bit;
            assert!(style.decode(&patched(good.bytes(), at, &high)).is_err(), "offset {at}");
        }
    }
}

/// B03: a key has no identity in it, and as many columns as the manifest asks.
#[test]
fn keys_are_whole() {
    let sample = sample_one();
    let columns = sample.key.columns();
    let narrow = ElectionKey::new(sample.key.id(), columns[..columns.len() - 1].to_vec());
    let wide = ElectionKey::new(sample.key.id(), columns.iter().chain(&columns[..1]).copied().collect());
    assert!(BallotStyle::all(&sample.manifest, &narrow).is_none());
    assert!(BallotStyle::all(&sample.manifest, &wide).is_none());
}

/// B08: a count is compared with the bytes that are left before memory is taken.
#[test]
fn counts_cannot_exceed_the_bytes() {
    for count in [1u32, 2, 1 << 20, u32::MAX] {
        let mut bytes = count.to_be_bytes().to_vec();
        bytes.extend([1; 31]);
        assert_eq!(Reader::new(&bytes).list(32, Reader::point).unwrap_err(), DecodeError::Short);
    }
    assert_eq!(Reader::new(&[]).many(usize::MAX, 32, Reader::point).unwrap_err(), DecodeError::Short);
}

/// Cut anywhere or lengthened, a ballot is refused by its length alone.
#[test]
fn a_ballot_has_one_length() {
    let sample = sample_one();
    let style = &sample.styles[0];
    let good = honest(&sample, &first(1), 1);
    for len in 0..good.bytes().len() {
        assert_eq!(style.decode(&good.bytes()[..len]).unwrap_err().rule(), "BAL-1");
    }
    let longer = [good.bytes(), &[0]].concat();
    assert_eq!(style.decode(&longer).unwrap_err().rule(), "BAL-1");
}
