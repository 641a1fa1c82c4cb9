//! Keys and signatures by the openssl program, so that nothing here is made by what is tested.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use tempfile::TempDir;

/// Runs openssl with an input; gives its output.
pub fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that fails before it has read everything says so below.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The hash of this name, as openssl calls it.
pub fn hash(name: &str, bytes: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
    let algorithm = match name {
        "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => &SHA256,
        "sha384" => &SHA384,
        "sha512" => &SHA512,
        other => panic!("{other}"),
    };
    digest(algorithm, bytes).as_ref().to_vec()
}

/// A private key in a file.
pub struct Key {
    pub file: String,
    /// SubjectPublicKeyInfo.
    pub public: Vec<u8>,
    pub kind: &'static str,
}

/// The key of a name and kind, such as `P-256` or `rsa:2048`, made once.
pub fn key(name: &'static str, kind: &'static str) -> &'static Key {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static KEYS: Mutex<Option<HashMap<(&str, &str), &'static Key>>> = Mutex::new(None);
    let folder = FOLDER.get_or_init(|| TempDir::new().unwrap()).path();
    let mut keys = KEYS.lock().unwrap();
    keys.get_or_insert_default().entry((name, kind)).or_insert_with(|| Box::leak(Box::new(make(folder, name, kind))))
}

fn make(folder: &Path, name: &str, kind: &'static str) -> Key {
    let file = folder.join(format!("{name}-{kind}.pem")).to_str().unwrap().to_owned();
    let option = match kind.split_once(':') {
        Some((_, bits)) => format!("rsa_keygen_bits:{bits}"),
        None => format!("ec_paramgen_curve:{kind}"),
    };
    let algorithm = if kind.starts_with("rsa") { "RSA" } else { "EC" };
    openssl(&["genpkey", "-quiet", "-algorithm", algorithm, "-pkeyopt", &option, "-out", &file], &[]);
    Key { public: openssl(&["pkey", "-in", &file, "-pubout", "-outform", "DER"], &[]), file, kind }
}

/// Key, hash, message.
type Made = (String, &'static str, Vec<u8>);

impl Key {
    /// ECDSA as DER, or RSA PKCS#1 v1.5.
    pub fn sign(&self, hash: &str, message: &[u8]) -> Vec<u8> {
        openssl(&["dgst", &format!("-{hash}"), "-sign", &self.file], message)
    }

    /// The same as the first time for the same message: a certificate that is made twice is one certificate.
    pub fn sign_once(&self, hash: &'static str, message: &[u8]) -> Vec<u8> {
        static MADE: Mutex<Option<HashMap<Made, Vec<u8>>>> = Mutex::new(None);
        let made = (self.file.clone(), hash, message.to_vec());
        if let Some(signature) = MADE.lock().unwrap().get_or_insert_default().get(&made) {
            return signature.clone();
        }
        let signature = self.sign(hash, message);
        MADE.lock().unwrap().get_or_insert_default().entry(made).or_insert(signature).clone()
    }

    /// RSASSA-PSS with so much salt.
    pub fn sign_pss(&self, hash: &str, salt: usize, message: &[u8]) -> Vec<u8> {
        let salt = format!("rsa_pss_saltlen:{salt}");
        openssl(&["dgst", &format!("-{hash}"), "-sign", &self.file, "-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt], message)
    }

    /// The hash that the page gives to this kind of key.
    pub fn hash(&self) -> &'static str {
        match self.kind {
            "P-256" => "sha256",
            "P-384" => "sha384",
            _ => "sha512",
        }
    }
}
