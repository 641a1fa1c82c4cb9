//! `collector roll vis3 fetch`, from a stand-in of VIS3 that asks for a certificate.

use super::*;
use crate::support::now;
use crate::support::pki::{Authority, Credential, P256, authority_params, set_validity};
use rcgen::CertificateParams;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Path and query → status and body; and what was asked.
#[derive(Default)]
struct Pages {
    pages: BTreeMap<String, (u16, Vec<u8>)>,
    asked: Vec<String>,
}

struct Vis3 {
    office: Office,
    pages: Arc<Mutex<Pages>>,
    url: String,
    authority: Authority,
}

fn leaf(authority: &Authority, name: &str) -> Credential {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    set_validity(&mut params, (now() - 1000, now() + 100_000));
    authority.issue(&params, P256).unwrap()
}

fn authority(name: &str) -> Authority {
    Authority::root(authority_params(name, (now() - 1000, now() + 100_000), None), P256).unwrap()
}

/// A ZIP of stored files.
fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let step = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()));
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let (sum, length) = ((!data.iter().fold(u32::MAX, step)).to_le_bytes(), (data.len() as u32).to_le_bytes());
        let same = [&[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], &sum[..], &length, &length, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat();
        let offset = (zip.len() as u32).to_le_bytes();
        directory.extend([b"PK\x01\x02\x14\x00", &same[..], &[0; 10], &offset, name.as_bytes()].concat());
        zip.extend([b"PK\x03\x04", &same[..], name.as_bytes(), data].concat());
    }
    let (count, begin) = ((files.len() as u16).to_le_bytes(), (zip.len() as u32).to_le_bytes());
    let length = (directory.len() as u32).to_le_bytes();
    [&zip[..], &directory, b"PK\x05\x06", &[0; 4], &count, &count, &length, &begin, &[0, 0]].concat()
}

impl Vis3 {
    /// List 0 was taken by hand.
    fn new() -> Self {
        let office = Office::new();
        assert!(office.hand_in("apply", &office.list(0, &FIRST), &["--election", "RK_2027"]).ok);
        let authority = authority("TEST VIS3");
        let own = leaf(&authority, "localhost");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain = CertificateDer::pem_slice_iter(own.chain_pem.as_bytes()).map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).unwrap();
        let config = Arc::new(config.with_client_cert_verifier(clients).with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let pages: Arc<Mutex<Pages>> = Arc::default();
        let shared = pages.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
                let mut lines = BufReader::new(&mut stream).lines();
                let Some(Ok(first)) = lines.next() else { continue };
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let target = first.split(' ').nth(1).unwrap().to_owned();
                let mut pages = shared.lock().unwrap();
                let (status, body) = pages.pages.get(&target).cloned().unwrap_or((404, Vec::new()));
                pages.asked.push(target);
                let more = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
                let head = format!("HTTP/1.1 {status} X\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(&[head.as_bytes(), &body].concat());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        let vis3 = Self { office, pages, url, authority };
        let own = leaf(&vis3.authority, "ehs");
        vis3.file("own.pem", &own.chain_pem);
        vis3.file("own.key", &own.key_pem);
        vis3.file("ca.pem", &vis3.authority.pem());
        vis3
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.office.path(name), text).unwrap();
    }

    fn page(&self, target: &str, status: u16, body: &[u8]) {
        self.pages.lock().unwrap().pages.insert(target.to_owned(), (status, body.to_vec()));
    }

