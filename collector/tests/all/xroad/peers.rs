//! Who is let in: XROAD-1.

use super::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey as Shown;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned, SupportedProtocolVersion};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

/// As security servers make them: signed by themselves.
fn own() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// Shows a certificate without looking whether the key belongs to it.
#[derive(Debug)]
struct Claims(Option<Arc<Shown>>);

impl ResolvesClientCert for Claims {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<Shown>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// What the collector answers to somebody who shows this certificate and signs with that key; nothing if it breaks off.
fn answer(
    port: u16,
    trusted: &CertificateDer<'static>,
    shown: Option<(&CertifiedKey<KeyPair>, &KeyPair)>,
    version: &'static SupportedProtocolVersion,
) -> Option<String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let shown = shown.map(|(certificate, key)| {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Arc::new(Shown::new(vec![certificate.cert.der().clone()], provider.key_provider.load_private_key(key).unwrap()))
    });
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let config = config.with_root_certificates(roots).with_client_cert_resolver(Arc::new(Claims(shown)));
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port)).unwrap());
    let request =
        format!("GET /xroad/v1/elections HTTP/1.1\r\nHost: x\r\nX-Road-Client: {VIS3}\r\nX-Road-Id: 1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    (!answer.is_empty()).then_some(answer)
}

#[test]
fn only_known_security_servers_are_let_in() {
    let (election, _) = election(1, None);
    let (server, known, another, stranger) = (own(), own(), own(), own());
    let file = |name: &str, text: String| {
        let path = election.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = file("x.pem", server.cert.pem());
    let key = file("x.key", server.signing_key.serialize_pem());
    let peers = file("peers.pem", known.cert.pem() + &another.cert.pem());
    let words = ["--xroad-certificate", &certificate, "--xroad-key", &key, "--xroad-peer", &peers];

    // Whoever can be reached from elsewhere must have them, and all three.
    let refuses = |words: &[&str], says: &str| does_not_start(&election, words, says);
    refuses(&["--xroad", "0.0.0.0:0"], "XROAD-1");
    refuses(&["--xroad", "[::]:0"], "XROAD-1");
    refuses(&[&["--xroad", "0.0.0.0:0"], &words[..4]].concat(), "--xroad-peer");
    refuses(&[&["--xroad", "127.0.0.1:0"], &words[..4], &["--xroad-peer", &key]].concat(), "cannot use");

    let collector = start(&election, &words);
    let (port, trusted) = (*collector.ports.last().unwrap(), server.cert.der().clone());
    for version in [&TLS13, &TLS12] {
        let come = |shown| answer(port, &trusted, shown, version);
        for peer in [&known, &another] {
            let said = come(Some((peer, &peer.signing_key))).unwrap();
            assert!(said.starts_with("HTTP/1.1 200") && said.contains("RK_2027"), "{said}");
        }
        assert_eq!(come(None), None, "no certificate");
        assert_eq!(come(Some((&stranger, &stranger.signing_key))), None, "a certificate that nobody has named");
        assert_eq!(come(Some((&known, &stranger.signing_key))), None, "a certificate without its key");
    }
    let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
    plain.write_all(b"GET /xroad/v1/elections HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "plain HTTP");

    // The stand-in goes the same way.
    let agent = |own: &CertifiedKey<KeyPair>| -> Agent {
        let shown = ClientCert::new_with_certs(
            &[Certificate::from_der(own.cert.der()).to_owned()],
            PrivateKey::from_pem(own.signing_key.serialize_pem().as_bytes()).unwrap(),
        );
        let roots = RootCerts::new_with_certs(&[Certificate::from_der(&trusted).to_owned()]);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots).client_cert(Some(shown)).build();
        Agent::config_builder().http_status_as_error(false).tls_config(tls).build().into()
    };
    let base = format!("https://localhost:{port}");
    assert_eq!(list(&security_server(&base, agent(&known)), "/elections").status, 200);
    let refused = list(&security_server(&base, agent(&stranger)), "/elections");
    assert_eq!(refused.header("x-road-error"), Some("Server.ServerProxy.NetworkError"));
}
