//! TSP-1 to TSP-9: time stamps, made byte by byte and by openssl.

use crate::certificates::{Chain, Tbs};
use crate::container::{MESSAGE_DIGEST, SIGNING_CERTIFICATE, attribute};
use crate::der::*;
use crate::made::board::signer;
use crate::openssl::{Key, hash, key, openssl};
use crate::status::{NOON, general};
use ed25519_dalek::Signer;
use std::fs;
use std::sync::OnceLock;
use verifier::certificate::Anchors;
use verifier::evidence::stamp::accept;
use verifier::hash::sha256;
use verifier::manifest::{Manifest, Stamp};

pub const ENTRY: &[u8] = b"\x05\x01 an entry of the log";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const POLICY: &str = "1.2.3.4.1";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";

fn manifest() -> Manifest {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new(); // it has another anchor each time
    Manifest::read(FILE.get_or_init(crate::made::manifest)).unwrap()
}

/// The nonce that the collector sends.
pub fn nonce(election: &[u8; 32], imprint: &[u8]) -> Vec<u8> {
    let message = [b"haal/1/stamp\0".as_slice(), election, imprint].concat();
    [&[1][..], &signer("collector1").sign(&message).to_bytes()].concat()
}

/// A stamp, with every part in the test's hand.
pub struct Made {
    root: Tbs,
    sub: Tbs,
    pub stamper: Tbs,
    key: &'static Key,
    hash: &'static str,
    status: Vec<u8>,
    kind: &'static str,
    content_kind: &'static str,
    version: Vec<u8>,
    policy: Vec<u8>,
    pub imprint: Vec<u8>,
    pub time: Vec<u8>,
    extra: Vec<u8>,
    pub nonce: Vec<u8>,
    digest: Vec<u8>,
    /// Kinds and values; none for the right ones.
    attributes: Option<Vec<Vec<u8>>>,
    listed: Option<Vec<u8>>,
    algorithm: Vec<u8>,
    certificates: Option<Vec<Vec<u8>>>,
    sid: Option<Vec<u8>>,
    signers: usize,
    signs: Option<&'static Key>,
    after: Vec<u8>,
}

fn stamping(critical: bool, purposes: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = purposes.iter().flat_map(|id| oid(id)).collect();
    extension("2.5.29.37", critical, &element(SEQUENCE, &list))
}

const STAMPING: &str = "1.3.6.1.5.5.7.3.8";

impl Made {
    pub fn new(manifest: &Manifest, entry: &[u8]) -> Self {
        Self::with(manifest, entry, "P-256", "sha256")
    }

