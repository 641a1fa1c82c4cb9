//! `collector container`: what is in a container that others have signed. Spec: 07d-digidoc.

use anyhow::{Context, Result};
use envelope::Certificate;
use envelope::digidoc::{self, Signature};
use std::fs;
use std::path::{Path, PathBuf};

pub fn run(file: &Path, trust: &[PathBuf]) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let mut anchors = Vec::new();
    for path in trust {
        let text = String::from_utf8(read(path)?).with_context(|| path.display().to_string())?;
        anchors.extend(Certificate::list_from_pem(&text).with_context(|| path.display().to_string())?);
    }
    let container = digidoc::open(&read(file)?).context("the container is refused")?;
    for file in container.files() {
        println!("file {} {} bytes", plain(&file.name), file.data.len());
    }
    let mut vouched = true;
    for (at, signature) in container.signatures().iter().enumerate() {
        println!("signature {}", at + 1);
        vouched &= describe(signature, &anchors);
    }
    println!("every signature holds, each over every file");
    anyhow::ensure!(anchors.is_empty() || vouched, "not every signer has a path to the authorities given");
    println!(
        "{}",
        if anchors.is_empty() {
            "who the signers are nobody has vouched for: name authorities with --trust"
        } else {
            "authorities vouch for every signer"
        }
    );
    Ok(())
}

/// Prints a signature; true if a path leads to an authority at the time that the signer's clock said.
fn describe(signature: &Signature, anchors: &[Certificate]) -> bool {
    println!("  signer {}", plain(&signature.certificate().subject()));
    println!("  signed {} by the signer's clock", signature.signing_time_text());
    for one in signature.unsigned() {
        println!("  beside it {} {} bytes, not judged", plain(&one.kind), one.bytes.len());
    }
    if anchors.is_empty() {
        return false;
    }
    match signature.accept(anchors, signature.signing_time()) {
        Ok(()) => println!("  vouched for at that time; whether the certificate was revoked is not judged"),
        Err(error) => {
            println!("  nobody vouches: {error}");
            return false;
        }
    }
    true
}

/// Others' text on a terminal: letters, digits and what ASCII has to see; the rest by its number.
fn plain(text: &str) -> String {
    let shown = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
    text.chars().map(|c| if shown(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}
