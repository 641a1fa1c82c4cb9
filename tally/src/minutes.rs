//! The minutes write themselves: one readable line for everything that was signed, posted or refused in a state folder.

use crate::failure::{Failure, Outcome};
use crate::when;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// `--state` of commands that can do without one.
#[derive(clap::Args, Clone, Debug)]
pub struct StateArgs {
    /// Folder for minutes.md and the last checkpoint seen, against which the board is compared the next time
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// `minutes.md` of a state folder, or nothing.
#[derive(Clone, Debug)]
pub struct Minutes {
    path: Option<PathBuf>,
}

impl Minutes {
    /// The minutes of a folder; without one, nothing is kept.
    pub fn of(folder: Option<&Path>) -> Self {
        Self { path: folder.map(|f| f.join("minutes.md")) }
    }

    /// Appends a line: time, and what happened.
    pub fn write(&self, what: &str) -> Outcome {
        let Some(path) = &self.path else { return Ok(()) };
        let append = || -> std::io::Result<()> {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            let title = if file.metadata()?.len() == 0 { "# Minutes\n\nTimes are UTC, by the clock of this machine.\n\n" } else { "" };
            file.write_all(format!("{title}- {} {}\n", when::show(when::now()), what.replace('\n', " ")).as_bytes())?;
            file.sync_all()
        };
        append().map_err(|e| Failure::file(path, e))
    }
}

/// The first digits of a hash, for lines that people compare.
pub fn short(hash: &[u8]) -> String {
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}
