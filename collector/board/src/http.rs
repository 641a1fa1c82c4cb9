//! The collector's HTTP as a reader and a poster see it. Spec: 13-http. Only with the feature `http`.

use crate::source::Source;
use std::io::Read;
use std::time::Duration;
use ureq::Agent;

/// The largest answer that is read.
const MOST_BYTES: u64 = 1 << 30;

/// A collector at a base URL, over kept-alive connections.
#[derive(Clone, Debug)]
pub struct Web {
    agent: Agent,
    base: String,
}

/// What went wrong between us and the server.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum WebError {
    #[error("cannot reach the server: {0}")]
    Transport(#[from] Box<ureq::Error>),
    #[error("the connection was cut: {0}")]
    Cut(#[from] std::io::Error),
    /// The server's own rule and words.
    #[error("{rule}: {message} (HTTP {status})")]
    Refused { status: u16, rule: String, message: String },
}

/// Status and body.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Web {
    /// A collector's base URL, with or without a slash at the end.
    pub fn new(base: &str) -> Self {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = Agent::config_builder()
            .tls_config(ureq::tls::TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .max_idle_connections_per_host(16)
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// A board's URL: either the collector's base or its `/board`.
    pub fn board(url: &str) -> Self {
        let base = url.trim_end_matches('/');
        Self::new(base.strip_suffix("/board").unwrap_or(base))
    }

    /// `GET path`.
    pub fn get(&self, path: &str, session: Option<&str>) -> Result<Reply, WebError> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        read(request.call().map_err(Box::new)?)
    }

    /// `POST path` with a body of this media type.
    pub fn post(&self, path: &str, media: &str, session: Option<&str>, body: &[u8]) -> Result<Reply, WebError> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Content-Type", media);
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        read(request.send(body).map_err(Box::new)?)
    }

    /// Posts an order or a post with its blob (`POST /v1/order`, `/v1/post`); gives the entry's index.
    pub fn submit(&self, path: &str, entry: &[u8], blob: &[u8]) -> Result<u64, WebError> {
        let body = [&(entry.len() as u32).to_be_bytes(), entry, blob].concat();
        let reply = self.post(path, "application/octet-stream", None, &body)?.accepted()?;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().map_err(|_| WebError::Refused { status: reply.status, rule: "HTTP".to_owned(), message: text })
    }
}

fn read(response: ureq::http::Response<ureq::Body>) -> Result<Reply, WebError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    response.into_body().into_reader().take(MOST_BYTES).read_to_end(&mut body)?;
    Ok(Reply { status, body })
}

impl Reply {
    /// The reply if it is a success, else the server's refusal as an error.
    pub fn accepted(self) -> Result<Self, WebError> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let field = |name: &str| {
            let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let rule = field("rule").unwrap_or_else(|| "HTTP".to_owned());
        let message = field("message").unwrap_or_else(|| text.chars().take(200).collect());
        Err(WebError::Refused { status: self.status, rule, message })
    }
}

impl Source for Web {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        let reply = self.get(&format!("/board/{path}"), None).map_err(std::io::Error::other)?;
        match reply.status {
            200 => Ok(Some(reply.body)),
            404 => Ok(None),
            status => Err(std::io::Error::other(format!("HTTP {status}"))),
        }
    }

    fn clock(&self) -> std::io::Result<Option<u64>> {
        let reply = self.agent.get(format!("{}/board/checkpoint", self.base)).call().map_err(std::io::Error::other)?;
        let date = reply.headers().get("Date").and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
        let date = date.ok_or_else(|| std::io::Error::other("GATE-3: the reply has no date"))?;
        Ok(date.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs()))
    }
}
