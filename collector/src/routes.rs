//! Paths, and no logic. Spec: 13-http.

use crate::body::Body;
use crate::collector::{Collector, now};
use crate::files;
use crate::gate::Gate;
use crate::intake::{Admission, Kind, Received, Sequenced, Token, most_bytes, no_session};
use crate::journal;
use crate::limits::{BLOB_TIME, BODY_TIME, LOGIN_BODY};
use crate::login::{self, LoginRequest};
use crate::orders::{self, Call, Head, MOST_BODY, Submission};
use crate::receipt;
use crate::refusal::Refusal;
use crate::second_device::{self, Release};
use crate::status_page;
use crate::store;
use crate::writer::Job;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use ballot::encode::parse_hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The page for second devices may lie on anybody's server (HTTP-9). Only what needs no session is readable from there.
fn any_origin() -> DefaultHeaders {
    DefaultHeaders::new().add(("Access-Control-Allow-Origin", "*"))
}

type Answer = Result<HttpResponse, Refusal>;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(page))
        .service(web::resource("/board/{path:.*}").wrap(any_origin()).route(web::get().to(board)).default_service(web::to(nothing)))
        .service(web::resource("/v1/check").wrap(any_origin()).route(web::post().to(check)).default_service(web::to(nothing)))
        .route("/v1/status", web::get().to(status))
        .route("/v1/login/nonce", web::post().to(nonce))
        .route("/v1/login", web::post().to(log_in))
        .route("/v1/cast", web::post().to(cast))
        .route("/v1/challenge", web::post().to(challenge))
        .route("/v1/mine", web::get().to(mine))
        .route("/v1/receipt/{hash}", web::get().to(receipt_of))
        .route("/v1/order", web::post().to(order))
        .route("/v1/post", web::post().to(post))
        .default_service(web::to(nothing));
}

async fn nothing() -> Answer {
    Err(Refusal::not_found())
}

/// Runs blocking work on a thread of the pool.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    web::block(work).await.unwrap_or_else(|_| Err(Refusal::new(503, "HTTP", "the server is ending")))
}

fn answer(value: Value) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(value)
}

fn token(request: &HttpRequest) -> Result<Token, Refusal> {
    let header = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    Token::parse(header).ok_or_else(no_session)
}

async fn board(collector: Data<Collector>, path: Path<String>) -> Answer {
    files::serve(&collector, &path).await
}

async fn status(collector: Data<Collector>) -> Answer {
    let state = collector.state();
    let phases = state.replay.phases();
    Ok(answer(json!({
        "election": hex::encode(collector.manifest.id()),
        "phase": phases.phase().name(),
        "suspended": phases.is_suspended(),
        "size": state.tree.len(),
        "pending": state.pending,
        "time": now(),
    })))
}

async fn page(collector: Data<Collector>) -> Answer {
    status_page::page(&collector)
}

async fn nonce(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest) -> Answer {
    gate.turn(&request).await?;
    let nonce = collector.nonces.give()?;
    Ok(answer(json!({ "nonce": hex::encode(nonce) })))
}

async fn log_in(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    gate.turn(&request).await?;
    let body = Body::new(&request, payload, BODY_TIME).rest(0, LOGIN_BODY).await?;
    let read: LoginRequest = serde_json::from_slice(&body).map_err(|_| Refusal::new(400, "HTTP", "this is not a login as JSON"))?;
    let _place = gate.logins.enter()?;
    let reply = blocking(move || login::login(&collector, &read)).await?;
    Ok(answer(serde_json::to_value(reply).unwrap_or_default()))
}

/// Cheapest first: the length, the session, the body, a place; only then what costs.
async fn ballot(
    collector: Data<Collector>,
    gate: Data<Gate>,
    request: HttpRequest,
    payload: Payload,
    kind: Kind,
) -> Result<Sequenced, Refusal> {
    let most = most_bytes(kind, &collector.manifest);
    let body = Body::new(&request, payload, BODY_TIME);
    body.limit(most)?;
    let session = match token(&request) {
        Ok(token) => {
            let collector = collector.clone();
            blocking(move || token.session(&collector, now())).await
        }
        Err(refusal) => Err(refusal),
    };
    let session = match session {
        Ok(session) => session,
        Err(refusal) => {
            body.discard(most).await?; // not kept, but read, so that the client hears why
            return Err(refusal);
        }
    };
    let received = Received::new(kind, body.rest(0, most).await?, &collector.manifest)?;
    let _place = gate.ballots.enter()?;
    blocking(move || {
        let now = now();
        match collector.metrics.step("look up", || received.admit(&collector, session, now))? {
            Admission::Repeated(sequenced) => Ok(sequenced),
            Admission::Eligible(eligible) => {
                let checked = Box::new(eligible.check(&collector, now)?);
                collector.metrics.step("wait for the store", || collector.write("CAST-9", |reply| Job::Ballot { checked, reply }))
            }
        }
    })
    .await
}

