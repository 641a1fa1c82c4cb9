//! Names and contents of tiles. Spec: 08-board, Log; C2SP tlog-tiles.

use crate::bytes::{Fault, Reader};

/// Entries of a bundle, hashes of a tile.
pub const WIDTH: u64 = 256;
/// No bundle is longer: 256 entries of 65,535 bytes with their lengths.
pub const LARGEST_BUNDLE: u64 = WIDTH * (2 + 0xFFFF);

/// `x001/x234/067`, with `.p/<width>` if partial.
fn index_path(index: u64, width: u64) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let path = groups.join("/");
    if width == WIDTH { path } else { format!("{path}.p/{width}") }
}

/// Path of a hash tile.
pub fn tile(level: u32, index: u64, width: u64) -> String {
    format!("tile/{level}/{}", index_path(index, width))
}

/// Path of an entry bundle.
pub fn bundle(index: u64, width: u64) -> String {
    format!("tile/entries/{}", index_path(index, width))
}

/// `(index, width)` of each tile of one level of a log of `size` entries.
pub fn of_level(size: u64, level: u32) -> impl Iterator<Item = (u64, u64)> {
    let hashes = size.checked_shr(8 * level).unwrap_or(0);
    let (full, rest) = (hashes / WIDTH, hashes % WIDTH);
    (0..full).map(|index| (index, WIDTH)).chain((rest > 0).then_some((full, rest)))
}

/// Levels that a log of `size` entries has.
pub fn levels(size: u64) -> u32 {
    (0..8).take_while(|level| size.checked_shr(8 * level).unwrap_or(0) > 0).count() as u32
}

/// Is this path of the form that some tile has? `(level or none for entries, index, width)`.
pub fn parse(path: &str) -> Option<(Option<u32>, u64, u64)> {
    let rest = path.strip_prefix("tile/")?;
    let (level, rest) = rest.split_once('/')?;
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, crate::text::decimal(width)?),
        None => (rest, WIDTH),
    };
    let index = groups
        .split('/')
        .try_fold(0u64, |index, group| index.checked_mul(1000)?.checked_add(group.trim_start_matches('x').parse().ok()?))?;
    let level = if level == "entries" { None } else { Some(u32::try_from(crate::text::decimal(level)?).ok()?) };
    let again = match level {
        None => bundle(index, width),
        Some(level) => tile(level, index, width),
    };
    (again == path && (1..=WIDTH).contains(&width)).then_some((level, index, width))
}

/// The entries of a bundle that must hold `width` of them. REC-2.
pub fn entries(bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut found = Vec::with_capacity(256);
    for _ in 0..width {
        let at = reader.at();
        let entry = reader.u16().and_then(|length| reader.take(usize::from(length)));
        found.push(entry.map_err(|fault| Fault::new("REC-2", format!("the entry that begins here: {}", fault.text)).at(at))?);
    }
    reader.finish().map_err(|fault| fault.under("REC-2"))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(tile(0, 0, 256), "tile/0/000");
        assert_eq!(bundle(1067, 12), "tile/entries/x001/067.p/12");
        assert_eq!(tile(2, 1_234_067, 256), "tile/2/x001/x234/067");
        for path in ["tile/0/000", "tile/entries/x001/067.p/12", "tile/2/x001/x234/067", "tile/1/999.p/1"] {
            assert!(parse(path).is_some(), "{path}");
        }
        for path in ["tile/0/0", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/00/000", "tile/a/000", "tile/0/x001/67"] {
            assert!(parse(path).is_none(), "{path}");
        }
    }

    #[test]
    fn tiles_of_a_size() {
        assert_eq!(levels(0), 0);
        assert_eq!(levels(255), 1);
        assert_eq!(levels(256), 2);
        assert_eq!(of_level(600, 0).collect::<Vec<_>>(), [(0, 256), (1, 256), (2, 88)]);
        assert_eq!(of_level(600, 1).collect::<Vec<_>>(), [(0, 2)]);
        assert_eq!(of_level(512, 0).count(), 2);
    }

    #[test]
    fn bundles_are_exact() {
        let bytes = [0, 1, 7, 0, 2, 8, 9];
        assert_eq!(entries(&bytes, 2).unwrap(), [&[7u8][..], &[8, 9]]);
        assert!(entries(&bytes, 1).is_err() && entries(&bytes, 3).is_err());
    }
}
