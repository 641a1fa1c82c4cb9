//! Where the ballots are: in the data folder, or with PostgreSQL.

use super::postgres::Postgres;
use super::tls::Connector;
use super::{Database, Readers, Sqlite, StoreError, is_older, migrate, office};
use crate::data::DataDir;
use anyhow::{Context, Result, ensure};
use postgres::Config;
use postgres::config::{Host, SslMode, TargetSessionAttrs};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::PathBuf;
use std::time::Duration;

/// The words of the command line that say it.
#[derive(Clone, Default, clap::Args)]
pub struct Place {
    /// PostgreSQL that holds the ballots, `postgres://USER@HOST:PORT,HOST:PORT/DATABASE`; without it DIR/collector.db does
    #[arg(long, value_name = "URL", env = "HAAL_STORE", hide_env_values = true)]
    store: Option<String>,
    /// PEM file with the authority of PostgreSQL's certificate; without it only a server on this machine is asked without TLS
    #[arg(long, value_name = "FILE", env = "HAAL_STORE_CA", requires = "store")]
    store_ca: Option<PathBuf>,
}

/// What a server works with.
pub struct Office {
    pub writer: Box<dyn Database>,
    pub readers: Readers,
}

impl Place {
    /// True if the ballots are not in the data folder.
    pub fn is_server(&self) -> bool {
        self.store.is_some()
    }

    /// A connection to PostgreSQL, if it holds the ballots.
    pub fn server(&self) -> Result<Option<Box<dyn Database>>> {
        let Some(url) = &self.store else { return Ok(None) };
        let (config, tls) = self.config(url)?;
        Ok(Some(Box::new(Postgres::connect(&config, tls)?)))
    }

    /// A connection for a command, beside a server or without one. Older tables are brought forward unless a server is at work on them.
    pub fn open(&self, dir: &DataDir) -> Result<Box<dyn Database>> {
        if let Some(url) = &self.store {
            let (config, tls) = self.config(url)?;
            let db = Postgres::connect(&config, tls)?;
            ensure!(!is_older(&db)?, "the tables are of an older version; `collector serve` brings them forward");
            office::visit(&db)?;
            return Ok(Box::new(db));
        }
        let db = Box::new(Sqlite::open(&dir.database())?);
        if is_older(&*db)? {
            let _lock = dir.lock().context("the tables are of an older version")?;
            migrate(&*db)?;
        }
        Ok(db)
    }

    /// A connection for a command beside which no server may run; the lock of the data folder is held already.
    pub fn alone(&self, dir: &DataDir) -> Result<Box<dyn Database>> {
        let Some(url) = &self.store else { return Ok(Box::new(Sqlite::open(&dir.database())?)) };
        let (config, tls) = self.config(url)?;
        let db = Postgres::connect(&config, tls)?;
        office::alone(&db)?;
        Ok(Box::new(db))
    }

    /// Makes this process the one that writes. With PostgreSQL it waits until no other is; the lock of the data folder is held already.
    pub fn take_office(&self, dir: &DataDir) -> Result<Office> {
        if let Some(url) = &self.store {
            let (config, tls) = self.config(url)?;
            return Ok(office::take(&|| Postgres::connect(&config, tls.clone()))?);
        }
        let writer = Box::new(Sqlite::open(&dir.database())?);
        if is_older(&*writer)? {
            migrate(&*writer)?;
            tracing::info!("the tables were of an older version and are brought forward");
        }
        Ok(Office { writer, readers: Readers::of_file(&dir.database()) })
    }

    fn config(&self, url: &str) -> Result<(Config, Connector)> {
        ensure!(url.starts_with("postgres://") || url.starts_with("postgresql://"), "--store takes an URL that begins with postgres://");
        let mut config: Config = url.parse().map_err(|_| StoreError::Failed("the URL of --store does not read".to_owned()))?;
        config.target_session_attrs(TargetSessionAttrs::ReadWrite).application_name("haal-collector");
        config.connect_timeout(Duration::from_secs(5)).tcp_user_timeout(SILENCE);
        config.keepalives(true).keepalives_idle(SILENCE / 2).keepalives_interval(SILENCE / 8).keepalives_retries(4);
        let mut roots = RootCertStore::empty();
        if let Some(file) = &self.store_ca {
            let cannot = || format!("cannot use {}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).with_context(cannot)? {
                roots.add(certificate.with_context(cannot)?).with_context(cannot)?;
            }
            ensure!(!roots.is_empty(), "there is no certificate in {}", file.display());
        }
        let here = config.get_hosts().iter().all(is_here);
        let mode = match config.get_ssl_mode() {
            SslMode::Prefer if here && roots.is_empty() => SslMode::Disable,
            SslMode::Disable => SslMode::Disable,
            _ => SslMode::Require, // what is preferred only, an attacker on the way prefers not
        };
        ensure!(
            mode == SslMode::Disable || !roots.is_empty(),
            "PostgreSQL is on another machine: name the authority of its certificate with --store-ca, or add ?sslmode=disable to the URL if nobody else is on the way"
        );
        config.ssl_mode(mode);
        Ok((config, Connector::new(roots)?))
    }
}

/// A server that does not answer for so long is gone.
const SILENCE: Duration = Duration::from_secs(16);

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => ["localhost", "127.0.0.1", "::1"].contains(&name.as_str()),
        Host::Unix(_) => true,
    }
}
