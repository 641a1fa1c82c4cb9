//! The only file that knows a URL: fetches the files of a record from a web server into a temporary folder.

use crate::source::ReadError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A web server that holds a record.
pub struct Remote {
    base: String,
    agent: ureq::Agent,
    folder: PathBuf,
}

impl Remote {
    /// Nothing if `record` is no URL.
    pub fn parse(record: &str) -> Result<Option<Self>, String> {
        if !record.starts_with("http://") && !record.starts_with("https://") {
            return Ok(None);
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        let folder = std::env::temp_dir().join(format!("verifier-{}", hex::encode(random)));
        fs::create_dir(&folder).map_err(|error| format!("no temporary folder: {error}"))?;
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ureq::tls::TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(Duration::from_secs(600)))
            .timeout_connect(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Ok(Some(Self { base: record.trim_end_matches('/').to_owned(), agent: config.into(), folder }))
    }

    /// Where fetched files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes sure that the file lies in the folder. Paths are made by this program, never read from the server.
    pub fn fetch(&self, path: &str, most: u64) -> Result<(), ReadError> {
        let file = path.split('/').fold(self.folder.clone(), |folder, name| folder.join(name));
        if file.exists() {
            return Ok(());
        }
        let unreadable = |error: &dyn std::fmt::Display| ReadError::Unreadable(format!("{}/{path}: {error}", self.base));
        let mut response = self.agent.get(format!("{}/{path}", self.base)).call().map_err(|error| unreadable(&error))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Err(ReadError::Missing),
            status => return Err(unreadable(&format!("status {status}"))),
        }
        let body = response.body_mut().with_config().limit(most.saturating_add(1)).read_to_vec();
        let body = match body {
            Ok(body) if body.len() as u64 <= most => body,
            Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => return Err(ReadError::TooLarge),
            Err(error) => return Err(unreadable(&error)),
        };
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
