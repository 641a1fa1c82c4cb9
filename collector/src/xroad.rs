//! What other institutions of the state ask over X-Road, on an address of its own: the running list, and the use of data. Spec: 17-xroad.

mod call;
mod peers;
mod running_list;
mod usage;

use crate::collector::Collector;
use crate::tls;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, Error, HttpMessage, HttpResponse, HttpServer};
use anyhow::{Context, Result, bail, ensure};
use call::{Call, Fault};
pub use call::{Client, Service};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

/// The words of the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Answer a security server of X-Road here: on loopback, or with TLS and the three files below
    #[arg(long, value_name = "ADDR:PORT")]
    xroad: Option<String>,
    /// PEM file with this server's certificate for X-Road
    #[arg(long, value_name = "FILE", requires_all = ["xroad_key", "xroad_peer"])]
    xroad_certificate: Option<PathBuf>,
    /// PEM file with the private key of that certificate
    #[arg(long, value_name = "FILE", requires = "xroad_certificate")]
    xroad_key: Option<PathBuf>,
    /// PEM file with the certificates of the security servers; nobody else is let in
    #[arg(long, value_name = "FILE", requires = "xroad_certificate")]
    xroad_peer: Option<PathBuf>,
    /// Who may read the running list, such as EE/GOV/70006317/vis3 (repeat for more)
    #[arg(long, value_name = "CLIENT")]
    xroad_list: Vec<Client>,
    /// Who may ask about the use of data, such as EE/GOV/70006317/datatracker (repeat for more)
    #[arg(long, value_name = "CLIENT", requires = "xroad_office")]
    xroad_usage: Vec<Client>,
    /// Registry code of the office, which has used the data
    #[arg(long, value_name = "CODE")]
    xroad_office: Option<String>,
    /// Most records of the running list in one answer
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    xroad_batch: u64,
    /// Fewest records that appear on the running list together
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    xroad_group: u64,
    /// Put a voter on the running list again with each further ballot
    #[arg(long)]
    xroad_again: bool,
}

/// How the running list grows (XROAD-7, XROAD-9).
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    pub group: usize,
    pub again: bool,
}

impl Options {
    /// Nothing if nobody may read the running list.
    pub fn growth(&self) -> Option<Growth> {
        let group = usize::try_from(self.xroad_group).unwrap_or(usize::MAX);
        (!self.xroad_list.is_empty()).then_some(Growth { group, again: self.xroad_again })
    }

    /// Who may use a service.
    fn clients(&self, service: Service) -> &[Client] {
        match service {
            Service::RunningList => &self.xroad_list,
            Service::FindUsage => &self.xroad_usage,
        }
    }
}

/// The server, listening, and where; nothing if it is not wanted. XROAD-1.
pub fn server(options: &Options, collector: Data<Collector>) -> Result<Option<(Server, SocketAddr)>> {
    let Some(address) = &options.xroad else {
        ensure!(options.xroad_list.is_empty() && options.xroad_usage.is_empty(), "clients of X-Road are named, and no address for them");
        return Ok(None);
    };
    let shared = Data::new(options.clone());
    let app = move || App::new().app_data(collector.clone()).app_data(shared.clone()).wrap(from_fn(log)).configure(routes);
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0);
    let cannot = || format!("cannot listen on {address}");
    let server = match (&options.xroad_certificate, &options.xroad_key, &options.xroad_peer) {
        (Some(certificate), Some(key), Some(peers)) => {
            let config = tls::server(certificate, key, Some(peers::read(peers)?))?;
            server.bind_rustls_0_23(address, config).with_context(cannot)?
        }
        (None, None, None) => {
            let here = address.to_socket_addrs().with_context(cannot)?.all(|at| at.ip().is_loopback());
            ensure!(here, "XROAD-1: {address} can be reached from elsewhere: name --xroad-certificate, --xroad-key and --xroad-peer");
            server.bind(address).with_context(cannot)?
        }
        _ => bail!("--xroad-certificate, --xroad-key and --xroad-peer belong together"),
    };
    let address = *server.addrs().first().context("no address to listen on")?;
    tracing::info!("for X-Road on {address}");
    Ok(Some((server.run(), address)))
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/xroad/v1/openapi.json", web::get().to(running_list::description))
        .route("/xroad/v1/elections", web::get().to(running_list::elections))
        .route("/xroad/v1/elections/{id}/lastseqno", web::get().to(running_list::last))
        .route("/xroad/v1/elections/{id}/evotingsbatchfrom/{from}", web::get().to(running_list::batch))
        .route("/v2/openapi.json", web::get().to(usage::description))
        .route("/v2/findUsage", web::get().to(usage::find))
        .route("/v2/usagePeriod", web::get().to(usage::period))
        .route("/v2/heartbeat", web::get().to(usage::heartbeat))
        .default_service(web::to(nothing));
}

async fn nothing() -> Result<HttpResponse, Fault> {
    Err(Fault::new(404, "XROAD", "no such call"))
}

/// XROAD-4: by the pattern of its path, so that nothing of the query gets there.
async fn log(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let reply = next.call(request).await?;
    if let Some(Call { id, client }) = reply.request().extensions().get::<Call>() {
        let call = reply.request().match_pattern().unwrap_or_default();
        tracing::info!("X-Road {id} of {client}: {call} {}", reply.status().as_u16());
    }
    Ok(reply)
}
