//! What the file says of eIDs, their OCSP answers and time stamps. Spec: 03-manifest, 07c-evidence.

use crate::failure::{Failure, Outcome};
use crate::files;
use anyhow::{Context, anyhow};
use ballot::manifest::{Eid, OcspPolicy, Profile, StampPolicy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EidConfig {
    profile: Profile,
    anchors: Vec<PathBuf>,
    policies: Option<Vec<String>>,
    ocsp: Option<OcspPolicy>,
    stamp: Option<StampConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StampConfig {
    anchors: Vec<PathBuf>,
    clock: u64,
    policies: Vec<String>,
    seconds: u64,
}

impl EidConfig {
    /// Reads the certificates beside the file.
    pub(super) fn describe(&self, folder: &Path) -> Outcome<Eid> {
        let stamp = self.stamp.as_ref().map(|stamp| -> Outcome<StampPolicy> {
            let anchors = anchors(folder, "eid.stamp.anchors", &stamp.anchors)?;
            Ok(StampPolicy { anchors, clock: stamp.clock, policies: stamp.policies.clone(), seconds: stamp.seconds })
        });
        Ok(Eid {
            anchors: anchors(folder, "eid.anchors", &self.anchors)?,
            ocsp: self.ocsp.clone(),
            policies: self.policies.clone(),
            profile: self.profile,
            stamp: stamp.transpose()?,
        })
    }
}

/// Certificates as base64 of DER, from PEM files (of one or more) or DER files.
fn anchors(folder: &Path, name: &str, files: &[PathBuf]) -> Outcome<Vec<String>> {
    let mut anchors = Vec::new();
    for (i, file) in files.iter().enumerate() {
        let path = folder.join(file);
        let field = format!("{name}[{i}]");
        let bytes = files::read(&path).map_err(|e| e.context(field.clone()))?;
        let ders = certificates(&bytes).with_context(|| format!("{field}: {}", path.display())).map_err(Failure::Refused)?;
        anchors.extend(ders.iter().map(|der| STANDARD.encode(der)));
    }
    Ok(anchors)
}

fn certificates(file: &[u8]) -> anyhow::Result<Vec<Vec<u8>>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let ders = match std::str::from_utf8(file) {
        Ok(text) if text.contains(BEGIN) => {
            let mut ders = Vec::new();
            for block in text.split(BEGIN).skip(1) {
                let (body, _) = block.split_once(END).ok_or_else(|| anyhow!("MAN-14: a certificate without END"))?;
                let body: String = body.split_whitespace().collect();
                ders.push(STANDARD.decode(body).context("MAN-14: not base64")?);
            }
            ders
        }
        _ => vec![file.to_vec()],
    };
    match ders.iter().all(|der| is_der_sequence(der)) {
        true => Ok(ders),
        false => Err(anyhow!("MAN-14: neither a PEM nor a DER certificate")),
    }
}

/// A SEQUENCE that fills its bytes: enough to catch a wrong file; the collector and the verifier read the certificate itself.
fn is_der_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    if *first < 0x80 {
        return rest.len() == usize::from(*first);
    }
    let Some((len, body)) = rest.split_at_checked(usize::from(*first & 0x7f)) else { return false };
    len.len() <= 4 && len.iter().fold(0usize, |n, b| (n << 8) | usize::from(*b)) == body.len()
}
