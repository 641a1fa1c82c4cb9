//! What a client is told when it is refused: a status for HTTP, a rule for programs, words for people. Spec: 13-http.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use ballot::manifest::CommitteeError;
use board::ceremony::CeremonyError;
use board::changes::AmendError;
use board::order::OrderKind;
use board::phase::OrderError;
use board::post::PostError;
use board::replay::ReplayError;
use std::fmt;

/// Nothing was changed. The message never holds a person code, a token, or anything of a ballot but rule and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub rule: &'static str,
    pub message: String,
    /// Seconds, for status 429 and 503.
    pub retry_after: Option<u64>,
}

impl Refusal {
    pub fn new(status: u16, rule: &'static str, message: impl fmt::Display) -> Self {
        let retry_after = (status == 503).then_some(5);
        Self { status, rule, message: message.to_string(), retry_after }
    }

    pub fn wait(rule: &'static str, seconds: u64, message: impl fmt::Display) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(429, rule, message) }
    }

    /// Cannot be stored now; nothing was stored, nothing is promised.
    pub fn unavailable(rule: &'static str) -> Self {
        Self::new(503, rule, "cannot store this now; nothing was stored; please send it again")
    }

    pub fn not_found() -> Self {
        Self::new(404, "HTTP", "no such thing")
    }

    /// An entry that the replay does not take.
    pub fn entry(error: &ReplayError) -> Self {
        let status = match error {
            ReplayError::Order(OrderError::Committee(e)) | ReplayError::ManifestSigned(e) => return Self::committee(e, error.rule()),
            ReplayError::Order(OrderError::Fields) => 400,
            ReplayError::Order(_) | ReplayError::Amend(AmendError::Version { .. }) => 409,
            ReplayError::Post(PostError::Author | PostError::Signature) => 403,
            ReplayError::Repeated | ReplayError::Early | ReplayError::Closing | ReplayError::Ballots | ReplayError::Batch => 409,
            _ => 400,
        };
        Self::new(status, error.rule(), error)
    }

    /// A message of the ceremony that would be ignored (HTTP-7).
    pub fn ceremony(error: &CeremonyError) -> Self {
        let status = if matches!(error, CeremonyError::Round | CeremonyError::Repeated) { 409 } else { 400 };
        Self::new(status, error.rule(), error)
    }

    fn committee(error: &CommitteeError, rule: &'static str) -> Self {
        Self::new(403, rule, error)
    }

    /// A close that is dated before something that it would have to follow.
    pub fn dated_back(kind: OrderKind) -> Self {
        let name = kind.name();
        Self::new(
            409,
            "PHASE-4",
            format!("PHASE-4: this {name} is dated before a ballot that was accepted; give it again with a later time"),
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        response.json(serde_json::json!({ "rule": self.rule, "message": self.message }))
    }
}
