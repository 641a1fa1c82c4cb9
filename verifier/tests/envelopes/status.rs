//! OCSP-1 to OCSP-8: answers of a responder, made byte by byte and by openssl.

use crate::TIME;
use crate::certificates::{Chain, Tbs};
use crate::container::{CONTENT, Cms};
use crate::der::*;
use crate::openssl::{Key, hash, key, openssl};
use std::fs;
use verifier::certificate::{Anchors, Certificate};
use verifier::evidence::ocsp::{Question, accept};
use verifier::hash::labelled;
use verifier::manifest::Ocsp;

const ELECTION: [u8; 32] = [7; 32];
const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const SHA1: &str = "1.3.14.3.2.26";

/// Unix seconds as `YYYYMMDDHHMMSSZ`, on the day of the tests.
pub fn general(time: u64) -> Vec<u8> {
    let day = 1_794_960_000; // 18 November 2026
    let time = time.checked_sub(day).filter(|time| *time < 86_400).unwrap();
    element(0x18, format!("20261118{:02}{:02}{:02}Z", time / 3600, time / 60 % 60, time % 60).as_bytes())
}

/// The time of acceptance: 12:00:00.
pub const NOON: u64 = 1_795_003_200;

/// The bits of a SubjectPublicKeyInfo's key.
fn bits(info: &[u8]) -> Vec<u8> {
    let parts = verifier::asn1::all(verifier::asn1::only(info, SEQUENCE).unwrap()).unwrap();
    parts[1].content[1..].to_vec()
}

/// An answer, with every part in the test's hand.
pub struct Answer {
    chain: Chain,
    container: Vec<u8>,
    election: [u8; 32],
    asked: Ocsp,
    status: Vec<u8>,
    kind: &'static str,
    version: Vec<u8>,
    responder: Vec<u8>,
    produced: Vec<u8>,
    cert_id: [Vec<u8>; 4],
    pub good: Vec<u8>,
    this_update: Vec<u8>,
    next_update: Option<Vec<u8>>,
    single_extensions: Vec<u8>,
    singles: usize,
    extensions: Vec<Vec<u8>>,
    signer: &'static Key,
    algorithm: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    after: Vec<u8>,
}

fn nonce(election: &[u8; 32], container: &[u8]) -> Vec<u8> {
    element(OCTETS, &labelled("ocsp", &[election.as_slice(), container].concat()))
}

impl Answer {
    fn new() -> Self {
        let chain = Chain::new("P-256");
        let container = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]).bytes();
        Self::about(chain, container, ELECTION)
    }

    /// An honest answer about the leaf of a container.
    pub fn about(chain: Chain, container: Vec<u8>, election: [u8; 32]) -> Self {
        let issuer_key = bits(&chain.sub.key);
        Self {
            asked: Ocsp { nonce: true, age: 3600, clock: 60 },
            status: vec![0x0A, 1, 0],
            kind: BASIC,
            version: Vec::new(),
            responder: element(0xA1, &chain.sub.subject),
            produced: general(NOON),
            cert_id: [
                algorithm(SHA1, &NULL),
                element(OCTETS, &hash("sha1", &chain.sub.subject)),
                element(OCTETS, &hash("sha1", &issuer_key)),
                element(INTEGER, &chain.leaf.serial),
            ],
            good: vec![0x80, 0],
            this_update: general(NOON),
            next_update: None,
            single_extensions: Vec::new(),
            singles: 1,
            extensions: vec![extension(NONCE, false, &nonce(&election, &container))],
            signer: key("sub", "P-384"),
            algorithm: ecdsa("sha384"),
            certificates: Vec::new(),
            after: Vec::new(),
            container,
            election,
            chain,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let [a, b, c, d] = &self.cert_id;
        let next = self.next_update.as_ref().map_or_else(Vec::new, |time| element(0xA0, time));
        let single = seq(&[&seq(&[a, b, c, d]), &self.good, &self.this_update, &next, &self.single_extensions]);
        let extensions = if self.extensions.is_empty() { Vec::new() } else { element(0xA1, &element(SEQUENCE, &self.extensions.concat())) };
        let data = seq(&[&self.version, &self.responder, &self.produced, &element(SEQUENCE, &single.repeat(self.singles)), &extensions]);
        let signature = self.signer.sign_once("sha384", &data);
        let certificates =
            if self.certificates.is_empty() { Vec::new() } else { element(0xA0, &element(SEQUENCE, &self.certificates.concat())) };
        let basic = seq(&[&data, &self.algorithm, &element(BITS, &[vec![0], signature].concat()), &certificates]);
        let wrapped = element(0xA0, &seq(&[&oid(self.kind), &element(OCTETS, &basic)]));
        [seq(&[&self.status, &wrapped]), self.after.clone()].concat()
    }

    fn judged(&self, file: &[u8]) -> Result<(), &'static str> {
        let read = |tbs: &Tbs| Certificate::read(&tbs.bytes()).unwrap();
        let (leaf, beside) = (read(&self.chain.leaf), [read(&self.chain.sub)]);
        let anchors = Anchors::new(&[self.chain.root.bytes()]);
        let issuer = anchors.issuer(&leaf, &beside);
        let question =
            Question { asked: &self.asked, election: &self.election, container: &self.container, leaf: &leaf, issuer, time: NOON };
        accept(file, &question).map_err(|fault| fault.rule)
    }

    /// A certificate for a responder of its own under the issuer.
    fn delegate(&mut self) -> Tbs {
        let mut responder = Chain::new("P-256").leaf;
        responder.subject = common_name("responder");
        responder.key = key("responder", "P-384").public.clone();
        responder.extensions = vec![extension("2.5.29.37", false, &seq(&[&oid("1.3.6.1.5.5.7.3.9")]))];
        self.signer = key("responder", "P-384");
        self.responder = element(0xA1, &responder.subject);
        responder
    }
}