    fn with(manifest: &Manifest, entry: &[u8], kind: &'static str, hash: &'static str) -> Self {
        let chain = Chain::new("P-256");
        let key = key("stamper", kind);
        let mut stamper = chain.leaf;
        (stamper.subject, stamper.key) = (common_name("stamper"), key.public.clone());
        stamper.extensions = vec![usage(DIGITAL_SIGNATURE), stamping(true, &[STAMPING])];
        let imprint = sha256(entry);
        Self {
            root: chain.root,
            sub: chain.sub,
            stamper,
            key,
            hash,
            status: seq(&[&element(INTEGER, &[0])]),
            kind: "1.2.840.113549.1.7.2",
            content_kind: TST_INFO,
            version: element(INTEGER, &[1]),
            policy: oid(POLICY),
            imprint: seq(&[&digest("sha256"), &element(OCTETS, &imprint)]),
            time: general(NOON + 5),
            extra: Vec::new(),
            nonce: element(INTEGER, &nonce(&manifest.election, &imprint)),
            digest: digest(hash),
            attributes: None,
            listed: None,
            algorithm: if kind.starts_with("rsa") { rsa(hash) } else { ecdsa(hash) },
            certificates: None,
            sid: None,
            signers: 1,
            signs: None,
            after: Vec::new(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let info = seq(&[&self.version, &self.policy, &self.imprint, &element(INTEGER, &[9]), &self.time, &self.extra, &self.nonce]);
        let stamper = self.stamper.bytes();
        let listed = self.listed.clone().unwrap_or_else(|| seq(&[&seq(&[&seq(&[&element(OCTETS, &sha256(&stamper))])])]));
        let attributes = self.attributes.clone().unwrap_or_else(|| {
            vec![
                attribute(CONTENT_TYPE, &oid(TST_INFO)),
                attribute(MESSAGE_DIGEST, &element(OCTETS, &hash(self.hash, &info))),
                attribute(SIGNING_CERTIFICATE, &listed),
            ]
        });
        let signature = self.signs.unwrap_or(self.key).sign_once(self.hash, &element(SET, &attributes.concat()));
        let sid = self.sid.clone().unwrap_or_else(|| seq(&[&self.stamper.issuer, &element(INTEGER, &self.stamper.serial)]));
        let signer = seq(&[
            &element(INTEGER, &[1]),
            &sid,
            &self.digest,
            &element(0xA0, &attributes.concat()),
            &self.algorithm,
            &element(OCTETS, &signature),
        ]);
        let certificates = self.certificates.clone().unwrap_or_else(|| vec![stamper, self.sub.bytes()]);
        let data = seq(&[
            &element(INTEGER, &[3]),
            &element(SET, &self.digest),
            &seq(&[&oid(self.content_kind), &element(0xA0, &element(OCTETS, &info))]),
            &element(0xA0, &certificates.concat()),
            &element(SET, &signer.repeat(self.signers)),
        ]);
        [seq(&[&self.status, &seq(&[&oid(self.kind), &element(0xA0, &data)])]), self.after.clone()].concat()
    }

    pub fn anchor(&self) -> Vec<u8> {
        self.root.bytes()
    }
}

fn asked() -> Stamp {
    let policy = verifier::asn1::only(&oid(POLICY), 6).unwrap().to_vec();
    Stamp { anchors: Vec::new(), policies: vec![vec![0x2A], policy], seconds: 600, clock: 60 }
}

/// The rule that is broken, or the finding.
fn judged(file: &[u8], anchor: &[u8]) -> Result<Option<&'static str>, &'static str> {
    let found = accept(file, ENTRY, &manifest(), &asked(), &Anchors::new(&[anchor.to_vec()]), NOON);
    found.map(|finding| finding.map(|fault| fault.rule)).map_err(|fault| fault.rule)
}

fn after(change: impl FnOnce(&mut Made)) -> Result<Option<&'static str>, &'static str> {
    let mut made = Made::new(&manifest(), ENTRY);
    change(&mut made);
    judged(&made.bytes(), &made.anchor())
}

#[test]
fn honest_stamps() {
    assert_eq!(after(|_| ()), Ok(None));
    for (kind, hash) in [("P-256", "sha512"), ("P-384", "sha384"), ("P-521", "sha512"), ("rsa:2048", "sha256"), ("rsa:2048", "sha384")] {
        let made = Made::with(&manifest(), ENTRY, kind, hash);
        assert_eq!(judged(&made.bytes(), &made.anchor()), Ok(None), "{kind} {hash}");
    }
    let mut plain = Made::with(&manifest(), ENTRY, "rsa:2048", "sha512");
    plain.algorithm = algorithm("1.2.840.113549.1.1.1", &NULL);
    assert_eq!(judged(&plain.bytes(), &plain.anchor()), Ok(None));
    plain.algorithm = algorithm("1.2.840.113549.1.1.1", &[]);
    assert_eq!(judged(&plain.bytes(), &plain.anchor()), Err("TSP-9"));
}

#[test]
fn stamps_of_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut made = Made::with(&manifest(), ENTRY, "rsa:2048", "sha256");
    // It is made now, whenever that is.
    [&mut made.root, &mut made.sub, &mut made.stamper].into_iter().for_each(|tbs| tbs.until = utc("491231235959Z"));
    let pem = |name: &str, tbs: &Tbs| file(name, &openssl(&["x509", "-inform", "DER"], &tbs.bytes()));
    let (stamper, sub, serial) = (pem("stamper", &made.stamper), pem("sub", &made.sub), file("serial", b"01\n"));
    let config = format!(
        "[tsa]\nserial={serial}\nsigner_cert={stamper}\ncerts={sub}\nsigner_key={}\nsigner_digest=sha256\ndefault_policy={POLICY}\n\
         digests=sha256\nordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\nclock_precision_digits=0\naccuracy=secs:1\n",
        made.key.file
    );
    let config = file("config", config.as_bytes());
    let imprint = sha256(ENTRY);
    let request = seq(&[&element(INTEGER, &[1]), &made.imprint, &element(INTEGER, &nonce(&manifest().election, &imprint)), &[1, 1, 0xFF]]);
    let request = file("request", &request);
    let response = openssl(&["ts", "-reply", "-config", &config, "-section", "tsa", "-queryfile", &request], &[]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let accepted = |response: &[u8], time: u64| {
        let anchors = Anchors::new(&[made.anchor()]);
        accept(response, ENTRY, &manifest(), &asked(), &anchors, time).map(|late| late.map(|fault| fault.rule)).map_err(|fault| fault.rule)
    };
    assert_eq!(accepted(&response, now), Ok(None));
    assert_eq!(accepted(&response, now + 3600), Err("TSP-5"));
    assert_eq!(accepted(&response, now - 3600), Ok(Some("TSP-6")));
    let refused =
        openssl(&["ts", "-reply", "-config", &config, "-section", "tsa", "-queryfile", &file("bad", &request_with_other_hash())], &[]);
    assert_eq!(accepted(&refused, now), Err("TSP-1"));
}

fn request_with_other_hash() -> Vec<u8> {
    seq(&[&element(INTEGER, &[1]), &seq(&[&digest("sha512"), &element(OCTETS, &[0; 64])]), &[1, 1, 0xFF]])
}

#[test]
fn forms() {
    assert_eq!(after(|made| made.status = seq(&[&element(INTEGER, &[1])])), Err("TSP-1"));
    assert_eq!(after(|made| made.status = seq(&[&element(INTEGER, &[0]), &seq(&[&element(UTF8, b"fine")])])), Ok(None));
    assert_eq!(after(|made| made.kind = "1.2.840.113549.1.7.1"), Err("TSP-1"));
    assert_eq!(after(|made| made.content_kind = "1.2.840.113549.1.7.1"), Err("TSP-1"));
    assert_eq!(after(|made| made.version = element(INTEGER, &[2])), Err("TSP-1"));
    assert_eq!(after(|made| made.signers = 2), Err("TSP-1"));
    assert_eq!(after(|made| made.signers = 0), Err("TSP-1"));
    assert_eq!(after(|made| made.after = vec![0]), Err("TSP-1"));
    assert_eq!(after(|made| made.time = utc("261118120005Z")), Err("TSP-1"));
    assert_eq!(after(|made| made.time = element(0x18, b"20261118120005.50Z")), Err("TSP-1"));
    assert_eq!(after(|made| made.time = element(0x18, b"20261118120005.5Z")), Ok(None));
    assert_eq!(after(|made| made.extra = [seq(&[&element(INTEGER, &[1])]), vec![1, 1, 0xFF]].concat()), Ok(None));
    assert_eq!(after(|made| made.extra = [vec![1, 1, 0xFF], seq(&[&element(INTEGER, &[1])])].concat()), Err("TSP-1"));
    let made = Made::new(&manifest(), ENTRY);
    let bytes = made.bytes();
    for cut in [0, 1, bytes.len() - 1] {
        assert_eq!(judged(&bytes[..cut], &made.anchor()), Err("TSP-1"));
    }
    assert_eq!(judged(&seq(&[&made.status]), &made.anchor()), Err("TSP-1"));
}

#[test]
fn of_this_entry() {
    let imprint = |hash: Vec<u8>, of: &[u8]| seq(&[&hash, &element(OCTETS, of)]);
    assert_eq!(after(|made| made.imprint = imprint(digest("sha256"), &sha256(b"another"))), Err("TSP-2"));
    assert_eq!(after(|made| made.imprint = imprint(digest("sha512"), &hash("sha512", ENTRY))), Err("TSP-2"));
    assert_eq!(after(|made| made.imprint = imprint(digest("sha384"), &sha256(ENTRY))), Err("TSP-2"));
    assert_eq!(after(|made| made.imprint = imprint(algorithm("2.16.840.1.101.3.4.2.1", &NULL), &sha256(ENTRY))), Ok(None));
}

#[test]
fn asked_for_by_the_collector() {
    let imprint = sha256(ENTRY);
    let election = manifest().election;
    let with = |bytes: Vec<u8>| after(|made| made.nonce = if bytes.is_empty() { Vec::new() } else { element(INTEGER, &bytes) });
    assert_eq!(with(nonce(&election, &imprint)), Ok(None));
    assert_eq!(with(Vec::new()), Err("TSP-3"));
    assert_eq!(with(nonce(&[0; 32], &imprint)), Err("TSP-3"));
    assert_eq!(with(nonce(&election, &[0; 32])), Err("TSP-3"));
    assert_eq!(with([nonce(&election, &imprint), vec![0]].concat()), Err("TSP-3"));
    assert_eq!(with([vec![2], nonce(&election, &imprint)[1..].to_vec()].concat()), Err("TSP-3"));
    assert_eq!(with(vec![7; 8]), Err("TSP-3"));
}

#[test]
fn policies_and_times() {
    assert_eq!(after(|made| made.policy = oid("1.2.3.4.2")), Err("TSP-4"));
    let at = |time: u64| after(|made| made.time = general(time));
    assert_eq!((at(NOON - 60), at(NOON - 61)), (Ok(None), Err("TSP-5")));
    assert_eq!((at(NOON + 660), at(NOON + 661)), (Ok(None), Ok(Some("TSP-6"))));
}

#[test]
fn stampers() {
    assert_eq!(after(|made| made.sid = Some(seq(&[&made.stamper.issuer, &element(INTEGER, &[1])]))), Err("TSP-7"));
    assert_eq!(after(|made| made.sid = Some(element(0x80, &[1; 20]))), Err("TSP-7"));
    assert_eq!(after(|made| made.certificates = Some(vec![made.sub.bytes()])), Err("TSP-7"));
    assert_eq!(after(|made| made.certificates = Some(vec![made.stamper.bytes(), made.stamper.bytes(), made.sub.bytes()])), Err("TSP-7"));
    assert_eq!(after(|made| made.certificates = Some(vec![made.stamper.bytes()])), Err("TSP-7"), "no path");
    let beside = |count: usize| {
        after(move |made| {
            let mut all = vec![made.root.bytes(); count];
            all.extend([made.sub.bytes(), made.stamper.bytes()]);
            made.certificates = Some(all);
        })
    };
    assert_eq!((beside(6), beside(7)), (Ok(None), Err("TSP-7")));
    let purposes = |extensions: Vec<Vec<u8>>| after(|made| made.stamper.extensions = extensions);
    for extensions in [
        vec![],
        vec![stamping(false, &[STAMPING])],
        vec![stamping(true, &["1.3.6.1.5.5.7.3.4"])],
        vec![stamping(true, &[STAMPING, "1.3.6.1.5.5.7.3.4"])],
    ] {
        assert_eq!(purposes(extensions), Err("TSP-7"));
    }
    assert_eq!(after(|made| made.stamper.until = utc("261118120004Z")), Err("TSP-7"));
    assert_eq!(after(|made| made.stamper.until = utc("261118120005Z")), Ok(None));
    assert_eq!(after(|made| made.stamper.signer = key("stranger", "P-384")), Err("TSP-7"));
    assert_eq!(after(|made| made.sub.extensions = vec![usage(CERT_SIGN)]), Err("TSP-7"));
    let made = Made::new(&manifest(), ENTRY);
    assert_eq!(judged(&made.bytes(), &Made::with(&manifest(), ENTRY, "P-384", "sha384").stamper.bytes()), Err("TSP-7"));
}

#[test]
fn signed_attributes() {
    let info =
        |made: &Made| seq(&[&made.version, &made.policy, &made.imprint, &element(INTEGER, &[9]), &made.time, &made.extra, &made.nonce]);
    let all = |made: &Made| {
        let listed = seq(&[&seq(&[&seq(&[&element(OCTETS, &sha256(&made.stamper.bytes()))])])]);
        vec![
            attribute(CONTENT_TYPE, &oid(TST_INFO)),
            attribute(MESSAGE_DIGEST, &element(OCTETS, &sha256(&info(made)))),
            attribute(SIGNING_CERTIFICATE, &listed),
        ]
    };
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        after(|made| {
            let mut attributes = all(made);
            change(&mut attributes);
            made.attributes = Some(attributes);
        })
    };
    assert_eq!(with(&|_| ()), Ok(None));
    assert_eq!(with(&|list| list.push(attribute("1.2.3.4", &NULL))), Ok(None));
    for place in 0..3 {
        assert_eq!(with(&|list| drop(list.remove(place))), Err("TSP-8"), "without {place}");
        assert_eq!(with(&|list| list.push(list[place].clone())), Err("TSP-8"), "{place} twice");
        let two = |attribute: &[u8]| {
            let parts = verifier::asn1::all(verifier::asn1::only(attribute, SEQUENCE).unwrap()).unwrap();
            seq(&[parts[0].whole, &element(SET, &parts[1].content.repeat(2))])
        };
        assert_eq!(with(&|list| list[place] = two(&list[place])), Err("TSP-8"), "two values of {place}");
    }
    assert_eq!(with(&|list| list[0] = attribute(CONTENT_TYPE, &oid("1.2.840.113549.1.7.1"))), Err("TSP-8"));
    assert_eq!(with(&|list| list[1] = attribute(MESSAGE_DIGEST, &element(OCTETS, &[0; 32]))), Err("TSP-8"));
    assert_eq!(after(|made| made.digest = algorithm("1.3.14.3.2.26", &NULL)), Err("TSP-8"));
    let listed = |of: &dyn Fn(&[u8]) -> Vec<u8>| after(|made| made.listed = Some(seq(&[&seq(&[&of(&made.stamper.bytes())])])));
    assert_eq!(listed(&|bytes| seq(&[&digest("sha512"), &element(OCTETS, &hash("sha512", bytes))])), Ok(None));
    assert_eq!(listed(&|bytes| [seq(&[&element(OCTETS, &sha256(bytes))]), seq(&[&element(OCTETS, &[0; 32])])].concat()), Ok(None));
    assert_eq!(listed(&|bytes| [seq(&[&element(OCTETS, &[0; 32])]), seq(&[&element(OCTETS, &sha256(bytes))])].concat()), Err("TSP-8"));
    assert_eq!(listed(&|bytes| seq(&[&algorithm("1.3.14.3.2.26", &[]), &element(OCTETS, &hash("sha1", bytes))])), Err("TSP-8"));
    assert_eq!(listed(&|bytes| seq(&[&digest("sha384"), &element(OCTETS, &sha256(bytes))])), Err("TSP-8"));
}

#[test]
fn signatures() {
    assert_eq!(after(|made| made.signs = Some(key("stranger", "P-256"))), Err("TSP-9"));
    assert_eq!(after(|made| made.algorithm = ecdsa("sha512")), Err("TSP-9"), "the hash of another digest algorithm");
    assert_eq!(after(|made| made.algorithm = rsa("sha256")), Err("TSP-9"));
    // Signed with SHA-512, said to be SHA-256.
    assert_eq!(
        after(|made| {
            (made.hash, made.digest) = ("sha512", digest("sha512"));
        }),
        Err("TSP-9")
    );
    // Two versions and the outer list of digest algorithms are not read.
    let made = Made::new(&manifest(), ENTRY);
    let bytes = made.bytes();
    let find = |part: &[u8]| bytes.windows(part.len()).rposition(|found| found == part).unwrap();
    let list = element(SET, &made.digest);
    let sid = seq(&[&made.stamper.issuer, &element(INTEGER, &made.stamper.serial)]);
    let start = find(&[&element(INTEGER, &[3])[..], &list].concat());
    let unread: Vec<usize> = [start + 2, find(&sid) - 1].into_iter().chain(start + 5..start + 3 + list.len()).collect();
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        assert!(judged(&changed, &made.anchor()).is_err() || unread.contains(&position), "byte {position}");
    }
}
