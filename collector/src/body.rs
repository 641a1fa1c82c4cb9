//! Reading bodies no further than they may go. Spec: 13-http HTTP-1; attack H01.

use crate::refusal::Refusal;
use actix_web::HttpRequest;
use actix_web::body::{BodyStream, MessageBody};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// A body that is read piece by piece.
pub struct Body {
    stream: Pin<Box<BodyStream<Payload>>>,
    declared: Option<u64>,
    read: Vec<u8>,
    /// All of it must be there by then: a trickle holds nothing up (H01).
    until: Instant,
}

fn too_large() -> Refusal {
    Refusal::new(413, "HTTP-1", "HTTP-1: the body is longer than this call allows")
}

impl Body {
    pub fn new(request: &HttpRequest, payload: Payload, time: Duration) -> Self {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        Self { stream: Box::pin(BodyStream::new(payload)), declared: length, read: Vec::new(), until: Instant::now() + time }
    }

    /// Refuses a longer body: from its `Content-Length` if it has one, else as soon as it grows too long.
    pub fn limit(&self, most: usize) -> Result<(), Refusal> {
        let too_long = self.declared.is_some_and(|n| n > most as u64) || self.read.len() > most;
        if too_long { Err(too_large()) } else { Ok(()) }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let broken = || Refusal::new(400, "HTTP", "the body did not arrive");
        let left = self.until.saturating_duration_since(Instant::now());
        let piece = timeout(left, poll_fn(|cx| self.stream.as_mut().poll_next(cx))).await.map_err(|_| broken())?;
        piece.transpose().map_err(|_| broken())
    }

    /// Reads until `enough` bytes are there, or the end.
    pub async fn at_least(&mut self, enough: usize, most: usize) -> Result<&[u8], Refusal> {
        self.limit(most)?;
        while self.read.len() < enough {
            let Some(piece) = self.next().await? else { break };
            self.read.extend_from_slice(&piece);
            self.limit(most)?;
        }
        Ok(&self.read)
    }

    /// Reads to the end, and leaves out the first `cut` bytes.
    pub async fn rest(mut self, cut: usize, most: usize) -> Result<Vec<u8>, Refusal> {
        self.limit(most)?;
        if let Some(length) = self.declared.and_then(|n| usize::try_from(n).ok()).filter(|n| *n >= LARGE) {
            self.read.reserve_exact(length.saturating_sub(self.read.len()));
        }
        self.at_least(usize::MAX, most).await?;
        self.read.drain(..cut.min(self.read.len()));
        Ok(self.read)
    }

    /// Reads to the end and keeps nothing.
    pub async fn discard(mut self, most: usize) -> Result<(), Refusal> {
        self.limit(most)?;
        let mut left = most.saturating_sub(self.read.len());
        while let Some(piece) = self.next().await? {
            left = left.checked_sub(piece.len()).ok_or_else(too_large)?;
        }
        Ok(())
    }
}

/// From this length on, memory is taken once, for the declared length. Only signed submissions are so long.
const LARGE: usize = 1 << 20;
