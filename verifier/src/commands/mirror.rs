//! `verifier mirror`. Spec: 15-watching, Mirroring.

use super::follow::{Watch, follow};
use std::path::PathBuf;
use std::process::ExitCode;
use verifier::watch::follow::Options;
use verifier::watch::shared::Common;
use verifier::watch::{disk, server};

/// Serve a verified copy of an election's board
///
/// Follows the board like `verifier follow`, and serves the copy under the same paths. It serves only what it has verified,
/// under the checkpoint that it has verified last, so a mirror's record verifies like the original. Until it has looked through
/// its folder it answers 503.
///
///   verifier mirror https://board.example.org/board --out copy --listen 0.0.0.0:8080
///
/// Exit status: as `verifier follow`, when it is stopped.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// URL of the board
    url: String,
    /// Folder for the copy, checkpoints and alarms
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    watch: Watch,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR")]
    listen: String,
    /// Write the address that it listens on into this file
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

/// Follows and serves.
pub fn run(args: Args) -> ExitCode {
    let common = Common::default();
    let serve = || {
        let lock = disk::lock(&args.out)?;
        server::mirror(args.out.join("record"), common.clone(), &args.listen, args.port_file.as_deref()).map(|()| lock)
    };
    match serve() {
        Ok(lock) => follow(Options { forever: true, ..args.watch.options(args.url, args.out) }, common, lock),
        Err(error) => super::refuse(2, &error),
    }
}
