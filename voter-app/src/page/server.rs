//! The page's HTTP: one door for every request, the guard first, then a page or a step. It answers this computer only and keeps nothing.

use super::clerk::Desk;
use super::form::{self, Fields, Settings};
use super::frame::{Frame, countdown};
use super::guard::{Asked, Guard, HEADERS, Refusal};
use super::journey::Journey;
use super::steps::{Job, Page};
use super::texts::Lang;
use super::views;
use super::when::Zone;
use crate::failure::Failure;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, web};
use std::net::TcpListener;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The page ends after so long without a step of the voter; each step begins it anew.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// So long a step waits for its job before the waiting page is shown.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything that a request needs.
pub struct Site {
    guard: Mutex<Guard>,
    desk: Arc<Desk>,
    jobs: Mutex<Sender<Job>>,
    /// Language; the browser's until the voter chooses.
    lang: Mutex<Option<Lang>>,
    /// When the voter last did something.
    last: Mutex<Instant>,
    zone: Zone,
    settings: Settings,
    idle: Duration,
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// A site for one voter.
    pub fn new(
        guard: Guard,
        desk: Arc<Desk>,
        jobs: Sender<Job>,
        lang: Option<Lang>,
        zone: Zone,
        settings: Settings,
        idle: Duration,
    ) -> Self {
        let (guard, jobs, lang, last) = (Mutex::new(guard), Mutex::new(jobs), Mutex::new(lang), Mutex::new(Instant::now()));
        Self { guard, desk, jobs, lang, last, zone, settings, idle }
    }

    /// Does a step, and gives the clerk what follows from it.
    pub fn step(&self, step: impl FnOnce(&mut Journey) -> Option<Job>) {
        if let Some(job) = self.desk.change(step) {
            let _ = hold(&self.jobs).send(job); // the clerk lives as long as the program
        }
    }

    fn left(&self) -> Duration {
        self.idle.saturating_sub(hold(&self.last).elapsed())
    }

    /// Forgets the voter who has gone away.
    fn tidy(&self) {
        let idle = self.left().is_zero() && self.desk.journey().voter.is_some();
        if idle {
            self.step(|journey| journey.log_out(true));
        }
    }
}

/// Serves until the voter ends it, or the program is told to end.
pub fn serve(site: Data<Site>, listener: TcpListener) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(async move {
        let keeper = site.clone();
        actix_web::rt::spawn(async move {
            loop {
                actix_web::rt::time::sleep(Duration::from_secs(1)).await;
                keeper.tidy();
            }
        });
        let desk = site.desk.clone();
        let app = move || App::new().app_data(site.clone()).app_data(PayloadConfig::new(64 * 1024)).default_service(web::to(answer));
        let server = HttpServer::new(app).workers(1).shutdown_timeout(1).listen(listener)?.run();
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            while desk.journey().here() != Page::Bye {
                actix_web::rt::time::sleep(Duration::from_millis(200)).await;
            }
            actix_web::rt::time::sleep(Duration::from_secs(1)).await; // the last page and its style are fetched
            handle.stop(true).await;
        });
        Ok(server.await?)
    })
}

fn with_headers(mut reply: HttpResponseBuilder) -> HttpResponseBuilder {
    for header in HEADERS {
        reply.insert_header(header);
    }
    reply
}

fn text(status: u16, kind: &str, body: impl Into<Bytes>) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    with_headers(HttpResponse::build(status)).insert_header((header::CONTENT_TYPE, kind)).body(body.into())
}

fn to(path: &str) -> HttpResponse {
    with_headers(HttpResponse::SeeOther()).insert_header((header::LOCATION, path)).finish()
}

fn html(body: Result<String, askama::Error>) -> HttpResponse {
    match body {
        Ok(body) => text(200, "text/html; charset=utf-8", body),
        Err(_) => text(500, "text/plain; charset=utf-8", ""),
    }
}

