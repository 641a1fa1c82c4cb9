//! TLS for what this server serves and what it asks. Spec: 13-http HTTP-10, 17-xroad XROAD-1.

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use zeroize::Zeroizing;

/// Where certificate and key of the server lie.
#[derive(Debug, clap::Args)]
pub struct Tls {
    /// PEM file with the server's certificate and those that issued it, leaf first: with it the server speaks TLS 1.3 alone
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<std::path::PathBuf>,
    /// PEM file with the private key of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<std::path::PathBuf>,
}

impl Tls {
    /// What the listener needs; nothing if it shall speak plain HTTP, behind somebody else's TLS or on one machine.
    pub fn config(&self) -> Result<Option<ServerConfig>> {
        let (Some(certificate), Some(key)) = (&self.tls_certificate, &self.tls_key) else { return Ok(None) };
        Ok(Some(server(certificate, key, None)?))
    }
}

/// A server for everybody, with TLS 1.3 alone; or for those whom `clients` lets in, with TLS 1.2 too: it is all that some of them speak.
pub fn server(certificate: &Path, key: &Path, clients: Option<Arc<dyn ClientCertVerifier>>) -> Result<ServerConfig> {
    let chain = chain(certificate).with_context(|| format!("cannot use {}", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| format!("cannot use {}", key.display()))?;
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = match clients {
        None => builder.with_protocol_versions(&[&TLS13])?.with_no_client_auth(),
        Some(clients) => builder.with_protocol_versions(&[&TLS13, &TLS12])?.with_client_cert_verifier(clients),
    };
    builder.with_single_cert(chain, key).context("certificate and key do not belong together")
}

/// The certificates of a PEM file, at least one.
pub fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>()?;
    ensure!(!chain.is_empty(), "there is no certificate in it");
    Ok(chain)
}

pub fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// For calls to a server of the authorities in `ca` and no others, which asks for a certificate too.
pub fn known_client(certificate: &Path, key: &Path, ca: &Path, time: Duration) -> Result<Agent> {
    let read = |file: &Path| -> Result<Vec<Certificate<'static>>> {
        let chain = chain(file).with_context(|| format!("cannot use {}", file.display()))?;
        Ok(chain.iter().map(|one| Certificate::from_der(one).to_owned()).collect())
    };
    let pem = Zeroizing::new(std::fs::read(key).with_context(|| format!("cannot read {}", key.display()))?);
    let private = PrivateKey::from_pem(&pem).with_context(|| format!("cannot use {}", key.display()))?;
    let der = PrivateKeyDer::from_pem_slice(&pem).with_context(|| format!("cannot use {}", key.display()))?;
    CertifiedKey::from_der(chain(certificate)?, der, &provider()).context("certificate and key do not belong together")?; // ureq would panic
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider())
        .client_cert(Some(ClientCert::new_with_certs(&read(certificate)?, private)))
        .root_certs(RootCerts::new_with_certs(&read(ca)?))
        .build();
    let config = Agent::config_builder().tls_config(tls).https_only(true).max_redirects(0).http_status_as_error(false);
    Ok(config.timeout_global(Some(time)).build().into())
}

/// For calls to witnesses and services: each answers within `time`, or has not answered.
pub fn client(time: Duration) -> Agent {
    let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider()).build();
    Agent::config_builder().tls_config(tls).http_status_as_error(false).timeout_global(Some(time)).build().into()
}
