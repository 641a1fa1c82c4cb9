//! `collector serve`: start-up in the order that makes a crash harmless, then HTTP.

use crate::collector::Collector;
use crate::data::{DataDir, read_key};
use crate::evidence::{Evidence, Services, Stamper};
use crate::gate::{Clients, Gate};
use crate::journal::{self, Line, Outcome};
use crate::login::Forms;
use crate::metrics;
use crate::operator::{self, StandBy};
use crate::publish::Publisher;
use crate::routes;
use crate::seen;
use crate::state::State;
use crate::store::{self, Database, Office, Place};
use crate::tls::Tls;
use crate::writer::Writer;
use crate::xroad;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context, Result, ensure};
use ballot::manifest::Manifest;
use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::ServerConfig;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Threads of the blocking pool for each worker: they verify proofs, and wait for the writer.
const BLOCKING: usize = 64;

/// Connections for each worker; it takes no further ones while it has so many, and less if the system allows less.
const CONNECTIONS: u64 = 10_000;
/// Files besides.
const FILES: u64 = 500;

/// Where it listens, and how.
#[derive(Debug)]
pub struct Listen {
    pub public: String,
    pub operator: Option<String>,
    pub xroad: Box<xroad::Options>,
    /// Gets the port, and behind it in lines of their own those of the operator and of X-Road.
    pub port_file: Option<PathBuf>,
    pub tls: Tls,
    pub clients: Clients,
}

pub fn run(
    data: &Path,
    place: &Place,
    listen: &Listen,
    (witnesses, seen): (&[String], &[String]),
    forms: Forms,
    services: &Services,
) -> Result<()> {
    // No access log: who asks when is nobody's business (C14).
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();

    let tls = listen.tls.config()?;
    let dir = DataDir::open(data, place)?;
    let _lock = dir.lock()?;
    let standing_by = match &listen.operator {
        Some(address) if place.is_server() => Some(StandBy::start(address)?),
        _ => None,
    };
    let Office { writer: db, readers } = place.take_office(&dir)?;
    let manifest = Arc::new(Manifest::from_bytes(&store::manifest(&*db)?).context("E-RECONCILE: the manifest in the database")?);
    let key = read_key(&dir.key())?;
    ensure!(key.verifying_key().to_bytes() == manifest.description().collector.key.0, "the log key is not that of the manifest");
    let evidence = Evidence::ready(&manifest, services)?;
    dir.fetch_blobs(&*db)?;
    let state = State::load(&*db, &manifest, &dir.record())?;
    seen::require_all(&state, seen)?;
    tracing::info!("election {}, {} entries, {} ballots waiting", hex::encode(manifest.id()), state.tree.len(), state.pending);

    note(&*db, Outcome::Begun);
    let (collector, jobs, news) = Collector::new(dir, manifest, key, readers, evidence, forms, state)?;
    let mut publisher = Publisher::new(collector.clone(), witnesses)?; // E-RECONCILE, before anything is written
    let writer = Writer::new(collector.clone(), db, listen.xroad.growth())?;
    let writing = thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&jobs))?;
    publisher.publish(false)?;
    collector.announce();
    let publishing = thread::Builder::new().name("publisher".to_owned()).spawn(move || publisher.run(&news))?;

    let stamper = Stamper::start(&collector)?;

    drop(standing_by);
    let served = serve(collector.clone(), listen, tls);
    drop(stamper);
    collector.end_news();
    let published = publishing.join().is_ok();
    collector.end_jobs();
    let db = writing.join().ok();
    collector.readers.close(); // the writing connection is the last one, so it can tidy up
    ensure!(published, "the publisher ended early; see the log");
    let db = db.context("the writer ended early; see the log")?;
    note(&*db, Outcome::Done);
    db.close()?;
    served
}

/// KEEP-2. Voters do not wait for it.
fn note(db: &dyn Database, outcome: Outcome) {
    let line = Line::new(journal::user(), concat!("serve ", env!("CARGO_PKG_VERSION")), outcome);
    if let Err(error) = line.write(db) {
        tracing::error!("the journal takes no line: {error}");
    }
}

fn serve(collector: Arc<Collector>, listen: &Listen, tls: Option<ServerConfig>) -> Result<()> {
    let shared = Data::from(collector);
    let gate = Data::new(Gate::new(listen.clients.clone()));
    let workers = thread::available_parallelism()?.get();
    let connections = (most_files().saturating_sub(FILES) / workers as u64).clamp(64, CONNECTIONS) as usize;
    actix_web::rt::System::new().block_on(async move {
        let (for_operator, for_xroad) = (shared.clone(), shared.clone());
        let app =
            move || App::new().app_data(shared.clone()).app_data(gate.clone()).wrap(from_fn(metrics::count)).configure(routes::routes);
        let server = HttpServer::new(app)
            .workers(workers)
            .worker_max_blocking_threads(BLOCKING)
            .client_request_timeout(Duration::from_secs(10))
            .tcp_nodelay(true) // replies are small: waiting for the client's acknowledgement costs 40 ms each
            .max_connections(connections)
            .max_connection_rate(connections) // handshakes at once: with fewer, silent connections keep the others out for seconds
            .shutdown_timeout(10);
        let cannot = |address: &str| format!("cannot listen on {address}");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let server = match tls {
            Some(tls) => server.bind_rustls_0_23(&listen.public, tls),
            None => server.bind(&listen.public),
        };
        let server = server.with_context(|| cannot(&listen.public))?;
        let address = *server.addrs().first().context("no address to listen on")?;
        tracing::info!("listening on {scheme}://{address}");
        let mut addresses = vec![address];

        if let Some(address) = &listen.operator {
            let server = HttpServer::new(move || App::new().app_data(for_operator.clone()).configure(operator::routes));
            let server = server.workers(1).disable_signals().shutdown_timeout(0).bind(address).with_context(|| cannot(address))?;
            let address = *server.addrs().first().context("no address to listen on")?;
            tracing::info!("health, readiness and metrics on http://{address}");
            addresses.push(address);
            actix_web::rt::spawn(server.run()); // ends with the system
        }
        if let Some((server, address)) = xroad::server(&listen.xroad, for_xroad)? {
            addresses.push(address);
            actix_web::rt::spawn(server);
        }
        let running = server.run();
        if let Some(file) = &listen.port_file {
            let ports: String = addresses.iter().map(|address| format!("{}\n", address.port())).collect();
            let temporary = file.with_extension("new");
            std::fs::write(&temporary, ports)?;
            std::fs::rename(&temporary, file)?;
        }
        Ok(running.await?)
    })
}

/// How many files the process may have open; it takes as many as it may. Each connection is one.
fn most_files() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    let soft = limit.current;
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit).is_ok();
    (if raised { limit.maximum } else { soft }).unwrap_or(u64::MAX)
}
