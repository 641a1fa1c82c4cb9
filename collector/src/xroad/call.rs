//! Who calls, by the headers that the security server passes on, and how a call is refused. Spec: 17-xroad XROAD-2 to XROAD-5.

use super::Options;
use crate::refusal::Refusal;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// What the collector provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    RunningList,
    FindUsage,
}

/// Instance, class and code of a member, and mostly a subsystem: `EE/GOV/70006317/vis3`. The parts are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client(Vec<String>);

impl Client {
    /// The registry code.
    pub fn member(&self) -> &str {
        self.0.get(2).map_or("", String::as_str)
    }

    pub fn subsystem(&self) -> &str {
        self.0.get(3).map_or("", String::as_str)
    }
}

impl FromStr for Client {
    type Err = &'static str;

    /// XROAD-2.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parts: Option<Vec<String>> = text.split('/').map(decode).collect();
        let parts = parts.ok_or("a part of the client is not percent-encoded UTF-8 without control characters, or is empty")?;
        if (3..=4).contains(&parts.len()) { Ok(Self(parts)) } else { Err("a client has three or four parts, divided by /") }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        (rest, bytes) = if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            (after, [bytes, hex::decode(digits).ok()?].concat())
        } else {
            bytes.push(*first);
            (after, bytes)
        };
    }
    String::from_utf8(bytes).ok().filter(|part| !part.is_empty() && !part.contains(char::is_control))
}

/// A call of somebody who may make it.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: String,
    pub client: Client,
}

impl Call {
    /// XROAD-2, XROAD-3.
    pub fn admit(request: &HttpRequest, service: Service) -> Result<Self, Fault> {
        let bad = |message: &str| Fault::new(400, "XROAD-2", format!("XROAD-2: {message}"));
        let id =
            only(request.headers(), "X-Road-Id").filter(|id| (1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()));
        let id = id.ok_or_else(|| bad("X-Road-Id is missing, stands twice, or is not 1 to 255 printable characters"))?;
        let client = only(request.headers(), "X-Road-Client").ok_or_else(|| bad("X-Road-Client is missing or stands twice"))?;
        let call = Self { id: id.to_owned(), client: client.parse().map_err(bad)? };
        request.extensions_mut().insert(call.clone());
        let allowed = request.app_data::<Data<Options>>().is_some_and(|options| options.clients(service).contains(&call.client));
        if allowed { Ok(call) } else { Err(Fault::new(403, "XROAD-3", "XROAD-3: this client may not use this service").of(&call)) }
    }
}

/// The value of a header that stands there once.
pub fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// Why there is no answer. XROAD-5.
#[derive(Clone, Debug)]
pub struct Fault {
    status: u16,
    body: Value,
}

impl Fault {
    pub fn new(status: u16, rule: &str, message: impl fmt::Display) -> Self {
        Self { status, body: json!({ "type": rule, "message": message.to_string(), "detail": "" }) }
    }

    /// Says which call it is about.
    pub fn of(mut self, call: &Call) -> Self {
        if let Some(detail) = self.body.get_mut("detail") {
            *detail = call.id.as_str().into();
        }
        self
    }

    /// 404 as VIS3-EHS 9 describes it.
    pub fn not_found(field: &str, value: Option<u64>) -> Self {
        let mut found = json!({ "code": "not_found", "field": field });
        if let (Some(value), Some(found)) = (value, found.as_object_mut()) {
            found.insert("value".to_owned(), value.into());
        }
        Self { status: 404, body: json!([found]) }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::new(500, refusal.rule, refusal.message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.body)
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(&self.body)
    }
}

/// An answer that nobody keeps.
pub fn answer(value: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xroad_2_clients() {
        let client: Client = "EE/GOV/70006317/vis3".parse().unwrap();
        assert_eq!((client.member(), client.subsystem(), client.to_string().as_str()), ("70006317", "vis3", "EE/GOV/70006317/vis3"));
        assert_eq!("EE/G%4fV/70006317/vis%33".parse::<Client>().unwrap(), client);
        assert_eq!("EE/GOV/70006317/v%2Fs".parse::<Client>().unwrap().subsystem(), "v/s");
        assert_eq!("EE/GOV/7/%C3%B5".parse::<Client>().unwrap().subsystem(), "õ");
        assert_eq!("EE/GOV/70006317".parse::<Client>().unwrap().subsystem(), "");
        let bad = ["", "EE", "EE/GOV", "EE/GOV/7/a/b", "EE//7/a", "EE/GOV/7/", "EE/GOV/7/%", "EE/GOV/7/%4", "EE/GOV/7/%zz", "EE/GOV/7/%FF"];
        for text in bad.into_iter().chain(["EE/GOV/7/a%0Ab", "EE/GOV/7/a\tb"]) {
            assert!(text.parse::<Client>().is_err(), "{text:?}");
        }
        assert_ne!("EE/GOV/7/A".parse::<Client>(), "EE/GOV/7/a".parse::<Client>());
    }
}
