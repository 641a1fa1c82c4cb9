//! Containers that others have signed, read by the collector's library. Spec: 07d-digidoc.
//!
//! One signer, whose key nobody else has: whatever opens holds his file, his certificate and his time.

use super::envelope::{CONTENT, TIME, VOTER};
use crate::insider::eid::Key;
use envelope::asic::Draft;
use envelope::{Certificate, Scheme, digidoc};
use std::sync::LazyLock;

/// The only file.
const FILE: &str = "ballot.bin";
/// The last entry, and where its data lie in the honest container.
const SIGNATURES: &[u8] = b"META-INF/signatures0.xml";

static SIGNER: LazyLock<Certificate> = LazyLock::new(|| Certificate::from_der(&VOTER.der()).expect("a certificate"));
static CONTAINER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let draft = Draft::new(CONTENT, &SIGNER, &[], TIME).expect("a draft");
    let key: &Key = &VOTER.key;
    draft.finish(&key.sign(draft.message(), false)).expect("a container")
});

fn places(of: &[u8]) -> Vec<usize> {
    CONTAINER.windows(of.len()).enumerate().filter(|(_, window)| *window == of).map(|(at, _)| at).collect()
}

/// Begin of the text, begin of the directory.
static TEXT: LazyLock<(usize, usize)> = LazyLock::new(|| (places(SIGNATURES)[0] + SIGNATURES.len(), places(b"PK\x01\x02")[0]));

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |s, _| (s >> 1) ^ (0xedb8_8320 & (s & 1).wrapping_neg())))
}

/// The container with another text in place of the signature, its sum, lengths and places made right.
fn with_text(text: &[u8]) -> Vec<u8> {
    let (begin, directory) = *TEXT;
    let length = (text.len() as u32).to_le_bytes();
    let said = [crc32(text).to_le_bytes(), length, length].concat();
    let mut file = [&CONTAINER[..begin], text, &CONTAINER[directory..]].concat();
    let local = begin - SIGNATURES.len() - 16;
    file[local..local + 12].copy_from_slice(&said);
    let end = file.len() - 22;
    let listed = end - SIGNATURES.len() - 30;
    file[listed..listed + 12].copy_from_slice(&said);
    file[end + 16..end + 20].copy_from_slice(&((begin + text.len()) as u32).to_le_bytes());
    file
}

/// The first byte chooses: what follows is the container (even), or the text of its signature (odd).
pub fn run(bytes: &[u8]) {
    opens(bytes);
}

/// True if it opens.
pub fn opens(bytes: &[u8]) -> bool {
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let container = if kind % 2 == 0 { rest.to_vec() } else { with_text(rest) };
    let Ok(container) = digidoc::open(&container) else { return false };
    let [file] = container.files() else { panic!("{} files out of one", container.files().len()) };
    assert_eq!((file.name.as_str(), file.data.as_slice()), (FILE, CONTENT));
    for signature in container.signatures() {
        assert_eq!((signature.certificate(), signature.signing_time()), (&*SIGNER, TIME));
    }
    true
}

/// The honest container, and its signature's text.
pub fn seeds() -> Vec<Vec<u8>> {
    assert_eq!(SIGNER.scheme(), Ok(Scheme::P256));
    let (begin, directory) = *TEXT;
    vec![[&[0], CONTAINER.as_slice()].concat(), [&[1], &CONTAINER[begin..directory]].concat()]
}