async fn answer(request: HttpRequest, body: Bytes, site: Data<Site>) -> HttpResponse {
    let read = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let post = request.method() == actix_web::http::Method::POST;
    let path = request.path().to_owned();
    let asked = Asked {
        post,
        path: &path,
        host: read("host"),
        origin: read("origin"),
        fetch_site: read("sec-fetch-site"),
        cookies: read("cookie"),
    };
    let browser = read("accept-language").map_or(Lang::En, Lang::from_browser);
    let lang = hold(&site.lang).unwrap_or(browser);
    if !post && request.method() != actix_web::http::Method::GET {
        return text(405, "text/plain; charset=utf-8", "");
    }
    if path.starts_with("/open/") && !post {
        let opened = hold(&site.guard).open(&asked);
        return match opened {
            Ok(cookie) => {
                *hold(&site.last) = Instant::now();
                with_headers(HttpResponse::SeeOther())
                    .insert_header((header::LOCATION, site.desk.journey().here().path()))
                    .insert_header((header::SET_COOKIE, cookie))
                    .finish()
            }
            Err(refusal) => stranger(refusal, lang),
        };
    }
    if let Some((kind, bytes)) = (!post).then(|| views::file(&path)).flatten() {
        // The same for everybody: style, script and icon tell nothing.
        return match asked.host {
            Some(_) => text(200, kind, bytes),
            None => stranger(Refusal::Stranger, lang),
        };
    }
    let admitted = hold(&site.guard).admit(&asked);
    if let Err(refusal) = admitted {
        return stranger(refusal, lang);
    }
    if post { stepped(&path, &body, &site).await } else { shown(&path, &site, lang) }
}

fn stranger(refusal: Refusal, lang: Lang) -> HttpResponse {
    let mut reply = html(views::stranger(lang, refusal));
    *reply.status_mut() = actix_web::http::StatusCode::FORBIDDEN;
    reply
}

/// A page, or the page where the voter belongs.
fn shown(path: &str, site: &Data<Site>, lang: Lang) -> HttpResponse {
    site.tidy();
    let form_key = hold(&site.guard).form().to_owned();
    if path == "/state" {
        return state(site, lang);
    }
    let mut journey = site.desk.journey();
    if path == "/opened.ballot" {
        return match &journey.opened {
            Some(opened) => {
                let name = format!("attachment; filename=\"challenged-{}.ballot\"", opened.tracker);
                with_headers(HttpResponse::Ok())
                    .insert_header((header::CONTENT_DISPOSITION, name))
                    .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
                    .body(opened.bytes.clone())
            }
            None => to(&journey.here().path()),
        };
    }
    match Page::find(path) {
        Some(page) if journey.may_see(page) => {
            let notice = journey.notice.take();
            let frame = Frame::new(lang, &journey, &site.zone, &site.settings, &form_key, notice, site.idle);
            html(views::page(page, &journey, &frame))
        }
        _ => to(&journey.here().path()),
    }
}

/// What a page asks for while it is looked at: whether something has changed, how long the voter may still be away, and the time.
fn state(site: &Data<Site>, lang: Lang) -> HttpResponse {
    let journey = site.desk.journey();
    let left = journey.voter.is_some().then(|| site.left().as_secs());
    let clock = journey.card.as_ref().map(|card| countdown(lang, card));
    let body = serde_json::json!({ "changes": journey.changes, "left": left, "clock": clock });
    text(200, "application/json", body.to_string())
}

/// A step of the voter; then the page where it led.
async fn stepped(path: &str, body: &Bytes, site: &Data<Site>) -> HttpResponse {
    let Some(fields) = Fields::read(body) else { return text(400, "text/plain; charset=utf-8", "") };
    let admitted = hold(&site.guard).admit_form(fields.get("key"));
    if let Err(refusal) = admitted {
        return stranger(refusal, hold(&site.lang).unwrap_or(Lang::En));
    }
    site.tidy();
    *hold(&site.last) = Instant::now();
    match path {
        "/stay" => return with_headers(HttpResponse::NoContent()).finish(),
        "/language" => {
            if let Some(lang) = fields.get("lang").and_then(Lang::find) {
                *hold(&site.lang) = Some(lang);
            }
            // Back to the page whose form it was, if the voter may see it.
            let from = fields.get("from").and_then(Page::find);
            let journey = site.desk.journey();
            return to(&from.filter(|page| journey.may_see(*page)).unwrap_or_else(|| journey.here()).path());
        }
        _ => site.step(|journey| form::step(path, &fields, &site.settings, journey)),
    }
    drop(fields);
    let desk = site.desk.clone();
    let _ = web::block(move || desk.wait(PATIENCE)).await;
    let here = site.desk.journey().here().path();
    to(&here)
}
