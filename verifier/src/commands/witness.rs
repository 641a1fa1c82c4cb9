//! `verifier witness`. Spec: 15-watching, Witnessing.

use super::follow::{Watch, follow};
use super::refuse;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use verifier::watch::follow::Options;
use verifier::watch::shared::Common;
use verifier::watch::witness::{Witness, new_key, read_key};
use verifier::watch::{disk, server};

/// Cosign the checkpoints of an election (C2SP tlog-witness)
///
/// Follows the board like `verifier follow`, and answers the collector's POST /add-checkpoint with a cosignature, if the
/// checkpoint goes on from the one that it cosigned last. Refuses (503) while an alarm fork, changed or failed stands, and
/// when the log that it cosigned cannot be followed.
///
///   verifier witness --new-key witness.key --name w1                 (prints the public key for the manifest)
///   verifier witness https://board.example.org/board --key witness.key --name w1 --listen 0.0.0.0:8080 --out w1
///   age -d witness.key.age | verifier witness https://… --key - --name w1 --listen 0.0.0.0:8080 --out w1
///
/// --out holds what was cosigned last. Keep it: a witness that has forgotten could sign another log, so with a lost,
/// damaged or older state it does not start.
///
/// Exit status: as `verifier follow`, when it is stopped.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// URL of the board
    #[arg(required_unless_present = "new_key")]
    url: Option<String>,
    /// Folder for the copy, checkpoints, alarms, and what was cosigned
    #[arg(long, value_name = "DIR", required_unless_present = "new_key")]
    out: Option<PathBuf>,
    #[command(flatten)]
    watch: Watch,
    /// File with the key, which only its owner may read; - for the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "new_key", required_unless_present = "new_key")]
    key: Option<PathBuf>,
    /// Make a key and stop
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    new_key: Option<PathBuf>,
    /// Name of the witness in the manifest
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", required_unless_present = "new_key")]
    listen: Option<String>,
    /// Write the address that it listens on into this file
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

/// Makes a key, or serves.
pub fn run(args: Args) -> ExitCode {
    if let Some(file) = &args.new_key {
        return match new_key(file, &args.name) {
            Ok(public) => {
                super::print(&(public + "\n"));
                ExitCode::SUCCESS
            }
            Err(error) => refuse(2, &error),
        };
    }
    let (Some(url), Some(out), Some(key), Some(listen)) = (args.url, args.out, args.key, args.listen) else {
        return refuse(64, "a witness needs a URL, --out, --key and --listen");
    };
    let common = Common::default();
    let serve = || {
        let key = read_key(&key)?;
        // First, or another process could sign after the state was read.
        let lock = disk::lock(&out)?;
        let witness = Witness::open(&out, &args.name, key, args.watch.patience, common.clone())?;
        server::witness(Arc::new(witness), &listen, args.port_file.as_deref()).map(|()| lock)
    };
    match serve() {
        Ok(lock) => follow(Options { forever: true, ..args.watch.options(url, out) }, common.clone(), lock),
        Err(error) => refuse(2, &error),
    }
}
