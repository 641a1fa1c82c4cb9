//! The static board: files of the record by their exact names, nothing else. Spec: 11-record, 13-http.

use crate::collector::Collector;
use crate::refusal::Refusal;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::web::{self, Bytes};
use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

/// How long a copy stays right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Forever,
    /// Right for ever, but it will be gone.
    Partial,
    Never,
}

/// Knows the names of 11-record. Whatever else a path holds (dots, links out, odd encodings) is not one of them.
fn known(path: &str) -> Option<Keep> {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["checkpoint"] | ["manifest.json"] => Some(Keep::Never),
        ["blob", name] => ballot::encode::parse_hash(name).map(|_| Keep::Forever),
        ["tile", level, rest @ ..] => {
            if *level != "entries" && !matches!(level.as_bytes(), [b'0'..=b'7']) {
                return None;
            }
            let (index, keep) = match rest {
                [index @ .., width] if index.last().is_some_and(|l| l.ends_with(".p")) => {
                    let number: u64 = width.parse().ok()?;
                    ((1..256).contains(&number) && number.to_string() == *width).then_some((index, Keep::Partial))?
                }
                index => (index, Keep::Forever),
            };
            let (last, groups) = index.split_last()?;
            let last = if keep == Keep::Partial { last.strip_suffix(".p")? } else { last };
            let fits = digits(last, 3) && groups.len() < 7 && groups.iter().all(|g| g.strip_prefix('x').is_some_and(|g| digits(g, 3)));
            fits.then_some(keep)
        }
        _ => None,
    }
}

/// Sends a file of the record.
pub async fn serve(collector: &Collector, path: &str) -> Result<HttpResponse, Refusal> {
    let keep = known(path).ok_or_else(Refusal::not_found)?;
    let full = collector.data.record().join(path);
    let open = move || -> io::Result<(File, u64)> {
        let file = File::open(full)?;
        let meta = file.metadata()?;
        if meta.is_file() { Ok((file, meta.len())) } else { Err(io::ErrorKind::NotFound.into()) }
    };
    let opened = web::block(open).await.map_err(|_| Refusal::new(503, "HTTP", "the server is ending"))?;
    let (file, len) = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::not_found(),
        _ => Refusal::unavailable("HTTP"),
    })?;
    let mut response = HttpResponse::Ok();
    response.insert_header(match keep {
        Keep::Forever => ("Cache-Control", "public, max-age=31536000, immutable"),
        Keep::Partial => ("Cache-Control", "public, max-age=60"),
        Keep::Never => ("Cache-Control", "no-store"),
    });
    response.content_type(match path {
        "checkpoint" => "text/plain; charset=utf-8",
        "manifest.json" => "application/json",
        _ => "application/octet-stream",
    });
    Ok(response.body(FileBody { left: len, len, step: Step::Idle(file) }))
}

/// Bytes at a time.
const PIECE: u64 = 256 * 1024;

type Reading = Pin<Box<dyn Future<Output = io::Result<(File, Bytes)>>>>;

enum Step {
    Idle(File),
    Reading(Reading),
    Done,
}

/// A file that is read on the blocking pool, piece by piece, so that a large blob takes no memory.
struct FileBody {
    len: u64,
    left: u64,
    step: Step,
}

fn read(mut file: File, most: u64) -> Reading {
    Box::pin(async move {
        let piece = web::block(move || {
            let mut piece = Vec::new();
            (&mut file).take(most).read_to_end(&mut piece)?;
            Ok((file, Bytes::from(piece)))
        });
        piece.await.map_err(io::Error::other)?
    })
}

impl MessageBody for FileBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.len)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.step, Step::Done) {
                Step::Done => return Poll::Ready(None),
                Step::Idle(_) if self.left == 0 => return Poll::Ready(None),
                Step::Idle(file) => self.step = Step::Reading(read(file, self.left.min(PIECE))),
                Step::Reading(mut reading) => {
                    let Poll::Ready(done) = reading.as_mut().poll(cx) else {
                        self.step = Step::Reading(reading);
                        return Poll::Pending;
                    };
                    let (file, piece) = done?;
                    if piece.is_empty() {
                        return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                    }
                    self.left -= (piece.len() as u64).min(self.left);
                    self.step = Step::Idle(file);
                    return Poll::Ready(Some(Ok(piece)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_a_record_are_known() {
        let blob = format!("blob/{}", "0a".repeat(32));
        for (path, keep) in [
            ("checkpoint", Keep::Never),
            ("manifest.json", Keep::Never),
            ("tile/0/000", Keep::Forever),
            ("tile/entries/x001/067", Keep::Forever),
            ("tile/entries/x001/067.p/5", Keep::Partial),
            (blob.as_str(), Keep::Forever),
        ] {
            assert_eq!(known(path), Some(keep), "{path}");
        }
        for path in [
            "",
            "/",
            "..",
            "../collector.db",
            "tile/../../log.key",
            "tile/0/..",
            "blob/..",
            "tile/8/000",
            "tile/entries",
            "tile/0/0000",
            "tile/0/000.p",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/05",
            "tile/0/000.p/..",
            "tile/0//000",
            "tile/0/x001",
            "checkpoint/",
            "./checkpoint",
            "blob/0A",
            "%2e%2e/log.key",
            "tile/0/000.p/+5",
        ] {
            assert_eq!(known(path), None, "{path}");
        }
        assert_eq!(known(&blob.to_uppercase()), None);
    }
}
