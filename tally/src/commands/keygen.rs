//! `tally keygen`

use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::key_file::{KeyFile, KeyRole};
use crate::minutes::Minutes;
use crate::passphrase::PassphraseArgs;
use crate::refuse;
use ballot::text;
use std::io::Write;
use std::path::PathBuf;

/// Make the keys of a committee member, mixer or trustee
///
/// Writes DIR/NAME.key.age, sealed with a passphrase (age format; `age --decrypt` opens it), and DIR/NAME.public.json, which goes to
/// whoever writes the election's TOML file. Existing files are never replaced. Copy the sealed file to a second medium of another
/// kind, and open both copies before the election opens: `tally ceremony drill` uses the keys without decrypting anything.
#[derive(clap::Args, Debug)]
pub struct KeygenArgs {
    /// For whom
    #[arg(long)]
    role: KeyRole,
    /// Name in the manifest: `[a-z0-9][a-z0-9._-]{0,63}`, unique over all roles
    #[arg(long)]
    name: String,
    /// Folder for the two files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Runs `tally keygen`.
pub fn run(args: &KeygenArgs, out: &mut dyn Write) -> Outcome {
    if !text::is_id(&args.name) {
        return Err(Failure::Usage(format!("--name {:?}: a name is [a-z0-9][a-z0-9._-]{{0,63}}", args.name)));
    }
    let secret_path = args.out.join(format!("{}.key.age", args.name));
    let public_path = args.out.join(format!("{}.public.json", args.name));
    for path in [&secret_path, &public_path] {
        if path.exists() {
            refuse!("{} exists; a key is never replaced", path.display());
        }
    }
    let passphrase = args.passphrase.for_new(&secret_path)?;
    let key = KeyFile::generate(args.role, &args.name);
    key.save(&secret_path, &passphrase)?;
    KeyFile::open(&secret_path, args.role, &passphrase)?; // before anyone relies on it
    let public = serde_json::to_string(&key.public()).map_err(|e| Failure::file(&public_path, e))?;
    files::write(&public_path, format!("{public}\n").as_bytes(), Existing::Keep, false)?;
    let signs = hex::encode(key.public().key.0);
    Minutes::of(Some(&args.out)).write(&format!("keygen: {} key {:?} made, public key {signs}", args.role.name(), args.name))?;
    writeln!(out, "Secret: {}\nPublic: {}\nKey:    {signs}", secret_path.display(), public_path.display())?;
    Ok(())
}
