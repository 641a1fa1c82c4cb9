//! What a roll allows and nobody could carry out: mixes that would not fit into a blob. Specs: 09, 08 ENTRY-7.

use crate::failure::Outcome;
use crate::refuse;
use ballot::Manifest;
use board::changes::Rolls;
use board::{PostKind, Roll};

/// Every unit that could come about must fit into a mix, and so into an opening, which is smaller.
pub fn check_roll(manifest: &Manifest, roll: &Roll) -> Outcome {
    check(manifest, roll.lines().iter().map(|line| line.district))
}

/// The same when the roll has changed: whoever ever stood in a district may have the last ballot there.
pub fn check_rolls(manifest: &Manifest, rolls: &Rolls) -> Outcome {
    check(manifest, rolls.placed())
}

/// `placed` has a district for each voter.
fn check(manifest: &Manifest, placed: impl Iterator<Item = u16>) -> Outcome {
    let d = manifest.description();
    let mut voters = vec![0u64; d.districts.len()];
    for district in placed {
        voters.get_mut(usize::from(district)).into_iter().for_each(|n| *n += 1);
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
        let most = PostKind::Mix.blob_limit();
        assert!(largest_mix(1_000_000, 1000, 1) <= most && largest_mix(4_790_000, 1, 1) <= most && largest_mix(4_800_000, 1, 1) > most);
    }
}
