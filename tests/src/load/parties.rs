//! An OCSP responder and a time-stamping party that answer quickly: every answer is made here, by hand, with one P-256 signature.
//!
//! [`crate::services`] asks OpenSSL, which starts a process for each answer; measured with it, a collector would wait for processes.

use super::client::{read_head, value};
use crate::insider::der::{integer, oid, sequence, tlv};
use anyhow::{Context, Result};
use ballot::encode::sha256;
use envelope::Certificate;
use rcgen::{KeyPair, SigningKey};
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const ECDSA: &[u32] = &[840, 10045, 4, 3, 2];
const SHA256: &[u32] = &[840, 1, 101, 3, 4, 2, 1];
const PKCS9: &[u32] = &[840, 113_549, 1, 9];

/// Who signs an answer, with what stands in it of his certificate.
struct Signer {
    key: KeyPair,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    subject: Vec<u8>,
}

/// One element: tag, what is in it, what follows it.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = input.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), rest.get(2..)?),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The elements of a list, each whole.
fn elements(mut list: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let Some((_, _, rest)) = element(list) {
        all.push(&list[..list.len() - rest.len()]);
        list = rest;
    }
    all
}

fn inside(whole: &[u8]) -> Option<&[u8]> {
    Some(element(whole)?.1)
}

impl Signer {
    fn read(folder: &Path, name: &str) -> Result<Self> {
        let file = |ending: &str| std::fs::read_to_string(folder.join(format!("{name}.{ending}")));
        let certificate = Certificate::list_from_pem(&file("pem")?)?.first().context("no certificate")?.as_der().to_vec();
        let fields = inside(&certificate).and_then(|c| inside(c)).map(elements).context("not a certificate")?;
        let field = |at: usize| fields.get(at).map(|f| f.to_vec()).context("a certificate with too few fields");
        let (serial, issuer, subject) = (field(1)?, field(3)?, field(5)?);
        Ok(Self { key: KeyPair::from_pem(&file("key")?)?, certificate, issuer, serial, subject })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).expect("a key of P-256 signs")
    }
}

/// Now, as GeneralizedTime.
fn now() -> Vec<u8> {
    let seconds = crate::election::now();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days after 1970.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    let text = format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60);
    tlv(0x18, &[text.as_bytes()])
}

fn hashed() -> Vec<u8> {
    sequence(&[&oid(0x60, SHA256)])
}

fn signed() -> Vec<u8> {
    sequence(&[&oid(0x2a, ECDSA)])
}

/// OCSPResponse: the certificate that was asked for is good, now.
fn status(signer: &Signer, question: &[u8]) -> Option<Vec<u8>> {
    let whole = elements(inside(question)?);
    let body = elements(inside(whole.first()?)?);
    let requests = elements(inside(body.first()?)?);
    let request = elements(inside(requests.first()?)?);
    let certificate = *request.first()?;
    let nonce = body.get(1).and_then(|extensions| inside(extensions)).map_or_else(Vec::new, |e| tlv(0xa1, &[e]));
    let now = now();
    let single = sequence(&[certificate, &[0x80, 0], &now]);
    let data = sequence(&[&tlv(0xa1, &[&signer.subject]), &now, &sequence(&[&single]), &nonce]);
    let signature = signer.sign(&data);
    let basic = sequence(&[&data, &signed(), &tlv(3, &[&[0], &signature]), &tlv(0xa0, &[&sequence(&[&signer.certificate])])]);
    let bytes = sequence(&[&oid(0x2b, &[6, 1, 5, 5, 7, 48, 1, 1]), &tlv(4, &[&basic])]);
    Some(sequence(&[&[10, 1, 0], &tlv(0xa0, &[&bytes])]))
}

/// TimeStampResp: this imprint was there now.
fn stamp(signer: &Signer, question: &[u8], number: usize) -> Option<Vec<u8>> {
    let fields = elements(inside(question)?);
    let imprint = *fields.get(1)?;
    let nonce = fields.iter().skip(2).find(|field| field[0] == 2)?;
    let policy = oid(0x2a, &[3, 4, 1]); // services::STAMP_POLICY
    let info = sequence(&[&[2, 1, 1], &policy, imprint, &integer(&(number as u64 + 1).to_be_bytes()), &now(), nonce]);
    let kind = oid(0x2a, &[PKCS9, &[16, 1, 4]].concat());
    let attribute = |id: &[u32], value: &[u8]| sequence(&[&oid(0x2a, &[PKCS9, id].concat()), &tlv(0x31, &[value])]);
    let certificate = sequence(&[&sequence(&[&sequence(&[&tlv(4, &[&sha256(&signer.certificate)])])])]);
    let mut attributes =
        [attribute(&[3], &kind), attribute(&[4], &tlv(4, &[&sha256(&info)])), attribute(&[16, 2, 47], &certificate)].to_vec();
    attributes.sort();
    let attributes = attributes.concat();
    let signature = signer.sign(&tlv(0x31, &[&attributes]));
    let who = sequence(&[&signer.issuer, &signer.serial]);
    let signed_by = sequence(&[&[2, 1, 1], &who, &hashed(), &tlv(0xa0, &[&attributes]), &signed(), &tlv(4, &[&signature])]);
    let data = sequence(&[
        &[2, 1, 3],
        &tlv(0x31, &[&hashed()]),
        &sequence(&[&kind, &tlv(0xa0, &[&tlv(4, &[&info])])]),
        &tlv(0xa0, &[&signer.certificate]),
        &tlv(0x31, &[&signed_by]),
    ]);
    let token = sequence(&[&oid(0x2a, &[840, 113_549, 1, 7, 2]), &tlv(0xa0, &[&data])]);
    Some(sequence(&[&sequence(&[&[2, 1, 0]]), &token]))
}

/// Both, over HTTP with kept-alive connections: `/ocsp` and `/tsa`.
pub struct Parties {
    /// `http://127.0.0.1:port`
    pub base: String,
    shared: Arc<Shared>,
}

struct Shared {
    responder: Signer,
    stamper: Signer,
    /// How long they take, as if they were elsewhere.
    latency: Duration,
    asked: (AtomicUsize, AtomicUsize),
}

impl Parties {
    /// With the keys that [`crate::services::Services`] left in a folder.
    pub fn start(folder: &Path, latency: Duration) -> Result<Self> {
        let (responder, stamper) = (Signer::read(folder, "delegated")?, Signer::read(folder, "stamper")?);
        let shared = Arc::new(Shared { responder, stamper, latency, asked: Default::default() });
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let serving = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        Ok(Self { base, shared })
    }

    /// How often the responder and the time-stamping party were asked.
    pub fn asked(&self) -> (usize, usize) {
        (self.shared.asked.0.load(Ordering::Relaxed), self.shared.asked.1.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let head = read_head(&mut reader).ok()?;
            let mut question = vec![0; value(&head, "content-length")?.parse().ok()?];
            reader.read_exact(&mut question).ok()?;
            std::thread::sleep(self.latency);
            let answer = if head.starts_with("post /ocsp ") {
                self.asked.0.fetch_add(1, Ordering::Relaxed);
                status(&self.responder, &question)?
            } else {
                stamp(&self.stamper, &question, self.asked.1.fetch_add(1, Ordering::Relaxed))?
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
            (&mut &*stream).write_all(&[head.into_bytes(), answer].concat()).ok()?;
        }
    }
}
