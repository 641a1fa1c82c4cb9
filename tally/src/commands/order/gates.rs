//! What must be so before voting begins, beside the rules of the log. Spec: 03-manifest, GATE.

use crate::board::Board;
use crate::failure::{Failure, Outcome};
use crate::{files, refuse, when};
use ballot::Hash;
use ballot::encode::sha256;
use board::Replay;
use board::programs::Programs;
use std::path::Path;

/// How far the clocks of a member and of the collector may lie apart, in seconds.
const APART: u64 = 60;
/// Folders within folders.
const DEPTH: usize = 8;

/// GATE-1 to GATE-3.
pub fn check(board: &Board, replay: &Replay) -> Outcome {
    let Some(programs) = replay.programs() else {
        refuse!("GATE-1: no note on the board publishes programs and sources; give the order `programs` first")
    };
    let own = std::env::current_exe().map_err(|e| Failure::file(Path::new("this program"), e))?;
    if programs.find(&sha256(&files::read(&own)?)).is_none() {
        refuse!("GATE-2: this program ({}) is none of those that were published on the board", own.display());
    }
    let Some(there) = board.clock()? else {
        eprintln!("GATE-3: this board is a folder, so the collector's clock cannot be compared with ours");
        return Ok(());
    };
    let here = when::now();
    if here.abs_diff(there) > APART {
        refuse!("GATE-3: our clock says {}, the collector's {}: one of them is wrong", when::show(here), when::show(there));
    }
    Ok(())
}

/// The note of all files below a folder.
pub fn programs(dir: &Path) -> Outcome<Programs> {
    let mut found = Vec::new();
    collect(dir, "", DEPTH, &mut found)?;
    Programs::new(found).map_err(|e| Failure::Refused(e.into()))
}

fn collect(dir: &Path, before: &str, depth: usize, found: &mut Vec<(String, Hash)>) -> Outcome {
    let cannot = |e| Failure::file(dir, e);
    for item in std::fs::read_dir(dir).map_err(cannot)? {
        let path = item.map_err(cannot)?.path();
        let name = format!("{before}{}", path.file_name().unwrap_or_default().to_string_lossy());
        match (path.is_dir(), depth) {
            (true, 0) => refuse!("GATE-1: {} lies too deep", path.display()),
            (true, _) => collect(&path, &format!("{name}/"), depth - 1, found)?,
            (false, _) => found.push((name, sha256(&files::read(&path)?))),
        }
    }
    Ok(())
}
