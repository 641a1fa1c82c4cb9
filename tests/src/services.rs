//! An OCSP responder and a time-stamping party beside the test eID, by OpenSSL. Answers can be made without a server.
//!
//! Like `pki.rs`, this file is read by the tests of other packages too. Both services know no other time than the present.

use super::pki::{Authority, Credential, P256, TestPki, authority_params, set_validity};
use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

/// The policy of the time-stamping party.
pub const STAMP_POLICY: &str = "1.2.3.4.1";

/// Who signs an answer about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responder {
    /// The issuer itself.
    Issuer,
    /// A certificate for this, by the issuer.
    Delegated,
    /// A certificate by the issuer, but not for this.
    NoPurpose,
    /// A certificate for this, by another issuer.
    Stranger,
    /// A certificate for this, by the issuer, whose time is over.
    Expired,
}

/// A folder with keys and certificates of both services, and what the responder knows.
pub struct Services {
    folder: PathBuf,
    /// The anchor of the time-stamping party.
    pub stamp_root: Authority,
}

impl Services {
    /// Makes both services, valid as given.
    pub fn new(pki: &TestPki, folder: &Path, valid: (u64, u64)) -> io::Result<Self> {
        let stamp_root = Authority::root(authority_params("TEST Stamp Root", valid, None), P256)?;
        let services = Self { folder: folder.to_owned(), stamp_root };
        let service = |name: &str| {
            let mut params = authority_params(name, valid, None);
            params.is_ca = rcgen::IsCa::ExplicitNoCa;
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params
        };
        let responder = |name: &str| -> CertificateParams {
            let mut params = service(name);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
            params
        };
        services.keep("delegated", &pki.issuing.issue(&responder("TEST OCSP"), P256)?)?;
        services.keep("no-purpose", &pki.issuing.issue(&service("TEST nobody"), P256)?)?;
        services.keep("stranger", &TestPki::new("Other eID", valid)?.issuing.issue(&responder("TEST OCSP"), P256)?)?;
        let mut expired = responder("TEST OCSP old");
        set_validity(&mut expired, (valid.0, valid.0 + 1));
        services.keep("expired", &pki.issuing.issue(&expired, P256)?)?;
        services.keep("issuer", &Credential { key_pem: pki.issuing.key_pem(), chain_pem: pki.issuing.pem() })?;
        let stamping = |name, critical| {
            let mut params = service(name);
            // SEQUENCE { id-kp-timeStamping }
            let purpose = vec![0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
            let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
            extension.set_criticality(critical);
            params.custom_extensions.push(extension);
            params
        };
        services.keep("stamper", &services.stamp_root.issue(&stamping("TEST Stamp", true), P256)?)?;
        services.keep("stamper-rsa", &services.stamp_root.issue(&stamping("TEST Stamp RSA", true), &rcgen::PKCS_RSA_SHA256)?)?;
        services.keep("stamper-lax", &services.stamp_root.issue(&stamping("TEST Stamp lax", false), P256)?)?;
        services.keep("stamper-none", &services.stamp_root.issue(&service("TEST Stamp none"), P256)?)?;
        services.keep("stamper-other", &pki.issuing.issue(&stamping("TEST Stamp other", true), P256)?)?;
        let config = format!(
            "[tsa]\nserial={0}/serial\ncrypto_device=builtin\nsigner_cert={0}/stamper.pem\nsigner_key={0}/stamper.key\nsigner_digest=sha256\n\
             default_policy={STAMP_POLICY}\ndigests=sha256\naccuracy=secs:1\nordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n",
            folder.display()
        );
        fs::write(services.file("ts.cnf"), config)?;
        fs::write(services.file("serial"), "01\n")?;
        fs::write(services.file("index.txt"), "")?;
        Ok(services)
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn keep(&self, name: &str, credential: &Credential) -> io::Result<()> {
        fs::write(self.file(&format!("{name}.key")), &credential.key_pem)?;
        fs::write(self.file(&format!("{name}.pem")), &credential.chain_pem)
    }

    /// Lets the responder know a certificate, in PEM: good, or revoked.
    pub fn know(&self, certificate_pem: &str, good: bool) -> io::Result<()> {
        fs::write(self.file("asked.pem"), certificate_pem)?;
        let said = self.openssl(&["x509", "-in", "asked.pem", "-noout", "-serial"])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let serial = said.trim().strip_prefix("serial=").unwrap_or_default();
        let (mark, revoked) = if good { ("V", "") } else { ("R", "260101000000Z,certificateHold") };
        let index = fs::read_to_string(self.file("index.txt"))?;
        let others: String = index.lines().filter(|line| !line.contains(serial)).map(|line| format!("{line}\n")).collect();
        fs::write(self.file("index.txt"), format!("{others}{mark}\t360101000000Z\t{revoked}\t{serial}\tunknown\t/CN={serial}\n"))
    }

    /// The answer to a question about a certificate; `more` are further options of `openssl ocsp`.
    pub fn status(&self, request: &[u8], responder: Responder, more: &[&str]) -> io::Result<Vec<u8>> {
        let signer = match responder {
            Responder::Issuer => "issuer",
            Responder::Delegated => "delegated",
            Responder::NoPurpose => "no-purpose",
            Responder::Stranger => "stranger",
            Responder::Expired => "expired",
        };
        let (question, answer) = (self.scratch("req"), self.scratch("resp"));
        fs::write(&question, request)?;
        let (key, certificate) = (format!("{signer}.key"), format!("{signer}.pem"));
        let mut command =
            vec!["ocsp", "-index", "index.txt", "-CA", "issuer.pem", "-rkey", &key, "-rsigner", &certificate, "-rmd", "sha256"];
        let (from, to) = (question.to_string_lossy().into_owned(), answer.to_string_lossy().into_owned());
        command.extend(["-nmin", "5", "-reqin", &from, "-respout", &to]);
        command.extend(more);
        self.openssl(&command)?;
        fs::read(answer)
    }

    /// The answer to a request for a time stamp.
    pub fn stamp(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let question = self.scratch("tsq");
        fs::write(&question, request)?;
        let from = question.to_string_lossy().into_owned();
        self.openssl(&["ts", "-reply", "-config", "ts.cnf", "-section", "tsa", "-queryfile", &from])
    }

    /// A token around any TSTInfo, by one of the stampers; `more` are further options of `openssl cms`.
    pub fn token(&self, info: &[u8], stamper: &str, more: &[&str]) -> io::Result<Vec<u8>> {
        let content = self.scratch("tst");
        fs::write(&content, info)?;
        let from = content.to_string_lossy().into_owned();
        let (key, certificate) = (format!("{stamper}.key"), format!("{stamper}.pem"));
        let kind = ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-nodetach", "-binary", "-outform", "DER"];
        let mut command = vec!["cms", "-sign", "-in", &from, "-signer", &certificate, "-inkey", &key];
        command.extend(kind);
        command.extend(more);
        self.openssl(&command)
    }

    /// A name of its own in the folder.
    fn scratch(&self, ending: &str) -> PathBuf {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.file(&format!("{}.{ending}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Runs OpenSSL in the folder; gives what it wrote to standard output.
    fn openssl(&self, arguments: &[&str]) -> io::Result<Vec<u8>> {
        let output = Command::new("openssl").args(arguments).current_dir(&self.folder).output()?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(io::Error::other(format!("openssl {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr))))
        }
    }
}

/// The extension authorityInfoAccess with the URL of an OCSP responder (at most 100 bytes).
pub fn ocsp_access(url: &str) -> CustomExtension {
    let (ocsp, url) = ([0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01], url.as_bytes());
    let one = der(0x30, &[ocsp.as_slice(), &der(0x86, url)].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der(0x30, &one))
}

/// One element in DER.
pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

/// How a service behaves that is asked over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It takes the question and hangs up.
    Down,
    /// It takes the question and says nothing for a minute.
    Slow,
    /// It answers with status 500.
    Failing,
    /// It answers with what is none.
    Babbling,
    /// It gives the answer to the question before.
    Repeating,
    /// The responder's answer is signed by somebody who may not.
    Foreign,
}

/// Both services over HTTP, on threads of their own: `/ocsp` and `/tsa`.
pub struct Running {
    /// `http://127.0.0.1:port`
    pub base: String,
    shared: Arc<Shared>,
}

/// Answers in DER, in the order in which they were given.
#[derive(Default)]
struct Given {
    answers: Vec<Vec<u8>>,
    stamps: Vec<Vec<u8>>,
}

struct Shared {
    services: Services,
    moods: Mutex<(Mood, Mood)>,
    /// Every right answer that was given: of the responder, and of the time-stamping party (its register).
    given: Mutex<Given>,
    asked: Mutex<(usize, usize)>,
}

impl Running {
    /// Listens on a free port.
    pub fn start(services: Services) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let moods = Mutex::new((Mood::Well, Mood::Well));
        let shared = Arc::new(Shared { services, moods, given: Mutex::default(), asked: Mutex::default() });
        let serving = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(stream));
            }
        });
        Ok(Self { base, shared })
    }

    /// The services themselves.
    pub fn services(&self) -> &Services {
        &self.shared.services
    }

    /// How the responder and the time-stamping party behave from now on.
    pub fn set(&self, ocsp: Mood, tsa: Mood) {
        *self.shared.moods.lock().unwrap_or_else(PoisonError::into_inner) = (ocsp, tsa);
    }

    /// How often each was asked.
    pub fn asked(&self) -> (usize, usize) {
        *self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time-stamping party's register: every stamp it gave.
    pub fn register(&self) -> Vec<Vec<u8>> {
        self.shared.given.lock().unwrap_or_else(PoisonError::into_inner).stamps.clone()
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let Ok((path, question)) = read_post(&mut stream) else { return };
        let is_ocsp = path == "/ocsp";
        let mood = {
            let (ocsp, tsa) = *self.moods.lock().unwrap_or_else(PoisonError::into_inner);
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            *(if is_ocsp { &mut asked.0 } else { &mut asked.1 }) += 1;
            if is_ocsp { ocsp } else { tsa }
        };
        let answer = match mood {
            Mood::Down => return,
            Mood::Slow => return std::thread::sleep(Duration::from_secs(60)),
            Mood::Failing => None,
            Mood::Babbling => Some(b"<html>welcome to the hotel network</html>".to_vec()),
            Mood::Repeating => {
                let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
                if is_ocsp { given.answers.last().cloned() } else { given.stamps.last().cloned() }
            }
            Mood::Well | Mood::Foreign => {
                let responder = if mood == Mood::Well { Responder::Delegated } else { Responder::NoPurpose };
                let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner); // one at a time: they share files
                let made = if is_ocsp { self.services.status(&question, responder, &[]) } else { self.services.stamp(&question) };
                let list = if is_ocsp { &mut given.answers } else { &mut given.stamps };
                made.ok().inspect(|answer| list.push(answer.clone()))
            }
        };
        let (status, body) = answer.map_or((500, Vec::new()), |answer| (200, answer));
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(&[head.into_bytes(), body].concat());
    }
}

/// Path and body of a request.
fn read_post(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((path, body))
}
