//! The question before something is signed.

use crate::failure::{Failure, Outcome};
use anyhow::anyhow;
use std::io::{BufRead, IsTerminal, Write};

/// `--yes`
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct YesArgs {
    /// Do not ask; without a terminal nothing is asked anyway
    #[arg(long)]
    pub yes: bool,
}

/// Asks on a terminal; anything but `yes` stops.
pub fn ask(question: &str, yes: YesArgs) -> Outcome {
    let input = std::io::stdin();
    if yes.yes || !input.is_terminal() {
        return Ok(());
    }
    let mut error = std::io::stderr();
    write!(error, "{question} Type yes: ")?;
    error.flush()?;
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    if line.trim() == "yes" { Ok(()) } else { Err(Failure::Refused(anyhow!("not confirmed; nothing was signed"))) }
}
