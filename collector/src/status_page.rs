//! What is going on, for whoever opens the collector's address in a browser: no script, nothing from elsewhere, nothing that is not on the board.

use crate::collector::{Collector, now};
use crate::refusal::Refusal;
use actix_web::HttpResponse;
use askama::Template;
use ballot::manifest::Kind;
use jiff::Timestamp;

/// Text of `templates/status.html`; everything in it is escaped.
#[derive(Template)]
#[template(path = "status.html")]
struct Page<'a> {
    title: &'a str,
    practice: bool,
    election: String,
    phase: &'static str,
    suspended: bool,
    from: String,
    until: String,
    ballots: u64,
    entries: u64,
    cosigned: u64,
    signed: u64,
    witnesses: usize,
    quorum: u64,
    now: String,
}

fn utc(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// The page as it is now.
pub fn page(collector: &Collector) -> Result<HttpResponse, Refusal> {
    let about = collector.manifest.description();
    let state = collector.state();
    let phases = state.replay.phases();
    let page = Page {
        title: &about.title,
        practice: about.kind == Kind::Practice,
        election: hex::encode(collector.manifest.id()),
        phase: phases.phase().name(),
        suspended: phases.is_suspended(),
        from: utc(about.voting.from),
        until: utc(phases.until()),
        ballots: state.ballots,
        entries: state.tree.len(),
        cosigned: state.cosigned.as_ref().map_or(0, |c| c.size),
        signed: collector.pulse.cosignatures(),
        witnesses: about.witnesses.members.len(),
        quorum: about.witnesses.quorum,
        now: utc(now()),
    };
    let html = page.render().map_err(|error| Refusal::new(500, "HTTP", error))?;
    Ok(HttpResponse::Ok()
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cache-Control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}
