//! The only file that knows a URL: fetches the files of a record from a web server.

use crate::source::ReadError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest time for a file of at most this size; larger ones may take ten minutes.
const SMALL: (u64, Duration) = (1 << 25, Duration::from_secs(60));

/// What lies below one URL.
pub struct Web {
    base: String,
    agent: ureq::Agent,
}

impl Web {
    /// Nothing if `url` is no URL.
    pub fn parse(url: &str) -> Option<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return None;
        }
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ureq::tls::TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(Duration::from_secs(600)))
            .timeout_connect(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Some(Self { base: url.trim_end_matches('/').to_owned(), agent: config.into() })
    }

    /// The URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A file of at most `most` bytes. Paths are made by this program, never read from the server.
    pub fn get(&self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let unreadable = |error: &dyn std::fmt::Display| ReadError::Unreadable(format!("{}/{path}: {error}", self.base));
        let mut request = self.agent.get(format!("{}/{path}", self.base)).config();
        if most <= SMALL.0 {
            request = request.timeout_global(Some(SMALL.1));
        }
        let mut response = request.build().call().map_err(|error| unreadable(&error))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Err(ReadError::Missing),
            status => return Err(unreadable(&format!("status {status}"))),
        }
        match response.body_mut().with_config().limit(most.saturating_add(1)).read_to_vec() {
            Ok(body) if body.len() as u64 <= most => Ok(body),
            Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => Err(ReadError::TooLarge),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// Sends a few bytes, and reads an answer of at most `most`: status and body.
    pub fn post(&self, path: &str, body: &[u8], most: u64) -> Result<(u16, Vec<u8>), String> {
        let unreadable = |error: ureq::Error| format!("{}/{path}: {error}", self.base);
        let request = self.agent.post(format!("{}/{path}", self.base)).config().timeout_global(Some(SMALL.1)).build();
        let mut response = request.send(body).map_err(unreadable)?;
        let status = response.status().as_u16();
        Ok((status, response.body_mut().with_config().limit(most).read_to_vec().map_err(unreadable)?))
    }
}

/// A web server that holds a record, and a temporary folder for what was fetched.
pub struct Remote {
    web: Web,
    folder: PathBuf,
}

impl Remote {
    /// Nothing if `record` is no URL.
    pub fn parse(record: &str) -> Result<Option<Self>, String> {
        let Some(web) = Web::parse(record) else { return Ok(None) };
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        let folder = std::env::temp_dir().join(format!("verifier-{}", hex::encode(random)));
        fs::create_dir(&folder).map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Some(Self { web, folder }))
    }

    /// Where fetched files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes sure that the file lies in the folder.
    pub fn fetch(&self, path: &str, most: u64) -> Result<(), ReadError> {
        let file = path.split('/').fold(self.folder.clone(), |folder, name| folder.join(name));
        if file.exists() {
            return Ok(());
        }
        let body = self.web.get(path, most)?;
        let unreadable = |error: &dyn std::fmt::Display| ReadError::Unreadable(format!("{path}: {error}"));
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| unreadable(&error))?;
        }
        // Written aside and renamed: another thread may ask for the same file.
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| unreadable(&error))?;
        let aside = self.folder.join(hex::encode(random));
        fs::write(&aside, body).and_then(|()| fs::rename(&aside, &file)).map_err(|error| unreadable(&error))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
