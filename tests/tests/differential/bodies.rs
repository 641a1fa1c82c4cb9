//! Blind changes of honest bodies, at every call: each is refused with a rule and words, and nothing changes (HTTP-3, H01).

use super::server::{Both, login_body};
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use board::{Entry, OrderKind};
use e2e::fuzz::mutate::mutate;
use e2e::insider::town;
use rand_core::Rng;
use serde_json::Value;

/// Their ballots are tried in turn: the collector judges fifty of one voter without a pause (HTTP-6).
pub const VOTERS: usize = 8;
/// Changed bodies of each call.
const EACH: usize = 190;
/// Token and pad of a cast ballot: any are right.
const SECOND_DEVICE: usize = 64;

const BYTES: &str = "application/octet-stream";

/// A call with a body that would be right now.
struct Call {
    path: &'static str,
    media: &'static str,
    honest: Vec<Vec<u8>>,
    /// Bytes at the beginning that may be any.
    free: usize,
}

fn calls(both: &mut Both) -> Vec<Call> {
    let text = "Märge".as_bytes();
    let note = both.next_order(OrderKind::Note, sha256(text));
    let order = Entry::Order(both.record.signed(note)).to_bytes();
    let submission = [&(order.len() as u32).to_be_bytes(), order.as_slice(), text].concat();
    let contexts: Vec<_> = both.voters.iter().map(|voter| voter.context).collect();
    let opened: Vec<_> = contexts.iter().map(|c| both.record.opened_ballot(*c, &town::vote(0, 1))).collect();
    let cast = opened.iter().zip(&both.voters).map(|(opened, voter)| voter.cast_body(opened.ballot.bytes())).collect();
    // A nonce that was used: spaces and the order of fields may be others, and what is signed is still right.
    let login = login_body(&both.web, &both.voters[0].login, &both.record);
    assert_eq!(both.web.post("/v1/login", "application/json", None, &login).unwrap().status, 200);
    vec![
        Call { path: "/v1/login", media: "application/json", honest: vec![login], free: 0 },
        Call { path: "/v1/cast", media: BYTES, honest: cast, free: SECOND_DEVICE },
        Call { path: "/v1/challenge", media: BYTES, honest: opened.iter().map(|opened| opened.to_bytes()).collect(), free: 0 },
        Call { path: "/v1/check", media: BYTES, honest: vec![vec![7; 32]], free: 32 },
        Call { path: "/v1/order", media: BYTES, honest: vec![submission.clone()], free: 0 },
        Call { path: "/v1/post", media: BYTES, honest: vec![submission], free: 0 },
    ]
}

/// What the collector says of the election, but for the time.
fn status(both: &Both) -> Value {
    let mut status: Value = serde_json::from_slice(&both.web.get("/v1/status", None).unwrap().body).unwrap();
    status.as_object_mut().unwrap().remove("time");
    status
}

pub fn run(both: &mut Both) {
    let mut rng = SeededRng::new(b"bodies");
    let calls = calls(both);
    let before = status(both);
    let all: Vec<Vec<u8>> = calls.iter().flat_map(|call| call.honest.clone()).collect();
    let mut rules = std::collections::BTreeSet::new();
    for Call { path, media, honest, free } in &calls {
        for n in 0..EACH {
            let (turn, other) = (n % honest.len(), &all[rng.next_u64() as usize % all.len()]);
            let body = mutate(&mut rng, &honest[turn], other);
            if body.get(*free..) == honest[turn].get(*free..) {
                continue;
            }
            let session = both.voters[turn % VOTERS].session.as_str();
            let reply = both.web.post(path, media, Some(session), &body).unwrap();
            let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            let words = |field: &str| said[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            let (rule, message) = (words("rule"), words("message"));
            let text = format!("{path} {n}: {} {said}: {}", reply.status, hex::encode(&body));
            assert!((400..500).contains(&reply.status) && rule.is_some() && message.is_some(), "{text}");
            assert_ne!(reply.status, 429, "{text}");
            rules.insert(format!("{path} {}", rule.unwrap()));
        }
    }
    println!("{}", rules.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    // Changes got far enough: to signatures and proofs, not only to lengths.
    for deep in ["/v1/login LOGIN-1", "/v1/cast CAST-7", "/v1/challenge CAST-10", "/v1/order ORD-1"] {
        assert!(rules.contains(deep), "{deep}: {rules:?}");
    }
    assert_eq!(status(both), before, "HTTP-3");
    // And the honest ones are still taken.
    for (call, voter, wanted) in [(1, 0, 200), (2, 1, 200), (3, 0, 404), (4, 0, 200)] {
        let Call { path, media, honest, .. } = &calls[call];
        let reply = both.web.post(path, media, Some(&both.voters[voter].session), &honest[voter]).unwrap();
        assert_eq!(reply.status, wanted, "{path}: {}", String::from_utf8_lossy(&reply.body));
    }
}
