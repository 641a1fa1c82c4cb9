//! What the operator's machines and a passer-by see: TLS, readiness, metrics, the page at the server's address. Spec: 13-http HTTP-10.

use crate::support::server::command;
use crate::support::{Election, Options, Server, Witness, until};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A server whose operator has an address of his own, and more words on its command line.
fn start(election: &Election, witnesses: &[&str], env: &[(&str, &str)], words: &[&str]) -> Server {
    let mut command = command(election, witnesses, env);
    command.args(["--operator", "127.0.0.1:0"]).args(words);
    Server::from(command, election)
}

fn text(server: &Server, path: &str) -> (u16, String) {
    let reply = server.operator.as_ref().unwrap().get(path, None);
    (reply.status, String::from_utf8(reply.body).unwrap())
}

/// The value of one line of the metrics.
fn value(metrics: &str, line: &str) -> Option<f64> {
    metrics.lines().find_map(|l| l.strip_prefix(line)?.trim().parse().ok())
}

/// HTTP-10: TLS 1.3 with the certificate that was given, and nothing else on that port.
#[test]
fn http_10_tls_1_3_alone() {
    let election = Election::new(Options::default());
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = election.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) = (file("tls.pem", cert.pem()), file("tls.key", signing_key.serialize_pem()));
    let (foreign, empty) = (file("foreign.key", other.signing_key.serialize_pem()), file("empty.pem", String::new()));

    for (words, says) in [
        (["--tls-certificate", &certificate, "--tls-key", &foreign], "do not belong together"),
        (["--tls-certificate", &empty, "--tls-key", &key], "no certificate in it"),
    ] {
        let said = command(&election, &[], &[]).args(words).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(said.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&said.stderr).contains(says), "{said:?}");
    }

    let server = start(&election, &[], &[], &["--tls-certificate", &certificate, "--tls-key", &key]);
    let agent = |roots: RootCerts| -> ureq::Agent {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots).build();
        ureq::Agent::config_builder().tls_config(tls).build().into()
    };
    let url = format!("https://localhost:{}/v1/status", server.port);
    let trusting = agent(RootCerts::new_with_certs(&[Certificate::from_der(cert.der()).to_owned()]));
    let said = trusting.get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(said.contains(&hex::encode(election.manifest.id())), "{said}");
    let strange = agent(RootCerts::WebPki).get(&url).call();
    assert!(strange.is_err(), "a certificate of nobody that one trusts");

    let mut plain = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    plain.write_all(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("election"), "plain HTTP on the port of TLS");

    let handshake = |version: &str| {
        let words = ["s_client", "-connect", &format!("127.0.0.1:{}", server.port), version, "-brief"].map(str::to_owned);
        Command::new("openssl").args(words).stdin(Stdio::null()).output().unwrap()
    };
    let (new, old) = (handshake("-tls1_3"), handshake("-tls1_2"));
    assert!(String::from_utf8_lossy(&new.stderr).contains("TLSv1.3"), "{new:?}");
    assert!(!old.status.success() && !String::from_utf8_lossy(&old.stderr).contains("CONNECTION ESTABLISHED"), "{old:?}");
    assert_eq!(text(&server, "/health"), (200, "alive\n".to_owned()));
}

/// Ready as long as a ballot can be stored and gets its quorum; each trouble in a line.
#[test]
fn readiness() {
    let election = Election::new(Options { witnesses: 1, quorum: 1, ..Options::default() });
    let witness = Witness::start("witness-1", election.manifest.clone());
    let server = start(&election, &[&witness.url], &[], &[]);
    election.open_voting(&server);
    until("it is ready", || (text(&server, "/ready") == (200, "ready\n".to_owned())).then_some(()));

    witness.silent.store(true, Ordering::SeqCst);
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    let (status, says) = until("it is not", || Some(text(&server, "/ready")).filter(|(status, _)| *status != 200));
    assert!(status == 503 && says.contains("receipts wait"), "{says}");
    assert_eq!(text(&server, "/health").0, 200, "no reason to restart it");
    let (_, metrics) = text(&server, "/metrics");
    assert!(value(&metrics, "haal_quorum_wait_seconds").unwrap() > 10.0);
    assert!(value(&metrics, "haal_log_cosigned_entries").unwrap() < value(&metrics, "haal_log_entries").unwrap());

    witness.silent.store(false, Ordering::SeqCst);
    server.stop(); // else it would rest up to half a minute before it asks again
    let server = start(&election, &[&witness.url], &[], &[]);
    until("it is ready again", || (text(&server, "/ready").0 == 200).then_some(()));
}

