//! Stand-ins for the services: an HTTP server on this machine, phones with keys of a test eID, and a voter who records what is shown.

use crate::eid::{Eid, Holder, LoginAnswer, Notice, Secret};
use crate::failure::Failure;
use aws_lc_rs::digest::{Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PSS_SHA512, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::Profile;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

use super::pki::{Credential, P256, Person, TestPki, Use};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub body: Value,
}

/// A server that answers every request by a rule. It ends with the test program.
pub fn serve(mut answer: impl FnMut(&Request) -> (u16, Value) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                continue;
            }
            let mut words = line.split(' ');
            let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
            let mut length = 0;
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                match header.trim().to_ascii_lowercase().split_once(':') {
                    Some(("content-length", value)) => length = value.trim().parse().unwrap(),
                    Some(_) => {}
                    None => break,
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let path = path.strip_prefix("/api").unwrap().to_owned();
            let (status, value) = answer(&Request { method, path, body: serde_json::from_slice(&body).unwrap_or(Value::Null) });
            let text = value.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                text.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes()));
        }
    });
    url
}

/// The names in an object, sorted.
pub fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().map_or(Vec::new(), |o| o.keys().map(String::as_str).collect());
    names.sort_unstable();
    names
}

pub enum Key {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// One key of a phone, with its certificate.
pub struct Held {
    pub key: Key,
    pub credential: Credential,
}

impl Held {
    pub fn ec(pki: &TestPki, person: u32, usage: Use) -> Self {
        let credential = pki.issuing.issue(&pki.params(&Person::numbered(person), usage), P256).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pem(&credential.key_pem)).unwrap();
        Self { key: Key::Ec(key), credential }
    }

    pub fn rsa(pki: &TestPki, person: u32, usage: Use) -> Self {
        let credential = pki.issuing.issue(&pki.params(&Person::numbered(person), usage), &rcgen::PKCS_RSA_SHA256).unwrap();
        let key = RsaKeyPair::from_pkcs8(&pem(&credential.key_pem)).unwrap();
        Self { key: Key::Rsa(key), credential }
    }

    /// The leaf, as the services send it.
    pub fn certificate(&self) -> String {
        STANDARD.encode(pem(self.credential.chain_pem.split_inclusive("-----END CERTIFICATE-----").next().unwrap()))
    }

    /// Signs a hash as a phone does, in base64.
    pub fn sign(&self, hash: &[u8]) -> String {
        let algorithm = [&SHA256, &SHA384, &SHA512].into_iter().find(|a| a.output_len() == hash.len()).unwrap();
        let digest = Digest::import_less_safe(hash, algorithm).unwrap();
        match &self.key {
            Key::Ec(key) => STANDARD.encode(key.sign_digest(&digest).unwrap()),
            Key::Rsa(key) => {
                let mut made = vec![0; key.public_modulus_len()];
                key.sign_digest(&RSA_PSS_SHA512, &digest, &mut made).unwrap();
                STANDARD.encode(made)
            }
        }
    }
}

fn pem(text: &str) -> Vec<u8> {
    STANDARD.decode(text.lines().filter(|line| !line.starts_with("-----")).collect::<String>()).unwrap()
}

pub fn test_pki() -> TestPki {
    TestPki::new("TEST eID", (1_781_395_200, 1_812_931_200)).unwrap()
}

/// A voter who types no PIN here, and remembers what is shown.
#[derive(Default)]
pub struct Voter {
    pub shown: Mutex<Vec<Notice>>,
    pub gives_up: AtomicBool,
}

impl Holder for Voter {
    fn secret(&self, which: &Secret, _: Option<u8>) -> Result<Zeroizing<String>, Failure> {
        panic!("asked for {which:?}, which belongs on the phone")
    }

    fn show(&self, notice: &Notice) {
        self.shown.lock().unwrap().push(notice.clone());
    }

    fn gave_up(&self) -> bool {
        self.gives_up.load(Ordering::Relaxed)
    }
}

impl Voter {
    pub fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut self.shown.lock().unwrap())
    }
}

/// What the collector is asked to believe.
pub fn log_in(eid: &dyn Eid) -> Result<LoginAnswer, Failure> {
    eid.login(&[1; 32], &[2; 32], &[3; 32])
}

pub fn sign(eid: &dyn Eid) -> Result<Vec<u8>, Failure> {
    eid.sign(b"a ballot", (Profile::AsicE, 1_790_000_000))
}

/// The same as the collector checks: the login in its form, and the container.
pub fn assert_works(eid: &dyn Eid, person: &str) {
    use envelope::login::{login_message, verify_login_as};
    let answer = log_in(eid).unwrap();
    let leaf = envelope::Certificate::from_der(&answer.certificates[0]).unwrap();
    leaf.accept_for(envelope::Purpose::Login).unwrap();
    verify_login_as(&answer.form, &leaf, &login_message(&[1; 32], &[2; 32], &[3; 32]), &answer.signature).unwrap();
    let signed = Profile::AsicE.verify(b"a ballot", &sign(eid).unwrap()).unwrap();
    signed.certificate().accept_for(envelope::Purpose::Signing).unwrap();
    assert_eq!((eid.person_code(), leaf.person_code().unwrap(), signed.certificate().person_code().unwrap()), (person, person, person));
}

pub fn arc() -> (Arc<Voter>, Arc<dyn Holder>) {
    let voter = Arc::new(Voter::default());
    (voter.clone(), voter)
}
