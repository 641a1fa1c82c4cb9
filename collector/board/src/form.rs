//! What a mix, an intent or an opening looks like from outside, before any point in it is read. Spec: 13-http, HTTP-7; 09, 10 for the layouts.

use crate::post::PostKind;
use ballot::encode::{DecodeError, Reader};

/// Type, version, and a length that fits what the head says. Messages of the ceremony are judged whole by [`crate::ceremony`].
pub fn check(kind: PostKind, blob: &[u8]) -> Result<(), DecodeError> {
    let mut input = Reader::new(blob);
    match kind {
        PostKind::Mix => {
            input.head(38)?;
            input.bytes(4 + 2 + 2 + 32)?; // unit, stage, mixer, input
            let (n, w) = size(&mut input)?;
            exactly(&input, n * (w + 1) + 5 * n + w + 8)
        }
        PostKind::Opening => {
            input.head(40)?;
            input.bytes(2 + 4 + 32)?; // trustee, unit, stage
            let (n, w) = size(&mut input)?;
            exactly(&input, n * w + 3)
        }
        PostKind::Intent => {
            input.head(39)?;
            input.bytes(2 + 8 + 32 + 32)?; // trustee, size, root, counted set
            let units: Vec<u32> = input.list(36, |i| {
                let unit = i.u32()?;
                i.bytes(32)?;
                Ok(unit)
            })?;
            input.end()?;
            if units.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(DecodeError::Order) }
        }
        _ => Ok(()),
    }
}

/// `u32 N ‖ u16 w`
fn size(input: &mut Reader<'_>) -> Result<(u64, u64), DecodeError> {
    Ok((input.u32()?.into(), input.u16()?.into()))
}

/// So many points and scalars are left, no more and no fewer. At most 2^49 of them: nothing overflows.
fn exactly(input: &Reader<'_>, items: u64) -> Result<(), DecodeError> {
    match (input.left() as u64).cmp(&(32 * items)) {
        std::cmp::Ordering::Less => Err(DecodeError::Short),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(DecodeError::Trailing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` rows of `w` columns with `items` points and scalars after the head.
    fn message(kind: u8, before: usize, (n, w): (u32, u16), items: usize) -> Vec<u8> {
        [&[kind, 1][..], &vec![0; before], &n.to_be_bytes(), &w.to_be_bytes(), &vec![0; 32 * items]].concat()
    }

    #[test]
    fn mixes_and_openings_have_the_length_that_they_say() {
        for (kind, byte, before, size, items) in
            [(PostKind::Mix, 38, 40, (3, 2), 3 * 3 + 15 + 10), (PostKind::Opening, 40, 38, (3, 2), 9), (PostKind::Mix, 38, 40, (0, 0), 8)]
        {
            let good = message(byte, before, size, items);
            assert_eq!(check(kind, &good), Ok(()));
            assert_eq!(check(kind, &[good.as_slice(), &[0]].concat()), Err(DecodeError::Trailing));
            assert_eq!(check(kind, &good[..good.len() - 1]), Err(DecodeError::Short));
            assert_eq!(check(kind, &good[..20]), Err(DecodeError::Short));
            assert_eq!(check(kind, b""), Err(DecodeError::Short));
            assert_eq!(check(kind, &message(byte + 1, before, size, items)), Err(DecodeError::Type));
            assert_eq!(check(kind, &message(byte, before, (u32::MAX, u16::MAX), items)), Err(DecodeError::Short));
        }
    }

    #[test]
    fn intents_are_whole_and_sorted() {
        let intent = |units: &[u32]| {
            let lines = units.iter().flat_map(|u| [&u.to_be_bytes()[..], &[7; 32]].concat());
            [&[39, 1][..], &[0; 74], &(units.len() as u32).to_be_bytes()].concat().into_iter().chain(lines).collect::<Vec<u8>>()
        };
        assert_eq!(check(PostKind::Intent, &intent(&[])), Ok(()));
        assert_eq!(check(PostKind::Intent, &intent(&[0, 4])), Ok(()));
        assert_eq!(check(PostKind::Intent, &intent(&[4, 0])), Err(DecodeError::Order));
        assert_eq!(check(PostKind::Intent, &intent(&[4, 4])), Err(DecodeError::Order));
        assert_eq!(check(PostKind::Intent, &intent(&[4])[..100]), Err(DecodeError::Short));
        assert_eq!(check(PostKind::Intent, &[intent(&[4]), vec![1]].concat()), Err(DecodeError::Trailing));
        assert_eq!(check(PostKind::Intent, b"garbage"), Err(DecodeError::Type));
    }
}