fn after(change: impl FnOnce(&mut Answer)) -> Result<(), &'static str> {
    let mut answer = Answer::new();
    change(&mut answer);
    answer.judged(&answer.bytes())
}

/// By a responder of its own, whose certificate is changed before it is signed.
fn delegated(change: impl FnOnce(&mut Tbs)) -> Result<(), &'static str> {
    after(|answer| {
        let mut responder = answer.delegate();
        change(&mut responder);
        answer.certificates = vec![responder.bytes()];
    })
}

#[test]
fn honest_answers() {
    assert_eq!(after(|_| ()), Ok(()));
    assert_eq!(delegated(|_| ()), Ok(()));
    assert_eq!(after(|answer| answer.next_update = Some(general(NOON + 3600))), Ok(()));
    assert_eq!(after(|answer| answer.responder = element(0xA2, &element(OCTETS, &hash("sha1", &bits(&answer.chain.sub.key))))), Ok(()));
}

/// The issuer's key and the index of a certificate authority, in files, as `openssl ocsp` wants them.
#[test]
fn answers_of_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let pem = |name: &str, tbs: &Tbs| file(name, &openssl(&["x509", "-inform", "DER"], &tbs.bytes()));
    let mut answer = Answer::new();
    let (issuer, leaf) = (pem("issuer", &answer.chain.sub), pem("leaf", &answer.chain.leaf));
    let serial = hex::encode_upper(&answer.chain.leaf.serial);
    let (request, response) = (file("request", &[]), file("response", &[]));
    let respond = |line: &str, extra: &[&str]| {
        let index = file("index", line.as_bytes());
        openssl(&[&["ocsp"], extra, &["-issuer", &issuer, "-cert", &leaf, "-no_nonce", "-reqout", &request]].concat(), &[]);
        let signer = &answer.signer.file;
        let args = ["ocsp", "-index", &index, "-CA", &issuer, "-rsigner", &issuer, "-rkey", signer, "-reqin", &request];
        openssl(&[&args[..], &["-respout", &response, "-ndays", "1", "-rmd", "sha384"]].concat(), &[]);
        fs::read(&response).unwrap()
    };
    let good = respond(&format!("V\t300101000000Z\t\t{serial}\tunknown\t/CN=x\n"), &[]);
    let other_hash = respond(&format!("V\t300101000000Z\t\t{serial}\tunknown\t/CN=x\n"), &["-sha256"]);
    let revoked = respond(&format!("R\t300101000000Z\t260101000000Z\t{serial}\tunknown\t/CN=x\n"), &[]);
    let unknown = respond("", &[]);
    // They say what openssl knew now, whenever that is: any age will do, and the clock may be off.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    answer.asked = Ocsp { nonce: false, age: u64::MAX / 4, clock: NOON.abs_diff(now) + 3600 };
    assert_eq!(answer.judged(&good), Ok(()));
    assert_eq!(answer.judged(&other_hash), Ok(()));
    assert_eq!((answer.judged(&revoked), answer.judged(&unknown)), (Err("OCSP-5"), Err("OCSP-5")));
    answer.asked.nonce = true;
    assert_eq!(answer.judged(&good), Err("OCSP-7"));
}

