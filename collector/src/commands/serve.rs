//! `collector serve`: start-up in the order that makes a crash harmless, then HTTP.

use super::init::anchors;
use crate::collector::Collector;
use crate::data::{DataDir, read_key};
use crate::login::Forms;
use crate::publish::Publisher;
use crate::routes;
use crate::state::State;
use crate::store;
use crate::writer::Writer;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context, Result, ensure};
use ballot::manifest::Manifest;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Threads of the blocking pool for each worker: they verify proofs, and wait for the writer.
const BLOCKING: usize = 64;

pub fn run(data: &Path, listen: &str, port_file: Option<&Path>, witnesses: &[String], forms: Forms) -> Result<()> {
    // No access log: who asks when is nobody's business (C14).
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();

    let dir = DataDir::open(data)?;
    let _lock = dir.lock()?;
    let db = store::open_writer(&dir.database())?;
    let manifest = Arc::new(Manifest::from_bytes(&store::manifest(&db)?).context("E-RECONCILE: the manifest in the database")?);
    let key = read_key(&dir.key())?;
    ensure!(key.verifying_key().to_bytes() == manifest.description().collector.key.0, "the log key is not that of the manifest");
    let anchors = anchors(&manifest)?;
    let state = State::load(&db, &manifest, &dir.record())?;
    tracing::info!("election {}, {} entries, {} ballots waiting", hex::encode(manifest.id()), state.tree.len(), state.pending);

    let (collector, jobs, news) = Collector::new(dir, manifest, key, anchors, forms, state);
    let mut publisher = Publisher::new(collector.clone(), witnesses)?; // E-RECONCILE, before anything is written
    let writer = Writer::new(collector.clone(), db);
    let writing = thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&jobs))?;
    publisher.publish(false)?;
    collector.announce();
    let publishing = thread::Builder::new().name("publisher".to_owned()).spawn(move || publisher.run(&news))?;

    let served = serve(collector.clone(), listen, port_file);
    collector.end_news();
    let published = publishing.join().is_ok();
    collector.end_jobs();
    let db = writing.join().ok();
    collector.readers.close(); // the writing connection is the last one, so it can tidy up
    ensure!(published, "the publisher ended early; see the log");
    store::close(db.context("the writer ended early; see the log")?)?;
    served
}

fn serve(collector: Arc<Collector>, listen: &str, port_file: Option<&Path>) -> Result<()> {
    let shared = Data::from(collector);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).configure(routes::routes))
            .worker_max_blocking_threads(BLOCKING)
            .client_request_timeout(Duration::from_secs(10))
            .tcp_nodelay(true) // replies are small: waiting for the client's acknowledgement costs 40 ms each
            .max_connections(10_000)
            .shutdown_timeout(10)
            .bind(listen)
            .with_context(|| format!("cannot listen on {listen}"))?;
        let address = *server.addrs().first().context("no address to listen on")?;
        let running = server.run();
        if let Some(file) = port_file {
            let temporary = file.with_extension("new");
            std::fs::write(&temporary, format!("{}\n", address.port()))?;
            std::fs::rename(&temporary, file)?;
        }
        tracing::info!("listening on {address}");
        Ok(running.await?)
    })
}