async fn cast(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    let Sequenced { promise, salt } = ballot(collector, gate, request, payload, Kind::Cast).await?;
    Ok(answer(json!({ "promise": STANDARD.encode(promise), "salt": salt.map(hex::encode) })))
}

async fn challenge(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    let Sequenced { promise, .. } = ballot(collector, gate, request, payload, Kind::Challenge).await?;
    Ok(answer(json!({ "promise": STANDARD.encode(promise) })))
}

async fn mine(collector: Data<Collector>, request: HttpRequest) -> Answer {
    let token = token(&request)?;
    let rows = blocking(move || {
        let session = token.session(&collector, now())?;
        collector.read("HTTP", |db| store::ballots_of(db, &session.voter))
    })
    .await?;
    let ballots: Vec<Value> =
        rows.iter().map(|b| json!({ "hash": hex::encode(b.hash), "number": b.number, "index": b.position })).collect();
    Ok(answer(json!({ "ballots": ballots })))
}

async fn receipt_of(collector: Data<Collector>, hash: Path<String>) -> Answer {
    let hash = parse_hash(&hash).ok_or_else(Refusal::not_found)?;
    match blocking(move || receipt::receipt(&collector, &hash)).await? {
        Some(receipt) => Ok(answer(receipt)),
        None => Ok(HttpResponse::Accepted().insert_header(("Cache-Control", "no-store")).json(json!({ "pending": true }))),
    }
}

async fn check(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    gate.turn(&request).await?;
    let body = Body::new(&request, payload, BODY_TIME).rest(0, 32).await?;
    let token = body.try_into().map_err(|_| Refusal::new(400, "DEC-5", "DEC-5: a token has 32 bytes"))?;
    let Release { pad, blinding, left, until } = blocking(move || second_device::ask(&collector, token)).await?;
    Ok(answer(json!({ "pad": hex::encode(pad.0), "blinding": hex::encode(blinding), "left": left, "until": until })))
}

async fn submission(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload, call: Call) -> Answer {
    gate.turn(&request).await?;
    let mut body = Body::new(&request, payload, BLOB_TIME);
    let cut = orders::head_len(body.at_least(4, MOST_BODY).await?)?;
    let cut = cut.ok_or_else(|| Refusal::new(400, "DEC-5", "DEC-5: the body is too short"))?;
    let head = body.at_least(cut, MOST_BODY).await?.get(4..cut);
    let entry = head.ok_or_else(|| Refusal::new(400, "DEC-5", "DEC-5: the body is too short"))?.to_vec();
    let taken = append(collector.clone(), body, call, &entry, cut).await;
    if let (Call::Order, Err(refusal)) = (call, &taken) {
        let refusal = refusal.clone();
        blocking(move || journal::keep(&collector, entry, refusal)).await?;
    }
    Ok(answer(json!({ "index": taken? })))
}

/// An entry whose bytes are there, and what comes after them.
async fn append(collector: Data<Collector>, body: Body, call: Call, entry: &[u8], cut: usize) -> Result<u64, Refusal> {
    let Head { decoded, most_blob, known } = orders::check_head(&collector, call, entry)?;
    if let Some(index) = known {
        body.discard(cut + most_blob).await?; // HTTP-2; the blob is here already
        return Ok(index);
    }
    let blob = body.rest(cut, cut + most_blob).await?;
    let submission = Submission { entry: entry.to_vec(), decoded, blob };
    blocking(move || collector.write("HTTP-4", |reply| Job::Submit { submission, reply })).await
}

async fn order(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    submission(collector, gate, request, payload, Call::Order).await
}

async fn post(collector: Data<Collector>, gate: Data<Gate>, request: HttpRequest, payload: Payload) -> Answer {
    submission(collector, gate, request, payload, Call::Post).await
}