#[test]
fn forms() {
    assert_eq!(after(|answer| answer.status = vec![0x0A, 1, 3]), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.kind = NONCE), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.after = vec![0]), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.version = element(0xA0, &element(INTEGER, &[1]))), Ok(()));
    assert_eq!(after(|answer| answer.version = element(0xA0, &NULL)), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.responder = element(0xA3, &answer.chain.sub.subject)), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.produced = utc("261118120000Z")), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.this_update = element(0x18, b"20261118120000.5Z")), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.good = vec![0x83, 0]), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.cert_id[3] = NULL.to_vec()), Err("OCSP-1"));
    assert_eq!(after(|answer| answer.extensions = vec![seq(&[&oid(NONCE), &[1, 1, 0], &element(OCTETS, &[])])]), Err("OCSP-1"));
    let answer = Answer::new();
    let bytes = answer.bytes();
    for cut in [0, 1, bytes.len() - 1] {
        assert_eq!(answer.judged(&bytes[..cut]), Err("OCSP-1"));
    }
    assert_eq!(answer.judged(&seq(&[&[0x0A, 1, 0]])), Err("OCSP-1"));
    assert_eq!(answer.judged(&seq(&[&[0x0A, 1, 6]])), Err("OCSP-1"));
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        assert!(answer.judged(&changed).is_err(), "byte {position}");
    }
}

#[test]
fn responders() {
    assert_eq!(after(|answer| answer.responder = element(0xA1, &common_name("root"))), Err("OCSP-2"));
    assert_eq!(after(|answer| answer.responder = element(0xA2, &element(OCTETS, &[7; 20]))), Err("OCSP-2"));
    assert_eq!(after(|answer| drop(answer.delegate())), Err("OCSP-2"), "without its certificate");
    assert_eq!(delegated(|tbs| tbs.issuer = common_name("root")), Err("OCSP-2"));
    assert_eq!(delegated(|tbs| tbs.signer = key("root", "P-384")), Err("OCSP-2"));
    assert_eq!(delegated(|tbs| tbs.extensions.clear()), Err("OCSP-2"));
    let purpose = |id: &str| extension("2.5.29.37", false, &seq(&[&oid(id)]));
    assert_eq!(delegated(|tbs| tbs.extensions = vec![purpose("1.3.6.1.5.5.7.3.8")]), Err("OCSP-2"));
    assert_eq!(delegated(|tbs| tbs.until = utc("261118115959Z")), Err("OCSP-2"));
    assert_eq!(delegated(|tbs| (tbs.from, tbs.until) = (utc("261118120000Z"), utc("261118120000Z"))), Ok(()));
    assert_eq!(delegated(|tbs| tbs.from = utc("261118120001Z")), Err("OCSP-2"));
    assert_eq!(delegated(|tbs| tbs.version = element(0xA0, &element(INTEGER, &[1]))), Err("OCSP-2"), "ENV-21");
    // Its key is named, and then it counts only among the first eight.
    let with = |before: usize| {
        after(|answer| {
            let responder = answer.delegate();
            answer.responder = element(0xA2, &element(OCTETS, &hash("sha1", &bits(&responder.key))));
            answer.certificates = vec![answer.chain.root.bytes(); before];
            answer.certificates.push(responder.bytes());
        })
    };
    assert_eq!((with(7), with(8)), (Ok(()), Err("OCSP-2")));
    // What is no certificate is passed over.
    assert_eq!(
        after(|answer| {
            let responder = answer.delegate();
            answer.certificates = vec![seq(&[&NULL]), responder.bytes()];
        }),
        Ok(())
    );
    let mut answer = Answer::new();
    let bytes = answer.bytes();
    answer.chain.sub.subject = common_name("other");
    assert_eq!(answer.judged(&bytes), Err("OCSP-2"), "the issuer is nowhere");
}

#[test]
fn signatures() {
    assert_eq!(after(|answer| answer.signer = key("stranger", "P-384")), Err("OCSP-3"));
    assert_eq!(after(|answer| answer.algorithm = ecdsa("sha256")), Err("OCSP-3"));
    assert_eq!(after(|answer| answer.algorithm = algorithm("1.2.840.10045.4.3.3", &NULL)), Err("OCSP-3"));
}

