//! The last checkpoint that was seen, and that the board must still agree with. Attack E08.

use crate::board::Board;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::when;
use anyhow::anyhow;
use board::checkpoint::Note;
use std::path::Path;

/// The file of commands that keep no sealed state.
pub const FILE: &str = "checkpoint";

/// Refuses a board that has taken back or changed what an earlier checkpoint showed. Both signed notes are kept as evidence.
pub fn check(earlier: &str, board: &Board, folder: &Path) -> Outcome {
    let note = Note::parse(earlier).map_err(|e| Failure::file(&folder.join(FILE), format!("the last checkpoint seen: {e}")))?;
    if note.origin != board::checkpoint::origin(&board.manifest.id()) {
        let words = "this state folder belongs to another election";
        return Err(Failure::Refused(anyhow!("{}: {words}", folder.display())));
    }
    if board.tree.root_at(note.size) == Some(note.root) {
        return Ok(());
    }
    let evidence = folder.join(format!("fork-{}.txt", when::now()));
    let both = format!("Two checkpoints that contradict each other.\n\nSeen earlier:\n\n{earlier}\nSeen now:\n\n{}", board.checkpoint_text);
    files::write(&evidence, both.as_bytes(), Existing::Replace, false)?;
    let what = if board.checkpoint.size < note.size { "is shorter than" } else { "is not a continuation of" };
    Err(Failure::Refused(anyhow!(
        "E-FORK: this board ({} entries) {what} the one seen before ({} entries); both checkpoints are in {}",
        board.checkpoint.size,
        note.size,
        evidence.display()
    )))
}

/// For commands with an optional state folder: compares, and remembers the present checkpoint.
pub fn check_and_keep(folder: Option<&Path>, board: &Board) -> Outcome {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join(FILE);
    if path.exists() {
        check(&files::read_text(&path)?, board, folder)?;
    }
    files::write(&path, board.checkpoint_text.as_bytes(), Existing::Replace, false)
}
