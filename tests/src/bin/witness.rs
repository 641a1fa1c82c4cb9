//! A small witness as a process: `witness NAME KEY MANIFEST STATE PORT-FILE`, the key as 64 hex digits in a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name, key, manifest, state, port_file] = args.as_slice() else { anyhow::bail!("witness NAME KEY MANIFEST STATE PORT-FILE") };
    let key = ballot::encode::parse_hash(std::fs::read_to_string(key)?.trim()).context("the key is not 64 hex digits")?;
    let manifest = ballot::Manifest::from_bytes(&std::fs::read(manifest)?)?;
    let witness = e2e::witness::Witness::open(name, ed25519_dalek::SigningKey::from_bytes(&key), manifest, state.as_ref())?;
    e2e::witness::serve(witness, port_file.as_ref())
}
