//! What a manifest allows and nobody could carry out: messages that would not fit into a blob. Specs: 05, 09, 08 ENTRY-7.

use crate::failure::Outcome;
use crate::refuse;
use ballot::Manifest;
use board::{PostKind, Roll};

/// Every message of the ceremony must fit into its blob: it is better to hear of it before the manifest is signed than on the day of the ceremony.
pub fn check(manifest: &Manifest) -> Outcome {
    let (n, t) = manifest.trustees();
    let w = manifest.columns();
    for (kind, bytes) in ceremony(n as u64, t as u64, w as u64) {
        let most = kind.blob_limit();
        if bytes > most {
            refuse!(
                "ENTRY-7: with {n} trustees, threshold {t} and {w} columns (the widest contest) a {} would have {bytes} bytes, and {most} are \
                 allowed: nobody could make the key of this election. Take fewer trustees, or fewer options in the widest contest.",
                kind.name()
            );
        }
    }
    Ok(())
}

/// Bytes of the messages that grow with `n` trustees, threshold `t` and `w` columns (05).
fn ceremony(n: u64, t: u64, w: u64) -> [(PostKind, u64); 3] {
    [(PostKind::Reveal, 68 + 96 * w * t), (PostKind::Deal, 36 + n * (32 + 32 * w + 16)), (PostKind::Drill, 40 + 128 * w)]
}

/// Every unit that could come about must fit into a mix, and so into an opening, which is smaller.
pub fn check_roll(manifest: &Manifest, roll: &Roll) -> Outcome {
    let d = manifest.description();
    let mut voters = vec![0u64; d.districts.len()];
    for line in roll.lines() {
        voters.get_mut(usize::from(line.district)).into_iter().for_each(|n| *n += 1);
    }
    for (district, (d_id, voters)) in d.districts.iter().map(|d| &d.id).zip(&voters).enumerate() {
        for &item in manifest.style(district) {
            let (Some(shape), Some((contest, _))) = (manifest.shape(item), manifest.contest(item)) else { continue };
            let bytes = largest_mix(*voters, d.k_min, shape.width() as u64);
            if shape.rule().is_mixed() && bytes > PostKind::Mix.blob_limit() {
                refuse!(
                    "ENTRY-7: district {d_id} has {voters} voters, and a mix of contest {} for so many could have {bytes} bytes, where {} are \
                     allowed: the ballots could never be opened. Make smaller districts.",
                    contest.id,
                    PostKind::Mix.blob_limit()
                );
            }
        }
    }
    Ok(())
}

/// Bytes of a mix (09) of the largest unit with a district of so many voters: before it the unit has fewer than `k_min` ballots, and fewer
/// than `k_min` may be left over and join (10, UNIT).
fn largest_mix(voters: u64, k_min: u64, w: u64) -> u64 {
    let rows = voters + 2 * k_min;
    48 + 32 * (rows * (w + 6) + w + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let fits = |(kind, bytes): (PostKind, u64)| bytes <= kind.blob_limit();
        assert!(ceremony(1000, 667, 16).into_iter().all(fits) && ceremony(7, 4, 501).into_iter().all(fits));
        assert!(!fits(ceremony(40, 22, 501)[0]) && fits(ceremony(40, 22, 501)[1]) && !fits(ceremony(66, 2, 501)[1]));
        let most = PostKind::Mix.blob_limit();
        assert!(largest_mix(1_000_000, 1000, 1) <= most && largest_mix(4_790_000, 1, 1) <= most && largest_mix(4_800_000, 1, 1) > most);
    }
}
