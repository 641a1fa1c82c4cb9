//! V3: exactly the files that there must be. Rule REC-1.

use crate::log::Log;
use crate::report::{Check, Place};
use crate::source::{self, Kind, Source};
use crate::{text, tiles};
use std::collections::BTreeSet;

/// Runs V3, for a size that the collector signed. `finished` makes the layout rigid; a live board may have more than its
/// last checkpoint calls for.
pub fn check(source: &Source, size: u64, log: Option<&Log>, finished: bool) -> Result<Check, String> {
    let mut check = Check::new("V3", "files");
    let found = source.list()?;
    let files = found.iter().filter(|(_, kind)| *kind == Kind::File).count() as u64;
    if source.is_folder() && size / tiles::WIDTH > files {
        check.look();
        check.fail(&Place::Checkpoint, "REC-1", format!("calls for {size} entries, and there are only {files} files"));
        return Ok(check);
    }
    let Some(log) = log else {
        // What blobs there must be, only the entries say.
        for path in missing_tiles(source, size) {
            check.look();
            check.fail(&Place::File(path), "REC-1", "missing");
        }
        if check.passed() {
            check.skip("needs the entries of the log");
        }
        return Ok(check);
    };
    let mut expected: BTreeSet<String> = ["manifest.json", "checkpoint"].map(str::to_owned).into();
    expected.extend(paths(size));
    expected.extend(log.blobs().map(|(_, blob, _)| source::blob_path(&blob)));
    let mut folders = BTreeSet::new();
    for path in &expected {
        folders.extend(path.match_indices('/').filter_map(|(at, _)| path.get(..at)));
    }
    for path in &expected {
        check.look();
        let there =
            if source.is_folder() { found.binary_search(&(path.clone(), Kind::File)).is_ok() } else { source.hash(path, 1 << 30).is_ok() };
        if !there {
            check.fail(&Place::File(path.clone()), "REC-1", "missing");
        }
    }
    for (path, kind) in &found {
        let text = match kind {
            Kind::File if expected.contains(path) => continue,
            Kind::Folder if folders.contains(path.as_str()) => continue,
            Kind::Other => "neither a file nor a folder",
            _ if !finished && may_be_live(path, *kind) => continue,
            Kind::File => "a file that nothing calls for",
            Kind::Folder => "a folder that nothing calls for",
        };
        // A link where a file must be is one thing, counted as missing already.
        if !expected.contains(path) {
            check.look();
        }
        check.fail(&Place::File(path.clone()), "REC-1", text);
    }
    Ok(check)
}

/// Paths of all tiles of a log.
fn paths(size: u64) -> impl Iterator<Item = String> {
    let bundles = tiles::of_level(size, 0).map(|(index, width)| tiles::bundle(index, width));
    let hashes = (0..tiles::levels(size))
        .flat_map(move |level| tiles::of_level(size, level).map(move |(index, width)| tiles::tile(level, index, width)));
    bundles.chain(hashes)
}

fn missing_tiles(source: &Source, size: u64) -> Vec<String> {
    let gone = |path: &String| matches!(source.hash(path, tiles::LARGEST_BUNDLE), Err(source::ReadError::Missing));
    paths(size).filter(gone).take(1000).collect()
}

/// A tile or a blob by its name: a live board keeps older partial tiles, and writes ahead of its checkpoint.
fn may_be_live(path: &str, kind: Kind) -> bool {
    let blob = path.strip_prefix("blob/").is_some_and(|name| text::hex32(name).is_some());
    match kind {
        Kind::File => blob || tiles::parse(path).is_some(),
        Kind::Folder => path == "blob" || path == "tile" || path.starts_with("tile/"),
        Kind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_live_board_may_hold() {
        let hex = "0a".repeat(32);
        for path in ["tile/0/000", "tile/entries/001.p/7", &format!("blob/{hex}")] {
            assert!(may_be_live(path, Kind::File) && !may_be_live(path, Kind::Other), "{path}");
        }
        for path in ["tile/0/0", "extra", "blob/more", "blob", "tile", &format!("blob/{}", hex.to_uppercase())] {
            assert!(!may_be_live(path, Kind::File), "{path}");
        }
        assert!(["blob", "tile", "tile/0", "tile/0/x001"].iter().all(|path| may_be_live(path, Kind::Folder)));
        assert!(["blob/more", "evidence", "tiles"].iter().all(|path| !may_be_live(path, Kind::Folder)));
    }
}
