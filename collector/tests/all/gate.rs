//! HTTP-11 to HTTP-13, and what else keeps the box open to honest voters when it is thrown things at (H01, H04).

use crate::support::server::command;
use crate::support::{Election, Options, Server};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One call as a server before this one passes it on; gives head and body of the answer.
fn passed_on(server: &Server, method: &str, path: &str, more: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn from(address: &str) -> String {
    format!("X-Client: {address}\r\n")
}

/// HTTP-11: much that is refused slows its network's logins, and no other's, and no ballot of anybody who is logged in.
#[test]
fn http_11_slowed_and_not_shut_out() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    election.open_voting(&server);
    server.stop();
    let mut command = command(&election, &[], &[]);
    command.args(["--client-header", "X-Client"]);
    let server = Server::from(command, &election);
    let voter = election.voter(0);
    let session = voter.login(&server); // it comes from nowhere: no network
    let bad = from("203.0.113.9, 198.51.100.7"); // what clients say themselves stands before what the server says
    let nonce = |from: &str| passed_on(&server, "POST", "/v1/login/nonce", from, b"");
    for _ in 0..=100 {
        assert!(passed_on(&server, "POST", "/v1/login", &bad, b"{}").starts_with("HTTP/1.1 400"));
    }
    // From now on in single file: of very many at once some are asked to wait, and some are served all the time.
    let together = |from: &str| -> Vec<String> {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..90).map(|_| scope.spawn(|| nonce(from))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        })
    };
    let count = |answers: &[String], status: &str| answers.iter().filter(|a| a.starts_with(&format!("HTTP/1.1 {status}"))).count();
    let answers = together(&from("198.51.100.200")); // a neighbour
    let (served, slowed) = (count(&answers, "200"), count(&answers, "429"));
    assert!(served >= 50 && slowed > 0 && served + slowed == 90, "{served} {slowed}");
    let told = answers.iter().find(|a| a.starts_with("HTTP/1.1 429")).unwrap().to_lowercase();
    assert!(told.contains("retry-after: 5") && told.contains("http-11"), "{told}");
    for others in [from("198.51.101.7"), from("203.0.113.9"), from("2001:db8::1"), String::new()] {
        assert_eq!(count(&together(&others), "200"), 90, "{others}");
    }
    // Whoever is logged in there votes once more.
    let ballot = voter.ballot(&session);
    let authorized = format!("{bad}Authorization: Bearer {}\r\n", session.token);
    assert!(passed_on(&server, "POST", "/v1/cast", &authorized, &voter.body(&ballot)).starts_with("HTTP/1.1 200"));
}

/// HTTP-11: without the operator's word nobody's header is believed.
#[test]
fn http_11_no_header_unasked() {
    let (_election, server) = Election::open(Options::default());
    for _ in 0..200 {
        assert!(passed_on(&server, "POST", "/v1/login", &from("198.51.100.7"), b"{}").starts_with("HTTP/1.1 400"));
    }
    for _ in 0..60 {
        assert!(passed_on(&server, "POST", "/v1/login/nonce", &from("198.51.100.7"), b"").starts_with("HTTP/1.1 200"));
    }
}

/// HTTP-13: without a session a body is not judged; whoever sends one hears why all the same.
#[test]
fn http_13_session_before_body() {
    let (_election, server) = Election::open(Options::default());
    let stale = format!("Authorization: Bearer {}\r\n", "00".repeat(32));
    for (path, more, body) in
        [("/v1/cast", "", vec![0xff; 10_000]), ("/v1/cast", stale.as_str(), vec![0xff; 10_000]), ("/v1/challenge", "", vec![])]
    {
        let answer = passed_on(&server, "POST", path, more, &body);
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("\"CAST-2\""), "{answer}");
    }
}

/// H01: bodies nested as deeply as they may be long are refused, and the server stands.
#[test]
fn deeply_nested_bodies() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let lists = "[".repeat(60_000);
    let objects = "{\"nonce\":".repeat(6_000);
    for body in [lists.as_bytes(), objects.as_bytes()] {
        assert_eq!(server.client.post("/v1/login", None, body).refusal().0, 400);
    }
    let nested = nested_der(15_000);
    use base64::Engine;
    let certificate = base64::engine::general_purpose::STANDARD.encode(&nested);
    let nonce = crate::support::Voter::nonce(&server);
    let login = json!({ "nonce": nonce, "certificates": [certificate], "signature": "" });
    assert_eq!(server.client.post("/v1/login", None, login.to_string().as_bytes()).refusal(), (401, "LOGIN-2".to_owned()));
    let ballot = voter.ballot(&session);
    let body = crate::support::voter::handed_in(ballot.bytes(), &nested);
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).refusal(), (403, "CAST-7".to_owned()));
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &voter.body(&ballot)).status, 200);
}

/// SEQUENCEs in each other, about so many bytes.
fn nested_der(bytes: usize) -> Vec<u8> {
    let mut out = Vec::new(); // from the inside, backwards
    while out.len() < bytes {
        match out.len() {
            n @ 0..=0x7f => out.push(n as u8),
            n @ 0x80..=0xff => out.extend([n as u8, 0x81]),
            n => out.extend([n as u8, (n >> 8) as u8, 0x82]),
        }
        out.push(0x30);
    }
    out.reverse();
    out
}

/// H01: connections that say nothing, or a byte now and then, keep nobody out, and are closed.
#[test]
fn silent_and_slow_connections() {
    let (election, server) = Election::open(Options::default());
    let (voter, mut open) = (election.voter(0), Vec::new());
    let heads = ["", "POST /v1/cast HTT", "POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{"];
    for n in 0..300 {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(heads[n % 3].as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        open.push(stream);
    }
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    // The head has not come within ten seconds: the server says so, or nothing, and hangs up.
    let mut answer = Vec::new();
    assert!(open[1].read_to_end(&mut answer).is_ok());
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}
