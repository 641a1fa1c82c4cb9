//! `tally post`

use crate::board::{BoardArgs, wait_until_shown};
use crate::failure::{Failure, Outcome};
use crate::minutes::{Minutes, StateArgs, short};
use crate::submission::Submission;
use ballot::encode::sha256;
use std::io::Write;
use std::path::PathBuf;

/// Post files that were made with --out
///
/// Each file is an order or a post with what it names; nothing is signed here, so no key is needed, and any machine will do. A folder
/// stands for the files *.post in it, in the order of their names. What stands on the board already is not added again.
#[derive(clap::Args, Debug)]
pub struct PostArgs {
    #[command(flatten)]
    board: BoardArgs,
    /// Files made with --out, or folders of such
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Do not wait until a cosigned checkpoint shows them
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `tally post`.
pub fn run(args: &PostArgs, out: &mut dyn Write) -> Outcome {
    let url = args.board.url()?;
    let manifest = args.board.connect()?.manifest;
    let minutes = Minutes::of(args.state.state.as_deref());
    let mut paths = Vec::new();
    for path in &args.files {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let listed = std::fs::read_dir(path).map_err(|e| Failure::file(path, e))?;
        let mut found: Vec<PathBuf> =
            listed.filter_map(|f| Some(f.ok()?.path())).filter(|f| f.extension().is_some_and(|e| e == "post")).collect();
        found.sort();
        paths.extend(found);
    }
    let submissions = paths.iter().map(|p| Submission::read(p)).collect::<Outcome<Vec<_>>>()?; // all are read before the first is sent
    let mut last = None;
    for (path, submission) in paths.iter().zip(&submissions) {
        let index = submission.post(url).map_err(|e| e.context(path.display().to_string()))?;
        writeln!(out, "{}: entry {index}", path.display())?;
        minutes.write(&format!("post: {} ({}) posted as entry {index}", path.display(), short(&sha256(&submission.entry))))?;
        last = last.max(Some(index));
    }
    if let (Some(index), false) = (last, args.no_wait) {
        let patience = 30 + 2 * manifest.description().board.batch_seconds;
        match wait_until_shown(url, &manifest, index, patience) {
            true => writeln!(out, "A cosigned checkpoint shows them.")?,
            false => writeln!(out, "No cosigned checkpoint has shown them within {patience} seconds.")?,
        }
    }
    Ok(())
}
