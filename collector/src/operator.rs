//! What the operator's machines ask, on an address of their own that the public does not reach.

use crate::collector::Collector;
use crate::pulse;
use crate::refusal::Refusal;
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, Responder};
use anyhow::{Context, Result as Started};
use std::net::TcpListener;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

pub fn routes(config: &mut ServiceConfig) {
    config.route("/health", web::get().to(health)).route("/ready", web::get().to(ready)).route("/metrics", web::get().to(metrics));
}

fn text() -> (&'static str, &'static str) {
    ("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
}

/// The process answers. Whoever restarts it should look here, and not at `/ready`: a witness that is down is no reason to restart.
async fn health() -> impl Responder {
    HttpResponse::Ok().insert_header(text()).body("alive\n")
}

/// It can take a ballot and publish it: 200, or 503 with a line for each trouble.
async fn ready(collector: Data<Collector>) -> Result<HttpResponse, Refusal> {
    let found = web::block(move || pulse::troubles(&collector)).await.map_err(|_| Refusal::unavailable("HTTP"))?;
    Ok(match found.is_empty() {
        true => HttpResponse::Ok().insert_header(text()).body("ready\n"),
        false => HttpResponse::ServiceUnavailable().insert_header(text()).body(found.join("\n") + "\n"),
    })
}

async fn metrics(collector: Data<Collector>) -> Result<HttpResponse, Refusal> {
    let read = web::block(move || collector.metrics.text(&collector)).await.map_err(|_| Refusal::unavailable("HTTP"))?;
    let all = read.map_err(|error| Refusal::new(500, "HTTP", error))?;
    Ok(HttpResponse::Ok().insert_header(text()).body(all))
}

async fn stands_by() -> impl Responder {
    HttpResponse::ServiceUnavailable().insert_header(text()).body("standing by: another collector is at work\n")
}

/// Answers in the place of a server that waits until another one is gone. It ends with this value.
pub struct StandBy {
    server: ServerHandle,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl StandBy {
    pub fn start(address: &str) -> Started<Self> {
        let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        let (tell, hear) = sync_channel(1);
        let thread = thread::Builder::new().name("stand-by".to_owned()).spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = || App::new().route("/health", web::get().to(health)).route("/ready", web::get().to(stands_by));
                let running = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0).listen(listener)?.run();
                let _ = tell.send(running.handle());
                running.await
            })
        })?;
        Ok(Self { server: hear.recv()?, thread: Some(thread) })
    }
}

impl Drop for StandBy {
    fn drop(&mut self) {
        drop(self.server.stop(false)); // the command is on its way already
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
