//! Spec 13-http: HTTP-1, paths, headers, and what is served.

use crate::support::{Election, Options, now};
use serde_json::json;

#[test]
fn http_1_refused_from_its_length() {
    let (election, server) = Election::open(Options::default());
    let session = election.voter(0).login(&server);
    let before = server.snapshot();
    for (path, length) in
        [("/v1/cast", 200_000u64), ("/v1/challenge", 100_000), ("/v1/login", 70_000), ("/v1/order", 5 << 30), ("/v1/post", u64::MAX)]
    {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {length}\r\n\r\n", session.token);
        let answer = server.client.raw(head.as_bytes()); // not one byte of the body
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
        assert!(answer.contains("\"rule\":\"HTTP-1\""), "{path}: {answer}");
    }
    // Without a length, as soon as it grows too long.
    let mut chunked = b"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..5 {
        chunked.extend(b"4000\r\n");
        chunked.extend(vec![b' '; 0x4000]);
        chunked.extend(b"\r\n");
    }
    assert!(server.client.raw(&chunked).starts_with("HTTP/1.1 413"));
    assert_eq!(server.snapshot(), before);
}

#[test]
fn only_the_record_is_served() {
    let (election, server) = Election::open(Options::default());
    server.settle();
    for path in [
        "/board/../collector.db",
        "/board/..%2fcollector.db",
        "/board/%2e%2e/log.key",
        "/board/tile/../../log.key",
        "/board//etc/passwd",
        "/board/tile/0/000.p/..%2f..%2f..%2f..%2f..%2flog.key",
        "/board/",
        "/board/blob",
        "/board/tile",
        "/board/tile/0",
        "/board/roll.bin",
        "/board/blob/..",
        "/board/checkpoint%00",
        "/board/./checkpoint",
        "/board/tile/0/000.p/9999",
    ] {
        let answer = server.client.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    let cache = |path: &str| {
        let reply = server.client.get(path, None);
        assert_eq!(reply.status, 200, "{path}");
        reply.header("cache-control").unwrap().to_owned()
    };
    assert_eq!(cache("/board/checkpoint"), "no-store");
    let roll = hex::encode(ballot::encode::sha256(&election.roll()));
    assert!(cache(&format!("/board/blob/{roll}")).contains("immutable"));
    assert_eq!(server.client.get("/board/manifest.json", None).body, election.manifest.bytes());
    assert_eq!(server.client.get(&format!("/board/blob/{roll}"), None).body, election.roll());
}

#[test]
fn status_and_unknown_paths() {
    let (election, server) = Election::open(Options::default());
    server.settle();
    let status = server.status();
    let entries = crate::support::server::entries(&election.data()).len();
    assert!(status["time"].as_u64().unwrap().abs_diff(now()) < 5);
    let mut rest = status.clone();
    rest.as_object_mut().unwrap().remove("time");
    let expected = json!({ "election": hex::encode(election.id()), "phase": "voting", "suspended": false, "size": entries, "pending": 0 });
    assert_eq!(rest, expected);
    for path in ["/v1", "/v1/receipt/00", "/v1/cast", "/v1/login", "/v1/status/x"] {
        let reply = server.client.get(path, None);
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.json()["message"].is_string());
    }
    assert_eq!(server.client.get(&format!("/v1/receipt/{}", "00".repeat(32)), None).status, 404);
}

/// A large blob goes in and out in pieces.
#[test]
fn large_blobs() {
    use ballot::encode::{Record, sha256};
    use board::post::{Post, PostKind};
    let (election, server) = Election::open(Options::default());
    election.close_and_seal(&server);
    // A mix of 22,321 rows of one column, by its layout: 48 bytes of head and 7·22,321 + 9 points and scalars.
    let mut blob: Vec<u8> = (0..48 + 32 * (7 * 22_321 + 9)).map(|n| (n % 251) as u8).collect();
    blob[..2].copy_from_slice(&[38, 1]);
    blob[42..48].copy_from_slice(&[0, 0, 0x57, 0x31, 0, 1]);
    let key = crate::support::election::signing_key("mixer-1");
    server.submit_ok("post", &Post::new(PostKind::Mix, 1, sha256(&blob), &election.id(), &key).to_bytes(), &blob);
    let got = server.client.get(&format!("/board/blob/{}", hex::encode(sha256(&blob))), None);
    assert_eq!(got.header("content-length"), Some("5000240"));
    assert!(got.body == blob);
}

/// C14: whatever happens, the server's log names nobody and no session.
#[test]
fn the_log_names_nobody() {
    let (election, server) = Election::open_with(Options::default(), &[], &[("RUST_LOG", "trace")]);
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    let opened = voter.opened(&session);
    server.client.post("/v1/challenge", Some(&session.token), &opened.to_bytes()).ok();
    server.client.post("/v1/cast", Some(&session.token), b"bad");
    voter.try_login(&server);
    crate::support::Voter::stranger(&election).try_login(&server);
    server.settle();
    server.stop();
    let log = std::fs::read_to_string(election.dir.path().join("server.log")).unwrap();
    assert!(log.contains("listening"));
    let person = crate::support::election::person(0);
    let blinding = session.reply["blinding"].as_str().unwrap();
    let secrets =
        [person.code, person.given_name, session.token, hex::encode(opened.seed.0), blinding.to_owned(), hex::encode(session.pseudonym)];
    for secret in secrets {
        assert!(!log.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
    }
}
