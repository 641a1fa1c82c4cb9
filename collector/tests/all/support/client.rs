//! HTTP as any client sees it.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use ureq::Agent;

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Status and rule of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["rule"].as_str().unwrap_or("?").to_owned())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60))).build();
        Self { agent: config.into(), base: base.to_owned() }
    }

    pub fn try_post(&self, path: &str, session: Option<&str>, body: &[u8]) -> Result<Reply, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Content-Type", "application/octet-stream");
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        read(request.send(body)?)
    }

    pub fn post(&self, path: &str, session: Option<&str>, body: &[u8]) -> Reply {
        self.try_post(path, session, body).unwrap()
    }

    pub fn try_get(&self, path: &str) -> Result<Reply, ureq::Error> {
        read(self.agent.get(format!("{}{path}", self.base)).call()?)
    }

    pub fn get(&self, path: &str, session: Option<&str>) -> Reply {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        read(request.call().unwrap()).unwrap()
    }

    /// With these headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = self.agent.get(format!("{}{path}", self.base));
        read(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).call().unwrap()).unwrap()
    }

    /// Sends bytes as they are, and reads what comes within a second or two.
    pub fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.base.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while let Ok(n) = stream.read(&mut piece) {
            if n == 0 {
                break;
            }
            answer.extend(&piece[..n]);
            if answer.windows(4).any(|w| w == b"\r\n\r\n") && answer.ends_with(b"}") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn read(response: ureq::http::Response<ureq::Body>) -> Result<Reply, ureq::Error> {
    let status = response.status().as_u16();
    let headers = response.headers().iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or("").to_owned())).collect();
    let mut body = Vec::new();
    response.into_body().into_reader().read_to_end(&mut body)?;
    Ok(Reply { status, headers, body })
}