    /// VIS3 says that it has lists up to this one.
    fn has(&self, last: u64) {
        let list = |n| format!(r#"{{"changeset":{n},"url":"/x","from":"2027-02-20T22:00:00Z","to":"2027-02-21T22:00:00Z"}}"#);
        let lists = (0..=last).map(list).collect::<Vec<_>>().join(",");
        self.page("/ehs-list-election-changesets?electionCode=RK_2027", 200, format!(r#"{{"changesets":[{lists}]}}"#).as_bytes());
    }

    fn target(number: u64) -> String {
        format!("/ehs-election-voters-changeset?electionCode=RK_2027&changeset={number}")
    }

    fn files(&self, number: u64, lines: &[&str]) -> Vec<(String, Vec<u8>)> {
        let content = list("RK_2027", number, lines).into_bytes();
        let signature = self.office.key.sign(&content).unwrap();
        vec![(format!("RK_2027-voters-{number}.utf"), content), (format!("RK_2027-voters-{number}.sig"), signature)]
    }

    fn list(&self, number: u64, lines: &[&str]) {
        self.page(&Self::target(number), 200, &zip(&self.files(number, lines)));
    }

    fn fetch_with(&self, [url, certificate, key, ca]: [&str; 4], more: &[&str]) -> Said {
        let path = |name: &str| self.office.path(name).to_str().unwrap().to_owned();
        let (signer, kept, certificate, key, ca) = (path("key.pem"), path("kept"), path(certificate), path(key), path(ca));
        let tls = ["--url", url, "--tls-certificate", &certificate, "--tls-key", &key, "--tls-ca", &ca];
        let words = [&tls[..], &["--key", &signer, "--officer", "Mari Maasikas", "--keep", &kept], more].concat();
        self.office.run("fetch", &words)
    }

    fn fetch(&self, more: &[&str]) -> Said {
        self.fetch_with([&self.url, "own.pem", "own.key", "ca.pem"], more)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.pages.lock().unwrap().asked)
    }

    /// How many lists were taken.
    fn taken(&self) -> i64 {
        rows(&self.office.election.data())["list"]
    }
}

#[test]
fn lists_are_fetched_in_order_and_resumed() {
    let vis3 = Vis3::new();
    vis3.has(0);
    let said = vis3.fetch(&[]);
    assert!(said.ok && said.has("VIS3 has lists up to 0; taken here are those up to 0"), "{}", said.text);
    assert_eq!(vis3.asked().len(), 1);

    vis3.has(3);
    vis3.list(1, &["kustutamine 10000000001"]);
    vis3.list(2, &["lisamine 10000000004 D 0653 4"]);
    let dry = vis3.fetch(&["--dry-run"]);
    assert!(dry.ok && dry.has("removed 1") && dry.has("nothing was changed") && vis3.taken() == 1, "{}", dry.text);
    // List 3 is named and not there: what came before it stays taken, and the next time goes on there.
    let said = vis3.fetch(&[]);
    assert!(!said.ok && said.has("names list 3, and does not have list 3"), "{}", said.text);
    assert_eq!(vis3.taken(), 3);
    vis3.asked();
    vis3.list(3, &["lisamine 10000000005 E 0653 4"]);
    assert!(vis3.fetch(&[]).ok && vis3.taken() == 4);
    assert_eq!(vis3.asked(), ["/ehs-list-election-changesets?electionCode=RK_2027".to_owned(), Vis3::target(3)]);
    assert_eq!(fs::read(vis3.office.path("kept/RK_2027-voters-2.utf")).unwrap(), vis3.files(2, &["lisamine 10000000004 D 0653 4"])[0].1);
    assert_eq!(vis3.office.roll().lines().len(), 4);

    // A bad list stops it until an order skips it; another list under the same number is none.
    vis3.has(5);
    vis3.list(4, &["lisamine 10000000005 E 0653 4"]);
    vis3.list(5, &["kustutamine 10000000005"]);
    let bad = vis3.fetch(&[]);
    assert!(!bad.ok && bad.has("§3.1, line 5") && vis3.taken() == 4, "{}", bad.text);
    vis3.list(4, &["lisamine 10000000006 E 0653 4"]);
    let mended = vis3.fetch(&[]);
    assert!(!mended.ok && mended.has("was another list") && vis3.taken() == 4, "{}", mended.text);
    assert!(vis3.office.hand_in("skip", &vis3.office.sign("s.skip.yaml", &skip("RK_2027", 4)), &[]).ok);
    assert!(vis3.fetch(&[]).ok && vis3.taken() == 6);
    vis3.has(4);
    assert!(vis3.fetch(&[]).has("fewer lists than were taken here"));
}

#[test]
fn answers_that_are_refused() {
    let vis3 = Vis3::new();
    let refused = |words: &str| {
        let said = vis3.fetch(&[]);
        assert!(!said.ok && said.has(words) && vis3.taken() == 1, "{words}: {}", said.text);
        assert!(!said.has("1000000000") && !vis3.office.path("kept/RK_2027-voters-1.utf").exists());
    };
    let overview = "/ehs-list-election-changesets?electionCode=RK_2027";
    vis3.page(overview, 403, br#"{"field":"electionCode","value":"10000000001"}"#);
    refused("status 403, because of \"electionCode\"");
    vis3.page(overview, 200, b"{}");
    refused("no overview");
    vis3.page(overview, 302, b"");
    refused("status 302");
    vis3.has(1);
    let good = vis3.files(1, &["kustutamine 10000000001"]);
    for (status, words) in [(400, "status 400"), (403, "status 403"), (409, "(409)"), (500, "status 500"), (404, "does not have list 1")] {
        vis3.page(&Vis3::target(1), status, &zip(&good));
        refused(words);
    }
    let page = |files: &[(String, Vec<u8>)]| vis3.page(&Vis3::target(1), 200, &zip(files));
    vis3.page(&Vis3::target(1), 200, b"no zip");
    refused("no ZIP");
    let whole = zip(&good);
    vis3.page(&Vis3::target(1), 200, &whole[..whole.len() - 1]);
    refused("no ZIP");
    page(&good[..1]);
    refused("not two files");
    page(&[&good[..], &[("more".to_owned(), Vec::new())]].concat());
    refused("not two files");
    page(&[good[0].clone(), (good[1].0.replace('1', "2"), good[1].1.clone())]);
    refused("other files");
    page(&[(format!("../{}", good[0].0), good[0].1.clone()), good[1].clone()]);
    refused("no ZIP");
    page(&[good[0].clone(), (good[1].0.clone(), vis3.files(1, &[])[1].1.clone())]);
    refused("does not verify");
    // A list of another number or election under this name.
    for content in [list("RK_2027", 2, &[]), list("RK_2023", 1, &[])] {
        let signature = vis3.office.key.sign(content.as_bytes()).unwrap();
        page(&[(good[0].0.clone(), content.into_bytes()), (good[1].0.clone(), signature)]);
        let said = vis3.fetch(&[]);
        assert!(!said.ok && said.has("VIS3-EHS 3 §3.1") && vis3.taken() == 1, "{}", said.text);
        fs::remove_dir_all(vis3.office.path("kept")).unwrap();
    }
    page(&good);
    assert!(vis3.fetch(&[]).ok && vis3.taken() == 2);
}

/// Both sides show certificates, and each believes its own authority alone.
#[test]
fn both_sides_show_certificates() {
    let vis3 = Vis3::new();
    vis3.has(0);
    let other = authority("TEST others");
    let stranger = leaf(&other, "ehs");
    vis3.file("stranger.pem", &stranger.chain_pem);
    vis3.file("stranger.key", &stranger.key_pem);
    vis3.file("other.pem", &other.pem());
    assert!(vis3.fetch(&[]).ok);
    assert_eq!(vis3.asked().len(), 1);
    let plain = vis3.url.replace("https", "http");
    let by_number = vis3.url.replace("localhost", "127.0.0.1");
    for words in [
        [&*vis3.url, "stranger.pem", "stranger.key", "ca.pem"],
        [&vis3.url, "own.pem", "own.key", "other.pem"],
        [&vis3.url, "own.pem", "stranger.key", "ca.pem"],
        [&by_number, "own.pem", "own.key", "ca.pem"],
        [&plain, "own.pem", "own.key", "ca.pem"],
        ["https://localhost:9", "own.pem", "own.key", "ca.pem"],
    ] {
        let said = vis3.fetch_with(words, &[]);
        assert!(!said.ok && vis3.asked().is_empty() && !said.has("panicked"), "{words:?}: {}", said.text);
    }
    let empty = Office::new();
    let (key, url) = (empty.path("key.pem"), vis3.url.as_str());
    let path = |name: &str| vis3.office.path(name).to_str().unwrap().to_owned();
    let (certificate, own, ca, kept) = (path("own.pem"), path("own.key"), path("ca.pem"), path("kept"));
    let words = ["--url", url, "--tls-certificate", &certificate, "--tls-key", &own, "--tls-ca", &ca, "--keep", &kept, "--officer", "x"];
    let said = empty.run("fetch", &[&words[..], &["--key", key.to_str().unwrap()]].concat());
    assert!(!said.ok && said.has("list 0 is handed over by hand"), "{}", said.text);
}
