//! A stand-in for security servers of X-Road, the client's and the provider's in one: it reads and makes headers as PR-REST 4 says, asks the
//! provider over real HTTP, and remembers what that has answered by itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use ureq::Agent;

pub type Headers = Vec<(String, String)>;

/// The member that provides; its services lie behind it.
pub const PROVIDER: &str = "EE/GOV/70000000/ehs";

pub struct SecurityServer {
    pub url: String,
    provider: Arc<Provider>,
}

struct Provider {
    agent: Agent,
    /// Service code → address of the service, and of its description.
    services: BTreeMap<&'static str, (String, String)>,
    /// Headers that the provider's last answer had.
    answered: Mutex<Headers>,
    /// Ids of all calls that it has answered.
    asked: Mutex<Vec<String>>,
    count: AtomicU64,
}

/// What goes back to the client.
struct Message {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

impl SecurityServer {
    pub fn start(services: BTreeMap<&'static str, (String, String)>, agent: Agent) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answered, asked, count) = Default::default();
        let provider = Arc::new(Provider { agent, services, answered, asked, count });
        let shared = provider.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some((target, headers)) = read_head(&stream) else { continue };
                let reply = shared.pass_on(&target, &headers).unwrap_or_else(|(status, kind, message)| fault(status, kind, &message));
                let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n", reply.status, reply.body.len());
                reply.headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
                let _ = (&stream).write_all(&[head.as_bytes(), b"\r\n", &reply.body].concat());
            }
        });
        Self { url, provider }
    }

    /// Headers beginning with `X-Road` that the provider made by itself in its last answer; there should be none.
    pub fn own_headers(&self) -> Headers {
        self.provider.answered.lock().unwrap().iter().filter(|(name, _)| name.starts_with("x-road")).cloned().collect()
    }

    pub fn ids(&self) -> Vec<String> {
        self.provider.asked.lock().unwrap().clone()
    }
}

/// Path with query, and headers with names in small letters.
fn read_head(stream: &TcpStream) -> Option<(String, Headers)> {
    let mut lines = BufReader::new(stream).lines();
    let target = lines.next()?.ok()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = Headers::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(": ") else { return Some((target, headers)) };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    None
}

/// PR-REST 4.6, categories 2 to 4.
fn fault(status: u16, kind: &str, message: &str) -> Message {
    let body = serde_json::json!({ "type": kind, "message": message, "detail": "018cbcae-537e-421b-b6f6-2608dc97bd90" });
    let headers = vec![("Content-Type".into(), "application/json;charset=utf-8".into()), ("X-Road-Error".into(), kind.into())];
    Message { status, headers, body: body.to_string().into_bytes() }
}

type Refused = (u16, &'static str, String);

impl Provider {
    fn pass_on(&self, target: &str, headers: &Headers) -> Result<Message, Refused> {
        let bad = |message: &str| (400, "Client.BadRequest", message.to_owned());
        let clients: Vec<&String> = headers.iter().filter(|(name, _)| name == "x-road-client").map(|(_, value)| value).collect();
        let [client] = clients[..] else { return Err(bad("X-Road-Client once")) };
        if !(3..=4).contains(&client.split('/').filter(|part| !part.is_empty()).count()) {
            return Err(bad("X-Road-Client"));
        }
        let path = target.strip_prefix("/r1/").ok_or_else(|| bad("r1"))?;
        let after = path.strip_prefix(PROVIDER).and_then(|p| p.strip_prefix('/')).ok_or_else(|| bad("no such provider"))?;
        let end = after.find(['/', '?']).unwrap_or(after.len());
        let (service, rest) = after.split_at(end);
        let url = match (service, rest.strip_prefix("?serviceCode=")) {
            ("getOpenAPI", Some(code)) => self.service(code)?.1.clone(),
            _ => format!("{}{rest}", self.service(service)?.0),
        };
        let id = headers.iter().find(|(name, _)| name == "x-road-id").map_or_else(|| self.new_id(), |(_, id)| id.clone());
        let request_id = self.new_id();

        // What the provider sees: nothing from hop to hop, and nothing of who asked where (4.3, filtered headers).
        let filtered = ["connection", "keep-alive", "te", "host", "user-agent", "x-road-id", "x-road-request-hash", "content-length"];
        let mut passed: Headers = headers.iter().filter(|(name, _)| !filtered.contains(&name.as_str())).cloned().collect();
        passed.push(("x-road-id".into(), id.clone()));
        passed.push(("x-road-request-id".into(), request_id.clone()));
        if !passed.iter().any(|(name, _)| name == "accept") {
            passed.push(("accept".into(), "application/json".into()));
        }
        let request = passed.iter().fold(self.agent.get(&url), |request, (name, value)| request.header(name, value));
        let mut reply = request.call().map_err(|error| (500, "Server.ServerProxy.NetworkError", error.to_string()))?;
        let header =
            |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
        let answered: Headers = reply.headers().iter().map(header).collect();
        *self.answered.lock().unwrap() = answered.clone();
        self.asked.lock().unwrap().push(id.clone());

        // Its own headers for the client, whatever the provider has said (4.3).
        let dropped = ["connection", "content-length", "transfer-encoding", "server"];
        let mut headers: Headers =
            answered.into_iter().filter(|(name, _)| !name.starts_with("x-road-") && !dropped.contains(&name.as_str())).collect();
        for (name, value) in [
            ("x-road-client", client.clone()),
            ("x-road-service", format!("{PROVIDER}/{service}")),
            ("x-road-id", id),
            ("x-road-request-id", request_id),
            ("x-road-request-hash", hash_of(&passed)),
        ] {
            headers.push((name.to_owned(), value));
        }
        let body = reply.body_mut().read_to_vec().map_err(|error| (500, "Server.ServerProxy.NetworkError", error.to_string()))?;
        Ok(Message { status: reply.status().as_u16(), headers, body })
    }

    fn service(&self, code: &str) -> Result<&(String, String), Refused> {
        self.services.get(code).ok_or_else(|| (500, "Server.ServerProxy.UnknownService", code.to_owned()))
    }

    fn new_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.count.fetch_add(1, Ordering::SeqCst))
    }
}

/// `base64(SHA512(headers))` of a message without a body. How headers are written down is the security servers' own affair.
fn hash_of(headers: &Headers) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
    STANDARD.encode(Sha512::digest(lines))
}
