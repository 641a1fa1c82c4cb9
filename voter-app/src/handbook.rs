//! Shell completions and manual pages of a program, made from its own command line. `collector` and `tally` read this file too.

use clap_complete::Shell;
use std::path::PathBuf;

/// Commands that package builders need; hidden from voters and officials.
#[derive(Debug, clap::Subcommand)]
pub enum Handbook {
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: Shell,
    },
    /// Write a manual page for each command into a folder
    #[command(hide = true)]
    Manual {
        /// Is made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl Handbook {
    /// What is to be printed for the program with this command line; the manual is written.
    pub fn make(&self, mut program: clap::Command) -> std::io::Result<Vec<u8>> {
        let mut printed = Vec::new();
        match self {
            Self::Completions { shell } => {
                let name = program.get_name().to_owned();
                clap_complete::generate(*shell, &mut program, name, &mut printed);
            }
            Self::Manual { folder } => {
                std::fs::create_dir_all(folder)?;
                clap_mangen::generate_to(program, folder)?;
            }
        }
        Ok(printed)
    }
}
