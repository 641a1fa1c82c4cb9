//! The little servers of a witness and of a mirror, and the end of every follower by signal. Spec: 15-watching, WIT-1, MIRROR-1.

use super::shared::{Common, Shared, look};
use super::witness::{Answer, Witness};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::rt::System;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// No request for a cosignature is longer: a checkpoint, and a proof of 63 hashes.
const LARGEST: usize = (1 << 20) + (1 << 13);

/// Ends the program at SIGINT or SIGTERM with the exit code that it has come to. Nothing is lost: files are there whole or not at all.
pub fn end_by_signal(common: Common) {
    std::thread::spawn(move || {
        System::new().block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else { return };
            let either = std::future::poll_fn(|context| match interrupt.poll_recv(context) {
                Poll::Pending => terminate.poll_recv(context),
                ready => ready,
            });
            either.await;
        });
        let code = look(&common).code;
        eprintln!("stopped");
        std::process::exit(i32::from(code));
    });
}

/// Serves a witness.
pub fn witness(witness: Arc<Witness>, listen: &str, port_file: Option<&Path>) -> Result<(), String> {
    let witness = Data::from(witness);
    serve(listen, port_file, move |config| {
        config.app_data(witness.clone()).app_data(PayloadConfig::new(LARGEST)).route("/add-checkpoint", web::post().to(add_checkpoint));
    })
}

/// Serves the files of a copy, once it was opened.
pub fn mirror(record: PathBuf, common: Common, listen: &str, port_file: Option<&Path>) -> Result<(), String> {
    let (record, common) = (Data::new(record), Data::from(common));
    serve(listen, port_file, move |config| {
        config
            .app_data(record.clone())
            .app_data(common.clone())
            .route("/{path:.*}", web::get().to(file))
            .route("/{path:.*}", web::head().to(file));
    })
}

/// Listens, says where, and serves from a thread of its own.
fn serve(listen: &str, port_file: Option<&Path>, routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Result<(), String> {
    let listener = TcpListener::bind(listen).map_err(|error| format!("{listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    eprintln!("listening on {address}");
    std::thread::spawn(move || {
        let server = move || App::new().configure(routes.clone());
        let ended =
            System::new().block_on(async move { HttpServer::new(server).workers(2).disable_signals().listen(listener)?.run().await });
        eprintln!("the server ended: {ended:?}");
        std::process::exit(2);
    });
    match port_file {
        Some(path) => std::fs::write(path, format!("{address}\n")).map_err(|error| format!("{}: {error}", path.display())),
        None => Ok(()),
    }
}

async fn add_checkpoint(witness: Data<Witness>, body: Bytes) -> HttpResponse {
    // The answer waits for the disk.
    let answer = web::block(move || witness.answer(&body)).await;
    match answer {
        Ok(Answer::Cosigned(line)) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(line),
        Ok(Answer::Conflict(size)) => HttpResponse::Conflict().content_type("text/x.tlog.size").body(format!("{size}\n")),
        Ok(Answer::Refused(status, text)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{text}\n"))
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn file(record: Data<PathBuf>, common: Data<Mutex<Shared>>, path: web::Path<String>) -> HttpResponse {
    if !look(&common).opened {
        // Nobody knows yet whether the folder holds what was verified.
        return HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, "2")).finish();
    }
    let known = path.as_str() == "manifest.json"
        || path.as_str() == "checkpoint"
        || crate::tiles::parse(&path).is_some()
        || path.strip_prefix("blob/").is_some_and(|name| crate::text::hex32(name).is_some());
    let opened = if known { File::open(record.join(path.as_str())) } else { Err(std::io::ErrorKind::NotFound.into()) };
    let Ok(file) = opened else { return HttpResponse::NotFound().finish() };
    let Ok(left) = file.metadata().map(|data| data.len()) else { return HttpResponse::InternalServerError().finish() };
    let kind = if path.contains('/') { "application/octet-stream" } else { "text/plain; charset=utf-8" };
    HttpResponse::Ok().content_type(kind).body(Body { file, left })
}

/// A file, piece by piece.
struct Body {
    file: File,
    left: u64,
}

impl MessageBody for Body {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = Vec::new();
        let read = (&mut self.file).take(1 << 16).read_to_end(&mut piece);
        self.left = self.left.saturating_sub(piece.len() as u64);
        Poll::Ready(match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(piece.into())),
            Err(error) => Some(Err(error)),
        })
    }
}