#[test]
fn about_this_leaf() {
    assert_eq!(after(|answer| answer.singles = 2), Err("OCSP-4"));
    assert_eq!(after(|answer| answer.singles = 0), Err("OCSP-4"));
    for (place, value) in [(1, element(OCTETS, &[0; 20])), (2, element(OCTETS, &[0; 20])), (3, element(INTEGER, &[1, 2, 9]))] {
        assert_eq!(after(|answer| answer.cert_id[place] = value), Err("OCSP-4"), "{place}");
    }
    let with = |name: &'static str, of: Vec<u8>| {
        after(|answer| {
            let (subject, key) = (answer.chain.sub.subject.clone(), bits(&answer.chain.sub.key));
            answer.cert_id[0] = of;
            answer.cert_id[1] = element(OCTETS, &hash(name, &subject));
            answer.cert_id[2] = element(OCTETS, &hash(name, &key));
        })
    };
    assert_eq!(with("sha1", algorithm(SHA1, &[])), Ok(()));
    assert_eq!(with("sha1", algorithm(SHA1, &[5, 1, 0])), Err("OCSP-4"));
    assert_eq!(with("sha1", algorithm(SHA1, &oid("1.2.3"))), Err("OCSP-4"));
    assert_eq!((with("sha256", digest("sha256")), with("sha256", algorithm("2.16.840.1.101.3.4.2.1", &NULL))), (Ok(()), Ok(())));
    assert_eq!(with("sha384", digest("sha384")), Err("OCSP-4"));
}

#[test]
fn only_good_is_good() {
    let revoked = element(0xA1, &element(0x18, b"20260101000000Z"));
    assert_eq!(after(|answer| answer.good = revoked), Err("OCSP-5"));
    assert_eq!(after(|answer| answer.good = vec![0x82, 0]), Err("OCSP-5"));
}

#[test]
fn times() {
    let with = |nonce: bool, this: u64, produced: u64, next: Option<u64>| {
        after(|answer| {
            answer.asked.nonce = nonce;
            (answer.this_update, answer.produced, answer.next_update) = (general(this), general(produced), next.map(general));
        })
    };
    let (age, clock) = (3600, 60);
    assert_eq!(with(true, NOON - age - clock, NOON, None), Ok(()));
    assert_eq!(with(true, NOON - age - clock - 1, NOON, None), Err("OCSP-6"));
    assert_eq!(with(true, NOON + clock, NOON + clock, None), Ok(()));
    assert_eq!(with(true, NOON + clock + 1, NOON + clock + 1, None), Err("OCSP-6"));
    assert_eq!(with(true, NOON, NOON + clock + 1, None), Err("OCSP-6"));
    assert_eq!(with(true, NOON + 1, NOON, None), Err("OCSP-6"));
    assert_eq!(with(true, NOON - 200, NOON - clock, None), Ok(()));
    assert_eq!(with(true, NOON - 200, NOON - clock - 1, None), Err("OCSP-6"));
    assert_eq!(with(false, NOON - 200, NOON - clock - 1, None), Ok(()));
    assert_eq!(with(true, NOON - 200, NOON, Some(NOON - clock)), Ok(()));
    assert_eq!(with(true, NOON - 200, NOON, Some(NOON - clock - 1)), Err("OCSP-6"));
}

#[test]
fn nonces() {
    let other = extension(NONCE, false, &element(OCTETS, &[0; 32]));
    assert_eq!(after(|answer| answer.extensions = vec![other.clone()]), Err("OCSP-7"));
    assert_eq!(after(|answer| answer.extensions.clear()), Err("OCSP-7"));
    assert_eq!(after(|answer| answer.extensions.push(answer.extensions[0].clone())), Err("OCSP-7"));
    assert_eq!(after(|answer| answer.extensions = vec![extension(NONCE, false, &nonce(&ELECTION, CONTENT))]), Err("OCSP-7"));
    assert_eq!(after(|answer| answer.extensions = vec![extension(NONCE, false, &nonce(&ELECTION, &answer.container)[2..])]), Err("OCSP-7"));
    let without = |extensions: Vec<Vec<u8>>| after(|answer| (answer.asked.nonce, answer.extensions) = (false, extensions));
    assert_eq!((without(vec![other]), without(Vec::new())), (Ok(()), Ok(())));
}

#[test]
fn critical_extensions() {
    let unknown = |critical| extension("1.2.3.4", critical, &NULL);
    assert_eq!(after(|answer| answer.extensions.push(unknown(false))), Ok(()));
    assert_eq!(after(|answer| answer.extensions.push(unknown(true))), Err("OCSP-8"));
    assert_eq!(after(|answer| answer.extensions = vec![extension(NONCE, true, &nonce(&ELECTION, &answer.container))]), Ok(()));
    let single = |critical| after(move |answer| answer.single_extensions = element(0xA1, &seq(&[&unknown(critical)])));
    assert_eq!((single(false), single(true)), (Ok(()), Err("OCSP-8")));
}

#[test]
fn the_container_is_one_that_holds() {
    let answer = Answer::new();
    assert!(crate::judged(&answer.container, &[answer.chain.root.bytes()], TIME).is_ok());
}
