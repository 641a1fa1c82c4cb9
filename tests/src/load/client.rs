//! HTTP/1.1 over TCP or TLS 1.3 with one connection for each client: little beside the bytes, so that the generator costs little.

use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Where a collector listens, and how.
#[derive(Clone)]
pub struct Target {
    /// Its address.
    pub address: SocketAddr,
    /// Whom to trust; nothing for plain HTTP.
    pub tls: Option<Arc<ClientConfig>>,
    /// More lines of the head of every request, each ended by CRLF.
    pub more: String,
}

impl Target {
    /// Over TLS 1.3, trusting the one certificate of this PEM file, which is for `localhost`.
    pub fn tls(address: SocketAddr, certificate: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { address, tls: Some(Arc::new(config)), more: String::new() })
    }

    /// Plain HTTP.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None, more: String::new() }
    }

    /// Opens a connection; a reply must come within `time`.
    pub fn connect(&self, time: Duration) -> Result<Box<dyn Line>> {
        let stream = TcpStream::connect_timeout(&self.address, time)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(time))?;
        stream.set_write_timeout(Some(time))?;
        Ok(match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let connection = ClientConnection::new(config.clone(), ServerName::try_from("localhost")?)?;
                Box::new(StreamOwned::new(connection, stream))
            }
        })
    }
}

/// A connection, whatever is beneath.
pub trait Line: Read + Write + Send {}

impl<T: Read + Write + Send> Line for T {}

/// Status, `Retry-After` in seconds, and body.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<u64>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The rule of a refusal.
    pub fn rule(&self) -> String {
        self.json()["rule"].as_str().unwrap_or("?").to_owned()
    }

    /// The body as JSON, of a call that succeeded.
    pub fn ok(&self) -> Result<Value> {
        ensure!(self.status == 200, "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        Ok(self.json())
    }
}

/// One client; it connects when it must.
pub struct Client {
    target: Target,
    time: Duration,
    line: Option<BufReader<Box<dyn Line>>>,
}

impl Client {
    /// A client that waits at most a minute.
    pub fn new(target: &Target) -> Self {
        Self::patient(target, Duration::from_secs(60))
    }

    /// A client that waits so long.
    pub fn patient(target: &Target, time: Duration) -> Self {
        Self { target: target.clone(), time, line: None }
    }

    /// Sends a request and reads the reply. A kept connection that turns out to be closed is opened anew once, before anything was answered.
    pub fn call(&mut self, method: &str, path: &str, session: Option<&str>, body: &[u8]) -> Result<Answer> {
        let kept = self.line.is_some();
        match self.once(method, path, session, body) {
            Err(_) if kept => self.once(method, path, session, body),
            other => other,
        }
    }

    fn once(&mut self, method: &str, path: &str, session: Option<&str>, body: &[u8]) -> Result<Answer> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => BufReader::new(self.target.connect(self.time)?),
        };
        let session = session.map_or_else(String::new, |s| format!("Authorization: Bearer {s}\r\n"));
        let (length, more) = (body.len(), &self.target.more);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{session}{more}Content-Length: {length}\r\n\r\n");
        line.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        line.get_mut().flush()?;
        let answer = read_answer(&mut line)?;
        if answer.1 {
            self.line = Some(line);
        }
        Ok(answer.0)
    }
}

/// Reads a reply; false beside it if the server closes the connection.
pub fn read_answer(line: &mut impl BufRead) -> Result<(Answer, bool)> {
    let head = read_head(line)?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
    let number = |name: &str| value(&head, name).and_then(|v| v.parse().ok());
    let mut body = Vec::new();
    if value(&head, "transfer-encoding").is_some() {
        bail!("a reply without its length");
    }
    let length: u64 = number("content-length").unwrap_or(0);
    line.take(length).read_to_end(&mut body)?;
    ensure!(body.len() as u64 == length, "the reply was cut");
    let keeps = value(&head, "connection") != Some("close");
    Ok((Answer { status, retry_after: number("retry-after"), body }, keeps))
}

/// The head of a message in lower case, with the empty line that ends it.
pub fn read_head(line: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if line.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head.to_ascii_lowercase())
}

/// The value of a header.
pub fn value<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}
