//! `verifier completions` and `verifier manual`, for whoever packages the program: both follow from its own command line.

use super::{print, refuse};
use clap::Command;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the completions of a shell
#[derive(clap::Args, Debug)]
#[command(hide = true)]
pub struct Completions {
    /// bash, elvish, fish, powershell or zsh
    shell: clap_complete::Shell,
}

/// Write a manual page for each command into a folder
#[derive(clap::Args, Debug)]
#[command(hide = true)]
pub struct Manual {
    /// Is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints completions.
pub fn completions(args: &Completions, mut program: Command) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut program, "verifier", &mut text);
    print(&String::from_utf8_lossy(&text));
    ExitCode::SUCCESS
}

/// Writes the manual.
pub fn manual(args: &Manual, program: Command) -> ExitCode {
    match std::fs::create_dir_all(&args.folder).and_then(|()| clap_mangen::generate_to(program, &args.folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(2, &format!("{}: {error}", args.folder.display())),
    }
}
