//! What the operator's machines ask, on an address of their own that the public does not reach.

use crate::collector::Collector;
use crate::pulse;
use crate::refusal::Refusal;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};

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
    let all = collector.metrics.text(&collector).map_err(|error| Refusal::new(500, "HTTP", error))?;
    Ok(HttpResponse::Ok().insert_header(text()).body(all))
}
