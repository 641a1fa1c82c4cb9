//! PKCS#12 files (RFC 7292): keys and certificates under a password, as OpenSSL 3 and browsers write them. Spec: 07a, ENV-46, ENV-47.
//!
//! Only today's protection is read: SHA-2 and AES. The library that does the cryptography wipes its keys; what is decrypted here is wiped too.

use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::{digest, hmac, iv::FixedLength, pbkdf2};
use der::asn1::{Any, AnyRef, ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{Decode, Encode, Sequence};
use std::num::NonZeroU32;
use x509_cert::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::{Certificate, EnvelopeError, Identity};

const LONGEST: usize = 64 * 1024;
const MOST_ROUNDS: u32 = 5_000_000;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const ENCRYPTED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");

#[derive(Sequence)]
struct Pfx<'a> {
    version: u8,
    safe: ContentInfo<'a>,
    mac: Option<MacData<'a>>,
}

#[derive(Sequence)]
struct ContentInfo<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: AnyRef<'a>,
}

#[derive(Sequence)]
struct MacData<'a> {
    digest: DigestInfo<'a>,
    salt: &'a OctetStringRef,
    #[asn1(default = "one")]
    rounds: u32,
}

fn one() -> u32 {
    1
}

#[derive(Sequence)]
struct DigestInfo<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    value: &'a OctetStringRef,
}

#[derive(Sequence)]
struct EncryptedData<'a> {
    version: u8,
    content: EncryptedContent<'a>,
}

#[derive(Sequence)]
struct EncryptedContent<'a> {
    kind: ObjectIdentifier,
    algorithm: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    bytes: &'a OctetStringRef,
}

#[derive(Sequence)]
struct SafeBag<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: AnyRef<'a>,
    attributes: Option<SetOfVec<Any>>,
}

#[derive(Sequence)]
struct CertificateBag<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: &'a OctetStringRef,
}

#[derive(Sequence)]
struct EncryptedKey<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    bytes: &'a OctetStringRef,
}

#[derive(Sequence)]
struct Pbes2<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    encryption: AlgorithmIdentifierRef<'a>,
}

#[derive(Sequence)]
struct Pbkdf2<'a> {
    salt: &'a OctetStringRef,
    rounds: u32,
    key_length: Option<u16>,
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

/// Keys and certificates found so far.
#[derive(Default)]
struct Found {
    keys: Vec<Zeroizing<Vec<u8>>>,
    certificates: Vec<Certificate>,
}

fn refuse<E>(what: &'static str) -> impl Fn(E) -> EnvelopeError {
    move |_| EnvelopeError::Pkcs12(what)
}

/// Opens a file: every key whose certificate is in it too, with the certificates of authorities beside. ENV-46, ENV-47, ENV-43.
pub fn open(bytes: &[u8], password: &str) -> Result<Vec<Identity>, EnvelopeError> {
    if bytes.len() > LONGEST {
        return Err(EnvelopeError::Pkcs12("too long"));
    }
    let file = Pfx::from_der(bytes).map_err(refuse("not DER of the right form"))?;
    if file.version != 3 {
        return Err(EnvelopeError::Pkcs12("not version 3"));
    }
    let safe = octets(&file.safe)?;
    check_mac(&file.mac.ok_or(EnvelopeError::Pkcs12("no MAC"))?, safe, password)?;

    let mut found = Found::default();
    for part in Vec::<ContentInfo<'_>>::from_der(safe).map_err(refuse("contents"))? {
        match part.kind {
            DATA => found.read(octets(&part)?, password)?,
            ENCRYPTED_DATA => {
                let sealed: EncryptedData<'_> = part.content.decode_as().map_err(refuse("encrypted contents"))?;
                found.read(&decrypt(&sealed.content.algorithm, sealed.content.bytes.as_bytes(), password)?, password)?;
            }
            _ => return Err(EnvelopeError::Pkcs12("contents of another kind")),
        }
    }
    found.identities()
}

fn octets<'a>(info: &ContentInfo<'a>) -> Result<&'a [u8], EnvelopeError> {
    if info.kind != DATA {
        return Err(EnvelopeError::Pkcs12("not protected by a password"));
    }
    let octets: &OctetStringRef = info.content.decode_as().map_err(refuse("contents"))?;
    Ok(octets.as_bytes())
}

impl Found {
    /// Reads the bags of one content.
    fn read(&mut self, contents: &[u8], password: &str) -> Result<(), EnvelopeError> {
        for bag in Vec::<SafeBag<'_>>::from_der(contents).map_err(refuse("bags"))? {
            match bag.kind {
                KEY_BAG => self.keys.push(Zeroizing::new(bag.value.to_der().map_err(refuse("a key"))?)),
                ENCRYPTED_KEY_BAG => {
                    let sealed: EncryptedKey<'_> = bag.value.decode_as().map_err(refuse("a key"))?;
                    self.keys.push(decrypt(&sealed.algorithm, sealed.bytes.as_bytes(), password)?);
                }
                CERTIFICATE_BAG => {
                    let held: CertificateBag<'_> = bag.value.decode_as().map_err(refuse("a certificate"))?;
                    if held.kind != X509_CERTIFICATE {
                        return Err(EnvelopeError::Pkcs12("a certificate of another kind"));
                    }
                    self.certificates.push(Certificate::from_der(held.value.as_bytes())?);
                }
                _ => return Err(EnvelopeError::Pkcs12("a bag of another kind")),
            }
        }
        Ok(())
    }

    /// Each key with its certificate, found by the key itself, and the chain of issuers above.
    fn identities(self) -> Result<Vec<Identity>, EnvelopeError> {
        let Self { keys, certificates } = self;
        let with_certificate = |key: &Zeroizing<Vec<u8>>| {
            let tried = certificates.iter().map(|leaf| Identity::from_der(key, chain(leaf, &certificates)));
            tried.reduce(|first, other| if first.is_ok() { first } else { other }).unwrap_or(Err(EnvelopeError::CertificateFile))
        };
        match keys.is_empty() {
            true => Err(EnvelopeError::Pkcs12("no key")),
            false => keys.iter().map(with_certificate).collect(),
        }
    }
}

