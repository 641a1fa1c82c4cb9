//! Which static files hold a log of a given size. Spec: 08-board, tiles (C2SP tlog-tiles).

use crate::tree::Tree;

/// Hashes or entries in a full tile.
pub const WIDTH: u64 = 256;

/// A tile's place: `tile/<level>/<index>[.p/<width>]`, or an entry bundle if `level` is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// Height above the entries in steps of 8; nothing for an entry bundle.
    pub level: Option<u32>,
    /// Position in the level.
    pub index: u64,
    /// 1–256; 256 is full.
    pub width: u64,
}

impl Tile {
    /// The path in the record.
    pub fn path(&self) -> String {
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        let level = self.level.map_or_else(|| "entries".to_owned(), |l| l.to_string());
        let partial = if self.width == WIDTH { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{level}/{}{partial}", groups.join("/"))
    }

    /// The number of complete subtrees of a level in a log of `size` entries.
    fn count(level: Option<u32>, size: u64) -> u64 {
        size.checked_shr(8 * level.unwrap_or(0)).unwrap_or(0)
    }

    /// The tiles of a log of `size` entries that a log of `old` entries does not have, entry bundles last.
    pub fn new_since(old: u64, size: u64) -> Vec<Self> {
        let mut tiles = Vec::new();
        let levels = (0..8).take_while(|l| Self::count(Some(*l), size) > 0).map(Some);
        for level in levels.chain([None]) {
            let (before, now) = (Self::count(level, old), Self::count(level, size));
            if now > before {
                let first = before / WIDTH;
                tiles.extend((first..now.div_ceil(WIDTH)).map(|index| Self { level, index, width: (now - index * WIDTH).min(WIDTH) }));
            }
        }
        tiles
    }

    /// All tiles of a log of `size` entries.
    pub fn all(size: u64) -> Vec<Self> {
        Self::new_since(0, size)
    }

    /// The partial tiles of a log of `old` entries that a log of `size` entries replaces.
    pub fn stale(old: u64, size: u64) -> Vec<Self> {
        let now = Self::all(size);
        Self::all(old).into_iter().filter(|t| t.width < WIDTH && !now.contains(t)).collect()
    }

    /// The hashes of a hash tile.
    pub fn hashes(&self, tree: &Tree) -> Option<Vec<u8>> {
        let level = self.level? as usize * 8;
        let first = self.index * WIDTH;
        let hashes = (first..first + self.width).map(|i| tree.node(level, i)).collect::<Option<Vec<_>>>()?;
        Some(hashes.concat())
    }
}

/// An entry bundle: each entry with its `u16` length. Nothing if an entry is too long.
pub fn bundle<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend(u16::try_from(entry.as_ref().len()).ok()?.to_be_bytes());
        out.extend(entry.as_ref());
    }
    Some(out)
}

/// Cuts an entry bundle of `width` entries; nothing if it does not fit exactly.
pub fn unbundle(mut bytes: &[u8], width: u64) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..width {
        let (len, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_tlog_tiles() {
        let path = |level, index, width| Tile { level, index, width }.path();
        assert_eq!(path(Some(0), 0, 256), "tile/0/000");
        assert_eq!(path(Some(1), 1_234_067, 256), "tile/1/x001/x234/067");
        assert_eq!(path(None, 67, 5), "tile/entries/067.p/5");
    }

    #[test]
    fn a_grown_log_has_the_same_files_as_a_fresh_one() {
        for (old, size) in [(0, 1), (1, 255), (255, 256), (256, 257), (300, 70_000), (65_536, 65_537)] {
            let mut files: Vec<_> = Tile::all(old).into_iter().filter(|t| !Tile::stale(old, size).contains(t)).collect();
            files.extend(Tile::new_since(old, size));
            files.sort();
            let mut all = Tile::all(size);
            all.sort();
            assert_eq!(files, all, "{old} to {size}");
        }
    }
}