/// A database that takes nothing makes it unready, until it takes something.
#[test]
fn not_ready_when_nothing_can_be_stored() {
    let (election, server) = Election::open(Options::default());
    server.stop();
    let server = start(&election, &[], &[("HAAL_MAX_PAGES", "1")], &[]);
    assert_eq!(text(&server, "/ready").0, 200);
    let full = until("the database is full", || {
        let reply = server.client.post("/v1/login/nonce", None, b"").ok();
        let body = election.voter(0).login_body(reply["nonce"].as_str().unwrap());
        Some(server.client.post("/v1/login", None, body.to_string().as_bytes())).filter(|reply| reply.status != 200)
    });
    assert_eq!(full.status, 503);
    let (status, says) = text(&server, "/ready");
    assert!(status == 503 && says.contains("the database took nothing"), "{says}");
}

/// Every call is counted under its path in the specification, every refusal under its rule, and nothing tells one voter from another.
#[test]
fn metrics() {
    let (election, server) = Election::open(Options::default());
    server.stop();
    let server = start(&election, &[], &[], &[]);
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (ballot, _) = voter.cast(&server, &mut session);
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), b"x").status, 400);
    assert_eq!(server.client.get("/v1/nowhere/secret-name", None).status, 404);
    server.client.get(&format!("/v1/receipt/{}", hex::encode([7; 32])), None);
    server.settle();
    let (status, metrics) = text(&server, "/metrics");
    assert_eq!(status, 200);
    for (line, expected) in [
        ("haal_calls_total{call=\"/v1/cast\",status=\"200\"}", 1.0),
        ("haal_calls_total{call=\"/v1/cast\",status=\"400\"}", 1.0),
        ("haal_calls_total{call=\"/v1/login\",status=\"200\"}", 1.0),
        ("haal_calls_total{call=\"/v1/receipt/{hash}\",status=\"404\"}", 1.0),
        ("haal_calls_total{call=\"other\",status=\"404\"}", 1.0),
        ("haal_call_seconds_count{call=\"/v1/cast\"}", 2.0),
        ("haal_phase{phase=\"voting\"}", 1.0),
        ("haal_phase{phase=\"setup\"}", 0.0),
        ("haal_ballots_pending", 0.0),
    ] {
        assert_eq!(value(&metrics, line), Some(expected), "{line}\n{metrics}");
    }
    let refused = metrics.lines().filter(|l| l.starts_with("haal_refusals_total{")).count();
    assert!(refused >= 2, "{metrics}");
    assert!(value(&metrics, "haal_disk_free_bytes").unwrap() > 0.0);
    let person = hex::encode(session.pseudonym);
    for secret in [session.token.as_str(), &person, "secret-name", &hex::encode([7; 32]), &hex::encode(ballot.bytes())[..64]] {
        assert!(!metrics.contains(secret), "{secret} in the metrics");
    }
    for path in ["/metrics", "/ready", "/health"] {
        assert_eq!(server.client.get(path, None).status, 404, "{path} is the operator's alone");
    }
    assert_eq!(server.operator.as_ref().unwrap().get("/v1/status", None).status, 404);
}

/// The page at the server's address says what the board says.
#[test]
fn status_page() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    voter.cast(&server, &mut voter.login(&server));
    server.settle();
    let reply = server.client.get("/", None);
    let page = String::from_utf8(reply.body.clone()).unwrap();
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    for shown in [hex::encode(election.manifest.id()).as_str(), "<td>voting</td>", "<td>1 (voting again adds one)</td>", " UTC"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("<script") && !page.contains(&hex::encode(voter.login(&server).pseudonym)));
}

/// The Debian package holds the program, its unit and its guide, and is the same each time; systemd finds nothing wrong with the unit.
#[test]
fn debian_package() {
    let have = |tool: &str| Command::new(tool).arg("--version").output().is_ok_and(|said| said.status.success());
    if !have("dpkg-deb") || !have("strip") {
        eprintln!("SKIPPED: no dpkg-deb here");
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let build = |name: &str| {
        let folder = out.path().join(name);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/build-deb");
        let mut command = Command::new(script);
        let said =
            command.arg(&folder).env("HAAL_COLLECTOR", env!("CARGO_BIN_EXE_collector")).env("SOURCE_DATE_EPOCH", "1").output().unwrap();
        assert!(said.status.success(), "{said:?}");
        std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
    };
    let (first, second) = (build("a"), build("b"));
    assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(second).unwrap());
    let root = out.path().join("root");
    assert!(Command::new("dpkg-deb").arg("-x").arg(&first).arg(&root).status().unwrap().success());
    let version = Command::new(root.join("usr/bin/collector")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("collector "));
    let unit = root.join("usr/lib/systemd/system/haal-collector@.service");
    assert!(unit.exists() && root.join("usr/share/doc/haal-collector/OPERATING.md").exists());
    if have("systemd-analyze") {
        let named = out.path().join("haal-collector@box.service");
        let text = std::fs::read_to_string(unit).unwrap().replace("/usr/bin/collector", root.join("usr/bin/collector").to_str().unwrap());
        std::fs::write(&named, text).unwrap();
        let said = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(named).output().unwrap();
        let text = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!text.contains("haal-collector@"), "{text}");
    }
}
