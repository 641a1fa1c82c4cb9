//! `tally sign-manifest`

use crate::commands::new::describe;
use crate::confirm::{self, YesArgs};
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::key_file::{KeyFile, KeyRole};
use crate::minutes::{Minutes, StateArgs};
use crate::passphrase::PassphraseArgs;
use crate::refuse;
use anyhow::anyhow;
use ballot::Manifest;
use ballot::encode::Record;
use ballot::signature::{Purpose, sign};
use board::Entry;
use std::io::Write;
use std::path::PathBuf;

/// Sign the manifest as a member of the committee
///
/// Shows the election in words, signs its id, and adds the signature to a file that the members pass round. With the committee's quorum of
/// signatures the file is the first entry of the board: `collector init --signatures FILE` takes it.
#[derive(clap::Args, Debug)]
pub struct SignManifestArgs {
    /// The manifest that `tally new` made
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Sealed key file of a member; may be given several times
    #[arg(long, value_name = "KEYFILE", required = true)]
    key: Vec<PathBuf>,
    /// File of signatures; made, or extended if it is there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Show everything and sign nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: YesArgs,
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Runs `tally sign-manifest`.
pub fn run(args: &SignManifestArgs, out: &mut dyn Write) -> Outcome {
    let manifest = Manifest::from_bytes(&files::read(&args.manifest)?).map_err(Failure::from);
    let manifest = manifest.map_err(|e| e.context(args.manifest.display().to_string()))?;
    let id = manifest.id();
    let mut signatures = Vec::new();
    if args.out.exists() {
        let wrong = || Failure::file(&args.out, "not a file of signatures of a manifest");
        let Entry::Manifest { election, signatures: old } = Entry::from_bytes(&files::read(&args.out)?).map_err(|_| wrong())? else {
            return Err(wrong());
        };
        if election != id {
            refuse!("{} holds signatures of another election: {}", args.out.display(), hex::encode(election));
        }
        signatures = old;
    }
    describe(&manifest, out)?;
    writeln!(out, "Election id: {}", hex::encode(id))?;
    let mut names = Vec::new();
    if !args.dry_run {
        confirm::ask("Sign this manifest?", args.yes)?;
        for (at, path) in args.key.iter().enumerate() {
            let key = KeyFile::open(path, KeyRole::Committee, &args.passphrase.for_file(path, at)?)?;
            let member = u8::try_from(key.index(&manifest)?).map_err(|_| Failure::Refused(anyhow!("MAN-3: member above 255")))?;
            signatures.retain(|(m, _)| *m != member);
            signatures.push((member, sign(&key.signing, Purpose::Manifest, &id, &[])));
            names.push(key.name.clone());
        }
        signatures.sort_by_key(|(m, _)| *m);
        files::write(&args.out, &Entry::Manifest { election: id, signatures: signatures.clone() }.to_bytes(), Existing::Replace, false)?;
        let what = format!("sign-manifest: election id {} signed by {}", hex::encode(id), names.join(", "));
        Minutes::of(args.state.state.as_deref()).write(&what)?;
        writeln!(out, "Signed by {}; written to {}.", names.join(", "), args.out.display())?;
    }
    let needed = manifest.description().committee.quorum;
    match manifest.check_committee(Purpose::Manifest, &[], &signatures) {
        Ok(()) => writeln!(out, "It has the {needed} signatures that it needs.")?,
        Err(e) => writeln!(out, "Not enough yet: {e}.")?,
    }
    Ok(())
}