/// A leaf and the certificates above it, as far as they are there.
fn chain(leaf: &Certificate, all: &[Certificate]) -> Vec<Certificate> {
    let mut chain = vec![leaf.clone()];
    while let Some(next) = all.iter().find(|next| chain.last().is_some_and(|last| last.names_issuer(next)) && !chain.contains(next)) {
        chain.push(next.clone());
    }
    chain
}

/// RFC 7292, appendix A; the keyed hash over the contents.
fn check_mac(mac: &MacData<'_>, safe: &[u8], password: &str) -> Result<(), EnvelopeError> {
    let (hash, keyed) = match mac.digest.algorithm.oid.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => (&digest::SHA256, hmac::HMAC_SHA256),
        "2.16.840.1.101.3.4.2.2" => (&digest::SHA384, hmac::HMAC_SHA384),
        "2.16.840.1.101.3.4.2.3" => (&digest::SHA512, hmac::HMAC_SHA512),
        _ => return Err(EnvelopeError::Pkcs12("a MAC that is not HMAC with SHA-2")),
    };
    if !(1..=MOST_ROUNDS).contains(&mac.rounds) {
        return Err(EnvelopeError::Pkcs12("too many rounds"));
    }
    let key = derive_mac_key(hash, password, mac.salt.as_bytes(), mac.rounds);
    hmac::verify(&hmac::Key::new(keyed, &key), safe, mac.digest.value.as_bytes()).map_err(|_| EnvelopeError::Pkcs12Password)
}

/// RFC 7292, appendix B.2, with ID 3 and one block of output, which is all that a MAC needs.
fn derive_mac_key(hash: &'static digest::Algorithm, password: &str, salt: &[u8], rounds: u32) -> Zeroizing<Vec<u8>> {
    let block = hash.block_len();
    let fill = |bytes: &[u8]| -> Zeroizing<Vec<u8>> {
        let length = bytes.len().div_ceil(block) * block;
        Zeroizing::new(bytes.iter().copied().cycle().take(length).collect())
    };
    let text: Zeroizing<Vec<u8>> = Zeroizing::new(password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect());
    let mut context = digest::Context::new(hash);
    context.update(&vec![3; block]);
    context.update(&fill(salt));
    context.update(&fill(&text));
    let mut key = Zeroizing::new(context.finish().as_ref().to_vec());
    for _ in 1..rounds {
        key = Zeroizing::new(digest::digest(hash, &key).as_ref().to_vec());
    }
    key
}

/// PBES2 with PBKDF2 and AES-CBC.
fn decrypt(algorithm: &AlgorithmIdentifierRef<'_>, sealed: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    const OTHER: &str = "encryption other than PBES2 with PBKDF2 and AES-CBC";
    let other = || EnvelopeError::Pkcs12(OTHER);
    if algorithm.oid != PBES2 {
        return Err(other());
    }
    let both: Pbes2<'_> = algorithm.parameters.ok_or_else(other)?.decode_as().map_err(refuse(OTHER))?;
    if both.derivation.oid != PBKDF2 {
        return Err(other());
    }
    let derivation: Pbkdf2<'_> = both.derivation.parameters.ok_or_else(other)?.decode_as().map_err(refuse(OTHER))?;
    let prf = match derivation.prf.ok_or_else(other)?.oid.to_string().as_str() {
        "1.2.840.113549.2.9" => pbkdf2::PBKDF2_HMAC_SHA256,
        "1.2.840.113549.2.10" => pbkdf2::PBKDF2_HMAC_SHA384,
        "1.2.840.113549.2.11" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(other()),
    };
    let (cipher, length) = match both.encryption.oid.to_string().as_str() {
        "2.16.840.1.101.3.4.1.2" => (&AES_128, 16),
        "2.16.840.1.101.3.4.1.22" => (&AES_192, 24),
        "2.16.840.1.101.3.4.1.42" => (&AES_256, 32),
        _ => return Err(other()),
    };
    let rounds = NonZeroU32::new(derivation.rounds).filter(|rounds| rounds.get() <= MOST_ROUNDS);
    let rounds = rounds.ok_or(EnvelopeError::Pkcs12("too many rounds"))?;
    if derivation.key_length.is_some_and(|named| usize::from(named) != length) {
        return Err(other());
    }
    let iv: &OctetStringRef = both.encryption.parameters.ok_or_else(other)?.decode_as().map_err(refuse(OTHER))?;
    let iv = FixedLength::<16>::try_from(iv.as_bytes()).map_err(refuse(OTHER))?;

    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(prf, rounds, derivation.salt.as_bytes(), password.as_bytes(), &mut key);
    let failed = |_| EnvelopeError::Pkcs12("it cannot be decrypted");
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(cipher, &key).map_err(failed)?).map_err(failed)?;
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let opened = key.decrypt(&mut bytes, DecryptionContext::Iv128(iv)).map_err(failed)?.to_vec();
    Ok(Zeroizing::new(opened))
}
