//! The signed head of the log. Spec: 08-board, LOG-1 to LOG-6; C2SP tlog-checkpoint, signed-note, tlog-cosignature.

use crate::bytes::{Fault, Hash};
use crate::{sign, text};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

/// More than any list of witnesses needs.
pub const LARGEST: u64 = 1 << 20;

/// A checkpoint whose form is right and whose signatures have yet to be checked.
#[derive(Clone, Debug)]
pub struct Checkpoint<'a> {
    /// The text that is signed, with its last line end.
    pub note: &'a str,
    /// Origin line.
    pub origin: &'a str,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
    /// Signature lines: name, and key hash with signature.
    pub lines: Vec<(&'a str, Vec<u8>)>,
}

/// Reads the form: three lines, an empty one, signature lines. LOG-1, LOG-5, LOG-6.
pub fn parse(bytes: &[u8]) -> Result<Checkpoint<'_>, Fault> {
    let all = std::str::from_utf8(bytes).map_err(|_| Fault::new("LOG-6", "not UTF-8"))?;
    let split = all.find("\n\n").ok_or_else(|| Fault::new("LOG-6", "no empty line before the signatures"))?;
    let (note, rest) = all.split_at(split.saturating_add(1));
    let mut lines = note.lines();
    let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next()) else {
        let rule = if note.lines().count() > 3 { "LOG-1" } else { "LOG-6" };
        return Err(Fault::new(rule, "the note has not exactly three lines"));
    };
    if note.contains('\r') {
        return Err(Fault::new("LOG-6", "a carriage return"));
    }
    let size = text::decimal(size).ok_or_else(|| Fault::new("LOG-6", "the size is not a plain decimal number"))?;
    let root = text::base64(root).and_then(|root| Hash::try_from(root).ok());
    let root = root.ok_or_else(|| Fault::new("LOG-6", "the root is not the base64 of 32 bytes"))?;
    let signatures = rest.strip_prefix('\n').unwrap_or_default();
    let Some(signatures) = signatures.strip_suffix('\n') else {
        return Err(Fault::new("LOG-6", "no line end after the last signature"));
    };
    let lines = signatures.split('\n').map(signature_line).collect::<Result<_, _>>()?;
    Ok(Checkpoint { note, origin, size, root, lines })
}

fn signature_line(line: &str) -> Result<(&str, Vec<u8>), Fault> {
    let wrong = || Fault::new("LOG-6", "a signature line that is not a dash, a name and base64");
    let (name, blob) = line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or_else(wrong)?;
    let blob = text::base64(blob).ok_or_else(|| Fault::new("LOG-6", "a signature that is not canonical base64"))?;
    Ok((name, blob))
}

/// The first four bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ key)`. LOG-5.
pub fn key_hash(name: &str, kind: u8, key: &Hash) -> [u8; 4] {
    let hash: Hash = Sha256::new().chain_update(name).chain_update([0x0A, kind]).chain_update(key).finalize().into();
    hash.first_chunk::<4>().copied().unwrap_or_default()
}

/// Checks a collector's line. LOG-3.
pub fn collector_line(note: &str, line: &(&str, Vec<u8>), name: &str, key: &VerifyingKey) -> Result<(), Fault> {
    let fault = |text: &str| Fault::new("LOG-3", text);
    if line.0 != name {
        return Err(fault("the first signature is not the collector's"));
    }
    let (hash, signature) = line.1.split_first_chunk::<4>().ok_or_else(|| fault("too short"))?;
    if *hash != key_hash(name, 1, key.as_bytes()) {
        return Err(fault("the key hash is not that of the collector's key"));
    }
    let signature = <&[u8; 64]>::try_from(signature).map_err(|_| fault("the signature has not 64 bytes"))?;
    sign::verify_bytes(key, note.as_bytes(), signature).map_err(|fault| fault.under("LOG-3"))
}

/// Checks a witness's line. LOG-4, LOG-5.
pub fn witness_line(note: &str, line: &(&str, Vec<u8>), key: &VerifyingKey) -> Result<(), Fault> {
    let fault = |text: &str| Fault::new("LOG-4", format!("witness {}: {text}", line.0));
    let (hash, rest) = line.1.split_first_chunk::<4>().ok_or_else(|| fault("too short"))?;
    if *hash != key_hash(line.0, 4, key.as_bytes()) {
        return Err(fault("the key hash is not that of the witness's key"));
    }
    let (time, signature) = rest.split_first_chunk::<8>().ok_or_else(|| fault("too short"))?;
    let signature = <&[u8; 64]>::try_from(signature).map_err(|_| fault("a cosignature has 72 bytes"))?;
    let message = format!("cosignature/v1\ntime {}\n{note}", u64::from_be_bytes(*time));
    sign::verify_bytes(key, message.as_bytes(), signature).map_err(|_| fault("the cosignature does not verify"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use ed25519_dalek::{Signer, SigningKey};

    fn line(name: &str, kind: u8, signer: &SigningKey, time: Option<u64>, note: &str) -> String {
        let key = signer.verifying_key().to_bytes();
        let mut blob = key_hash(name, kind, &key).to_vec();
        let message = match time {
            None => note.to_owned(),
            Some(time) => {
                blob.extend(time.to_be_bytes());
                format!("cosignature/v1\ntime {time}\n{note}")
            }
        };
        blob.extend(signer.sign(message.as_bytes()).to_bytes());
        format!("\u{2014} {name} {}\n", base64::engine::general_purpose::STANDARD.encode(blob))
    }

    #[test]
    fn honest_and_corrupted() {
        let (collector, witness) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let root = base64::engine::general_purpose::STANDARD.encode([5; 32]);
        let note = format!("haal/{}\n42\n{root}\n", "0a".repeat(32));
        let text = format!("{note}\n{}{}", line("collector", 1, &collector, None, &note), line("w1", 4, &witness, Some(99), &note));
        let checkpoint = parse(text.as_bytes()).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root, checkpoint.note), (42, [5; 32], note.as_str()));
        let [first, second] = checkpoint.lines.as_slice() else { panic!("two lines") };
        collector_line(&note, first, "collector", &collector.verifying_key()).unwrap();
        witness_line(&note, second, &witness.verifying_key()).unwrap();
        assert!(collector_line(&note, second, "collector", &collector.verifying_key()).is_err());
        assert!(witness_line(&note, second, &collector.verifying_key()).is_err());
        assert!(witness_line("other\n", second, &witness.verifying_key()).is_err());
        for bad in [
            text.replace("\n42\n", "\n042\n"),
            text.replace("\n42\n", "\n42\nextension\n"),
            text.replace("\n42\n", "\r\n42\n"),
            text.replace('\u{2014}', "-"),
            text.trim_end().to_owned(),
            format!("{text}\n"),
            note.clone(),
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
