//! `collector keygen`: the log key, which signs checkpoints and promises.

use crate::data::write_key;
use anyhow::{Context, Result, ensure};
use ed25519_dalek::SigningKey;
use std::fs;
use std::path::Path;
use zeroize::Zeroizing;

pub fn run(out: &Path, name: &str) -> Result<()> {
    ensure!(ballot::text::is_id(name), "{name:?} is not a name: lower-case letters, digits, dot, dash, underscore");
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let key = SigningKey::from_bytes(&seed);
    write_key(out, &key)?;
    let public = out.with_file_name(format!("{name}.public.json"));
    let text = serde_json::json!({ "name": name, "key": hex::encode(key.verifying_key().as_bytes()) });
    fs::write(&public, format!("{text}\n")).with_context(|| format!("cannot write {}", public.display()))?;
    println!("secret key: {}\npublic key: {}", out.display(), public.display());
    Ok(())
}
